package io.whatnot.core.model;

/**
 * Commands of the nodes themselves, about the cluster. A node puts them into the log when it leads; from a connection
 * nobody takes them, whoever is at its other end. They belong to no session.
 */
public sealed interface ClusterCommand extends Command {
    /** The longest name of a voter, in characters. */
    int VOTER_MAX = 255;

    /**
     * The cluster has re-formed after a majority of its voters had lost their memory, so what was committed may be gone:
     * the first entry of the leader that was elected so. Revisions go on at the start of the epoch, and until the longest
     * ttl has passed nothing is granted and nothing changed, but to and by those who reclaim what they held.
     *
     * @param term the leader's term: the new epoch
     * @param longestTtlMillis the longest ttl that any voter's disk knows of; 0 if none does
     */
    record Epoch(long term, long longestTtlMillis) implements ClusterCommand {
        public Epoch {
            Rules.between("term", term, 1, Long.MAX_VALUE);
            Rules.notNegative("longest ttl in milliseconds", longestTtlMillis);
        }
    }

    /**
     * The leader has heard that a voter started without its memory. A voter whose log holds this with its present
     * incarnation remembers again all that its vote depends on.
     *
     * @param voter which
     * @param incarnation which of its starts
     * @param term the term in which the leader appended this
     */
    record Rejoined(String voter, long incarnation, long term) implements ClusterCommand {
        public Rejoined {
            Rules.text("voter", voter, VOTER_MAX);
            if (voter.isEmpty()) {
                throw new IllegalArgumentException("voter is empty; it is to name one");
            }
            Rules.between("incarnation", incarnation, 1, Long.MAX_VALUE);
            Rules.between("term", term, 1, Long.MAX_VALUE);
        }
    }
}
