package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Transaction.Compare;
import io.whatnot.core.model.Transaction.Operation;
import io.whatnot.core.state.tree.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Transactions: each operation is carried out as the command of its own is, one after the other, on an attempt that becomes
 * the step's own only when all of them were carried out.
 */
final class TransactionExecutor {
    private TransactionExecutor() {}

    static Result execute(Step step, Request request, Transaction transaction) {
        Refused refused = NamespaceExecutor.refuseUse(step.state, transaction.namespace());
        if (refused == null) {
            refused = refuseUncertain(step.state, transaction.compares());
        }
        if (refused != null) {
            return refused;
        }
        boolean succeeded = transaction.compares().stream()
                .allMatch(compare -> holds(step.state, transaction.namespace(), compare));
        List<Operation> operations = succeeded ? transaction.then() : transaction.otherwise();
        Step.Output.Mark mark = step.mark();
        Step attempt = step.attempt();
        List<Result> results = new ArrayList<>(operations.size());
        refused = carryOut(attempt, request, transaction.namespace(), operations, results);
        if (refused != null) {
            step.revertTo(mark);
            return refused;
        }
        step.keep(attempt);
        return new Result.Transacted(new Revision(step.state.revision), succeeded, results);
    }

    /** While the cluster recovers nobody knows whether a lease is held that was not reclaimed and is not known to have ended. */
    private static @Nullable Refused refuseUncertain(State state, List<Compare> compares) {
        boolean uncertain = compares.stream()
                .anyMatch(compare -> compare instanceof Compare.Held held && Recovery.isUncertain(state, held.lease()));
        return uncertain ? Recovery.refusal(state) : null;
    }

    /** In a namespace that is not there yet nothing is registered, not even the root. */
    private static @Nullable Element find(State state, String namespace, AbsolutePath path) {
        return state.elements.hasNamespace(namespace) ? state.elements.get(namespace, path) : null;
    }

    private static boolean holds(State state, String namespace, Compare compare) {
        if (compare instanceof Compare.Held held) {
            return state.locks.lease(held.lease()) != null;
        }
        if (compare instanceof Compare.ValueIs is) {
            Element element = find(state, namespace, is.path());
            return element != null && element.value().equals(is.value());
        }
        if (compare instanceof Compare.VersionIs is) {
            Element element = find(state, namespace, is.path());
            return is.version() == (element == null ? 0 : element.version());
        }
        if (compare instanceof Compare.ModRevisionIs is) {
            Element element = find(state, namespace, is.path());
            return is.modRevision() == (element == null ? 0 : element.modRevision());
        }
        if (compare instanceof Compare.Registered is) {
            return is.registered() == (find(state, namespace, is.path()) != null);
        }
        throw new AssertionError(compare);
    }

    /** Carries out one after the other; null, or why one was refused or there is too much of it. */
    private static @Nullable Refused carryOut(
            Step step, Request request, String namespace, List<Operation> operations, List<Result> results) {
        long answerBytes = 0;
        for (Operation operation : operations) {
            Result result = carryOut(step, request, namespace, operation);
            results.add(result);
            if (result instanceof Refused refused) {
                return new Refused(
                        refused.code(),
                        "operation " + results.size() + " of the transaction, " + operation
                                + ", was refused, and so nothing" + " of it was done: " + refused.message(),
                        refused.detail());
            }
            if (result instanceof Result.Found found) {
                answerBytes += found.element().map(TransactionExecutor::bytes).orElse(0L);
            }
            Refused tooMuch = refuseTooMuch(step, answerBytes);
            if (tooMuch != null) {
                return tooMuch;
            }
        }
        return null;
    }

    private static Result carryOut(Step step, Request request, String namespace, Operation operation) {
        if (operation instanceof Operation.Change change) {
            return ElementExecutor.execute(step, request, change.command());
        }
        if (operation instanceof Operation.Get get) {
            Element element = find(step.state, namespace, get.path());
            return new Result.Found(
                    new Revision(step.state.revision),
                    Optional.ofNullable(element).map(found -> found.view(get.path())));
        }
        throw new AssertionError(operation);
    }

    private static @Nullable Refused refuseTooMuch(Step step, long answerBytes) {
        Settings settings = step.state.settings;
        if (step.events() > settings.eventsMax() || step.eventBytes() > settings.eventBytesMax()) {
            return new Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "the transaction would make more events than one command may: " + settings.eventsMax() + " or "
                            + settings.eventBytesMax() + " bytes; do it in steps");
        }
        if (answerBytes > Transaction.BYTES_MAX) {
            return new Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "the transaction would answer " + answerBytes + " bytes of elements, but may answer at most "
                            + Transaction.BYTES_MAX + "; read large values by reads of their own");
        }
        return null;
    }

    private static long bytes(ElementView element) {
        return (long) element.path().toString().length()
                + element.value().size()
                + element.value().contentType().length();
    }
}
