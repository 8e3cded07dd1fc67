package io.whatnot.node.raft.model;

import static io.whatnot.node.raft.model.Cluster.AMNESIAC;
import static io.whatnot.node.raft.model.Cluster.ASKED;
import static io.whatnot.node.raft.model.Cluster.ASKED_LAST;
import static io.whatnot.node.raft.model.Cluster.ASKED_LENGTH;
import static io.whatnot.node.raft.model.Cluster.CANDIDATE;
import static io.whatnot.node.raft.model.Cluster.COMMIT;
import static io.whatnot.node.raft.model.Cluster.CONDITIONAL;
import static io.whatnot.node.raft.model.Cluster.CONFIGURATION;
import static io.whatnot.node.raft.model.Cluster.CONFIGURATION_INDEX;
import static io.whatnot.node.raft.model.Cluster.CONFIGURATION_TERM;
import static io.whatnot.node.raft.model.Cluster.EPOCH;
import static io.whatnot.node.raft.model.Cluster.FOLLOWER;
import static io.whatnot.node.raft.model.Cluster.GRANTS;
import static io.whatnot.node.raft.model.Cluster.LEADER;
import static io.whatnot.node.raft.model.Cluster.LEADS_BY_ALL;
import static io.whatnot.node.raft.model.Cluster.LONG_TTL;
import static io.whatnot.node.raft.model.Cluster.MARKER;
import static io.whatnot.node.raft.model.Cluster.OWN;
import static io.whatnot.node.raft.model.Cluster.PREVIOUS;
import static io.whatnot.node.raft.model.Cluster.REJOINED;
import static io.whatnot.node.raft.model.Cluster.REQUEST;
import static io.whatnot.node.raft.model.Cluster.ROLE;
import static io.whatnot.node.raft.model.Cluster.START;
import static io.whatnot.node.raft.model.Cluster.TERM;
import static io.whatnot.node.raft.model.Cluster.VOTE;
import static io.whatnot.node.raft.model.Cluster.VOTED_CONDITIONALLY;

import io.whatnot.node.raft.model.Bounds.Configuration;
import io.whatnot.node.raft.model.Cluster.Layout;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What voters do, by the rules that are not removed. A crash and the start that follows are one step: a node that is down does
 * nothing that one which hears nothing doesn't. So are the delivery of a grant or an acknowledgement and its sending: all that
 * follows from either is that a candidate may win, or a leader may take an entry for committed, at any time after. Snapshots
 * are left out: a voter that installs one is a voter that takes all the entries it stands for.
 */
final class Model {
    final Bounds bounds;
    final Layout layout;
    private final Promises promises;
    private final Set<Rule> removed;
    private final Set<Variation> variations;
    private final boolean isMembershipFixed;
    private final boolean forgetsDisks;

    /** What the step that was made last breaks. */
    private @Nullable String broken;

    Model(Bounds bounds, Set<Rule> removed, Set<Variation> variations) {
        this.bounds = bounds;
        this.layout = new Layout(bounds);
        this.removed = Set.copyOf(removed);
        this.variations = Set.copyOf(variations);
        this.isMembershipFixed = bounds.configurations().size() == 1;
        this.forgetsDisks = removed.contains(Rule.TERM_ON_DISK) || removed.contains(Rule.NEW_ID_FOR_A_WIPED_DISK);
        this.promises = new Promises(bounds, removed);
    }

    /** The cluster is founded: nobody has been a voter, and nobody has a log. */
    Cluster start() {
        return new Cluster(layout);
    }

    /** What {@link #apply} is tried with in every state, in this order. */
    int[] steps() {
        return Step.all(bounds, layout);
    }

    /** What the last step broke. */
    @Nullable
    String broken() {
        return broken;
    }

