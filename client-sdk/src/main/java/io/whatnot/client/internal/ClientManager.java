package io.whatnot.client.internal;

import io.whatnot.client.Consistency;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.NodeStatus;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.Wire;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A client over some wire. */
public final class ClientManager implements NamespaceManager {
    private static final long CLOSE_MILLIS = 2_000;

    private final Guard guard = new Guard();
    private final SessionKeeper keeper;
    private final Requests requests;
    private final WatchStream watches;
    private final Wire wire;
    private final ClusterView view;
    private final Runnable release;

    /**
     * A client; {@link ManagerBuilder} makes the usual ones.
     *
     * @param wire its way to the nodes
     * @param scheduler its clock and timer
     * @param callbacks where futures are completed
     * @param listeners where listeners are called
     * @param begin at which of the endpoints it begins
     * @param release lets go of all that when the client is closed
     */
    public ClientManager(
            ClientOptions options,
            Wire wire,
            Scheduler scheduler,
            Executor callbacks,
            Executor listeners,
            int begin,
            Runnable release) {
        this.wire = wire;
        this.view = new ClusterView(options.endpoints(), begin);
        this.keeper = new SessionKeeper(guard, wire, view, scheduler, options, callbacks);
        this.requests = new Requests(keeper);
        this.watches = new WatchStream(guard, wire, view, scheduler, options, listeners);
        this.release = release;
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
    public void close() {
        CountDownLatch closed = new CountDownLatch(1);
        long deadline = keeper.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        guard.run(after -> {
            watches.close(after);
            keeper.close(closed::countDown, deadline, after);
        });
        boolean interrupted = Thread.interrupted();
        try {
            if (!interrupted && !closed.await(CLOSE_MILLIS + 500, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the session's end was not told in time"); // it is, at the deadline
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            guard.run(keeper.sender()::close);
            release.run();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
