package io.whatnot.node.raft;

import java.util.List;

/**
 * What a node knows on disk: the little that Raft needs to be safe over a restart, and whose it is.
 *
 * @param cluster the cluster it belongs to
 * @param node the node's name
 * @param incarnation how often the node has started with this metadata
 * @param voter whether it has been a voter: a node that has, and comes back without its log, may not vote as if it had it
 * @param term the latest term it has seen
 * @param votedFor whom it voted for in that term; empty for nobody
 * @param configuration the voters it last knew, as their Raft endpoints
 */
record RaftMetadata(
        String cluster,
        String node,
        long incarnation,
        boolean voter,
        long term,
        String votedFor,
        List<String> configuration) {
    RaftMetadata {
        configuration = List.copyOf(configuration);
    }

    static RaftMetadata founding(String cluster, String node) {
        return new RaftMetadata(cluster, node, 0, false, 0, "", List.of());
    }

    RaftMetadata started() {
        return new RaftMetadata(cluster, node, incarnation + 1, voter, term, votedFor, configuration);
    }

    RaftMetadata asVoter() {
        return new RaftMetadata(cluster, node, incarnation, true, term, votedFor, configuration);
    }

    RaftMetadata withVote(long term, String votedFor) {
        return new RaftMetadata(cluster, node, incarnation, true, term, votedFor, configuration);
    }

    RaftMetadata withConfiguration(List<String> configuration) {
        return new RaftMetadata(cluster, node, incarnation, voter, term, votedFor, configuration);
    }
}