    /** Makes a step; false, and nothing happens, if it can't be made. */
    boolean apply(Cluster state, int step) {
        broken = null;
        int a = Step.a(step);
        int b = Step.b(step);
        boolean made = switch (Step.kind(step)) {
            case CRASH -> state.crashes() < bounds.crashes() && crash(state, a);
            case STAND -> state.get(a, TERM) < bounds.terms() && stand(state, a);
            case ANSWER -> answer(state, a, b);
            case WIN -> win(state, a, false, bounds.entries());
            case WIN_BY_ALL -> win(state, a, true, bounds.entries());
            case ASK -> ask(state, a);
            case BEGIN_EPOCH -> beginEpoch(state, a);
            case REJOIN -> rejoin(state, a, b);
            case CHANGE -> change(state, a, b);
            case DELIVER -> deliver(state, a, b, Step.c(step));
            case COMMIT -> commit(state, a, b);
        };
        if (made) {
            promises.noteLosses(state);
            if (!forgetsDisks) {
                state.forgetWhatHasNoEffect();
            }
        }
        return made;
    }

    /** Whether a step has made somebody lead, as is its right, that lacks what was committed. */
    boolean isLoss(Cluster after, int step) {
        return Step.kind(step) == Step.Kind.WIN_BY_ALL && promises.lacksCommitted(after, Step.a(step));
    }

    /** Whether everybody is an amnesiac and has no log. */
    boolean isWithoutMemory(Cluster state) {
        for (int voter = 0; voter < bounds.voters(); voter++) {
            if (!state.is(voter, AMNESIAC) || state.length(voter) > 0) {
                return false;
            }
        }
        return true;
    }

    // ---- crashes

    private boolean crash(Cluster state, int voter) {
        if (!state.is(voter, MARKER)) {
            return false; // it has nothing to lose yet
        }
        state.countCrash();
        stopLeading(state, voter);
        follow(state, voter);
        state.truncate(voter, 0);
        state.mark(voter, AMNESIAC, !removed.contains(Rule.MARKER_ON_DISK));
        if (removed.contains(Rule.VOTE_ON_DISK)
                || (removed.contains(Rule.CONDITIONAL_VOTE_ON_DISK) && state.is(voter, VOTED_CONDITIONALLY))) {
            vote(state, voter, 0, false);
        }
        if (forgetsDisks) {
            vote(state, voter, 0, false);
            state.set(voter, TERM, 0);
        }
        if (removed.contains(Rule.NEW_ID_FOR_A_WIPED_DISK)) {
            state.mark(voter, AMNESIAC, false);
            state.mark(voter, MARKER, false);
        }
        if (removed.contains(Rule.TTL_ON_DISK)) {
            state.mark(voter, LONG_TTL, false);
        }
        if (removed.contains(Rule.CONFIGURATION_ON_DISK)) {
            putConfiguration(state, voter, 0, 0, 0);
        }
        state.set(voter, START, state.is(voter, AMNESIAC) ? state.get(voter, TERM) : 0);
        if (!removed.contains(Rule.PRESENT_INCARNATION)) {
            state.forgetRejoined(voter);
        }
        return true;
    }

    // ---- elections

    private boolean stand(Cluster state, int voter) {
        if (!configuration(state, voter).has(voter)) {
            return false;
        }
        stopLeading(state, voter);
        follow(state, voter);
        boolean conditional = state.is(voter, AMNESIAC) && !removed.contains(Rule.OWN_VOTE_OF_AMNESIAC_IS_CONDITIONAL);
        state.set(voter, TERM, state.get(voter, TERM) + 1);
        vote(state, voter, voter + 1, conditional);
        state.mark(voter, MARKER, true);
        state.set(voter, ROLE, CANDIDATE);
        state.set(voter, conditional ? CONDITIONAL : GRANTS, 1 << voter);
        state.set(voter, ASKED, state.get(voter, TERM));
        state.set(voter, ASKED_LENGTH, state.length(voter));
        state.set(voter, ASKED_LAST, state.lastTerm(voter));
        return true;
    }

