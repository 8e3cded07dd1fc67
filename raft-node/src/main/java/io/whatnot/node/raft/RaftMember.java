package io.whatnot.node.raft;

/**
 * A node of the cluster, as the others know it.
 *
 * @param name its name
 * @param client where clients reach it, {@code host:port}
 * @param raft where other nodes reach it, {@code host:port}: what configurations name it by
 */
public record RaftMember(String name, String client, String raft) {}
