package io.whatnot.client.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A future as users get it: completed where users' code may run, never on a transport's thread, and with a say in what it
 * stands for: cancelling it takes the request back.
 *
 * @param <T> what it is completed with
 */
final class ClientFuture<T> extends CompletableFuture<T> {
    private final Runnable takeBack;

    private ClientFuture(Runnable takeBack) {
        this.takeBack = takeBack;
    }

    /** A future that follows another; cancelling it stops nothing. */
    static <T> CompletableFuture<T> of(CompletableFuture<T> source, Executor callbacks) {
        return of(source, callbacks, () -> {}, value -> {});
    }

    /**
     * A future that follows another.
     *
     * @param takeBack run when it is cancelled
     * @param nobodys given the value that comes when it was cancelled before
     */
    static <T> CompletableFuture<T> of(
            CompletableFuture<? extends T> source, Executor callbacks, Runnable takeBack, Consumer<T> nobodys) {
        ClientFuture<T> future = new ClientFuture<>(takeBack);
        source.whenCompleteAsync(
                (value, failure) -> {
                    if (failure == null) {
                        if (!future.complete(value)) {
                            nobodys.accept(value);
                        }
                    } else {
                        future.completeExceptionally(
                                failure instanceof CompletionException && failure.getCause() != null
                                        ? failure.getCause()
                                        : failure);
                    }
                },
                callbacks);
        return future;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            takeBack.run();
        }
        return cancelled;
    }
}
