package io.whatnot.node.raft.model;

import static io.whatnot.node.raft.model.Cluster.COMMIT;
import static io.whatnot.node.raft.model.Cluster.EPOCH;
import static io.whatnot.node.raft.model.Cluster.LONG_TTL;
import static io.whatnot.node.raft.model.Cluster.REQUEST;
import static io.whatnot.node.raft.model.Cluster.TERM;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold in every state: one leader a term; what is committed is in the log of the leaders of all later terms, unless a
 * majority was without memory at some time since, and then whoever lacks it leads in a higher epoch; epochs grow.
 */
final class Promises {
    private final Bounds bounds;
    private final Set<Rule> removed;
    private final boolean isMembershipFixed;

    Promises(Bounds bounds, Set<Rule> removed) {
        this.bounds = bounds;
        this.removed = Set.copyOf(removed);
        this.isMembershipFixed = bounds.configurations().size() == 1;
    }

    /** After each step: from the moment on when a majority is without memory, what was committed before may be lost. */
    void noteLosses(Cluster state) {
        if (hasLostMajority(state)) {
            state.letBeLost();
        }
    }

    private boolean hasLostMajority(Cluster state) {
        int amnesiacs = state.amnesiacs();
        if (amnesiacs == 0) {
            return false;
        }
        int inForce = isMembershipFixed ? 1 : state.configurationsInForce();
        for (int id = 0; id < bounds.configurations().size(); id++) {
            if ((inForce >> id & 1) != 0 && bounds.configurations().get(id).isMajorityOfAny(amnesiacs)) {
                return true;
            }
        }
        return false;
    }

    /** What it would break if this candidate led now. */
    @Nullable
    String brokenByLeader(Cluster state, int candidate, boolean byAll, int members) {
        int term = state.get(candidate, TERM);
        if (state.leaderOf(term) >= 0) {
            return "two leaders in term " + term;
        }
        if (byAll) {
            String broken = brokenByEpoch(state, term, epochOfLeaderByAll(state, candidate));
            if (broken != null) {
                return broken;
            }
        }
        int epoch = byAll ? epochOfLeaderByAll(state, candidate) : epochAt(state, candidate, state.length(candidate));
        for (int index = 1; index <= bounds.entries(); index++) {
            for (int of = 1; of <= bounds.terms(); of++) {
                int in = state.committedIn(index, of);
                if (in == 0 || in >= term || state.termOf(state.entry(candidate, index)) == of) {
                    continue;
                }
                if (!state.mayBeLost(index, of)) {
                    return "the leader of term %d lacks entry %d of term %d, which was committed in term %d"
                            .formatted(term, index, of, in);
                }
                if (epoch <= state.committedUnder(index, of)) {
                    return "the leader of term %d lacks entry %d of term %d, and says so by no higher epoch"
                            .formatted(term, index, of);
                }
                if (byAll && isStillHeld(state, index, of, members)) {
                    return "the leader of term %d lacks entry %d of term %d, which was committed and a voter still has"
                            .formatted(term, index, of);
                }
                if (byAll && state.wasAskedFor(index, of) && !isTtlKnown(state, members)) {
                    return "the leader of term %d lacks entry %d of term %d, and no voter knows for how long to wait"
                            .formatted(term, index, of);
                }
            }
        }
        return null;
    }