    /** A request to be voted for arrives, maybe late and maybe again. */
    private boolean answer(Cluster state, int candidate, int voter) {
        int term = state.get(candidate, ASKED);
        boolean waits = state.is(candidate, CANDIDATE, term);
        if (term == 0
                || candidate == voter
                || term < state.get(voter, TERM)
                || (waits && !isAsked(state, candidate, voter))) {
            return false;
        }
        boolean conditional = state.is(voter, AMNESIAC) && !removed.contains(Rule.GRANTS_OF_AMNESIACS_ARE_CONDITIONAL);
        if (conditional && removed.contains(Rule.CONDITIONAL_GRANT_IS_A_VOTE)) {
            return waits && isUpToDate(state, candidate, voter) && grant(state, candidate, voter, true);
        }
        if (term > state.get(voter, TERM)) {
            moveTo(state, voter, term);
        }
        if (waits
                && isConfigurationNewer(state, candidate, voter)
                && variations.contains(Variation.NEWER_CONFIGURATION_IS_ADOPTED)) {
            adoptConfiguration(state, voter, candidate);
        }
        if (state.get(voter, VOTE) == 0 && isUpToDate(state, candidate, voter)) {
            vote(state, voter, candidate + 1, conditional);
            state.mark(voter, MARKER, true);
        }
        if (state.get(voter, VOTE) == candidate + 1 && waits) {
            grant(state, candidate, voter, conditional);
        }
        return true;
    }

    private boolean isAsked(Cluster state, int candidate, int voter) {
        return configuration(state, candidate).has(voter)
                || previousConfiguration(state, candidate).has(voter);
    }

    private boolean isUpToDate(Cluster state, int candidate, int voter) {
        if (state.is(voter, AMNESIAC) && removed.contains(Rule.AMNESIACS_COMPARE_LOGS)) {
            return true;
        }
        int last = state.lastTerm(voter);
        return state.get(candidate, ASKED_LAST) > last
                || (state.get(candidate, ASKED_LAST) == last
                        && state.get(candidate, ASKED_LENGTH) >= state.length(voter));
    }

    private boolean grant(Cluster state, int candidate, int voter, boolean conditional) {
        if (conditional
                && !removed.contains(Rule.NEWER_CONFIGURATION_VOIDS)
                && isConfigurationNewer(state, voter, candidate)) {
            if (variations.contains(Variation.NEWER_CONFIGURATION_IS_ADOPTED)) {
                adoptConfiguration(state, candidate, voter);
            }
            return true; // this candidate can't have all voters any more
        }
        int field = conditional ? CONDITIONAL : GRANTS;
        state.set(candidate, field, state.get(candidate, field) | 1 << voter);
        return true;
    }

    private boolean win(Cluster state, int candidate, boolean byAll, int entries) {
        int term = state.get(candidate, TERM);
        if (!state.is(candidate, CANDIDATE, term)
                || !(byAll ? hasAll(state, candidate) : hasQuorum(state, candidate))) {
            return false;
        }
        broken = promises.brokenByLeader(
                state,
                candidate,
                byAll,
                configuration(state, candidate).all()
                        | previousConfiguration(state, candidate).all());
        boolean writesEpoch = byAll && !removed.contains(Rule.EPOCH_ENTRY);
        boolean writesOwn = variations.contains(Variation.LEADERS_OWN_ENTRY_FIRST);
        boolean writesNow = writesOwn || (writesEpoch && !removed.contains(Rule.EPOCH_FIRST));
        if (broken == null && writesNow && state.length(candidate) >= entries) {
            return false;
        }
        state.lead(term, candidate, byAll ? promises.epochOfLeaderByAll(state, candidate) : 0);
        follow(state, candidate);
        state.set(candidate, ROLE, LEADER);
        if (byAll) {
            boolean writesLater = writesEpoch && (writesOwn || !writesNow);
            state.mark(candidate, LEADS_BY_ALL, writesLater);
            if (!writesLater || !variations.contains(Variation.FREE_OF_AMNESIA_BY_THE_EPOCH)) {
                endAmnesia(state, candidate);
            }
        }
        if (writesNow && broken == null) {
            state.append(candidate, writesOwn ? OWN : EPOCH);
        }
        return true;
    }

    private boolean hasQuorum(Cluster state, int candidate) {
        return configuration(state, candidate).isQuorum(state.get(candidate, GRANTS))
                && (!state.is(candidate, AMNESIAC)
                        || removed.contains(Rule.OWN_VOTE_OF_AMNESIAC_IS_CONDITIONAL)
                        || variations.contains(Variation.AMNESIAC_MAY_WIN_BY_QUORUM));
    }

