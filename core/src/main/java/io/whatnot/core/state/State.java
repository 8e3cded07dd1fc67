package io.whatnot.core.state;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.state.lock.Locks;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.Sessions;
import io.whatnot.core.state.tree.Elements;
import org.jspecify.annotations.Nullable;

/**
 * All of the replicated state at one moment. Once {@link #publish published} it never changes, and any thread may read
 * it as long as it likes; to go on from it, {@link #edit} it.
 */
public final class State {
    private final Edit edit;

    final Elements elements;
    final Locks locks;
    final Sessions sessions;
    OrderedMap<Deadline, Boolean> deadlines;
    /** Deadlines that have passed but threw when they fired. */
    OrderedMap<Deadline, Boolean> broken;

    Settings settings;
    /** 0 until the cluster is founded, or raised by hand: as the first. */
    int foundedLevel;

    long timeMillis;
    long revision;
    long entries;

    private State(Edit edit, Settings settings) {
        this.edit = edit;
        this.elements = new Elements(edit);
        this.locks = new Locks(edit);
        this.sessions = new Sessions(edit);
        this.deadlines = OrderedMap.empty();
        this.broken = OrderedMap.empty();
        this.settings = settings;
    }

    private State(State from, Edit edit) {
        this.edit = edit;
        this.elements = new Elements(from.elements, edit);
        this.locks = new Locks(from.locks, edit);
        this.sessions = new Sessions(from.sessions, edit);
        this.deadlines = from.deadlines;
        this.broken = from.broken;
        this.settings = from.settings;
        this.foundedLevel = from.foundedLevel;
        this.timeMillis = from.timeMillis;
        this.revision = from.revision;
        this.entries = from.entries;
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

    /** How many entries made it. */
    public long entries() {
        return entries;
    }

    /** The registered elements. */
    public Elements elements() {
        return elements;
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

    /** Whether the level was settled, by the leader at the founding or by an operator. */
    public boolean isFounded() {
        return foundedLevel != 0;
    }

    /** About how much memory it takes: counted alike on all nodes, whatever way they came to it. */
    public long bytes() {
        return elements.bytes() + sessions.bytes() + locks.bytes();
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

    void addDeadline(Deadline deadline) {
        deadlines = deadlines.put(edit, deadline, true);
    }

    void removeDeadline(Deadline deadline) {
        deadlines = deadlines.remove(edit, deadline);
        broken = broken.remove(edit, deadline);
    }

    /** Takes a deadline out that could not fire, so that it is not tried for ever. */
    void breakDeadline(Deadline deadline) {
        deadlines = deadlines.remove(edit, deadline);
        broken = broken.put(edit, deadline, true);
    }
}
