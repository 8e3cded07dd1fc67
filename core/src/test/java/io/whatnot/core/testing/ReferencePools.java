package io.whatnot.core.testing;

import static io.whatnot.core.testing.ReferenceModel.refused;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The semaphore pools of the reference model. Who holds claims on one and who waits is found among leases and requests. */
final class ReferencePools {
    private static final long EVENT_BYTES = 128;

    final List<Pool> all = new ArrayList<>();
    private final ReferenceModel model;

    ReferencePools(ReferenceModel model) {
        this.model = model;
    }

    record Pool(String namespace, AbsolutePath path, long size, boolean prefix) {
        static final Comparator<Pool> ORDER =
                Comparator.comparing(Pool::namespace).thenComparing(Pool::path);
    }

    // ---- questions

    @Nullable
    Pool at(String namespace, AbsolutePath path) {
        return all.stream()
                .filter(pool -> pool.namespace.equals(namespace) && pool.path.equals(path))
                .findFirst()
                .orElse(null);
    }

    /** The one at the path, or the nearest above that serves what is below it. */
    @Nullable
    Pool serving(String namespace, AbsolutePath path) {
        return all.stream()
                .filter(pool -> pool.namespace.equals(namespace))
                .filter(pool -> pool.path.equals(path) || (pool.prefix && path.startsWith(pool.path)))
                .max(Comparator.comparing(pool -> pool.path.depth()))
                .orElse(null);
    }

    /** 0 of one that there is not. */
    long size(String namespace, AbsolutePath path) {
        Pool pool = at(namespace, path);
        return pool == null ? 0 : pool.size;
    }

    private static boolean isOf(WaitGraph.Claim claim, String namespace, AbsolutePath pool) {
        return claim.namespace().equals(namespace) && claim.targets().get(0).isServedBy(pool);
    }

    List<ReferenceLease> claims(String namespace, AbsolutePath pool) {
        return model.locks.leases.stream()
                .filter(lease -> isOf(lease, namespace, pool))
                .sorted(Comparator.comparing(ReferenceLease::id))
                .toList();
    }

    List<ReferenceRequest> queue(String namespace, AbsolutePath pool) {
        return model.locks.waiting.stream()
                .filter(request -> isOf(request, namespace, pool))
                .toList();
    }

    long used(String namespace, AbsolutePath pool) {
        return claims(namespace, pool).stream()
                .mapToLong(claim -> claim.targets().get(0).slots())
                .sum();
    }

    /** The pools that a listing of a path is about, also those of which only claims are left. */
    List<AbsolutePath> about(String namespace, AbsolutePath path, Scope scope) {
        TreeSet<AbsolutePath> there = new TreeSet<>();
        all.stream().filter(pool -> pool.namespace.equals(namespace)).forEach(pool -> there.add(pool.path));
        for (ReferenceLease lease : model.locks.leases) {
            AbsolutePath pool = lease.targets().get(0).pool();
            if (pool != null && lease.namespace().equals(namespace)) {
                there.add(pool);
            }
        }
        there.removeIf(pool -> scope == Scope.ELEMENT ? !pool.equals(path) : !pool.startsWith(path));
        List<AbsolutePath> about = new ArrayList<>(there);
        Pool serving = serving(namespace, path);
        if (serving != null) {
            about.remove(serving.path);
            about.add(0, serving.path);
        }
        return about;
    }

    Result describe(Query.Pool query) {
        Revision revision = new Revision(model.revision);
        Pool pool = serving(query.namespace(), query.path());
        if (pool == null) {
            return new Result.Pool(revision, Optional.empty(), List.of(), List.of());
        }
        List<ReferenceLease> claims = claims(pool.namespace, pool.path);
        List<ReferenceRequest> queue = queue(pool.namespace, pool.path);
        List<Blocker> held = claims.stream()
                .limit(query.limit())
                .map(claim -> model.locks.blocker(claim, claim.targets().get(0)))
                .toList();
        List<Result.Waiting> waiting = queue.stream()
                .limit(query.limit())
                .map(request -> new Result.Waiting(
                        model.locks.blocker(request, request.targets().get(0)),
                        model.locks.position(request),
                        model.locks.inTheWay(request)))
                .toList();
        long used = used(pool.namespace, pool.path);
        return new Result.Pool(
                revision,
                Optional.of(new Result.PoolView(pool.path, pool.size, pool.prefix, used, claims.size(), queue.size())),
                held,
                waiting);
    }

    // ---- commands

