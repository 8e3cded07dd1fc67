package io.whatnot.core.state;

import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.state.lock.Locks;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.Sessions;
import io.whatnot.core.state.tree.Elements;
import io.whatnot.core.state.tree.Policies;
import org.jspecify.annotations.Nullable;

/**
 * All of the replicated state at one moment. Once {@link #publish published} it never changes, and any thread may read
 * it as long as it likes; to go on from it, {@link #edit} it.
 */
public final class State {
    /** What it takes to remember that something was reclaimed: about. */
    private static final long RECLAIMED_BYTES = 100;

    private final Edit edit;

    Elements elements;
    Policies policies;
    Locks locks;
    Sessions sessions;
    OrderedMap<Deadline, Boolean> deadlines;
    /** Deadlines that have passed but threw when they fired. */
    OrderedMap<Deadline, Boolean> broken;

    Settings settings;
    /** 0 until the cluster is founded, or raised by hand: as the first. */
    int foundedLevel;

    long timeMillis;
    long revision;
    long entries;

    /** The term in which the cluster last re-formed; 0 if it never did. */
    long epoch;
    /** When the recovery from that ends, in cluster time; 0 if it is over. */
    long recoveringUntilMillis;

    long longestTtlMillis;
    /** By voter: where it lost its memory last. */
    OrderedMap<String, Rejoined> rejoined;
    /**
     * While recovering: the leases that were reclaimed, true, and those that have ended since, false; with sequence 0 the
     * sessions that have said all they hold, true, or have ended, false.
     */
    OrderedMap<LeaseId, Boolean> reclaimed;

    /**
     * That a voter which had lost its memory was heard of.
     *
     * @param incarnation which of its starts
     * @param term in which term
     */
    public record Rejoined(long incarnation, long term) {}

    private State(Edit edit, Settings settings) {
        this.edit = edit;
        this.elements = new Elements(edit);
        this.policies = new Policies(edit);
        this.locks = new Locks(edit);
        this.sessions = new Sessions(edit);
        this.deadlines = OrderedMap.empty();
        this.broken = OrderedMap.empty();
        this.settings = settings;
        this.rejoined = OrderedMap.empty();
        this.reclaimed = OrderedMap.empty();
    }

    private State(State from, Edit edit) {
        this(edit, from.settings);
        goOnFrom(from);
    }

    /** Becomes another, whose own edit has ended or which is left alone from now on. */
    void goOnFrom(State from) {
        elements = new Elements(from.elements, edit);
        policies = new Policies(from.policies, edit);
        locks = new Locks(from.locks, edit);
        sessions = new Sessions(from.sessions, edit);
        deadlines = from.deadlines;
        broken = from.broken;
        settings = from.settings;
        foundedLevel = from.foundedLevel;
        timeMillis = from.timeMillis;
        revision = from.revision;
        entries = from.entries;
        epoch = from.epoch;
        recoveringUntilMillis = from.recoveringUntilMillis;
        longestTtlMillis = from.longestTtlMillis;
        rejoined = from.rejoined;
        reclaimed = from.reclaimed;
    }

    /** Before the first entry; to be edited. */
    static State empty(Settings settings) {
        return new State(new Edit(), settings);
    }

    /** The same state, to be changed. */
    State edit() {
        return new State(this, new Edit());
    }

    /** Ends all changes to this one. */
    State publish() {
        edit.close();
        return this;
    }

    /** Cluster time, in milliseconds. */
    public long timeMillis() {
        return timeMillis;
    }

    /** The revision of the latest change. */
    public long revision() {
        return revision;
    }

    /** The term in which the cluster last re-formed after losing its memory; 0 if it never did. */
    public long epoch() {
        return epoch;
    }

    /** Whether the cluster has re-formed and waits for what may have been forgotten to run out. */
    public boolean isRecovering() {
        return recoveringUntilMillis != 0;
    }

    /** A ttl as it is noted of: the least power of two that is not below it; 0 of 0. */
    public static long roundedUpTtl(long millis) {
        return Recovery.roundedUp(millis);
    }

    /** When that is over, in cluster time; 0 if it is. */
    public long recoveringUntilMillis() {
        return recoveringUntilMillis;
    }

    /** Of how many sessions and leases it is known, while recovering, that they were reclaimed or have ended. */
    public int reclaimedCount() {
        return reclaimed.size();
    }

