package io.whatnot.node.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When the voters may be changed: one at a time, not while another than the one concerned has lost its memory, and never so
 * that the voters afterwards would have no quorum of such as answer and remember. A voter that does not answer counts as
 * one that has lost its memory, which it will have when it comes back; but of several such one after the other may be
 * removed, for otherwise nobody could ever be.
 */
final class MembershipRules {
    private MembershipRules() {}

    /**
     * How a voter is.
     *
     * @param raft where nodes reach it
     * @param name how people call it
     * @param answers whether it answers, and is who it should be
     * @param amnesiac whether it says that it has lost its memory
     */
    record Voter(String raft, String name, boolean answers, boolean amnesiac) {
        boolean isWell() {
            return answers && !amnesiac;
        }
    }

    /** Why a node may not become a voter besides these; null if it may. It itself is well: that was looked after. */
    static @Nullable String addition(List<Voter> voters) {
        for (Voter voter : voters) {
            if (!voter.isWell()) {
                return problem(voter);
            }
        }
        return null;
    }

    /** Why one of these may not be removed; null if it may. */
    static @Nullable String removal(List<Voter> voters, String raft) {
        boolean answers =
                voters.stream().filter(voter -> voter.raft.equals(raft)).allMatch(Voter::answers);
        List<Voter> rest =
                voters.stream().filter(voter -> !voter.raft.equals(raft)).toList();
        for (Voter voter : rest) {
            if (!voter.isWell() && (answers || voter.answers)) {
                return problem(voter);
            }
        }
        long well = rest.stream().filter(Voter::isWell).count();
        if (well <= rest.size() / 2) {
            return "of the " + rest.size() + " voters that would remain " + well
                    + " answer, which is no majority; start the others first: "
                    + rest.stream()
                            .filter(voter -> !voter.isWell())
                            .map(Voter::name)
                            .toList();
        }
        return null;
    }

    private static String problem(Voter voter) {
        return voter.answers
                ? voter.name + " has lost its memory and has not caught up yet; voters are changed when it has"
                : voter.name + " does not answer, and would come back without its memory; voters are changed when it is"
                        + " back, or has been removed or replaced itself";
    }
}