    /** With grants of either kind; where a voter sent both, its candidate may have got the conditional one only. */
    private boolean hasAll(Cluster state, int candidate) {
        Configuration configuration = configuration(state, candidate);
        int grants = state.get(candidate, GRANTS);
        int conditional = state.get(candidate, CONDITIONAL);
        boolean enough = removed.contains(Rule.ALL_VOTERS)
                ? configuration.isQuorum(grants | conditional)
                : configuration.isAll(grants | conditional)
                        && previousConfiguration(state, candidate).isAll(grants | conditional);
        return enough && (state.is(candidate, AMNESIAC) || !configuration.isQuorum(grants & ~conditional));
    }

    // ---- leaders

    private boolean ask(Cluster state, int leader) {
        if (!canAppend(state, leader) || mustBeginEpoch(state, leader)) {
            return false;
        }
        state.append(leader, REQUEST);
        state.mark(leader, LONG_TTL, !isMembershipFixed);
        return true;
    }

    private boolean beginEpoch(Cluster state, int leader) {
        if (!canAppend(state, leader) || !state.is(leader, LEADS_BY_ALL)) {
            return false;
        }
        state.append(leader, EPOCH);
        state.mark(leader, LEADS_BY_ALL, false);
        endAmnesia(state, leader);
        return true;
    }

    /** An amnesiac tells a leader of it, any leader that is one, and the leader writes it down. */
    private boolean rejoin(Cluster state, int leader, int voter) {
        if (!canAppend(state, leader)
                || mustBeginEpoch(state, leader)
                || leader == voter
                || !state.is(voter, AMNESIAC)
                || removed.contains(Rule.COMMIT_INDEX_IS_NOT_ENOUGH)
                || removed.contains(Rule.ANY_ENTRY_IS_NOT_ENOUGH)) {
            return false;
        }
        for (int index = 1; index <= state.length(leader); index++) {
            int entry = state.entry(leader, index);
            if (state.kindOf(entry) == REJOINED + voter && state.termOf(entry) >= state.get(voter, START)) {
                return false;
            }
        }
        state.append(leader, REJOINED + voter);
        return true;
    }

    private boolean change(Cluster state, int leader, int to) {
        if (isMembershipFixed || !canAppend(state, leader) || mustBeginEpoch(state, leader)) {
            return false;
        }
        Configuration now = configuration(state, leader);
        Configuration then = bounds.configurations().get(to);
        int last = lastConfigurationIndex(state, leader);
        int concerned = now.members() ^ (then.next() == 0 ? then.members() : then.next());
        boolean finishes = now.next() != 0 && then.next() == 0 && then.members() == now.next();
        boolean begins = now.next() == 0 && then.next() != 0 && then.members() == now.members();
        boolean goesAtOnce = now.next() == 0
                && then.next() == 0
                && (Integer.bitCount(concerned) == 1
                        || (concerned != 0 && removed.contains(Rule.ONE_CHANGE_AT_A_TIME)));
        if (!(finishes || begins || goesAtOnce) || state.get(leader, COMMIT) < Math.max(1, last)) {
            return false;
        }
        if (!finishes
                && !removed.contains(Rule.NO_CHANGE_WHILE_ANOTHER_IS_AMNESIAC)
                && (state.amnesiacs() & now.members() & ~concerned) != 0) {
            return false;
        }
        state.append(leader, layout.configuration(to));
        writeConfiguration(state, leader, state.is(leader, LONG_TTL));
        return true;
    }

    private boolean canAppend(Cluster state, int leader) {
        return state.get(leader, ROLE) == LEADER && state.length(leader) < bounds.entries();
    }

    private boolean mustBeginEpoch(Cluster state, int leader) {
        return state.is(leader, LEADS_BY_ALL) && !removed.contains(Rule.EPOCH_FIRST);
    }

