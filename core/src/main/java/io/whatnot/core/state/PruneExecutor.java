package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.PruneView;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.tree.Elements;
import io.whatnot.core.state.tree.IdleSearch;
import io.whatnot.core.state.tree.Policies.Policy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pruning: which policies there are, what counts as having to do with an element, and the sweeps that remove what is idle.
 *
 * <p>Nothing is removed before it was idle for as long as its policy says. After that it is removed by the next sweep: as
 * soon as it may, but an element is looked at no more than {@link #SWEEPS} times in that while, and a sweep that has more to
 * look at than one entry may goes on in later ones. So a policy costs the apply thread at most {@link #LOOKS_MAX} looks an
 * entry, whatever the number of elements and policies, and an element with a policy {@link #SWEEPS} looks per idle time.
 */
final class PruneExecutor {
    /** How many elements are removed in one revision. */
    static final int PRUNED_MAX = 1_000;

    /** How many elements are looked at while an entry is applied. */
    static final int LOOKS_MAX = 2_000;

    /** How many sweeps there are at most while an element becomes idle enough. */
    static final int SWEEPS = 16;

    /** How long a sweep waits that has used up what an entry may look at; one that had no turn waits half as long. */
    private static final long PAUSE_MILLIS = 20;

    private PruneExecutor() {}

    static Result execute(Step step, Request request, PruneCommand command) {
        if (command instanceof PruneCommand.SetPolicy set) {
            return set(step, request, set);
        }
        if (command instanceof PruneCommand.RemovePolicy remove) {
            return remove(step, request, remove);
        }
        if (command instanceof PruneCommand.Touch touch) {
            return touch(step, touch);
        }
        throw new AssertionError(command);
    }

    // ---- commands

    private static Result set(Step step, Request request, PruneCommand.SetPolicy set) {
        State state = step.state;
        String namespace = set.namespace();
        Refused refused = refuseChange(state, request, set, set.lease());
        if (refused == null) {
            refused = NamespaceExecutor.refuseUse(state, namespace);
        }
        if (refused == null) {
            refused = LockExecutor.refuseMutation(state, request, namespace, set.lease(), List.of(target(set)));
        }
        Policy before = state.policies.at(namespace, set.path());
        if (refused == null && before == null) {
            refused = refuseOneMore(state, set);
        }
        if (refused != null) {
            return refused;
        }
        if (before != null
                && before.idleAfterMillis() == set.idleAfterMillis()
                && before.retainValues() == set.retainValues()
                && !state.isBroken(deadlineOf(namespace, set.path(), before))) {
            return new Result.Done(new Revision(state.revision));
        }
        NamespaceExecutor.createIfMissing(step, namespace);
        forget(state, namespace, set.path());
        long due = set.never() ? 0 : step.now() + set.idleAfterMillis();
        put(
                state,
                namespace,
                set.path(),
                new Policy(set.idleAfterMillis(), set.retainValues(), step.now(), due, null, 0));
        return new Result.Done(new Revision(step.revision()));
    }

    private static Result remove(Step step, Request request, PruneCommand.RemovePolicy remove) {
        State state = step.state;
        String namespace = remove.namespace();
        AbsolutePath path = remove.path();
        Refused refused = refuseChange(state, request, remove, remove.lease());
        if (refused == null && !state.elements.hasNamespace(namespace)) {
            refused = NamespaceExecutor.noSuch(namespace);
        }
        if (refused == null) {
            refused = LockExecutor.refuseMutation(state, request, namespace, remove.lease(), List.of(target(remove)));
        }
        if (refused != null) {
            return refused;
        }
        if (state.policies.at(namespace, path) == null) {
            return new Result.Done(new Revision(state.revision));
        }
        forget(state, namespace, path);
        sweepSoon(state, namespace, path);
        return new Result.Done(new Revision(step.revision()));
    }

    private static Result touch(Step step, PruneCommand.Touch touch) {
        State state = step.state;
        if (!state.elements.hasNamespace(touch.namespace())) {
            return NamespaceExecutor.noSuch(touch.namespace());
        }
        if (state.elements.get(touch.namespace(), touch.path()) == null) {
            return new Refused(
                    ErrorCode.NO_SUCH_ELEMENT,
                    touch.path() + " is not registered in namespace " + touch.namespace()
                            + ": register it, or put its value again, if it was pruned");
        }
        noteActivity(state, touch.namespace(), touch.path(), false);
        return new Result.Done(new Revision(state.revision));
    }

    // ---- rules

    private static Target target(PruneCommand command) {
        return new Target(command.path(), Scope.PREFIX, Mode.EXCLUSIVE);
    }

    private static @Nullable Refused refuseChange(State state, Request request, PruneCommand command, long lease) {
        return Recovery.refuseChange(state, request, command.namespace(), lease, target(command));
    }

    private static @Nullable Refused refuseOneMore(State state, PruneCommand.SetPolicy set) {
        int count = state.policies.in(set.namespace()).size();
        if (count >= PruneCommand.POLICIES_MAX) {
            return new Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "namespace " + set.namespace() + " has " + count + " pruning policies, as many as may, so "
                            + set.path() + " can't be given one; remove some, or set one further up");
        }
        return state.refuseGrowth();
    }

    // ---- activity

    /** Somebody has to do with a path, or with all below it as well. Noted where there are policies. */
    static void noteActivity(State state, String namespace, AbsolutePath path, boolean below) {
        if (!state.policies.in(namespace).isEmpty()) {
            state.elements.noteActivity(namespace, path, below, state.timeMillis);
        }
    }

    /** The same for what is locked, claimed or waited for. */
    static void noteActivity(State state, String namespace, List<Target> targets) {
        for (Target target : targets) {
            noteActivity(state, namespace, target.path(), target.scope() == Scope.PREFIX);
        }
    }

    private static long idleSince(long activeMillis, Policy policy) {
        return Math.max(activeMillis, policy.sinceMillis());
    }

    // ---- sweeps

    /** Removes what is idle where a policy holds, as much as may be in one go, and settles when to look again. */
    static void sweep(Step step, String namespace, AbsolutePath path) {
        State state = step.state;
        Policy policy = state.policies.at(namespace, path);
        if (policy == null) {
            throw new IllegalStateException("a sweep is due at " + path + " in " + namespace + " without a policy");
        }
        long now = step.now();
        if (state.isRecovering()) { // nobody knows what is locked
            long until = state.recoveringUntilMillis;
            put(
                    state,
                    namespace,
                    path,
                    new Policy(
                            policy.idleAfterMillis(),
                            policy.retainValues(),
                            until,
                            until + policy.idleAfterMillis(),
                            null,
                            0));
            return;
        }
        int looksLeft = LOOKS_MAX - step.looks();
        if (looksLeft <= 0) {
            put(
                    state,
                    namespace,
                    path,
                    policy.goingOnAt(now + PAUSE_MILLIS / 2, policy.cursor(), policy.earliestMillis()));
            return;
        }
        AbsolutePath cursor = policy.cursor();
        long earliest = cursor == null ? now + policy.idleAfterMillis() : policy.earliestMillis();
        Sweep sweep = new Sweep(state, namespace, policy, earliest);
        IdleSearch search = new IdleSearch(
                sweep, looksLeft, Math.min(PRUNED_MAX, state.settings.eventsMax()), state.settings.eventBytesMax());
        boolean isDone = state.elements.findIdle(namespace, path, cursor, search);
        step.looked(search.looks());
        prune(step, namespace, search.found());
        AbsolutePath last = search.last();
        put(
                state,
                namespace,
                path,
                isDone
                        ? policy.startingAt(Math.max(sweep.earliest, now + policy.idleAfterMillis() / SWEEPS))
                        : policy.goingOnAt(now + PAUSE_MILLIS, last == null ? cursor : last, sweep.earliest));
    }

    private static void prune(Step step, String namespace, List<Elements.Placed> idle) {
        List<Elements.Placed> deepestFirst = new ArrayList<>(idle);
        deepestFirst.sort(
                Comparator.comparing((Elements.Placed placed) -> placed.path().depth())
                        .reversed());
        for (Elements.Placed gone : deepestFirst) {
            step.state.elements.remove(namespace, gone.path());
            ElementExecutor.forget(step.state, namespace, gone.path(), gone.element());
            step.element(
                    namespace,
                    gone.path(),
                    Change.PRUNED,
                    Cause.EXPIRED,
                    Actor.CLUSTER,
                    gone.element(),
                    gone.element());
        }
    }

    /** What goes by a policy, and when the next may. */
    private static final class Sweep implements IdleSearch.Rule {
        private final State state;
        private final String namespace;
        private final Policy policy;
        private final boolean areThereOthers;
        long earliest;

        Sweep(State state, String namespace, Policy policy, long earliest) {
            this.state = state;
            this.namespace = namespace;
            this.policy = policy;
            this.areThereOthers = state.policies.in(namespace).size() > 1;
            this.earliest = earliest;
        }

        @Override
        public boolean isAnothers(AbsolutePath path) {
            return areThereOthers && state.policies.at(namespace, path) != null;
        }

        @Override
        public boolean goes(Elements.Placed placed, long activeMillis) {
            long at = idleSince(activeMillis, policy) + policy.idleAfterMillis();
            if (at > state.timeMillis) {
                earliest = Math.min(earliest, at);
                return false;
            }
            boolean holds = !placed.element().value().equals(Value.NONE);
            return !placed.path().isRoot()
                    && placed.element().ephemeralSession() == 0
                    && !(holds && policy.retainValues())
                    && !state.locks.isInUse(namespace, placed.path());
        }

        @Override
        public long bytes(Elements.Placed placed) {
            return ElementExecutor.eventBytes(
                    placed.path(), placed.element().value().size());
        }
    }

    /** The policy above holds again for something that may be idle enough already. */
    private static void sweepSoon(State state, String namespace, AbsolutePath path) {
        OrderedMap.Entry<AbsolutePath, Policy> above = state.policies.inForce(namespace, path);
        if (above != null && !above.value().never()) {
            forget(state, namespace, above.key());
            put(state, namespace, above.key(), above.value().startingAt(state.timeMillis + 1));
        }
    }

    // ---- policies in the state

    /** Adds a policy and its next sweep. */
    static void put(State state, String namespace, AbsolutePath path, Policy policy) {
        state.policies.put(namespace, path, policy);
        if (!policy.never()) {
            state.addDeadline(deadlineOf(namespace, path, policy));
        }
    }

    private static void forget(State state, String namespace, AbsolutePath path) {
        Policy policy = state.policies.at(namespace, path);
        if (policy != null) {
            state.removeDeadline(deadlineOf(namespace, path, policy));
            state.policies.remove(namespace, path);
        }
    }

    /** Takes all policies of a namespace away. */
    static void forgetAll(State state, String namespace) {
        List<AbsolutePath> paths = new ArrayList<>();
        state.policies.in(namespace).forEach(policy -> paths.add(policy.key()));
        paths.forEach(path -> forget(state, namespace, path));
    }

    private static Deadline deadlineOf(String namespace, AbsolutePath path, Policy policy) {
        return Deadline.ofSweep(policy.dueMillis(), namespace, path);
    }

    // ---- what is told of them

    /** A page of the policies of a namespace that is there. */
    static Result list(State state, Query.PrunePolicies query) {
        OrderedMap<AbsolutePath, Policy> all = state.policies.in(query.namespace());
        AbsolutePath after = query.after();
        Iterator<OrderedMap.Entry<AbsolutePath, Policy>> rest =
                after == null ? all.iterator() : all.iterator(after, false);
        List<Result.PolicyView> page = new ArrayList<>();
        AnswerRoom room = new AnswerRoom(query.limit());
        while (rest.hasNext() && room.isLeft()) {
            OrderedMap.Entry<AbsolutePath, Policy> next = rest.next();
            Result.PolicyView view = new Result.PolicyView(
                    next.key(), next.value().idleAfterMillis(), next.value().retainValues());
            page.add(view);
            room.take(AnswerRoom.bytes(view));
        }
        return new Result.PrunePolicies(new Revision(state.revision), page, rest.hasNext());
    }

    /** The policy in force for a registered element, and how idle that is; null if there is none. */
    static @Nullable PruneView view(State state, String namespace, AbsolutePath path) {
        OrderedMap.Entry<AbsolutePath, Policy> inForce = state.policies.inForce(namespace, path);
        if (inForce == null) {
            return null;
        }
        Policy policy = inForce.value();
        long since = idleSince(state.elements.activeMillis(namespace, path), policy);
        return new PruneView(
                inForce.key(),
                policy.idleAfterMillis(),
                policy.retainValues(),
                Math.max(0, state.timeMillis - since)); // of a recovery that has not ended
    }
}
