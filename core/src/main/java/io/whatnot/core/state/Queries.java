package io.whatnot.core.state;

import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.state.lock.LockTrace;
import io.whatnot.core.state.tree.Element;
import io.whatnot.core.state.tree.Elements;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Answers queries from a published state; any thread may ask. */
public final class Queries {
    private Queries() {}

    /** The answer to a query; a page of a listing bears no view yet. */
    public static Result answer(State state, Query query) {
        if (query instanceof Query.Namespaces) {
            return namespaces(state);
        }
        if (query instanceof Query.Settings) {
            return AdminExecutor.settings(state);
        }
        if (query instanceof Query.Get get) {
            return state.elements.hasNamespace(get.namespace())
                    ? get(state, get)
                    : NamespaceExecutor.noSuch(get.namespace());
        }
        if (query instanceof Query.Closest closest) {
            return state.elements.hasNamespace(closest.namespace())
                    ? closest(state, closest)
                    : NamespaceExecutor.noSuch(closest.namespace());
        }
        if (query instanceof Query.List list) {
            return state.elements.hasNamespace(list.namespace())
                    ? list(state, list)
                    : NamespaceExecutor.noSuch(list.namespace());
        }
        if (query instanceof Query.Locks locks) {
            return state.elements.hasNamespace(locks.namespace())
                    ? locks(state, locks)
                    : NamespaceExecutor.noSuch(locks.namespace());
        }
        if (query instanceof Query.Pool pool) {
            return state.elements.hasNamespace(pool.namespace())
                    ? PoolExecutor.describe(state, pool)
                    : NamespaceExecutor.noSuch(pool.namespace());
        }
        if (query instanceof Query.SessionTrace trace) {
            return SessionTraces.of(state, trace);
        }
        if (query instanceof Query.PrunePolicies policies) {
            return state.elements.hasNamespace(policies.namespace())
                    ? PruneExecutor.list(state, policies)
                    : NamespaceExecutor.noSuch(policies.namespace());
        }
        throw new AssertionError(query);
    }

    private static Result get(State state, Query.Get get) {
        Element element = state.elements.get(get.namespace(), get.path());
        return new Result.Found(
                new Revision(state.revision),
                Optional.ofNullable(element)
                        .map(e -> e.view(get.path()).pruned(PruneExecutor.view(state, get.namespace(), get.path()))));
    }

    private static Result closest(State state, Query.Closest closest) {
        Elements.Placed placed = state.elements.closest(closest.namespace(), closest.path());
        return new Result.Found(
                new Revision(state.revision),
                Optional.of(placed.element()
                        .view(placed.path())
                        .pruned(PruneExecutor.view(state, closest.namespace(), placed.path()))));
    }

    private static Result list(State state, Query.List list) {
        List<ElementView> elements = new ArrayList<>();
        AnswerRoom room = new AnswerRoom(list.limit());
        Iterator<Elements.Placed> below =
                state.elements.below(list.namespace(), list.path(), list.recursive(), list.after());
        while (below.hasNext() && room.isLeft()) {
            Elements.Placed placed = below.next();
            ElementView view = placed.element().view(placed.path(), list.values());
            elements.add(view);
            room.take(AnswerRoom.bytes(view));
        }
        return new Result.Page(new Revision(state.revision), elements, below.hasNext(), 0);
    }

    private static Result namespaces(State state) {
        return new Result.Namespaces(
                new Revision(state.revision),
                state.elements.namespaces().stream()
                        .map(name -> new Result.NamespaceView(
                                name,
                                new Revision(state.elements.createRevision(name)),
                                state.elements.count(name),
                                state.locks.cutsDeadlocksIn(name)))
                        .toList());
    }

    private static Result locks(State state, Query.Locks query) {
        int limit = query.limit();
        List<LockTrace.Obstacle> leases =
                state.locks.trace().heldIn(query.namespace(), query.path(), query.scope(), limit + 1);
        List<LockTrace.Obstacle> requests =
                state.locks.trace().waitingIn(query.namespace(), query.path(), query.scope(), limit + 1);
        List<Blocker> held = Views.held(state, leases, limit);
        List<Result.Waiting> waiting = Views.waiting(state, requests, limit);
        return new Result.Locks(
                new Revision(state.revision),
                held,
                waiting,
                held.size() < leases.size() || waiting.size() < requests.size());
    }
}