    /** Whether a session that is not known may have been forgotten, and can be reclaimed. */
    public boolean mayBeReclaimed(long session) {
        return Recovery.mayBeReclaimed(this, session);
    }

    /** What is not done while recovering. */
    public Refused recoveringRefusal() {
        return Recovery.refusal(this);
    }

    /** The longest ttl ever asked for by a session or a lease, rounded up to a power of two; 0 before the first. */
    public long longestTtlMillis() {
        return longestTtlMillis;
    }

    /** Where that voter was last heard of without its memory, or null. */
    public @Nullable Rejoined rejoined(String voter) {
        return rejoined.get(voter);
    }

    /** How many entries made it. */
    public long entries() {
        return entries;
    }

    /** The registered elements. */
    public Elements elements() {
        return elements;
    }

    /** The policies by which elements are pruned. */
    public Policies policies() {
        return policies;
    }

    /** The leases and waiting requests. */
    public Locks locks() {
        return locks;
    }

    /** The sessions. */
    public Sessions sessions() {
        return sessions;
    }

    /** The limits. */
    public Settings settings() {
        return settings;
    }

    /** The feature level that applying follows. */
    public int level() {
        return Math.max(foundedLevel, FeatureLevel.FIRST);
    }

    /**
     * Refuses a command that needs a higher level than this. While a cluster that has lost its memory has not found out what
     * all nodes support, it is refused for now only, so that claims can be reclaimed and clients wait; null if the level has it.
     */
    public @Nullable Refused refuseAbove(Command command) {
        int needed = FeatureLevel.neededBy(command);
        if (needed <= level()) {
            return null;
        }
        boolean isForNow = isRecovering() && !isFounded() && needed >= FeatureLevel.SEMAPHORE_POOLS;
        return isForNow ? recoveringRefusal() : FeatureLevel.refusal(command, level());
    }

    /** Whether the level was settled, by the leader at the founding or by an operator. */
    public boolean isFounded() {
        return foundedLevel != 0;
    }

    /** About how much memory it takes: counted alike on all nodes, whatever way they came to it. */
    public long bytes() {
        return elements.bytes()
                + policies.bytes()
                + sessions.bytes()
                + locks.bytes()
                + reclaimed.size() * RECLAIMED_BYTES;
    }

    /** Refuses to add anything once the state takes as much as it may; null while there is room. */
    @Nullable
    Refused refuseGrowth() {
        long bytes = bytes();
        if (bytes < settings.stateBytesMax()) {
            return null;
        }
        return new Refused(
                ErrorCode.RESOURCE_EXHAUSTED,
                "the state takes " + bytes + " bytes, and may take " + settings.stateBytesMax()
                        + " (setting stateBytesMax): delete elements, end sessions, or raise the setting");
    }

    /** When the next deadline is, in cluster time; {@code Long.MAX_VALUE} if there is none. */
    public long nextDeadlineMillis() {
        OrderedMap.Entry<Deadline, Boolean> first = deadlines.first();
        return first == null ? Long.MAX_VALUE : first.key().atMillis();
    }

    /** Somebody may hold something for so long from now on. */
    void noteTtl(long millis) {
        longestTtlMillis = Math.max(longestTtlMillis, Recovery.roundedUp(millis));
    }

    void noteRejoined(String voter, Rejoined where) {
        rejoined = rejoined.put(edit, voter, where);
    }

    void forgetRejoined(String voter) {
        rejoined = rejoined.remove(edit, voter);
    }

    void noteReclaimed(LeaseId id, boolean held) {
        reclaimed = reclaimed.put(edit, id, held);
    }

    void addDeadline(Deadline deadline) {
        deadlines = deadlines.put(edit, deadline, true);
    }

    void removeDeadline(Deadline deadline) {
        deadlines = deadlines.remove(edit, deadline);
        broken = broken.remove(edit, deadline);
    }

    boolean isBroken(Deadline deadline) {
        return broken.containsKey(deadline);
    }

    /** Takes a deadline out that could not fire, so that it is not tried for ever. */
    void breakDeadline(Deadline deadline) {
        deadlines = deadlines.remove(edit, deadline);
        broken = broken.put(edit, deadline, true);
    }
}