    Result execute(Request request, PoolCommand command) {
        if (model.level() < 4) {
            return model.refuseAbove();
        }
        String namespace = command.namespace();
        Pool before = at(namespace, command.path());
        boolean below =
                (before != null && before.prefix) || (command instanceof PoolCommand.Create create && create.prefix());
        Target target = new Target(command.path(), below ? Scope.PREFIX : Scope.ELEMENT, Mode.EXCLUSIVE);
        Refused refused = model.recovery.refuseChange(request, namespace, command.lease(), target);
        if (refused == null) {
            boolean creates = command instanceof PoolCommand.Create;
            refused = creates || model.namespaces.exists(namespace)
                    ? model.namespaces.refuseUse(namespace)
                    : refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        if (refused == null) {
            refused = model.elements.refuseMutation(request, namespace, command.lease(), List.of(target));
        }
        if (refused != null) {
            return refused;
        }
        if (command instanceof PoolCommand.Create create) {
            return create(create, before);
        }
        if (before == null) {
            return refused(ErrorCode.NO_SUCH_POOL);
        }
        return command instanceof PoolCommand.Resize resize ? resize(resize, before) : remove(before);
    }

    private Result create(PoolCommand.Create create, @Nullable Pool before) {
        if (before != null && !create.purge()) {
            return refused(ErrorCode.POOL_EXISTS);
        }
        if (create.purge() && endsTooMany(create.namespace(), create.path())) {
            return refused(ErrorCode.RESOURCE_EXHAUSTED);
        }
        if (before == null && model.level() >= 8 && count(create.namespace()) >= model.limits.elementsMax()) {
            return refused(ErrorCode.RESOURCE_EXHAUSTED);
        }
        model.namespaces.createIfMissing(create.namespace());
        model.revision();
        if (create.purge()) {
            endClaims(create.namespace(), create.path());
        }
        return set(new Pool(create.namespace(), create.path(), create.size(), create.prefix()));
    }

    private long count(String namespace) {
        return all.stream().filter(pool -> pool.namespace.equals(namespace)).count();
    }

    private Result resize(PoolCommand.Resize resize, Pool before) {
        if (resize.size() == before.size) {
            return new Result.Done(new Revision(model.revision));
        }
        model.revision();
        return set(new Pool(before.namespace, before.path, resize.size(), before.prefix));
    }

    private Result set(Pool pool) {
        all.removeIf(other -> other.namespace.equals(pool.namespace) && other.path.equals(pool.path));
        all.add(pool);
        all.sort(Pool.ORDER);
        model.pruning.note(pool.namespace, pool.path, false);
        for (ReferenceRequest request : queue(pool.namespace, pool.path)) {
            if (request.targets().get(0).slots() > pool.size) {
                model.locks.fail(request, refused(ErrorCode.CLAIM_TOO_LARGE));
            }
        }
        model.locks.changed();
        model.locks.grantAll();
        model.locks.cutDeadlocks();
        return new Result.Done(new Revision(model.revision));
    }

    private Result remove(Pool pool) {
        if (endsTooMany(pool.namespace, pool.path)) {
            return refused(ErrorCode.RESOURCE_EXHAUSTED);
        }
        model.revision();
        endClaims(pool.namespace, pool.path);
        queue(pool.namespace, pool.path).forEach(request -> model.locks.fail(request, refused(ErrorCode.NO_SUCH_POOL)));
        all.remove(pool);
        model.pruning.note(pool.namespace, pool.path, false);
        model.locks.changed();
        model.locks.grantAll();
        return new Result.Done(new Revision(model.revision));
    }

    private void endClaims(String namespace, AbsolutePath pool) {
        for (ReferenceLease claim : claims(namespace, pool)) {
            model.locks.end(claim, Cause.ADMIN);
            model.locks.tellLost(claim, Cause.ADMIN);
        }
    }

    private boolean endsTooMany(String namespace, AbsolutePath pool) {
        List<ReferenceLease> claims = claims(namespace, pool);
        long bytes = claims.stream()
                .mapToLong(claim -> EVENT_BYTES
                        + claim.targets().get(0).path().toString().length()
                        + claim.label().length())
                .sum();
        return claims.size() > model.limits.eventsMax() || bytes > model.limits.eventBytesMax();
    }

    // ---- claims

    /** Refuses a claim that no pool serves, or that is more than its pool has. */
    @Nullable
    Refused refuseClaim(String namespace, Target claim) {
        Pool pool = serving(namespace, claim.path());
        if (pool == null) {
            return refused(ErrorCode.NO_SUCH_POOL);
        }
        return claim.slots() > pool.size ? refused(ErrorCode.CLAIM_TOO_LARGE) : null;
    }

    /** The claim with the pool that serves it. */
    Target served(String namespace, Target claim) {
        Pool pool = serving(namespace, claim.path());
        if (pool == null) {
            throw new AssertionError("no pool serves " + claim);
        }
        return claim.servedBy(pool.path);
    }
}
