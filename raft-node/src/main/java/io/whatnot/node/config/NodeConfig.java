package io.whatnot.node.config;

import java.nio.file.Path;
import java.util.List;

/**
 * A node's configuration, whole and checked.
 *
 * @param cluster see {@link Setting}, as for the others
 * @param node the node's name
 * @param data its folder
 * @param listenClient where it listens for clients
 * @param listenRaft where it listens for other nodes
 * @param nodes the founding nodes
 * @param connectionsMax how many clients' connections there may be
 * @param queueLog whether every step of every queue is written to the log
 * @param electionTimeoutMillis as JRaft means it
 * @param electionDelayMillisMax as JRaft means it
 * @param snapshotEntries when a snapshot is due
 * @param snapshotBytes when a snapshot is due
 * @param logBytesMax when requests are refused
 * @param logOnDisk whether log and snapshots outlive the process
 * @param digestEntries when states are compared
 * @param autopilotDeadMillis when a learner takes the place of a voter; 0: never
 * @param fresh whether the node is to forget what is in its folder
 * @param join whether it comes to a cluster that is there, as a new node
 */
public record NodeConfig(
        String cluster,
        String node,
        Path data,
        String listenClient,
        String listenRaft,
        List<Member> nodes,
        int connectionsMax,
        boolean queueLog,
        int electionTimeoutMillis,
        int electionDelayMillisMax,
        long snapshotEntries,
        long snapshotBytes,
        long logBytesMax,
        boolean logOnDisk,
        long digestEntries,
        long autopilotDeadMillis,
        boolean fresh,
        boolean join) {
    /** Makes the list its own. */
    public NodeConfig {
        nodes = List.copyOf(nodes);
    }

    /** This node as the others know it, which is not always where it listens. */
    public Member self() {
        return nodes.stream()
                .filter(member -> member.id().equals(node))
                .findFirst()
                .orElseThrow();
    }

    /**
     * One of the founding nodes.
     *
     * @param id its name
     * @param client where clients reach it, {@code host:port}
     * @param raft where other nodes reach it, {@code host:port}
     */
    public record Member(String id, String client, String raft) {}
}
