package io.whatnot.core.testing;

import static io.whatnot.core.testing.ReferenceModel.refused;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.SubPath;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The elements of the reference model. */
final class ReferenceElements {
    private static final long EVENT_BYTES = 128;

    final List<ReferenceElement> all = new ArrayList<>();
    private final ReferenceModel model;

    ReferenceElements(ReferenceModel model) {
        this.model = model;
    }

    // ---- questions

    @Nullable
    ReferenceElement find(String namespace, AbsolutePath path) {
        return all.stream()
                .filter(element -> element.isAt(namespace, path))
                .findFirst()
                .orElse(null);
    }

    /** What is there for a command that would make the namespace: as if only the root were registered. */
    private @Nullable ReferenceElement present(String namespace, AbsolutePath path) {
        return path.isRoot() && !model.namespaces.exists(namespace)
                ? ReferenceElement.registered(namespace, path, 0, Actor.CLUSTER)
                : find(namespace, path);
    }

    /** The deepest registered element at or above a path. */
    ReferenceElement closest(String namespace, AbsolutePath path) {
        ReferenceElement present = present(namespace, path);
        return present != null ? present : closest(namespace, path.parent().orElseThrow());
    }

    /** What is registered below a path, in the order of paths. */
    List<ReferenceElement> below(String namespace, AbsolutePath path) {
        return all.stream()
                .filter(element -> element.isBelow(namespace, path))
                .sorted(Comparator.comparing(ReferenceElement::path))
                .toList();
    }

    long count(String namespace) {
        return below(namespace, AbsolutePath.ROOT).size() + 1L;
    }

    /** The path and its ancestors, from the top, as far as they are not registered. */
    private List<AbsolutePath> missing(String namespace, AbsolutePath path) {
        List<AbsolutePath> missing = new ArrayList<>();
        for (int depth = 0; depth <= path.depth(); depth++) {
            if (present(namespace, path.ancestor(depth)) == null) {
                missing.add(path.ancestor(depth));
            }
        }
        return missing;
    }

    // ---- commands

