package io.whatnot.node.raft;

import java.nio.file.Path;
import java.util.List;

/**
 * What a node's log has to know.
 *
 * @param cluster the cluster's name
 * @param node the node's name
 * @param endpoint where the others reach its Raft server, {@code host:port}: one of the voters
 * @param listen where its Raft server listens, {@code host:port}; another than {@code endpoint} if its machine has more
 *     than one address, or the others see it under a different one
 * @param members the founding voters; of a node that joins, members that it knows, itself too
 * @param folder where it keeps its metadata, and log and snapshots if they are on disk, else snapshots as long as it runs
 * @param electionTimeoutMillis after so long without a leader an election begins
 * @param electionDelayMillisMax or up to so much later, at random, so that not all begin at once
 * @param snapshotEntries after so many entries a snapshot is made
 * @param snapshotBytes or after about so many bytes of them
 * @param logBytesMax with more than about so many bytes in the log no further requests are taken
 * @param logOnDisk whether log and snapshots are kept on disk, and outlive the process
 * @param digestEntries after so many entries the nodes compare their states; the same on all of them
 * @param levelMax the newest feature level that the node's software supports
 * @param fresh whether to forget what is in the folder and found a new cluster
 * @param join whether to come to a cluster that is there, as a new node
 * @param autopilotDeadMillis after so long without an answer a voter's place is taken by a learner; 0: never
 */
public record RaftLogOptions(
        String cluster,
        String node,
        String endpoint,
        String listen,
        List<RaftMember> members,
        Path folder,
        int electionTimeoutMillis,
        int electionDelayMillisMax,
        long snapshotEntries,
        long snapshotBytes,
        long logBytesMax,
        boolean logOnDisk,
        long digestEntries,
        int levelMax,
        boolean fresh,
        boolean join,
        long autopilotDeadMillis) {
    public RaftLogOptions {
        members = List.copyOf(members);
    }

    /** This node, as the others know it. */
    RaftMember self() {
        return members.stream()
                .filter(member -> member.raft().equals(endpoint))
                .findFirst()
                .orElseThrow();
    }
}
