package io.whatnot.core.testing;

import static io.whatnot.core.testing.ReferenceModel.refused;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ElementView;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pruning in the reference model. Who had to do with what is a list of everything that ever happened; a sweep sorts all
 * elements anew. Its trees are too small for a sweep to use up what one entry may look at.
 */
final class ReferencePruning {
    private static final int PRUNED_MAX = 1_000;
    private static final long PAUSE_MILLIS = 20;
    private static final long EVENT_BYTES = 128;

    /** Children before their parents, else in the order of paths. */
    private static final Comparator<AbsolutePath> CHILDREN_FIRST = (one, other) -> {
        if (one.equals(other)) {
            return 0;
        }
        return one.startsWith(other) ? -1 : other.startsWith(one) ? 1 : one.compareTo(other);
    };

    final List<Policy> all = new ArrayList<>();
    Map<Activity, Long> activities = new HashMap<>();
    private final ReferenceModel model;

    /** A policy, and where and when its sweep begins or goes on. */
    record Policy(
            String namespace,
            AbsolutePath path,
            long idleAfterMillis,
            boolean retainValues,
            long sinceMillis,
            long dueMillis,
            @Nullable AbsolutePath cursor,
            long earliestMillis) {
        static final Comparator<Policy> ORDER =
                Comparator.comparing(Policy::namespace).thenComparing(Policy::path);

        boolean never() {
            return idleAfterMillis == 0;
        }
    }

    /** That somebody had to do with a path, and perhaps with all that was below it. */
    record Activity(String namespace, AbsolutePath path, boolean below) {}

    ReferencePruning(ReferenceModel model) {
        this.model = model;
    }

    // ---- questions

    private @Nullable Policy at(String namespace, AbsolutePath path) {
        return all.stream()
                .filter(policy -> policy.namespace.equals(namespace) && policy.path.equals(path))
                .findFirst()
                .orElse(null);
    }

    private @Nullable Policy inForce(String namespace, AbsolutePath path) {
        return all.stream()
                .filter(policy -> policy.namespace.equals(namespace) && path.startsWith(policy.path))
                .max(Comparator.comparing(policy -> policy.path.depth()))
                .orElse(null);
    }

    private long idleSince(ReferenceElement element, Policy policy) {
        long since = policy.sinceMillis;
        for (Map.Entry<Activity, Long> one : activities.entrySet()) {
            Activity activity = one.getKey();
            boolean concerns = activity.path.startsWith(element.path())
                    || (activity.below && element.path().startsWith(activity.path));
            if (concerns && activity.namespace.equals(element.namespace())) {
                since = Math.max(since, one.getValue());
            }
        }
        return since;
    }

    private boolean isInUse(ReferenceElement element) {
        return model.locks.leases.stream().anyMatch(lease -> isAbout(lease.namespace(), lease.targets(), element))
                || model.locks.waiting.stream()
                        .anyMatch(request -> isAbout(request.namespace(), request.targets(), element));
    }

    private static boolean isAbout(String namespace, List<Target> targets, ReferenceElement element) {
        return namespace.equals(element.namespace())
                && targets.stream()
                        .anyMatch(target -> target.path().startsWith(element.path())
                                || (target.scope() == Scope.PREFIX
                                        && element.path().startsWith(target.path())));
    }

    ElementView view(ReferenceElement element) {
        Policy policy = inForce(element.namespace(), element.path());
        return element.view(true)
                .pruned(
                        policy == null
                                ? null
                                : new PruneView(
                                        policy.path,
                                        policy.idleAfterMillis,
                                        policy.retainValues,
                                        Math.max(0, model.now - idleSince(element, policy))));
    }

    Result list(Query.PrunePolicies query) {
        List<Result.PolicyView> behind = all.stream()
                .filter(policy -> policy.namespace.equals(query.namespace()))
                .filter(policy -> query.after() == null || policy.path.compareTo(query.after()) > 0)
                .map(policy -> new Result.PolicyView(policy.path, policy.idleAfterMillis, policy.retainValues))
                .toList();
        int shown = Math.min(behind.size(), query.limit());
        return new Result.PrunePolicies(new Revision(model.revision), behind.subList(0, shown), shown < behind.size());
    }

    // ---- commands