    Result execute(ReferenceSession session, Request request, ElementCommand command) {
        boolean below = command instanceof ElementCommand.RegisterUnique
                || (command instanceof ElementCommand.Delete delete && delete.recursive());
        Refused recovering = model.recovery.refuseChange(
                request,
                command.namespace(),
                command.lease(),
                new Target(command.path(), below ? Scope.PREFIX : Scope.ELEMENT, Mode.EXCLUSIVE));
        if (recovering != null) {
            return recovering;
        }
        if (command instanceof ElementCommand.Delete && !model.namespaces.exists(command.namespace())) {
            return refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        Refused refused = model.namespaces.refuseUse(command.namespace());
        if (refused != null) {
            return refused;
        }
        Actor actor = model.sessions.actor(session.id);
        if (command instanceof ElementCommand.Register register) {
            return register(request, register, actor);
        }
        if (command instanceof ElementCommand.RegisterUnique unique) {
            return registerUnique(request, unique, actor);
        }
        if (command instanceof ElementCommand.Put put) {
            return put(request, put, actor);
        }
        return delete(request, (ElementCommand.Delete) command, actor);
    }

    private Result register(Request request, ElementCommand.Register register, Actor actor) {
        List<AbsolutePath> missing = missing(register.namespace(), register.path());
        Refused refused = refuseWrite(request, register, register.path(), missing);
        if (refused != null) {
            return refused;
        }
        model.namespaces.createIfMissing(register.namespace());
        missing.forEach(path -> add(register.namespace(), path, Value.NONE, actor));
        return new Result.Done(new Revision(model.revision));
    }

    private Result registerUnique(Request request, ElementCommand.RegisterUnique unique, Actor actor) {
        String namespace = unique.namespace();
        int index = 0;
        String prefix = String.format(Locale.ROOT, "%019d-", model.revisionToCome());
        while (present(namespace, unique.path().resolve(SubPath.of(prefix + index))) != null) {
            index++;
        }
        AbsolutePath path = unique.path().resolve(SubPath.of(prefix + index));
        if (unique.value().size() > model.limits.valueBytesMax()) {
            return refused(ErrorCode.RESOURCE_EXHAUSTED);
        }
        List<AbsolutePath> missing = missing(namespace, path);
        Refused refused = refuseWrite(request, unique, path, missing);
        if (refused != null) {
            return refused;
        }
        model.namespaces.createIfMissing(namespace);
        for (AbsolutePath added : missing) {
            add(namespace, added, added.equals(path) ? unique.value() : Value.NONE, actor);
        }
        return new Result.Registered(new Revision(model.revision), path);
    }

    private Result put(Request request, ElementCommand.Put put, Actor actor) {
        String namespace = put.namespace();
        AbsolutePath path = put.path();
        if (put.value().size() > model.limits.valueBytesMax()) {
            return refused(ErrorCode.RESOURCE_EXHAUSTED);
        }
        List<AbsolutePath> missing = missing(namespace, path);
        Refused refused = refuseWrite(request, put, path, missing);
        if (refused == null) {
            refused = refuseUnless(put.condition(), present(namespace, path));
        }
        boolean endsByItself = put.ttlMillis() != 0 || put.ephemeral();
        if (refused == null && endsByItself && path.isRoot()) {
            refused = refused(ErrorCode.INVALID_ARGUMENT);
        }
        if (refused == null && endsByItself && !below(namespace, path).isEmpty()) {
            refused = refused(ErrorCode.HAS_CHILDREN);
        }
        if (refused == null && put.ephemeral()) {
            refused = refuseEphemeral(request.session(), find(namespace, path));
        }
        if (refused != null) {
            return refused;
        }
        model.namespaces.createIfMissing(namespace);
        missing.stream()
                .filter(parent -> !parent.equals(path))
                .forEach(parent -> add(namespace, parent, Value.NONE, actor));
        ReferenceElement before = find(namespace, path);
        ReferenceElement after = new ReferenceElement(
                namespace,
                path,
                put.value(),
                before == null ? 1 : before.version() + 1,
                before == null ? model.revision() : before.createRevision(),
                model.revision(),
                actor,
                put.ttlMillis(),
                put.ttlMillis() == 0 ? 0 : model.now + put.ttlMillis(),
                put.ephemeral() ? request.session() : 0);
        all.remove(before);
        all.add(after);
        model.event(
                after,
                before == null ? Change.ADDED : Change.EDITED,
                Cause.REQUEST,
                actor,
                after.value(),
                before == null ? null : before.value());
        return new Result.Written(new Revision(model.revision), after.version());
    }

    private Result delete(Request request, ElementCommand.Delete delete, Actor actor) {
        String namespace = delete.namespace();
        AbsolutePath path = delete.path();
        Target target = new Target(path, delete.recursive() ? Scope.PREFIX : Scope.ELEMENT, Mode.EXCLUSIVE);
        Refused refused = refuseMutation(request, namespace, delete.lease(), List.of(target));
        if (refused != null) {
            return refused;
        }
        ReferenceElement present = find(namespace, path);
        if (present == null) {
            return refused(ErrorCode.NO_SUCH_ELEMENT);
        }
        refused = refuseUnless(delete.condition(), present);
        if (refused == null && !delete.recursive() && !below(namespace, path).isEmpty()) {
            refused = refused(ErrorCode.HAS_CHILDREN);
        }
        if (refused == null) {
            refused = refuseManyEvents(namespace, path);
        }
        if (refused != null) {
            return refused;
        }
        int deleted = delete(namespace, path, Cause.REQUEST, actor);
        return new Result.Deleted(new Revision(model.revision), deleted);
    }

    /** An element's ttl has run out, or its session has ended. */
    void end(ReferenceElement element, Cause cause) {
        delete(element.namespace(), element.path(), cause, element.actor());
    }

    private void add(String namespace, AbsolutePath path, Value value, Actor actor) {
        ReferenceElement added =
                new ReferenceElement(namespace, path, value, 1, model.revision(), model.revision(), actor, 0, 0, 0);
        all.add(added);
        model.event(added, Change.ADDED, Cause.REQUEST, actor, added.value(), null);
    }

    int delete(String namespace, AbsolutePath path, Cause cause, Actor actor) {
        List<ReferenceElement> gone = deletedWith(namespace, path);
        for (ReferenceElement element : gone) {
            all.remove(element);
            model.event(element, Change.DELETED, cause, actor, null, element.value());
        }
        return gone.size();
    }

    /** What goes when a path is deleted recursively, deepest first; the root stays. */
    private List<ReferenceElement> deletedWith(String namespace, AbsolutePath path) {
        return all.stream()
                .filter(element -> element.isAt(namespace, path) || element.isBelow(namespace, path))
                .filter(element -> !element.path().isRoot())
                .sorted(Comparator.comparing(
                                (ReferenceElement element) -> element.path().depth())
                        .reversed()
                        .thenComparing(ReferenceElement::path))
                .toList();
    }

    // ---- rules

    private @Nullable Refused refuseWrite(
            Request request, ElementCommand command, AbsolutePath path, List<AbsolutePath> missing) {
        List<AbsolutePath> paths = new ArrayList<>(missing);
        paths.remove(path);
        paths.add(0, path);
        List<Target> targets = paths.stream()
                .map(one -> new Target(one, Scope.ELEMENT, Mode.EXCLUSIVE))
                .toList();
        Refused refused = refuseMutation(request, command.namespace(), command.lease(), targets);
        if (refused != null) {
            return refused;
        }
        ReferenceElement closest = closest(command.namespace(), path);
        if (closest.endsByItself() && !closest.path().equals(path)) {
            return refused(ErrorCode.HAS_CHILDREN);
        }
        return !missing.isEmpty() && count(command.namespace()) + missing.size() > model.limits.elementsMax()
                ? refused(ErrorCode.RESOURCE_EXHAUSTED)
                : null;
    }

    /** The change is an EXCLUSIVE request for an instant, against held locks only; the first target is what it is about. */
    private @Nullable Refused refuseMutation(
            Request request, String namespace, long leaseSequence, List<Target> targets) {
        LeaseId id = new LeaseId(request.session(), request.sequence());
        ReferenceOwner owner = ReferenceOwner.of(request);
        if (leaseSequence != 0) {
            ReferenceLease lease = model.locks.lease(new LeaseId(request.session(), leaseSequence));
            if (lease == null || !lease.covers(namespace, targets.get(0).shared())) {
                return refused(ErrorCode.STALE_TOKEN);
            }
            owner = lease.owner();
        }
        ReferenceRequest asked = new ReferenceRequest(id, namespace, targets, owner, 0, 0, 0, "");
        List<Blocker> holders = model.locks.holdersInTheWay(asked);
        return holders.isEmpty() ? null : refused(ErrorCode.LOCKED, new Detail.Blocked(0, holders));
    }

    private static @Nullable Refused refuseUnless(
            ElementCommand.Condition condition, @Nullable ReferenceElement present) {
        Detail.Present detail = present == null
                ? new Detail.Present(0, Revision.NONE)
                : new Detail.Present(present.version(), new Revision(present.modRevision()));
        if (condition.ifAbsent() && present != null) {
            return refused(ErrorCode.ELEMENT_EXISTS, detail);
        }
        if (condition.ifPresent() && present == null) {
            return refused(ErrorCode.NO_SUCH_ELEMENT);
        }
        boolean isOtherVersion = condition.ifVersion() != 0 && condition.ifVersion() != detail.version();
        boolean isOtherRevision = condition.ifModRevision() != 0
                && condition.ifModRevision() != detail.modRevision().value();
        return isOtherVersion || isOtherRevision ? refused(ErrorCode.CONDITION_FAILED, detail) : null;
    }

    private @Nullable Refused refuseEphemeral(long session, @Nullable ReferenceElement before) {
        boolean isOwnAlready = before != null && before.ephemeralSession() == session;
        return !isOwnAlready && model.sessions.owned(session) >= model.limits.ownedMax()
                ? refused(ErrorCode.RESOURCE_EXHAUSTED)
                : null;
    }

    @Nullable
    Refused refuseManyEvents(String namespace, AbsolutePath path) {
        return refuseManyEvents(namespace, path, List.of());
    }

    /** What a delete makes, and the end of leases that goes with it. */
    @Nullable
    Refused refuseManyEvents(String namespace, AbsolutePath path, List<ReferenceLease> ended) {
        List<ReferenceElement> gone = deletedWith(namespace, path);
        long bytes = gone.stream()
                .mapToLong(element -> EVENT_BYTES
                        + element.path().toString().length()
                        + element.value().size())
                .sum();
        long events = gone.size();
        for (ReferenceLease lease : ended) {
            for (Target target : lease.targets()) {
                events++;
                bytes += EVENT_BYTES
                        + target.path().toString().length()
                        + lease.label().length();
            }
        }
        return events > model.limits.eventsMax() || bytes > model.limits.eventBytesMax()
                ? refused(ErrorCode.RESOURCE_EXHAUSTED)
                : null;
    }
}