    /** The leader of a term has sent its log up to an index, and a voter takes it. */
    private boolean deliver(Cluster state, int term, int voter, int upTo) {
        int leader = state.leaderOf(term);
        if (leader < 0 || leader == voter || term < state.get(voter, TERM) || upTo > state.sentLength(term)) {
            return false;
        }
        if (term > state.get(voter, TERM)) {
            moveTo(state, voter, term);
        } else if (state.get(voter, ROLE) == CANDIDATE) {
            follow(state, voter);
        }
        if (upTo == 0) {
            return true;
        }
        state.mark(voter, MARKER, true);
        int same = 0;
        while (same < upTo && state.entry(voter, same + 1) == state.sent(term, same + 1)) {
            same++;
        }
        if (same < upTo) {
            state.truncate(voter, same);
            for (int index = same + 1; index <= upTo; index++) {
                state.put(voter, index, state.sent(term, index));
            }
            boolean longTtl =
                    variations.contains(Variation.TTL_GOES_WITH_THE_CONFIGURATION) && state.is(leader, LONG_TTL);
            writeConfiguration(state, voter, longTtl);
        }
        boolean leads = state.is(leader, LEADER, term);
        if (leads && !(state.is(voter, AMNESIAC) && variations.contains(Variation.AMNESIACS_ACKNOWLEDGE_NOTHING))) {
            state.acknowledge(leader, voter, upTo);
        }
        if (state.is(voter, AMNESIAC) && isCaughtUp(state, voter, leads ? leader : -1, upTo)) {
            endAmnesia(state, voter);
        }
        return true;
    }

    private boolean isCaughtUp(Cluster state, int voter, int leader, int upTo) {
        if (removed.contains(Rule.COMMIT_INDEX_IS_NOT_ENOUGH)) {
            return leader >= 0 && state.get(leader, COMMIT) > 0 && upTo >= state.get(leader, COMMIT);
        }
        for (int index = 1; index <= state.length(voter); index++) {
            int entry = state.entry(voter, index);
            boolean tellsOfIt =
                    removed.contains(Rule.ANY_ENTRY_IS_NOT_ENOUGH) || state.kindOf(entry) == REJOINED + voter;
            boolean isLate =
                    removed.contains(Rule.REJOINED_NOT_BEFORE_START) || state.termOf(entry) >= state.get(voter, START);
            if (tellsOfIt && isLate) {
                return true;
            }
        }
        return false;
    }

    private boolean commit(Cluster state, int leader, int index) {
        if (state.get(leader, ROLE) != LEADER
                || index <= state.get(leader, COMMIT)
                || index > state.length(leader)
                || state.termOf(state.entry(leader, index)) != state.get(leader, TERM)) {
            return false;
        }
        int holders = 1 << leader;
        for (int voter = 0; voter < bounds.voters(); voter++) {
            holders |= state.acknowledged(leader, voter) >= index ? 1 << voter : 0;
        }
        if (!configuration(state, leader).isQuorum(holders)) {
            return false;
        }
        state.set(leader, COMMIT, index);
        broken = promises.brokenByCommit(state, leader, index);
        return true;
    }

    // ---- what steps have in common

    private void moveTo(Cluster state, int voter, int term) {
        stopLeading(state, voter);
        follow(state, voter);
        state.set(voter, TERM, term);
        vote(state, voter, 0, false);
    }

    private static void stopLeading(Cluster state, int voter) {
        if (state.get(voter, ROLE) == LEADER) {
            state.keepSent(voter);
        }
    }

    private static void follow(Cluster state, int voter) {
        state.set(voter, ROLE, FOLLOWER);
        state.set(voter, GRANTS, 0);
        state.set(voter, CONDITIONAL, 0);
        state.set(voter, COMMIT, 0);
        state.mark(voter, LEADS_BY_ALL, false);
        state.forgetAcknowledgements(voter);
    }

    private void vote(Cluster state, int voter, int vote, boolean conditional) {
        state.set(voter, VOTE, vote);
        state.mark(voter, VOTED_CONDITIONALLY, conditional && removed.contains(Rule.CONDITIONAL_VOTE_ON_DISK));
    }

    private void endAmnesia(Cluster state, int voter) {
        state.mark(voter, AMNESIAC, false);
        state.set(voter, START, 0);
        if (!removed.contains(Rule.PRESENT_INCARNATION)) {
            state.forgetRejoined(voter);
        }
    }

    // ---- configurations

    /** The newest it knows of, on disk or in its log. */
    Configuration configuration(Cluster state, int voter) {
        if (isMembershipFixed) {
            return bounds.configurations().get(0);
        }
        int index = lastConfigurationIndex(state, voter);
        int entry = state.entry(voter, index);
        if (index > 0 && isNewerThanDisk(state, voter, state.termOf(entry), index)) {
            return bounds.configurations().get(state.kindOf(entry) - layout.configuration(0));
        }
        return bounds.configurations().get(state.get(voter, CONFIGURATION));
    }