    Result execute(Request request, PruneCommand command) {
        if (model.level() < 7) {
            return model.refuseAbove();
        }
        String namespace = command.namespace();
        AbsolutePath path = command.path();
        if (command instanceof PruneCommand.Touch) {
            if (!model.namespaces.exists(namespace)) {
                return refused(ErrorCode.NO_SUCH_NAMESPACE);
            }
            if (model.elements.find(namespace, path) == null) {
                return refused(ErrorCode.NO_SUCH_ELEMENT);
            }
            note(namespace, path, false);
            return new Result.Done(new Revision(model.revision));
        }
        PruneCommand.SetPolicy set = command instanceof PruneCommand.SetPolicy one ? one : null;
        long lease = set != null ? set.lease() : ((PruneCommand.RemovePolicy) command).lease();
        Target target = new Target(path, Scope.PREFIX, Mode.EXCLUSIVE);
        Refused refused = model.recovery.refuseChange(request, namespace, lease, target);
        if (refused == null) {
            refused = set != null || model.namespaces.exists(namespace)
                    ? model.namespaces.refuseUse(namespace)
                    : refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        if (refused == null) {
            refused = model.elements.refuseMutation(request, namespace, lease, List.of(target));
        }
        if (refused != null) {
            return refused;
        }
        return set != null ? set(set) : remove(namespace, path);
    }

    private Result set(PruneCommand.SetPolicy set) {
        Policy before = at(set.namespace(), set.path());
        boolean isAsBefore = before != null
                && before.idleAfterMillis == set.idleAfterMillis()
                && before.retainValues == set.retainValues();
        if (!isAsBefore) {
            model.namespaces.createIfMissing(set.namespace());
            model.revision();
            long due = set.never() ? 0 : model.now + set.idleAfterMillis();
            put(new Policy(
                    set.namespace(), set.path(), set.idleAfterMillis(), set.retainValues(), model.now, due, null, 0));
        }
        return new Result.Done(new Revision(model.revision));
    }

    private Result remove(String namespace, AbsolutePath path) {
        Policy before = at(namespace, path);
        if (before != null) {
            model.revision();
            all.remove(before);
            Policy above = inForce(namespace, path);
            if (above != null && !above.never()) {
                put(next(above, model.now + 1, null, 0));
            }
        }
        return new Result.Done(new Revision(model.revision));
    }

    private void put(Policy policy) {
        all.removeIf(other -> Policy.ORDER.compare(other, policy) == 0);
        all.add(policy);
        all.sort(Policy.ORDER);
    }

    private static Policy next(Policy policy, long due, @Nullable AbsolutePath cursor, long earliest) {
        return new Policy(
                policy.namespace,
                policy.path,
                policy.idleAfterMillis,
                policy.retainValues,
                policy.sinceMillis,
                due,
                cursor,
                earliest);
    }

    // ---- what happens

    void note(String namespace, AbsolutePath path, boolean below) {
        activities.put(new Activity(namespace, path, below), model.now);
    }

    void note(String namespace, List<Target> targets) {
        targets.forEach(target -> note(namespace, target.path(), target.scope() == Scope.PREFIX));
    }

    void sweep(Policy policy) {
        if (model.recovery.isUnderWay()) {
            long until = model.recovery.untilMillis;
            put(new Policy(
                    policy.namespace,
                    policy.path,
                    policy.idleAfterMillis,
                    policy.retainValues,
                    until,
                    until + policy.idleAfterMillis,
                    null,
                    0));
            return;
        }
        AbsolutePath cursor = policy.cursor;
        long earliest = cursor == null ? model.now + policy.idleAfterMillis : policy.earliestMillis;
        List<ReferenceElement> found = new ArrayList<>();
        long bytes = 0;
        boolean isDone = true;
        for (ReferenceElement element : governedBy(policy)) {
            if (policy.cursor != null && CHILDREN_FIRST.compare(element.path(), policy.cursor) <= 0) {
                continue;
            }
            if (found.size() >= Math.min(PRUNED_MAX, model.limits.eventsMax())
                    || bytes >= model.limits.eventBytesMax()) {
                isDone = false;
                break;
            }
            cursor = element.path();
            boolean hasChild = model.elements.below(element.namespace(), element.path()).stream()
                    .anyMatch(below -> !found.contains(below));
            long at = idleSince(element, policy) + policy.idleAfterMillis;
            if (hasChild) {
                continue;
            }
            if (at > model.now) {
                earliest = Math.min(earliest, at);
            } else if (mayGo(element, policy)) {
                found.add(element);
                bytes += EVENT_BYTES
                        + element.path().toString().length()
                        + element.value().size();
            }
        }
        found.sort(Comparator.comparing(
                        (ReferenceElement element) -> element.path().depth())
                .reversed());
        for (ReferenceElement gone : found) {
            model.elements.all.remove(gone);
            model.event(gone, Change.PRUNED, Cause.EXPIRED, Actor.CLUSTER, null, gone.value());
        }
        put(
                isDone
                        ? next(policy, Math.max(earliest, model.now + policy.idleAfterMillis / 16), null, 0)
                        : next(policy, model.now + PAUSE_MILLIS, cursor, earliest));
    }

    private List<ReferenceElement> governedBy(Policy policy) {
        return model.elements.all.stream()
                .filter(element -> policy.equals(inForce(element.namespace(), element.path())))
                .sorted((one, other) -> CHILDREN_FIRST.compare(one.path(), other.path()))
                .toList();
    }

    private boolean mayGo(ReferenceElement element, Policy policy) {
        boolean holds = !element.value().equals(Value.NONE);
        return !element.path().isRoot()
                && element.ephemeralSession() == 0
                && !(holds && policy.retainValues)
                && !isInUse(element);
    }
}
