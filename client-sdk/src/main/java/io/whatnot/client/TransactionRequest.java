package io.whatnot.client;

import io.whatnot.core.model.Result;
import io.whatnot.core.model.Transaction;
import java.util.concurrent.CompletableFuture;

/**
 * A transaction, described step by step: if all compares hold, all operations of {@code then} are done, else all of {@code
 * otherwise}; in one revision, and all or nothing.
 *
 * <pre>{@code
 * Result.Transacted moved = namespace.transact()
 *         .when(Compare.version("/jobs/7", 3), Compare.absent("/done/7"))
 *         .then(Op.delete("/jobs/7"), Op.put("/done/7", Value.of("ok")))
 *         .otherwise(Op.get("/jobs/7"))
 *         .commit();
 * }</pre>
 *
 * <p>At most 128 compares and 128 operations, with 1 MiB of paths and values; as much may its gets answer. Operations are
 * done in their order, and see what those before them did. When one is refused, by a lock of another say, the transaction is
 * refused with the same code, and nothing of it is done; the message tells which. No two operations of a list may be in conflict
 * over a path: see {@link Transaction}.
 */
public interface TransactionRequest {
    /** What must hold, besides what was named before. */
    TransactionRequest when(Transaction.Compare... compares);

    /** What is done if all compares hold, after what was named before. */
    TransactionRequest then(Op... operations);

    /** What is done if they don't all hold, after what was named before. */
    TransactionRequest otherwise(Op... operations);

    /** For that owner: passes the locks that it holds. By default blocking calls are for their thread, others for a fresh one. */
    TransactionRequest owner(String owner);

    /**
     * Has it carried out, and tells whether the compares held and what came of each operation.
     *
     * @throws IllegalArgumentException if it is too large, or operations are in conflict
     */
    Result.Transacted commit() throws InterruptedException;

    /** The same; an IllegalArgumentException is thrown at once. */
    CompletableFuture<Result.Transacted> commitAsync();
}
