package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.tree.Element;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One command, or one deadline that fires, at work: the state it changes, its revision, and what it brings about. */
final class Step {
    final State state;
    private final Output output;
    private long revision;
    private int index;
    private long eventBytes;

    Step(State state, Output output) {
        this.state = state;
        this.output = output;
    }

    /** What the steps of an entry have brought about so far. */
    static final class Output {
        final List<WatchEvent> events = new ArrayList<>();
        final List<Applied.Push> pushes = new ArrayList<>();
        final List<Applied.Dropped> dropped = new ArrayList<>();
        /** How many elements sweeps have looked at: their turns of one entry share what it may. */
        int looks;

        /** How far it got, to go back there. */
        record Mark(int events, int pushes, int dropped) {}

        Mark mark() {
            return new Mark(events.size(), pushes.size(), dropped.size());
        }

        void revertTo(Mark mark) {
            events.subList(mark.events, events.size()).clear();
            pushes.subList(mark.pushes, pushes.size()).clear();
            dropped.subList(mark.dropped, dropped.size()).clear();
        }
    }

    long now() {
        return state.timeMillis;
    }

    /** The revision of this step: a new one when it is first asked for. */
    long revision() {
        if (revision == 0) {
            revision = ++state.revision;
        }
        return revision;
    }

    /** The revision that this step takes, or would take. */
    long nextRevision() {
        return revision == 0 ? state.revision + 1 : revision;
    }

    /** How many events it has brought about. */
    int events() {
        return index;
    }

    /** About how many bytes the events of elements have that it has brought about. */
    long eventBytes() {
        return eventBytes;
    }

    /** The same step, that has done nothing yet, on a state of its own: to be kept, or forgotten with all its effects. */
    Step attempt() {
        return new Step(state.edit(), output);
    }

    /** Makes what an attempt came to this step's own. */
    void keep(Step attempt) {
        state.goOnFrom(attempt.state.publish());
        revision = attempt.revision;
        index = attempt.index;
        eventBytes = attempt.eventBytes;
    }

    /** How far the output has got, to revert it to when an attempt is forgotten. */
    Output.Mark mark() {
        return output.mark();
    }

    /** Forgets what an attempt has brought about. */
    void revertTo(Output.Mark mark) {
        output.revertTo(mark);
    }

    /** How many elements the sweeps of this entry have looked at so far. */
    int looks() {
        return output.looks;
    }

    void looked(int more) {
        output.looks += more;
    }

    void element(
            String namespace,
            AbsolutePath path,
            Change change,
            Cause cause,
            Actor actor,
            Element element,
            @Nullable Element before) {
        if (change != Change.PRUNED) {
            PruneExecutor.noteActivity(state, namespace, path, false);
        }
        boolean remains = change == Change.ADDED || change == Change.EDITED;
        eventBytes += ElementExecutor.eventBytes(
                path,
                (remains ? element.value().size() : 0)
                        + (before == null ? 0 : before.value().size()));
        output.events.add(new WatchEvent(
                namespace,
                new Revision(revision()),
                index++,
                path,
                change,
                cause,
                actor,
                now(),
                remains ? element.value() : null,
                before == null ? null : before.value(),
                element.version(),
                null,
                null,
                ""));
    }

    /** A lease begins, LOCKED, or ends, UNLOCKED; one that is a claim is told of as CLAIMED and RELEASED. */
    void lock(Lease lease, Change locked, Cause cause, Actor actor) {
        Change claimed = locked == Change.LOCKED ? Change.CLAIMED : Change.RELEASED;
        Change change = lease.isClaim() ? claimed : locked;
        PruneExecutor.noteActivity(state, lease.namespace(), lease.targets());
        for (Target target : lease.targets()) {
            output.events.add(new WatchEvent(
                    lease.namespace(),
                    new Revision(revision()),
                    index++,
                    target.path(),
                    change,
                    cause,
                    actor,
                    now(),
                    null,
                    null,
                    0,
                    new Token(lease.token()),
                    target,
                    lease.label()));
        }
    }

    void push(LeaseId id, Result result) {
        output.pushes.add(new Applied.Push(id, result));
    }

    void dropped(String namespace) {
        output.dropped.add(new Applied.Dropped(namespace, revision()));
    }
}
