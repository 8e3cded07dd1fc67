package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Target;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** The answers of the reference model to queries. */
final class ReferenceQueries {
    private static final int PAGE_BYTES = 1 << 20;

    private final ReferenceModel model;
    private final Revision revision;

    ReferenceQueries(ReferenceModel model) {
        this.model = model;
        this.revision = new Revision(model.revision);
    }

    Result answer(Query query) {
        if (query instanceof Query.Settings) {
            return settings();
        }
        if (query instanceof Query.Namespaces) {
            return namespaces();
        }
        if (query instanceof Query.Get get) {
            return inNamespace(get.namespace())
                    ? new Result.Found(
                            revision,
                            Optional.ofNullable(model.elements.find(get.namespace(), get.path()))
                                    .map(model.pruning::view))
                    : ReferenceModel.refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        if (query instanceof Query.Closest closest) {
            return inNamespace(closest.namespace())
                    ? new Result.Found(
                            revision,
                            Optional.of(
                                    model.pruning.view(model.elements.closest(closest.namespace(), closest.path()))))
                    : ReferenceModel.refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        if (query instanceof Query.List list) {
            return inNamespace(list.namespace()) ? list(list) : ReferenceModel.refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        if (query instanceof Query.Pool pool) {
            return inNamespace(pool.namespace())
                    ? model.pools.describe(pool)
                    : ReferenceModel.refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        if (query instanceof Query.SessionTrace trace) {
            return trace(trace);
        }
        if (query instanceof Query.PrunePolicies policies) {
            return inNamespace(policies.namespace())
                    ? model.pruning.list(policies)
                    : ReferenceModel.refused(ErrorCode.NO_SUCH_NAMESPACE);
        }
        Query.Locks locks = (Query.Locks) query;
        return inNamespace(locks.namespace()) ? locks(locks) : ReferenceModel.refused(ErrorCode.NO_SUCH_NAMESPACE);
    }

    private boolean inNamespace(String namespace) {
        return model.namespaces.exists(namespace);
    }

    private Result namespaces() {
        return new Result.Namespaces(
                revision,
                model.namespaces.roots().stream()
                        .map(root -> new Result.NamespaceView(
                                root.namespace(),
                                new Revision(root.createRevision()),
                                model.elements.count(root.namespace()),
                                !model.namespaces.deadlocksStay.contains(root.namespace())))
                        .toList());
    }

    /** In alphabetical order, and without how much the state takes: that is checked by itself. */
    private Result settings() {
        List<Result.SettingView> views = new ArrayList<>();
        model.settings.forEach((name, value) -> {
            List<Long> range = Objects.requireNonNull(Limits.RANGES.get(name));
            if (model.isThere(name)) {
                views.add(new Result.SettingView(name, value, range.get(0), range.get(1), used(name)));
            }
        });
        return new Result.Settings(revision, views);
    }

    private OptionalLong used(String setting) {
        return switch (setting) {
            case "namespacesMax" -> OptionalLong.of(model.namespaces.roots().size());
            case "elementsMax" ->
                OptionalLong.of(model.namespaces.roots().stream()
                        .mapToLong(root -> model.elements.count(root.namespace()))
                        .max()
                        .orElse(0));
            case "sessionsMax" -> OptionalLong.of(model.sessions.all.size());
            default -> OptionalLong.empty();
        };
    }

    private Result list(Query.List list) {
        List<ElementView> page = new ArrayList<>();
        int bytes = 0;
        for (ReferenceElement element : model.elements.below(list.namespace(), list.path())) {
            boolean isChild = element.path().depth() == list.path().depth() + 1;
            if ((!list.recursive() && !isChild) || element.path().compareTo(list.after()) <= 0) {
                continue;
            }
            if (page.size() == list.limit() || bytes >= PAGE_BYTES) {
                return new Result.Page(revision, page, true, 0);
            }
            ElementView view = element.view(list.values());
            page.add(view);
            bytes += 120 + view.value().size();
            for (String text : List.of(
                    view.path().toString(),
                    view.value().contentType(),
                    view.actor().name())) {
                bytes += text.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return new Result.Page(revision, page, false, 0);
    }

    private Result locks(Query.Locks query) {
        Target all = new Target(query.path(), query.scope(), Mode.EXCLUSIVE);
        ReferenceOwner nobody = new ReferenceOwner(0, "", 0);
        ReferenceRequest asked =
                new ReferenceRequest(new LeaseId(0, 0), query.namespace(), List.of(all), nobody, 0, 0, 0, "");
        List<AbsolutePath> pools = model.pools.about(query.namespace(), query.path(), query.scope());
        int limit = query.limit();
        List<Blocker> held = new Obstacles(model.locks, asked, limit + 1).heldAndClaimed(model.pools, pools);
        List<Result.Waiting> waiting = new ArrayList<>();
        model.locks.waiting.stream()
                .filter(request -> request.namespace().equals(query.namespace()))
                .filter(request -> request.targets().stream()
                        .anyMatch(target -> all.conflictsWith(target) || pools.contains(target.pool())))
                .limit(limit + 1L)
                .forEach(request -> waiting.add(new Result.Waiting(
                        model.locks.blocker(request, shown(request, all)),
                        model.locks.position(request),
                        model.locks.inTheWay(request))));
        return new Result.Locks(
                revision,
                held.subList(0, Math.min(limit, held.size())),
                waiting.subList(0, Math.min(limit, waiting.size())),
                held.size() > limit || waiting.size() > limit);
    }

    private Result trace(Query.SessionTrace query) {
        ReferenceSession session = model.sessions.find(query.session());
        if (session == null) {
            return ReferenceModel.refused(ErrorCode.INVALID_ARGUMENT);
        }
        List<Result.Traced> all = new ArrayList<>();
        for (ReferenceLease lease : model.locks.leases) {
            Target first = lease.targets().get(0);
            all.add(new Result.Traced(
                    lease.namespace(), lease.targets(), model.locks.blocker(lease, first), 0, List.of()));
        }
        for (ReferenceRequest request : model.locks.waiting) {
            all.add(new Result.Traced(
                    request.namespace(),
                    request.targets(),
                    model.locks.blocker(request, request.targets().get(0)),
                    model.locks.position(request),
                    model.locks.inTheWay(request)));
        }
        all.removeIf(one ->
                one.request().id().session() != session.id || one.request().id().sequence() <= query.after());
        all.sort(Comparator.comparing(one -> one.request().id()));
        int shown = Math.min(all.size(), query.limit());
        return new Result.SessionTrace(
                revision,
                model.sessions.actor(session.id),
                session.ttlMillis,
                Math.max(0, session.deadlineMillis - model.now),
                all.subList(0, shown),
                shown < all.size());
    }

    private static Target shown(ReferenceRequest request, Target all) {
        Target first = request.targets().get(0);
        return first.isClaim() ? first : Obstacles.first(request, all);
    }
}
