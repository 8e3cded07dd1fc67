package io.whatnot.node.raft.model;

import java.util.List;

/**
 * How far the model goes.
 *
 * @param voters nodes, of which each may be in a configuration
 * @param terms the last term in which anybody stands
 * @param entries the length of the longest log
 * @param crashes of all voters together
 * @param configurations those there may be, the first at the start; with one, memberships don't change
 */
record Bounds(int voters, int terms, int entries, int crashes, List<Configuration> configurations) {
    Bounds {
        configurations = List.copyOf(configurations);
    }

    static Bounds of(int voters, int terms, int entries, int crashes) {
        return new Bounds(voters, terms, entries, crashes, List.of(new Configuration((1 << voters) - 1, 0)));
    }

    @Override
    public String toString() {
        return "%d voters, %d terms, %d entries, %d crashes%s"
                .formatted(
                        voters,
                        terms,
                        entries,
                        crashes,
                        configurations.size() == 1 ? "" : ", %d configurations".formatted(configurations.size()));
    }

    /**
     * Who votes.
     *
     * @param members a bit a voter
     * @param next the members there will be, while both have to agree; 0 when not
     */
    record Configuration(int members, int next) {
        int all() {
            return members | next;
        }

        boolean has(int voter) {
            return (all() >> voter & 1) != 0;
        }

        boolean isQuorum(int voters) {
            return isMajority(voters, members) && (next == 0 || isMajority(voters, next));
        }

        boolean isAll(int voters) {
            return (voters & members) == members && (voters & next) == next;
        }

        /** Whether so many have lost their memory that nothing is promised. */
        boolean isMajorityOfAny(int voters) {
            return isMajority(voters, members) || (next != 0 && isMajority(voters, next));
        }

        private static boolean isMajority(int voters, int of) {
            return 2 * Integer.bitCount(voters & of) > Integer.bitCount(of);
        }
    }
}
