package io.whatnot.node.cluster;

/**
 * Where the clusters of these tests keep their logs if a test does not say otherwise: in memory, or on disk with {@code
 * -Draft.log=rocksdb}. Tests of what is lost with the memory are for the one alone.
 */
final class ClusterLog {
    /** Whether they are on disk. */
    static final boolean ON_DISK = "rocksdb".equals(System.getProperty("raft.log", "memory"));

    private ClusterLog() {}
}