    boolean lacksCommitted(Cluster state, int leader) {
        for (int index = 1; index <= bounds.entries(); index++) {
            for (int of = 1; of <= bounds.terms(); of++) {
                if (state.committedIn(index, of) != 0 && state.termOf(state.entry(leader, index)) != of) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isTtlKnown(Cluster state, int members) {
        for (int voter = 0; voter < bounds.voters(); voter++) {
            if ((members >> voter & 1) != 0 && state.is(voter, LONG_TTL)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a voter, amnesiac or not, has an entry still, and something from the leader that committed it, or from a later one.
     * Without that, what it has may be the older of two beginnings of a log, as anywhere in Raft.
     */
    private boolean isStillHeld(Cluster state, int index, int of, int members) {
        for (int voter = 0; voter < bounds.voters(); voter++) {
            if ((members >> voter & 1) != 0
                    && state.termOf(state.entry(voter, index)) == of
                    && state.lastTerm(voter) >= state.committedIn(index, of)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable String brokenByEpoch(Cluster state, int term, int epoch) {
        if (removed.contains(Rule.EPOCH_ENTRY)) {
            return null;
        }
        for (int other = 1; other <= bounds.terms(); other++) {
            int otherEpoch = state.epochOf(other);
            if (other != term && otherEpoch != 0 && (other < term ? otherEpoch >= epoch : otherEpoch <= epoch)) {
                return "the leaders of terms %d and %d were both elected by all, in epochs %d and %d"
                        .formatted(
                                Math.min(other, term),
                                Math.max(other, term),
                                other < term ? otherEpoch : epoch,
                                other < term ? epoch : otherEpoch);
            }
        }
        return null;
    }

    /** Notes what a leader takes for committed, and tells what that breaks. */
    @Nullable
    String brokenByCommit(Cluster state, int leader, int upTo) {
        int term = state.get(leader, TERM);
        String broken = null;
        for (int index = 1; index <= upTo; index++) {
            int entry = state.entry(leader, index);
            int of = state.termOf(entry);
            if (state.committedIn(index, of) != 0) {
                continue;
            }
            boolean isToldAsItWas = removed.contains(Rule.OLD_TAIL_IS_TOLD_UNDER_THE_NEW_EPOCH);
            int epoch = epochAt(state, leader, isToldAsItWas ? index : upTo);
            state.commit(index, of, term, epoch, !isMembershipFixed && state.kindOf(entry) == REQUEST);
            if (broken == null) {
                broken = brokenByEntry(state, leader, index, epoch);
            }
        }
        return broken;
    }

    private @Nullable String brokenByEntry(Cluster state, int leader, int index, int epoch) {
        int term = state.get(leader, TERM);
        int entry = state.entry(leader, index);
        int of = state.termOf(entry);
        for (int later = term + 1; later <= bounds.terms(); later++) {
            if (state.leaderOf(later) >= 0 && state.termOf(state.sent(later, index)) != of && !hasLostMajority(state)) {
                return "entry %d of term %d is committed in term %d, and the leader of term %d lacks it"
                        .formatted(index, of, term, later);
            }
        }
        if (state.kindOf(entry) != REQUEST || !isServing(state, leader)) {
            return null;
        }
        for (int other = 1; other <= bounds.entries(); other++) {
            for (int otherTerm = 1; otherTerm <= bounds.terms(); otherTerm++) {
                int in = state.committedIn(other, otherTerm);
                if (in != 0
                        && in < term
                        && state.termOf(state.entry(leader, other)) != otherTerm
                        && epoch <= state.committedUnder(other, otherTerm)) {
                    return "entry %d of term %d is committed in term %d, without entry %d of term %d and in no higher epoch"
                            .formatted(index, of, term, other, otherTerm);
                }
            }
        }
        return null;
    }

    /** A leader by all answers nobody until its epoch is committed. */
    private boolean isServing(Cluster state, int leader) {
        int term = state.get(leader, TERM);
        return state.epochOf(term) == 0 || epochAt(state, leader, state.get(leader, COMMIT)) == state.epochOf(term);
    }

    /** The epoch in which a leader elected by all votes begins. */
    int epochOfLeaderByAll(Cluster state, int leader) {
        int inLog = epochAt(state, leader, state.length(leader));
        if (removed.contains(Rule.EPOCH_ENTRY)) {
            return inLog;
        }
        return removed.contains(Rule.EPOCH_IS_THE_TERM) ? inLog + 1 : state.get(leader, TERM);
    }

    /** The epoch of a log at an index. */
    private int epochAt(Cluster state, int voter, int upTo) {
        int epoch = 0;
        for (int index = 1; index <= upTo; index++) {
            int entry = state.entry(voter, index);
            if (state.kindOf(entry) == EPOCH) {
                epoch = removed.contains(Rule.EPOCH_IS_THE_TERM) ? epoch + 1 : state.termOf(entry);
            }
        }
        return epoch;
    }
}
