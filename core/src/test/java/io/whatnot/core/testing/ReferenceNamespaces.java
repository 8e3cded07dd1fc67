package io.whatnot.core.testing;

import static io.whatnot.core.testing.ReferenceModel.refused;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The namespaces of the reference model. One is there as long as its root is. */
final class ReferenceNamespaces {
    private final ReferenceModel model;
    /** The namespaces in which deadlocks are not cut. */
    final Set<String> deadlocksStay = new TreeSet<>();

    ReferenceNamespaces(ReferenceModel model) {
        this.model = model;
    }

    boolean exists(String namespace) {
        return model.elements.find(namespace, AbsolutePath.ROOT) != null;
    }

    List<ReferenceElement> roots() {
        return model.elements.all.stream()
                .filter(element -> element.path().isRoot())
                .sorted(Comparator.comparing(ReferenceElement::namespace))
                .toList();
    }

    /** Refuses to use a namespace that is not there and can't be made by first use. */
    @Nullable
    Refused refuseUse(String namespace) {
        if (exists(namespace)) {
            return null;
        }
        return model.limits.namespacesByUse() ? refuseOneMore() : refused(ErrorCode.NO_SUCH_NAMESPACE);
    }

    @Nullable
    Refused refuseToHold(String namespace) {
        return exists(namespace) ? null : refuseOneMore();
    }

    private @Nullable Refused refuseOneMore() {
        return roots().size() >= model.limits.namespacesMax() ? refused(ErrorCode.RESOURCE_EXHAUSTED) : null;
    }

    void createIfMissing(String namespace) {
        if (!exists(namespace)) {
            model.elements.all.add(
                    ReferenceElement.registered(namespace, AbsolutePath.ROOT, model.revision(), Actor.CLUSTER));
        }
    }

    Result create(NamespaceCommand.Create create) {
        if (model.recovery.isUnderWay()) {
            return model.recovery.refusal();
        }
        if (exists(create.namespace())) {
            return refused(ErrorCode.NAMESPACE_EXISTS);
        }
        Refused refused = refuseOneMore();
        if (refused != null) {
            return refused;
        }
        createIfMissing(create.namespace());
        return new Result.Done(new Revision(model.revision));
    }

    Result drop(ReferenceSession session, NamespaceCommand.Drop drop) {
        if (model.recovery.isUnderWay()) {
            return model.recovery.refusal();
        }
        String namespace = drop.namespace();
        if (!exists(namespace)) {
            return refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        for (ReferenceLease lease : model.locks.leasesIn(namespace)) {
            if (lease.id().session() != session.id) {
                return refused(
                        ErrorCode.LOCKED,
                        new Detail.Blocked(
                                0,
                                List.of(model.locks.blocker(
                                        lease, lease.targets().get(0)))));
            }
        }
        Refused refused = model.elements.refuseManyEvents(namespace, AbsolutePath.ROOT);
        if (refused != null) {
            return refused;
        }
        return drop(session, namespace, Cause.REQUEST);
    }

    /** Drops a namespace whoever holds locks in it, if the events of all that are no more than one command may make. */
    Result dropByForce(ReferenceSession session, String namespace) {
        if (model.recovery.isUnderWay()) {
            return model.recovery.refusal();
        }
        if (!exists(namespace)) {
            return refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        Refused refused =
                model.elements.refuseManyEvents(namespace, AbsolutePath.ROOT, model.locks.leasesIn(namespace));
        return refused != null ? refused : drop(session, namespace, Cause.ADMIN);
    }

    Result switchDeadlockBreak(AdminCommand.SwitchDeadlockBreak change) {
        if (!exists(change.namespace())) {
            return refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        boolean changed =
                change.on() ? deadlocksStay.remove(change.namespace()) : deadlocksStay.add(change.namespace());
        if (changed) {
            model.revision();
            model.locks.cutDeadlocks();
        }
        return new Result.Done(new Revision(model.revision));
    }

    private Result drop(ReferenceSession session, String namespace, Cause cause) {
        model.revision();
        for (ReferenceLease lease : model.locks.leasesIn(namespace)) {
            model.locks.end(lease, cause);
            model.locks.tellLost(lease, cause);
        }
        for (ReferenceRequest request : List.copyOf(model.locks.waiting)) {
            if (request.namespace().equals(namespace)) {
                model.locks.fail(request, refused(ErrorCode.NO_SUCH_NAMESPACE));
            }
        }
        model.elements.delete(namespace, AbsolutePath.ROOT, cause, model.sessions.actor(session.id));
        model.elements.all.removeIf(element -> element.namespace().equals(namespace));
        model.pruning.all.removeIf(policy -> policy.namespace().equals(namespace));
        model.pools.all.removeIf(pool -> pool.namespace().equals(namespace));
        deadlocksStay.remove(namespace);
        model.dropped(namespace);
        model.locks.grantAll();
        return new Result.Done(new Revision(model.revision));
    }
}
