package io.whatnot.client.internal;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest.LeaseBody;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A body that is to run under a lease, on an executor, once the lease is granted. Cancelling its result withdraws the
 * request, or interrupts the body; the lease is released when the body has ended, never before.
 */
final class AsyncBody<T extends @Nullable Object> {
    private final CompletableFuture<LeaseContext> acquired;
    private final LeaseBody<T> body;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private @Nullable Thread running;

    AsyncBody(CompletableFuture<LeaseContext> acquired, Executor executor, LeaseBody<T> body) {
        this.acquired = acquired;
        this.body = body;
        result.whenComplete((value, failure) -> {
            if (result.isCancelled()) {
                cancelled();
            }
        });
        acquired.whenComplete((lease, failure) -> {
            if (lease == null) {
                result.completeExceptionally(failure);
                return;
            }
            try {
                executor.execute(() -> run(lease));
            } catch (RejectedExecutionException e) {
                lease.releaseAsync().whenComplete((done, never) -> result.completeExceptionally(e));
            }
        });
    }

    CompletableFuture<T> result() {
        return result;
    }

    private void run(LeaseContext lease) {
        if (!begin()) {
            lease.releaseAsync();
            return;
        }
        T value = null;
        Throwable thrown = null;
        try {
            value = lease.call(body.under(lease));
        } catch (Throwable e) { // whatever it is, the lease is not to stay behind
            thrown = e;
        } finally {
            end();
        }
        T returned = value;
        Throwable failure = thrown;
        lease.releaseAsync().whenComplete((done, never) -> {
            if (failure == null) {
                result.complete(returned);
            } else {
                result.completeExceptionally(failure);
            }
        });
    }

    private synchronized boolean begin() {
        if (result.isDone()) {
            return false;
        }
        running = Thread.currentThread();
        return true;
    }

    private synchronized void end() {
        running = null;
        if (result.isCancelled()) {
            Thread.interrupted();
        }
    }

    private void cancelled() {
        acquired.cancel(false);
        synchronized (this) {
            if (running != null) {
                running.interrupt();
            }
        }
    }
}
