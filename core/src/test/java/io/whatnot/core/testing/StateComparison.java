package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.state.State;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.Owner;
import io.whatnot.core.state.lock.Pools;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.state.tree.Element;
import io.whatnot.core.state.tree.Elements;
import io.whatnot.core.state.tree.Policies;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All of a state and all of a reference model, told in the same words. */
public final class StateComparison {
    private StateComparison() {}

    private record SessionWords(
            long id,
            long high,
            long low,
            String name,
            long ttlMillis,
            long deadlineMillis,
            long mark,
            Map<Long, Result> answers,
            Map<Long, ReferenceSession.Kept> ends,
            int owned) {}

    /** Everything in a state, but the messages of refusals. */
    public static List<Object> words(State state) {
        List<Object> words = new ArrayList<>(List.of(
                state.timeMillis(),
                state.revision(),
                state.isFounded() ? "level " + state.level() : "not founded",
                state.epoch(),
                state.isRecovering(),
                state.longestTtlMillis()));
        Workload.VOTERS.forEach(voter -> {
            State.Rejoined rejoined = state.rejoined(voter);
            words.add(rejoined == null ? "" : rejoined.incarnation() + " in " + rejoined.term());
        });
        state.sessions().all().forEach(session -> words.add(words(session.value())));
        for (String namespace : state.elements().namespaces()) {
            Elements elements = state.elements();
            words.add(words(namespace, elements.closest(namespace, AbsolutePath.ROOT)));
            elements.below(namespace, AbsolutePath.ROOT, true, AbsolutePath.ROOT)
                    .forEachRemaining(placed -> words.add(words(namespace, placed)));
        }
        state.elements().namespaces().stream()
                .filter(namespace -> !state.locks().cutsDeadlocksIn(namespace))
                .forEach(namespace -> words.add("deadlocks stay in " + namespace));
        for (OrderedMap.Entry<Pools.Place, Pools.Pool> pool :
                state.locks().pools().all()) {
            if (!pool.value().isLost()) {
                words.add(new ReferencePools.Pool(
                        pool.key().namespace(),
                        pool.key().path(),
                        pool.value().size(),
                        pool.value().prefix()));
            }
        }
        for (String namespace : state.policies().namespaces()) {
            for (OrderedMap.Entry<AbsolutePath, Policies.Policy> policy :
                    state.policies().in(namespace)) {
                words.add(new ReferencePruning.Policy(
                        namespace,
                        policy.key(),
                        policy.value().idleAfterMillis(),
                        policy.value().retainValues(),
                        policy.value().sinceMillis(),
                        policy.value().dueMillis(),
                        policy.value().cursor(),
                        policy.value().earliestMillis()));
            }
        }
        state.locks().leases().forEach(lease -> words.add(words(lease.value())));
        state.locks().waiting().forEach(waiting -> words.add(words(waiting.value())));
        return words;
    }

    /** Everything in a reference model. */
    public static List<Object> words(ReferenceModel model) {
        List<Object> words = new ArrayList<>(List.of(
                model.now,
                model.revision,
                model.founded == null ? "not founded" : "level " + model.founded,
                model.recovery.epoch,
                model.recovery.isUnderWay(),
                model.recovery.longestTtlMillis));
        Workload.VOTERS.forEach(voter -> {
            ClusterCommand.Rejoined rejoined = model.recovery.rejoined.get(voter);
            words.add(rejoined == null ? "" : rejoined.incarnation() + " in " + rejoined.term());
        });
        model.sessions.all.forEach(session -> words.add(words(session, model.sessions.owned(session.id))));
        model.elements.all.stream()
                .sorted(Comparator.comparing(ReferenceElement::namespace).thenComparing(ReferenceElement::path))
                .forEach(words::add);
        model.namespaces.deadlocksStay.forEach(namespace -> words.add("deadlocks stay in " + namespace));
        words.addAll(model.pools.all);
        words.addAll(model.pruning.all);
        model.locks.leases.stream()
                .sorted(Comparator.comparing(ReferenceLease::id))
                .forEach(words::add);
        words.addAll(model.locks.waiting);
        return words;
    }

    private static SessionWords words(Session session) {
        Map<Long, Result> answers = new TreeMap<>();
        session.answers().forEach(answer -> answers.put(answer.key(), Comparison.withoutMessage(answer.value())));
        Map<Long, ReferenceSession.Kept> ends = new TreeMap<>();
        session.ends()
                .forEach(end -> ends.put(
                        end.key(),
                        new ReferenceSession.Kept(
                                end.key(),
                                Comparison.withoutMessage(end.value().result()),
                                end.value().tombstone())));
        Secret secret = session.secret();
        return new SessionWords(
                session.id(),
                secret.high(),
                secret.low(),
                session.name(),
                session.ttlMillis(),
                session.deadlineMillis(),
                session.mark(),
                answers,
                ends,
                session.owned());
    }

    private static SessionWords words(ReferenceSession session, int owned) {
        Map<Long, Result> answers = new TreeMap<>();
        session.answers.forEach(answer -> answers.put(answer.sequence(), answer.result()));
        Map<Long, ReferenceSession.Kept> ends = new TreeMap<>();
        session.ends.forEach(end -> ends.put(end.sequence(), end));
        return new SessionWords(
                session.id,
                session.secret.high(),
                session.secret.low(),
                session.name,
                session.ttlMillis,
                session.deadlineMillis,
                session.mark,
                answers,
                ends,
                owned);
    }

    private static ReferenceElement words(String namespace, Elements.Placed placed) {
        Element element = placed.element();
        return new ReferenceElement(
                namespace,
                placed.path(),
                element.value(),
                element.version(),
                element.createRevision(),
                element.modRevision(),
                element.actor(),
                element.ttlMillis(),
                element.deadlineMillis(),
                element.ephemeralSession());
    }

    private static ReferenceOwner words(Owner owner) {
        return new ReferenceOwner(owner.session(), owner.label(), owner.sequence());
    }

    private static ReferenceLease words(Lease lease) {
        return new ReferenceLease(
                lease.id(),
                lease.namespace(),
                lease.targets(),
                words(lease.owner()),
                lease.token(),
                lease.ttlMillis(),
                lease.deadlineMillis(),
                lease.sinceMillis(),
                lease.label());
    }

    private static ReferenceRequest words(WaitingRequest request) {
        return new ReferenceRequest(
                request.id(),
                request.namespace(),
                request.targets(),
                words(request.owner()),
                request.ttlMillis(),
                request.sinceMillis(),
                request.deadlineMillis(),
                request.label());
    }
}
