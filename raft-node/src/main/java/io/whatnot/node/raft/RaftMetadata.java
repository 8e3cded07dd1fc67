package io.whatnot.node.raft;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a node knows on disk: the little that Raft needs to be safe over a restart that loses all memory, and whose it is.
 *
 * @param cluster the cluster it belongs to
 * @param node the node's name
 * @param incarnation how often the node has started with this metadata, the present time counted
 * @param nonce drawn when the metadata was made: tells this disk from any other that had its place
 * @param founders by Raft endpoint, the nonces with which the cluster was founded; empty as long as it is not
 * @param voter whether it has been a voter: one that has, and comes back without its log, does not vote as if it had it
 * @param term the latest term it has seen
 * @param votedFor whom it voted for in that term; empty for nobody
 * @param configuration the configuration it last knew
 * @param epoch the latest epoch it has seen
 * @param longestTtlMillis no session or lease of which it knows had a longer ttl
 * @param membership what it knows of its own membership, and where others are reached
 */
record RaftMetadata(
        String cluster,
        String node,
        long incarnation,
        long nonce,
        Map<String, Long> founders,
        boolean voter,
        long term,
        String votedFor,
        Voters configuration,
        long epoch,
        long longestTtlMillis,
        Membership membership) {
    RaftMetadata {
        founders = Map.copyOf(founders);
    }

    /**
     * A configuration.
     *
     * @param term the term of its entry in the log; 0 of the founding one
     * @param index the index of its entry
     * @param voters the voters, as Raft endpoints
     * @param old the voters it takes the place of, while both have a say; else none
     * @param learners who has everything and no say
     */
    record Voters(long term, long index, List<String> voters, List<String> old, List<String> learners) {
        static final Voters NONE = new Voters(0, 0, List.of(), List.of());

        Voters {
            voters = voters.stream().sorted().toList();
            old = old.stream().sorted().toList();
            learners = learners.stream().sorted().toList();
        }

        /** Without learners. */
        Voters(long term, long index, List<String> voters, List<String> old) {
            this(term, index, voters, old, List.of());
        }

        /** Everybody, with a say or without. */
        List<String> members() {
            return Stream.concat(all().stream(), learners.stream())
                    .distinct()
                    .sorted()
                    .toList();
        }

        /** Everybody who has a say. */
        List<String> all() {
            TreeMap<String, Boolean> all = new TreeMap<>();
            voters.forEach(voter -> all.put(voter, true));
            old.forEach(voter -> all.put(voter, true));
            return List.copyOf(all.keySet());
        }

        /** Whether its entry is not before that of another. */
        boolean isAtLeast(long otherTerm, long otherIndex) {
            return term != otherTerm ? term > otherTerm : index >= otherIndex;
        }
    }

    /**
     * What a node knows of its own membership, and where the others are reached that its settings don't name.
     *
     * @param joined whether it came to a cluster that was there, instead of founding it
     * @param counted whether it has been among the voters of a configuration
     * @param known members, present or former, by what they said of themselves
     */
    record Membership(boolean joined, boolean counted, List<RaftMember> known) {
        static final Membership NONE = new Membership(false, false, List.of());

        Membership {
            known = known.stream()
                    .sorted(Comparator.comparing(RaftMember::raft))
                    .toList();
        }
    }

    /** Of a node that never was anything. */
    static RaftMetadata blank(String cluster, String node, long nonce) {
        return new RaftMetadata(cluster, node, 0, nonce, Map.of(), false, 0, "", Voters.NONE, 0, 0, Membership.NONE);
    }

    RaftMetadata started() {
        return new RaftMetadata(
                cluster,
                node,
                incarnation + 1,
                nonce,
                founders,
                voter,
                term,
                votedFor,
                configuration,
                epoch,
                longestTtlMillis,
                membership);
    }

    /** It founds a cluster, with these: from now on it is a voter. */
    RaftMetadata founding(Map<String, Long> founders) {
        Membership counted = new Membership(false, true, membership.known);
        Voters founding = new Voters(0, 0, List.copyOf(founders.keySet()), List.of());
        return new RaftMetadata(
                cluster,
                node,
                incarnation,
                nonce,
                founders,
                true,
                term,
                votedFor,
                founding,
                epoch,
                longestTtlMillis,
                counted);
    }

    RaftMetadata withVote(long term, String votedFor) {
        return new RaftMetadata(
                cluster,
                node,
                incarnation,
                nonce,
                founders,
                true,
                term,
                votedFor,
                configuration,
                epoch,
                longestTtlMillis,
                membership);
    }

    RaftMetadata withConfiguration(Voters configuration) {
        return new RaftMetadata(
                cluster,
                node,
                incarnation,
                nonce,
                founders,
                voter,
                term,
                votedFor,
                configuration,
                epoch,
                longestTtlMillis,
                membership);
    }

    /** Of those that are larger than what is known. */
    RaftMetadata withAtLeast(long epoch, long longestTtlMillis) {
        return new RaftMetadata(
                cluster,
                node,
                incarnation,
                nonce,
                founders,
                voter,
                term,
                votedFor,
                configuration,
                Math.max(this.epoch, epoch),
                Math.max(this.longestTtlMillis, longestTtlMillis),
                membership);
    }

    RaftMetadata withMembership(Membership membership) {
        return new RaftMetadata(
                cluster,
                node,
                incarnation,
                nonce,
                founders,
                voter,
                term,
                votedFor,
                configuration,
                epoch,
                longestTtlMillis,
                membership);
    }

    /** It comes to a cluster that is there. */
    RaftMetadata joining() {
        return withMembership(new Membership(true, membership.counted, membership.known));
    }

    /** It is among the voters of a configuration. */
    RaftMetadata counting() {
        return withMembership(new Membership(membership.joined, true, membership.known));
    }

    RaftMetadata withKnown(List<RaftMember> known) {
        return withMembership(new Membership(membership.joined, membership.counted, known));
    }
}
