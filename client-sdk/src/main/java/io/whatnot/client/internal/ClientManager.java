package io.whatnot.client.internal;

import io.whatnot.client.Admin;
import io.whatnot.client.Consistency;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.NodeStatus;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.Wire;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client over some wire. */
public final class ClientManager implements NamespaceManager {
    private static final Logger LOG = LoggerFactory.getLogger(ClientManager.class);
    private static final long CLOSE_MILLIS = 2_000;

    private final Guard guard = new Guard();
    private final SessionKeeper keeper;
    private final Requests requests;
    private final WatchStream watches;
    private final Wire wire;
    private final ClusterView view;
    private final Runnable release;
    private final AtomicBoolean released = new AtomicBoolean();

    /**
     * A client; {@link ManagerBuilder} makes the usual ones. Time, threads, transport and chance all come from outside:
     * with a virtual clock, a wire of the caller's and executors that run their tasks at once it has no thread, and does
     * the same again for the same seed. Then it is to be closed by {@link #closeAsync}, for {@link #close} waits.
     *
     * @param wire its way to the nodes
     * @param scheduler its clock and timer
     * @param wallClock what jumps when the machine was suspended; trusted in nothing else
     * @param callbacks where futures are completed
     * @param listeners where listeners are called
     * @param begin at which of the endpoints it begins
     * @param random where secrets and the lengths of pauses come from
     * @param release lets go of all that when the client is closed
     */
    ClientManager(
            ClientOptions options,
            Wire wire,
            Scheduler scheduler,
            InstantSource wallClock,
            Executor callbacks,
            Executor listeners,
            int begin,
            RandomGenerator random,
            Runnable release) {
        this.wire = wire;
        this.view = new ClusterView(options.endpoints(), begin);
        this.keeper = new SessionKeeper(guard, wire, view, scheduler, wallClock, options, always(callbacks), random);
        this.requests = new Requests(keeper);
        this.watches = new WatchStream(guard, wire, view, scheduler, options, listeners);
        this.release = release;
    }

    /** Once the client is closed nobody's threads run what is left: futures are completed where that is found out. */
    private static Executor always(Executor callbacks) {
        return task -> {
            try {
                callbacks.execute(task);
            } catch (RejectedExecutionException closed) {
                task.run();
            }
        };
    }

    @Override
    public Namespace namespace(String name) {
        new NamespaceCommand.Create(name); // whose rules about names are the cluster's
        return new ClientNamespace(requests, watches, name);
    }

    @Override
    public List<Result.NamespaceView> namespaces() throws InterruptedException {
        return Errors.await(requests.read(new Query.Namespaces(), Consistency.LINEARIZABLE, Result.Namespaces.class))
                .namespaces();
    }

    @Override
    public List<NodeStatus> nodes() throws InterruptedException {
        return StatusReader.read(wire, guard.get(after -> view.endpoints()));
    }

    @Override
    public void createNamespace(String name) throws InterruptedException {
        Errors.await(requests.command(Owners.ofThread(), new NamespaceCommand.Create(name), Result.Done.class));
    }

    @Override
    public void dropNamespace(String name) throws InterruptedException {
        namespace(name).deleteTree("/");
        Errors.await(requests.command(Owners.ofThread(), new NamespaceCommand.Drop(name), Result.Done.class));
    }

    @Override
    public Admin admin() {
        return new ClientAdmin(this, requests, () -> StatusReader.members(wire, guard.get(after -> view.endpoints())));
    }

    @Override
    public void close() {
        CompletableFuture<Void> closed = closeAsync();
        boolean interrupted = Thread.interrupted();
        try {
            if (!interrupted) {
                closed.get(CLOSE_MILLIS + 500, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (TimeoutException e) {
            LOG.warn("the cluster was not told in time that the session is over; it ends by itself");
        } catch (ExecutionException e) {
            throw new IllegalStateException("the client could not be closed in good order", e.getCause());
        } finally {
            letGo();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What carries its commands and reads. */
    Requests requests() {
        return requests;
    }

    /** Ends the session and all watches, then lets go of everything; done when that is, a little later at most. */
    CompletableFuture<Void> closeAsync() {
        CompletableFuture<Void> told = new CompletableFuture<>();
        long deadline = keeper.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        guard.run(after -> {
            watches.close(after);
            keeper.close(() -> told.complete(null), deadline, after);
        });
        return told.thenRun(this::letGo);
    }

    private void letGo() {
        guard.run(keeper.sender()::close);
        if (released.compareAndSet(false, true)) {
            release.run();
        }
    }
}
