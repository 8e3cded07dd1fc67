package io.whatnot.core.testing.simulation;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Transaction.Compare;
import io.whatnot.core.model.Transaction.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Whether transactions are strictly serializable (I1): done one after the other in the order of their revisions, they give
 * the answers that clients were given, and none comes before one that was over when it began. Those of unknown outcome count
 * from the revision that the log has them at. Elements that transactions alone change, each value with a name of its own as
 * its content type.
 */
public final class TransactionChecker {
    private static final String NAME = "I1 transactions are strictly serializable";

    private final Violations violations;
    private final List<Call> calls = new ArrayList<>();
    private long latest;

    /** A checker that has seen nothing. */
    public TransactionChecker(Violations violations) {
        this.violations = violations;
    }

    /** A transaction under way. */
    public static final class Call {
        private final String who;
        private final Transaction transaction;
        /** The highest revision of those that were over before it began. */
        private final long floor;

        private Result.@Nullable Transacted done;
        private long revision;
        private boolean refused;

        private Call(String who, Transaction transaction, long floor) {
            this.who = who;
            this.transaction = transaction;
            this.floor = floor;
        }

        /** What it does if its compares hold, or if they don't. */
        public List<Operation> operations(boolean succeeded) {
            return succeeded ? transaction.then() : transaction.otherwise();
        }

        private boolean writes() {
            return done == null || operations(done.succeeded()).stream().anyMatch(Operation.Change.class::isInstance);
        }

        @Override
        public String toString() {
            return who + ": " + transaction + " = " + done;
        }
    }

    private record Content(String value, long version, long revision) {}

    /** A client sends a transaction. */
    public Call begin(String who, Transaction transaction) {
        Call call = new Call(who, transaction, latest);
        calls.add(call);
        return call;
    }

    /** One of elements that others change too: what it is, and no more. */
    public static Call unchecked(String who, Transaction transaction) {
        return new Call(who, transaction, 0);
    }

    /** It was carried out. */
    public void end(Call call, Result.Transacted done) {
        call.done = done;
        call.revision = done.revision().value();
        latest = Math.max(latest, call.revision);
    }

    /** It surely was not carried out. */
    public void endWithoutEffect(Call call) {
        call.refused = true;
    }

    /** How many were carried out, as clients were told. */
    public long carriedOut() {
        return calls.stream().filter(call -> call.done != null).count();
    }

    /** Requires it of all, once nothing more can happen; of a value it is told when it was written, or 0. */
    public void conclude(ToLongFunction<String> revisionOf) {
        List<Call> order = new ArrayList<>();
        for (Call call : calls) {
            if (call.done == null && !call.refused) {
                call.revision = writtenAt(call, revisionOf);
            }
            if (call.revision != 0) {
                order.add(call);
            }
        }
        // What takes no revision is answered as of the end of the one it names.
        order.sort(Comparator.comparingLong((Call call) -> call.revision).thenComparing(call -> !call.writes()));
        Map<AbsolutePath, Content> elements = new HashMap<>();
        for (Call call : order) {
            violations.require(
                    call.writes() ? call.revision > call.floor : call.revision >= call.floor,
                    NAME,
                    () -> call + " began after revision " + call.floor);
            carryOut(call, elements);
        }
    }

    /** When the log has the first value of the one list or the other; 0 if it has none. */
    private static long writtenAt(Call call, ToLongFunction<String> revisionOf) {
        for (boolean succeeded : new boolean[] {true, false}) {
            for (Operation operation : call.operations(succeeded)) {
                if (operation instanceof Operation.Change change
                        && change.command() instanceof ElementCommand.Put put
                        && revisionOf.applyAsLong(put.value().contentType()) != 0) {
                    return revisionOf.applyAsLong(put.value().contentType());
                }
            }
        }
        return 0;
    }

    private void carryOut(Call call, Map<AbsolutePath, Content> elements) {
        boolean succeeded = call.transaction.compares().stream().allMatch(compare -> holds(compare, elements));
        Result.Transacted done = call.done;
        if (done != null) {
            violations.require(
                    done.succeeded() == succeeded, NAME, () -> call + " was decided otherwise than by " + elements);
        }
        List<Operation> operations = call.operations(succeeded);
        for (int i = 0; i < operations.size(); i++) {
            Operation operation = operations.get(i);
            Result result = done == null || i >= done.results().size()
                    ? null
                    : done.results().get(i);
            if (operation instanceof Operation.Get get) {
                violations.require(
                        result == null
                                || (result instanceof Result.Found found
                                        && Objects.equals(
                                                found.element()
                                                        .map(TransactionChecker::content)
                                                        .orElse(null),
                                                elements.get(get.path()))),
                        NAME,
                        () -> call + " read something else than " + elements.get(get.path()) + " at " + get.path());
            } else if (((Operation.Change) operation).command() instanceof ElementCommand.Put put) {
                Content before = elements.get(put.path());
                Content after =
                        new Content(put.value().contentType(), before == null ? 1 : before.version + 1, call.revision);
                elements.put(put.path(), after);
                violations.require(
                        result == null
                                || (result instanceof Result.Written written && written.version() == after.version),
                        NAME,
                        () -> call + " wrote " + put.path() + " on " + before);
            } else {
                elements.remove(((Operation.Change) operation).command().path());
            }
        }
    }

    private static Content content(ElementView view) {
        return new Content(
                view.value().contentType(), view.version(), view.modRevision().value());
    }

    private static boolean holds(Compare compare, Map<AbsolutePath, Content> elements) {
        if (compare instanceof Compare.VersionIs is) {
            Content content = elements.get(is.path());
            return is.version() == (content == null ? 0 : content.version);
        }
        if (compare instanceof Compare.ModRevisionIs is) {
            Content content = elements.get(is.path());
            return is.modRevision() == (content == null ? 0 : content.revision);
        }
        if (compare instanceof Compare.Registered is) {
            return is.registered() == elements.containsKey(is.path());
        }
        throw new AssertionError(compare);
    }
}