    private Configuration previousConfiguration(Cluster state, int voter) {
        return isMembershipFixed || !variations.contains(Variation.PREVIOUS_CONFIGURATION_COUNTS)
                ? configuration(state, voter)
                : bounds.configurations().get(state.get(voter, PREVIOUS));
    }

    private int lastConfigurationIndex(Cluster state, int voter) {
        for (int index = state.length(voter); index > 0; index--) {
            if (state.kindOf(state.entry(voter, index)) >= layout.configuration(0)) {
                return index;
            }
        }
        return 0;
    }

    private static boolean isNewerThanDisk(Cluster state, int voter, int term, int index) {
        int onDisk = state.get(voter, CONFIGURATION_TERM);
        return term > onDisk || (term == onDisk && index >= state.get(voter, CONFIGURATION_INDEX));
    }

    private boolean isConfigurationNewer(Cluster state, int one, int than) {
        return !isMembershipFixed && age(state, one) > age(state, than);
    }

    /** Term and index of the configuration that a voter goes by, as one number. */
    private int age(Cluster state, int voter) {
        int index = lastConfigurationIndex(state, voter);
        int inLog = Cluster.age(state.termOf(state.entry(voter, index)), index);
        int onDisk = Cluster.age(state.get(voter, CONFIGURATION_TERM), state.get(voter, CONFIGURATION_INDEX));
        return Math.max(inLog, onDisk);
    }

    private void writeConfiguration(Cluster state, int voter, boolean longTtl) {
        if (isMembershipFixed) {
            return;
        }
        int index = lastConfigurationIndex(state, voter);
        int entry = state.entry(voter, index);
        if (index > 0 && isNewerThanDisk(state, voter, state.termOf(entry), index)) {
            putConfiguration(state, voter, state.kindOf(entry) - layout.configuration(0), state.termOf(entry), index);
            state.mark(voter, LONG_TTL, longTtl || state.is(voter, LONG_TTL));
        }
    }

    /** Who is told of a newer configuration knows better the next time, and stands no more in the one it had. */
    private void adoptConfiguration(Cluster state, int voter, int from) {
        int age = age(state, from);
        int id = bounds.configurations().indexOf(configuration(state, from));
        follow(state, voter);
        putConfiguration(state, voter, id, age >> 8, age & 0xff);
    }

    private static void putConfiguration(Cluster state, int voter, int id, int term, int index) {
        if (state.get(voter, CONFIGURATION) != id) {
            state.set(voter, PREVIOUS, state.get(voter, CONFIGURATION));
        }
        state.set(voter, CONFIGURATION, id);
        state.set(voter, CONFIGURATION_TERM, term);
        state.set(voter, CONFIGURATION_INDEX, index);
    }

    // ---- what must remain possible

    /**
     * Whether, once crashes end and all can talk, somebody can be elected without a promise being broken: those who lead send what
     * they have, and then one after the other stands in a term that is the highest, and everybody answers.
     */
    boolean canRecover(Cluster from, Cluster scratch) {
        scratch.set(from);
        for (int term = 1; term <= bounds.terms(); term++) {
            if (scratch.leadsNow(term)) {
                for (int voter = 0; voter < bounds.voters(); voter++) {
                    deliver(scratch, term, voter, scratch.sentLength(term));
                }
            }
        }
        for (int term = bounds.terms() + 1; term <= layout.terms(); term++) {
            if (canLead(scratch, term % bounds.voters(), term)) {
                return true;
            }
        }
        return false;
    }

    private boolean canLead(Cluster state, int candidate, int term) {
        stopLeading(state, candidate);
        follow(state, candidate);
        state.set(candidate, TERM, term - 1);
        if (!stand(state, candidate)) {
            return false;
        }
        for (int voter = 0; voter < bounds.voters(); voter++) {
            answer(state, candidate, voter);
        }
        boolean wins = win(state, candidate, false, layout.entries()) || win(state, candidate, true, layout.entries());
        return wins && broken == null;
    }
}
