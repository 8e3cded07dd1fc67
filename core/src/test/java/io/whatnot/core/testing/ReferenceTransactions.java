package io.whatnot.core.testing;

import static io.whatnot.core.testing.ReferenceModel.refused;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Transaction.Compare;
import io.whatnot.core.model.Transaction.Operation;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The transactions of the reference model: all elements are copied beforehand, and put back if anything is refused. */
final class ReferenceTransactions {
    private static final long EVENT_BYTES = 128;

    private final ReferenceModel model;

    ReferenceTransactions(ReferenceModel model) {
        this.model = model;
    }

    Result execute(ReferenceSession session, Request request, Transaction transaction) {
        Refused refused = model.namespaces.refuseUse(transaction.namespace());
        if (refused != null) {
            return refused;
        }
        for (Compare compare : transaction.compares()) {
            if (compare instanceof Compare.Held held && model.recovery.isUncertain(held.lease())) {
                return model.recovery.refusal();
            }
        }
        boolean succeeded = true;
        for (Compare compare : transaction.compares()) {
            succeeded &= holds(transaction.namespace(), compare);
        }
        List<ReferenceElement> before = List.copyOf(model.elements.all);
        Map<ReferencePruning.Activity, Long> activities = new HashMap<>(model.pruning.activities);
        ReferenceModel.Progress progress = model.progress();
        List<Result> results = new ArrayList<>();
        for (Operation operation : succeeded ? transaction.then() : transaction.otherwise()) {
            Result result = operation instanceof Operation.Change change
                    ? model.elements.execute(session, request, change.command())
                    : new Result.Found(
                            new Revision(model.revision),
                            Optional.ofNullable(model.elements.find(
                                            transaction.namespace(), ((Operation.Get) operation).path()))
                                    .map(element -> element.view(true)));
            results.add(result);
            Refused why = result instanceof Refused one ? one : refuseTooMuch(model.eventsSince(progress), results);
            if (why != null) {
                model.elements.all.clear();
                model.elements.all.addAll(before);
                model.pruning.activities = activities;
                model.backTo(progress);
                return why;
            }
        }
        return new Result.Transacted(new Revision(model.revision), succeeded, results);
    }

    private boolean holds(String namespace, Compare compare) {
        if (compare instanceof Compare.Held held) {
            return model.locks.lease(held.lease()) != null;
        }
        if (compare instanceof Compare.ValueIs is) {
            ReferenceElement element = model.elements.find(namespace, is.path());
            return element != null && element.value().equals(is.value());
        }
        if (compare instanceof Compare.VersionIs is) {
            ReferenceElement element = model.elements.find(namespace, is.path());
            return element == null ? is.version() == 0 : is.version() == element.version();
        }
        if (compare instanceof Compare.ModRevisionIs is) {
            ReferenceElement element = model.elements.find(namespace, is.path());
            return element == null ? is.modRevision() == 0 : is.modRevision() == element.modRevision();
        }
        Compare.Registered is = (Compare.Registered) compare;
        return (model.elements.find(namespace, is.path()) != null) == is.registered();
    }

    private @Nullable Refused refuseTooMuch(List<WatchEvent> events, List<Result> results) {
        long eventBytes = 0;
        for (WatchEvent event : events) {
            eventBytes += EVENT_BYTES + event.path().toString().length() + size(event.value()) + size(event.previous());
        }
        long answerBytes = 0;
        for (Result result : results) {
            if (result instanceof Result.Found found && found.element().isPresent()) {
                answerBytes += found.element().get().path().toString().length()
                        + size(found.element().get().value())
                        + found.element().get().value().contentType().length();
            }
        }
        return events.size() > model.limits.eventsMax()
                        || eventBytes > model.limits.eventBytesMax()
                        || answerBytes > Transaction.BYTES_MAX
                ? refused(ErrorCode.RESOURCE_EXHAUSTED)
                : null;
    }

    private static int size(@Nullable Value value) {
        return value == null ? 0 : value.size();
    }
}
