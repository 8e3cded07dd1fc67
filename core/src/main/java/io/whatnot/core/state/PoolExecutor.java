package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.lock.Grants;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.Pools;
import io.whatnot.core.state.lock.WaitingRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Semaphore pools: how they are made, resized and taken away, and what that means for those who hold claims on them and
 * those who wait. Claims themselves are leases: {@link LockExecutor}.
 */
final class PoolExecutor {
    private PoolExecutor() {}

    static Result execute(Step step, Request request, PoolCommand command) {
        State state = step.state;
        Pools.Place place = new Pools.Place(command.namespace(), command.path());
        Pools.Pool pool = state.locks.pools().at(place);
        Refused refused = refuse(state, request, command, pool);
        if (refused != null) {
            return refused;
        }
        if (command instanceof PoolCommand.Create create) {
            return create(step, create, place, pool);
        }
        if (pool == null || pool.isLost()) {
            return new Refused(
                    ErrorCode.NO_SUCH_POOL,
                    "there is no pool at " + place.path() + " in namespace " + place.namespace());
        }
        if (command instanceof PoolCommand.Resize resize) {
            return resize(step, resize, place, pool);
        }
        if (command instanceof PoolCommand.Remove) {
            return remove(step, place);
        }
        throw new AssertionError(command);
    }

    /** A change of a pool is one of all that it serves, or did. */
    private static @Nullable Refused refuse(
            State state, Request request, PoolCommand command, Pools.@Nullable Pool pool) {
        String namespace = command.namespace();
        boolean below =
                (pool != null && pool.prefix()) || (command instanceof PoolCommand.Create create && create.prefix());
        Target target = new Target(command.path(), below ? Scope.PREFIX : Scope.ELEMENT, Mode.EXCLUSIVE);
        Refused refused = Recovery.refuseChange(state, request, namespace, command.lease(), target);
        if (refused != null) {
            return refused;
        }
        refused = command instanceof PoolCommand.Create || state.elements.hasNamespace(namespace)
                ? NamespaceExecutor.refuseUse(state, namespace)
                : NamespaceExecutor.noSuch(namespace);
        return refused != null
                ? refused
                : LockExecutor.refuseMutation(state, request, namespace, command.lease(), List.of(target));
    }

    private static Result create(Step step, PoolCommand.Create create, Pools.Place place, Pools.@Nullable Pool before) {
        State state = step.state;
        if (before != null && !before.isLost() && !create.purge()) {
            return new Refused(
                    ErrorCode.POOL_EXISTS,
                    "there is a pool of " + before.size() + " at " + place.path()
                            + " already; resize it, or purge it, which ends its claims");
        }
        Refused refused = create.purge() ? refuseManyEnds(state, place) : null;
        if (refused == null && (before == null || before.isLost())) {
            refused = refuseOneMore(state, place);
        }
        if (refused == null && before == null) {
            refused = state.refuseGrowth();
        }
        if (refused != null) {
            return refused;
        }
        NamespaceExecutor.createIfMissing(step, place.namespace());
        step.revision();
        List<Grants.Freed> freed = create.purge() ? endClaims(step, place) : new ArrayList<>();
        state.locks.pools().set(place, create.size(), create.prefix());
        return changed(step, place, create.size(), freed);
    }

    private static @Nullable Refused refuseOneMore(State state, Pools.Place place) {
        int count = state.locks.pools().count(place.namespace());
        if (state.level() < FeatureLevel.NAMESPACE_SETTINGS || count < state.settings.elementsMax()) {
            return null;
        }
        return new Refused(
                ErrorCode.RESOURCE_EXHAUSTED,
                "namespace " + place.namespace() + " has " + count
                        + " pools, as many as it may have elements, so none can be" + " made at " + place.path()
                        + "; remove some, or raise the setting elementsMax");
    }

    private static Result resize(Step step, PoolCommand.Resize resize, Pools.Place place, Pools.Pool before) {
        State state = step.state;
        if (resize.size() == before.size()) {
            return new Result.Done(new Revision(state.revision));
        }
        step.revision();
        state.locks.pools().set(place, resize.size(), before.prefix());
        return changed(step, place, resize.size(), new ArrayList<>());
    }

    /**
     * What a new size means for those who wait: who wants more fails, and who can be is granted, by arrival. With a pool of
     * one, wait-for edges come and go, so that others may pass, or wait for each other.
     */
    private static Result changed(Step step, Pools.Place place, long size, List<Grants.Freed> freed) {
        State state = step.state;
        PruneExecutor.noteActivity(state, place.namespace(), place.path(), false);
        for (WaitingRequest waiting : waiting(state, place)) {
            Target claim = waiting.targets().get(0);
            if (claim.slots() > size) {
                freed.addAll(LockExecutor.fail(step, waiting, tooLarge(claim, size)));
            }
        }
        freed.add(new Grants.Freed(
                place.namespace(), Target.claim(place.path(), 1).servedBy(place.path()), true));
        LockExecutor.grantAll(step, state.locks.grantsAfter(freed));
        if (size == 1) {
            LockExecutor.cutDeadlocks(step);
        }
        return new Result.Done(new Revision(step.revision()));
    }

