package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import io.whatnot.core.state.lock.Grants;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.LockTrace;
import io.whatnot.core.state.tree.Element;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Namespaces: how they are made, by command or by first use, and dropped with everything in them. */
final class NamespaceExecutor {
    private NamespaceExecutor() {}

    static Result execute(Step step, Request request, NamespaceCommand command) {
        if (step.state.isRecovering()) {
            return Recovery.refusal(step.state);
        }
        if (command instanceof NamespaceCommand.Create create) {
            return create(step, create);
        }
        if (command instanceof NamespaceCommand.Drop drop) {
            return drop(step, request, drop);
        }
        throw new AssertionError(command);
    }

    private static Result create(Step step, NamespaceCommand.Create create) {
        if (step.state.elements.hasNamespace(create.namespace())) {
            return new Refused(ErrorCode.NAMESPACE_EXISTS, "namespace " + create.namespace() + " exists already");
        }
        Refused refused = refuseOneMore(step.state, create.namespace());
        if (refused != null) {
            return refused;
        }
        refused = step.state.refuseGrowth();
        if (refused != null) {
            return refused;
        }
        createIfMissing(step, create.namespace());
        return new Result.Done(new Revision(step.revision()));
    }

    private static Result drop(Step step, Request request, NamespaceCommand.Drop drop) {
        State state = step.state;
        String namespace = drop.namespace();
        if (!state.elements.hasNamespace(namespace)) {
            return noSuch(namespace);
        }
        Lease anothers =
                state.locks.leaseOfAnother(namespace, request.session()).orElse(null);
        if (anothers != null) {
            return new Refused(
                    ErrorCode.LOCKED,
                    "namespace " + namespace + " can't be dropped: "
                            + Views.actor(state, anothers.id().session()) + " holds " + anothers.targets() + " in it",
                    new Detail.Blocked(
                            0,
                            List.of(Views.blocker(
                                    state,
                                    new LockTrace.Obstacle(
                                            anothers, null, anothers.targets().get(0))))));
        }
        Refused refused = ElementExecutor.refuseManyEvents(state, namespace, AbsolutePath.ROOT);
        if (refused != null) {
            return refused;
        }
        return drop(step, request, namespace, Cause.REQUEST);
    }

    /** Drops a namespace although others hold locks in it. Unlike an end by itself this may be too much for one revision. */
    static Result dropByForce(Step step, Request request, String namespace) {
        State state = step.state;
        if (state.isRecovering()) {
            return Recovery.refusal(state);
        }
        if (!state.elements.hasNamespace(namespace)) {
            return noSuch(namespace);
        }
        long held = 0;
        long heldBytes = 0;
        for (Lease lease : leasesIn(state, namespace)) {
            for (Target target : lease.targets()) {
                held++;
                heldBytes +=
                        ElementExecutor.eventBytes(target.path(), lease.label().length());
            }
        }
        Refused refused = ElementExecutor.refuseManyEvents(state, namespace, AbsolutePath.ROOT, held, heldBytes);
        return refused != null ? refused : drop(step, request, namespace, Cause.ADMIN);
    }

    /** By id. */
    private static List<Lease> leasesIn(State state, String namespace) {
        return state.locks.trace().heldIn(namespace, AbsolutePath.ROOT, Scope.PREFIX, Integer.MAX_VALUE).stream()
                .map(obstacle -> Objects.requireNonNull(obstacle.lease()))
                .sorted(Comparator.comparing(Lease::id))
                .toList();
    }

    private static Result drop(Step step, Request request, String namespace, Cause cause) {
        State state = step.state;
        step.revision();
        Actor actor = Views.actor(state, request.session());
        PruneExecutor.forgetAll(state, namespace);
        List<Grants.Freed> freed = new ArrayList<>();
        for (Lease lease : leasesIn(state, namespace)) {
            freed.addAll(LockExecutor.endLease(step, lease, cause));
            LockExecutor.tellLost(step, lease, cause); // nobody released it by name
        }
        Refused gone = noSuch(namespace);
        for (LockTrace.Obstacle waiting :
                state.locks.trace().waitingIn(namespace, AbsolutePath.ROOT, Scope.PREFIX, Integer.MAX_VALUE)) {
            freed.addAll(LockExecutor.fail(step, Objects.requireNonNull(waiting.request()), gone));
        }
        ElementExecutor.deleteAll(step, namespace, AbsolutePath.ROOT, cause, actor);
        PoolExecutor.forgetAll(state, namespace);
        state.elements.dropNamespace(namespace);
        state.locks.cutDeadlocksIn(namespace, true); // as in any that is made anew under its name
        step.dropped(namespace);
        LockExecutor.grantAll(step, state.locks.grantsAfter(freed)); // in other namespaces, whose owners waited in this
        return new Result.Done(new Revision(step.revision()));
    }

    static Result switchDeadlockBreak(Step step, AdminCommand.SwitchDeadlockBreak change) {
        State state = step.state;
        if (!state.elements.hasNamespace(change.namespace())) {
            return noSuch(change.namespace());
        }
        if (state.locks.cutsDeadlocksIn(change.namespace()) != change.on()) {
            step.revision();
            state.locks.cutDeadlocksIn(change.namespace(), change.on());
            LockExecutor.cutDeadlocks(step);
        }
        return new Result.Done(new Revision(state.revision));
    }

    /** Refuses to use a namespace that is not there and can't be made by first use. */
    static @Nullable Refused refuseUse(State state, String namespace) {
        if (state.elements.hasNamespace(namespace)) {
            return null;
        }
        return state.settings.namespacesByUse() ? refuseOneMore(state, namespace) : noSuch(namespace);
    }

    /** Refuses to hold what was held before in a namespace that was forgotten and that there is no room for. */
    static @Nullable Refused refuseToHold(State state, String namespace) {
        return state.elements.hasNamespace(namespace) ? null : refuseOneMore(state, namespace);
    }

    static Refused noSuch(String namespace) {
        return new Refused(ErrorCode.NO_SUCH_NAMESPACE, "there is no namespace " + namespace);
    }

    private static @Nullable Refused refuseOneMore(State state, String namespace) {
        if (state.elements.namespaceCount() < state.settings.namespacesMax()) {
            return null;
        }
        return new Refused(
                ErrorCode.RESOURCE_EXHAUSTED,
                "there are " + state.elements.namespaceCount() + " namespaces, as many as may, so " + namespace
                        + " can't be made; drop some, or raise the setting namespacesMax");
    }

    /** Makes the namespace, at the step's revision, if it is not there. */
    static void createIfMissing(Step step, String namespace) {
        if (!step.state.elements.hasNamespace(namespace)) {
            long revision = step.revision();
            step.state.elements.createNamespace(
                    namespace, new Element(Value.NONE, 1, revision, revision, Actor.CLUSTER, 0, 0, 0));
        }
    }
}
