package io.whatnot.client.internal;

import io.whatnot.client.NamespaceManager;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.Wire;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** Clients whose time, threads, transport and chance are the test's. */
public final class Simulated {
    private Simulated() {}

    /** A client that begins at the first of its endpoints; it has no thread that the test did not give it. */
    public static NamespaceManager client(
            ClientOptions options,
            Wire wire,
            Scheduler scheduler,
            InstantSource wallClock,
            Executor callbacks,
            Executor listeners,
            RandomGenerator random) {
        return new ClientManager(options, wire, scheduler, wallClock, callbacks, listeners, 0, random, () -> {});
    }

    /** Closes it without waiting, so that the clock may be moved meanwhile. */
    public static CompletableFuture<Void> closeAsync(NamespaceManager client) {
        if (client instanceof ClientManager manager) {
            return manager.closeAsync();
        }
        throw new IllegalArgumentException("not a client of this library's: " + client);
    }
}