    private static Result remove(Step step, Pools.Place place) {
        State state = step.state;
        Refused refused = refuseManyEnds(state, place);
        if (refused != null) {
            return refused;
        }
        step.revision();
        List<Grants.Freed> freed = endClaims(step, place);
        Refused gone = new Refused(
                ErrorCode.NO_SUCH_POOL,
                "the pool at " + place.path() + " in namespace " + place.namespace() + " was taken away");
        for (WaitingRequest waiting : waiting(state, place)) {
            freed.addAll(LockExecutor.fail(step, waiting, gone));
        }
        state.locks.pools().remove(place);
        PruneExecutor.noteActivity(state, place.namespace(), place.path(), false);
        LockExecutor.grantAll(step, state.locks.grantsAfter(freed)); // of locks, whose owners waited for the pool
        return new Result.Done(new Revision(step.revision()));
    }

    private static List<Grants.Freed> endClaims(Step step, Pools.Place place) {
        List<Grants.Freed> freed = new ArrayList<>();
        for (Lease claim : claims(step.state, place)) {
            freed.addAll(LockExecutor.endLease(step, claim, Cause.ADMIN));
            LockExecutor.tellLost(step, claim, Cause.ADMIN);
        }
        return freed;
    }

    /** Refuses to end so many claims that their events could not be told in one revision. */
    private static @Nullable Refused refuseManyEnds(State state, Pools.Place place) {
        Pools.Pool pool = state.locks.pools().at(place);
        long count = pool == null ? 0 : pool.claims().size();
        long bytes = 0;
        if (count <= state.settings.eventsMax()) {
            for (Lease claim : claims(state, place)) {
                bytes += ElementExecutor.eventBytes(
                        claim.targets().get(0).path(), claim.label().length());
            }
        }
        if (count <= state.settings.eventsMax() && bytes <= state.settings.eventBytesMax()) {
            return null;
        }
        return new Refused(
                ErrorCode.RESOURCE_EXHAUSTED,
                "ending the " + count + " claims on the pool at " + place.path()
                        + " would make more events than one command may: " + state.settings.eventsMax() + " or "
                        + state.settings.eventBytesMax() + " bytes; make it smaller and wait, or revoke some of them");
    }

    private static List<Lease> claims(State state, Pools.Place place) {
        return state.locks.trace().claimsOf(place, Integer.MAX_VALUE).stream()
                .map(obstacle -> Objects.requireNonNull(obstacle.lease()))
                .toList();
    }

    private static List<WaitingRequest> waiting(State state, Pools.Place place) {
        return state.locks.trace().claimantsOf(place, WaitingRequest.NOT_ARRIVED, Integer.MAX_VALUE).stream()
                .map(obstacle -> Objects.requireNonNull(obstacle.request()))
                .toList();
    }

    /** Takes away the pools of a namespace in which nothing is held and nobody waits. */
    static void forgetAll(State state, String namespace) {
        Pools pools = state.locks.pools();
        pools.in(namespace).forEach(pool -> pools.remove(pool.key()));
    }

    // ---- claims

    /** Refuses a claim that no pool serves, or that is more than its pool has. */
    static @Nullable Refused refuseClaim(State state, String namespace, Target claim) {
        Pools.Place place = state.locks.pools().serving(namespace, claim.path());
        if (place == null) {
            return new Refused(
                    ErrorCode.NO_SUCH_POOL,
                    "no pool serves " + claim.path() + " in namespace " + namespace
                            + ": there is none there, and none above it that serves what is below; create one");
        }
        long size = Objects.requireNonNull(state.locks.pools().at(place)).size();
        return claim.slots() <= size ? null : tooLarge(claim.servedBy(place.path()), size);
    }

    /** The claim, served by the pool that does so now. */
    static Target served(State state, String namespace, Target claim) {
        return claim.servedBy(Objects.requireNonNull(state.locks.pools().serving(namespace, claim.path()))
                .path());
    }

    private static Refused tooLarge(Target claim, long size) {
        return new Refused(
                ErrorCode.CLAIM_TOO_LARGE,
                "a claim of " + claim + " can never be granted: the pool at " + claim.pool() + " has " + size
                        + "; claim fewer, or resize the pool");
    }

    // ---- what is told of them

    static Result describe(State state, Query.Pool query) {
        Revision revision = new Revision(state.revision);
        Pools.Place place = state.locks.pools().serving(query.namespace(), query.path());
        Pools.Pool pool = place == null ? null : state.locks.pools().at(place);
        if (place == null || pool == null) {
            return new Result.Pool(revision, Optional.empty(), List.of(), List.of());
        }
        AbsolutePath path = place.path();
        return new Result.Pool(
                revision,
                Optional.of(new Result.PoolView(
                        path,
                        pool.size(),
                        pool.prefix(),
                        pool.used(),
                        pool.claims().size(),
                        pool.queue().size())),
                Views.held(state, state.locks.trace().claimsOf(place, query.limit()), query.limit()),
                Views.waiting(
                        state,
                        state.locks.trace().claimantsOf(place, WaitingRequest.NOT_ARRIVED, query.limit()),
                        query.limit()));
    }
}
