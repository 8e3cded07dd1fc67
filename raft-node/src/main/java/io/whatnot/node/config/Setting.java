package io.whatnot.node.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set. The name is the path in the YAML file, after {@code --} the flag, and in capitals with
 * underscores, after {@code WHATNOT_}, the environment variable. A flag wins over the environment, that over the file.
 */
enum Setting {
    CLUSTER("cluster", "whatnot", "The cluster's name. Nodes and clients of another are turned away."),
    NODE("node", null, "This node's name, one of those under nodes."),
    DATA("data", null, "A folder of this node's own, for the little that has to survive a restart."),
    LISTEN_CLIENT("listen.client", "", "Where clients reach this node, host:port. Default: as under nodes."),
    LISTEN_RAFT("listen.raft", "", "Where the other nodes reach this one, host:port. Default: as under nodes."),
    NODES(
            "nodes",
            null,
            "The nodes that found the cluster: id, client and raft (host:port each). In a flag or the environment:"
                    + " id=client/raft,id=client/raft,..."),
    INSECURE(
            "insecure",
            "false",
            "Must be true for a node to listen anywhere but on loopback: nobody who reaches it is kept out."),
    ELECTION_TIMEOUT("raft.electionTimeoutMillis", "500", "After so long without a leader an election begins."),
    ELECTION_DELAY(
            "raft.electionDelayMillisMax", "200", "At random up to so much later, so that not all begin at once."),
    SNAPSHOT_ENTRIES("raft.snapshotEntries", "100000", "After so many entries the log is cut by a snapshot."),
    SNAPSHOT_BYTES("raft.snapshotBytes", "67108864", "Or after about so many bytes of them."),
    LOG_BYTES_MAX(
            "raft.logBytesMax",
            "536870912",
            "With more than about so many bytes in the log no requests are taken but those that make room.");

    private final String key;
    private final @Nullable String fallback;
    private final String meaning;

    Setting(String key, @Nullable String fallback, String meaning) {
        this.key = key;
        this.fallback = fallback;
        this.meaning = meaning;
    }

    String key() {
        return key;
    }

    boolean isRequired() {
        return fallback == null;
    }

    String fallback() {
        return fallback == null ? "" : fallback;
    }

    String meaning() {
        return meaning;
    }

    String variable() {
        return "WHATNOT_"
                + key.replaceAll("([a-z])([A-Z])", "$1_$2").replace('.', '_').toUpperCase(Locale.ROOT);
    }
}
