package io.whatnot.client.internal;

import io.whatnot.client.ClusterSemaphore;
import io.whatnot.client.Consistency;
import io.whatnot.client.LeaseLostException;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.LossReason;
import io.whatnot.client.Namespace;
import io.whatnot.client.PathElement;
import io.whatnot.client.Prune;
import io.whatnot.client.Put;
import io.whatnot.client.SemaphorePool;
import io.whatnot.client.TransactionRequest;
import io.whatnot.client.WaitForGraph;
import io.whatnot.client.WatchRequest;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;

/** A namespace, by way of a client. */
final class ClientNamespace implements Namespace {
    private final Requests requests;
    private final WatchStream watches;
    private final String name;

    ClientNamespace(Requests requests, WatchStream watches, String name) {
        this.requests = requests;
        this.watches = watches;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PathElement element(String path) {
        return element(AbsolutePath.parse(path));
    }

    @Override
    public PathElement element(AbsolutePath path) {
        return new PathElement(this, path);
    }

    // ---- locks

    @Override
    public LeaseRequest lease(String path) {
        return leaseAll(Target.element(path));
    }

    @Override
    public LeaseRequest leaseAll(Target... targets) {
        return new ClientLeaseRequest(requests.keeper(), name, List.of(targets));
    }

    @Override
    public Lock lock(String path) {
        return new LeaseLock(lease(path));
    }

    @Override
    public ReadWriteLock readWriteLock(String path) {
        Lock read = new LeaseLock(lease(path).shared());
        Lock write = lock(path);
        return new ReadWriteLock() {
            @Override
            public Lock readLock() {
                return read;
            }

            @Override
            public Lock writeLock() {
                return write;
            }
        };
    }

    @Override
    public Result.Locks locks(String path, Scope scope) throws InterruptedException {
        Query query = new Query.Locks(name, AbsolutePath.parse(path), scope, Query.PAGE_MAX);
        return Errors.await(requests.read(query, Consistency.LINEARIZABLE, Result.Locks.class));
    }

    @Override
    public SemaphorePool pool(String path) {
        return new ClientPool(requests, name, AbsolutePath.parse(path));
    }

    @Override
    public ClusterSemaphore semaphore(String path) {
        return new PoolSemaphore(pool(path));
    }

    @Override
    public WaitForGraph waitForGraph(String path, Scope scope) throws InterruptedException {
        return WaitForGraph.of(locks(path, scope));
    }

    // ---- elements

    @Override
    public Revision register(String path) throws InterruptedException {
        return Errors.await(sendRegister(path, blocking(Put.with())));
    }

    @Override
    public CompletableFuture<Revision> registerAsync(String path, Put how) {
        return requests.forUser(sendRegister(path, how));
    }

    @Override
    public PathElement registerUnique(String parent) throws InterruptedException {
        return registerUnique(parent, Value.NONE, Put.with());
    }

    @Override
    public PathElement registerUnique(String parent, Value value, Put how) throws InterruptedException {
        return Errors.await(sendRegisterUnique(parent, value, blocking(how)));
    }

    @Override
    public CompletableFuture<PathElement> registerUniqueAsync(String parent, Value value, Put how) {
        return requests.forUser(sendRegisterUnique(parent, value, how));
    }

    private CompletableFuture<PathElement> sendRegisterUnique(String parent, Value value, Put how) {
        return change(
                        new ElementCommand.RegisterUnique(name, AbsolutePath.parse(parent), value, leaseOf(how)),
                        how,
                        Result.Registered.class)
                .thenApply(registered -> element(registered.path()));
    }

    private CompletableFuture<Revision> sendRegister(String path, Put how) {
        return change(new ElementCommand.Register(name, AbsolutePath.parse(path), leaseOf(how)), how, Result.Done.class)
                .thenApply(Result.Done::revision);
    }

    @Override
    public Result.Written put(String path, Value value) throws InterruptedException {
        return put(path, value, Put.with());
    }

    @Override
    public Result.Written put(String path, Value value, Put how) throws InterruptedException {
        return Errors.await(sendPut(path, value, blocking(how)));
    }

    @Override
    public CompletableFuture<Result.Written> putAsync(String path, Value value, Put how) {
        return requests.forUser(sendPut(path, value, how));
    }

    private CompletableFuture<Result.Written> sendPut(String path, Value value, Put how) {
        ElementCommand.Put put = new ElementCommand.Put(
                name,
                AbsolutePath.parse(path),
                value,
                Durations.millis(how.ttl()),
                how.isEphemeral(),
                how.condition(),
                leaseOf(how));
        return change(put, how, Result.Written.class);
    }

    @Override
    public Optional<ElementView> get(String path) throws InterruptedException {
        return get(path, Consistency.LINEARIZABLE);
    }

    @Override
    public Optional<ElementView> get(String path, Consistency consistency) throws InterruptedException {
        return Errors.await(sendGet(path, consistency));
    }

    @Override
    public CompletableFuture<Optional<ElementView>> getAsync(String path, Consistency consistency) {
        return requests.forUser(sendGet(path, consistency));
    }

    private CompletableFuture<Optional<ElementView>> sendGet(String path, Consistency consistency) {
        return requests.read(new Query.Get(name, AbsolutePath.parse(path)), consistency, Result.Found.class)
                .thenApply(Result.Found::element);
    }

    @Override
    public boolean exists(String path) throws InterruptedException {
        return get(path).isPresent();
    }

    @Override
    public PathElement closest(String path) throws InterruptedException {
        Result.Found found = Errors.await(requests.read(
                new Query.Closest(name, AbsolutePath.parse(path)), Consistency.LINEARIZABLE, Result.Found.class));
        return element(found.element().orElseThrow().path());
    }

    @Override
    public List<ElementView> children(String path) throws InterruptedException {
        return list(path, false);
    }

    @Override
    public List<ElementView> subtree(String path) throws InterruptedException {
        return list(path, true);
    }

    /** All pages of a listing; from the start again if their revision is no longer kept. */
    private List<ElementView> list(String path, boolean recursive) throws InterruptedException {
        AbsolutePath from = AbsolutePath.parse(path);
        long giveUp = requests.keeper().requestDeadline();
        while (true) {
            try {
                return listOnce(from, recursive);
            } catch (WhatnotException e) {
                if (e.code() != ErrorCode.VIEW_EXPIRED
                        || giveUp - requests.keeper().nanoTime() <= 0) {
                    throw e;
                }
            }
        }
    }

    private List<ElementView> listOnce(AbsolutePath from, boolean recursive) throws InterruptedException {
        List<ElementView> all = new ArrayList<>();
        AbsolutePath after = from;
        long view = 0;
        while (true) {
            Query query = new Query.List(name, from, recursive, true, after, Query.PAGE_MAX, view);
            // The later pages are of the view, whatever is newer by then.
            Consistency consistency = view == 0 ? Consistency.LINEARIZABLE : Consistency.NODE;
            Result.Page page = Errors.await(requests.read(query, consistency, Result.Page.class));
            all.addAll(page.elements());
            if (!page.more()) {
                return all;
            }
            after = all.get(all.size() - 1).path();
            view = page.view();
        }
    }

    @Override
    public Revision delete(String path) throws InterruptedException {
        return delete(path, Put.with());
    }

    @Override
    public Revision delete(String path, Put how) throws InterruptedException {
        return Errors.await(sendDelete(path, false, blocking(how)).thenApply(Result.Deleted::revision));
    }

    @Override
    public CompletableFuture<Revision> deleteAsync(String path, Put how) {
        return requests.forUser(sendDelete(path, false, how).thenApply(Result.Deleted::revision));
    }

    @Override
    public Result.Deleted deleteRecursive(String path, Put how) throws InterruptedException {
        return Errors.await(sendDelete(path, true, blocking(how)));
    }

    private CompletableFuture<Result.Deleted> sendDelete(String path, boolean recursive, Put how) {
        ElementCommand.Delete delete =
                new ElementCommand.Delete(name, AbsolutePath.parse(path), recursive, how.condition(), leaseOf(how));
        return change(delete, how, Result.Deleted.class);
    }

    @Override
    public long deleteTree(String path) throws InterruptedException {
        return TreeDeletion.delete(this, AbsolutePath.parse(path));
    }

    @Override
    public TransactionRequest transact() {
        return new ClientTransactionRequest(requests, name);
    }

    // ---- pruning

    @Override
    public Revision prunePolicy(String path, Prune policy) throws InterruptedException {
        return Errors.await(send(Owners.ofThread(), setting(path, policy)));
    }

    @Override
    public CompletableFuture<Revision> prunePolicyAsync(String path, Prune policy) {
        return requests.forUser(send("", setting(path, policy)));
    }

    private PruneCommand setting(String path, Prune policy) {
        LeaseId lease = policy.leaseId();
        return new PruneCommand.SetPolicy(
                name,
                AbsolutePath.parse(path),
                Durations.millis(policy.idleAfter()),
                policy.retainValues(),
                lease == null ? 0 : lease.sequence());
    }

    @Override
    public Revision removePrunePolicy(String path) throws InterruptedException {
        return Errors.await(send(Owners.ofThread(), new PruneCommand.RemovePolicy(name, AbsolutePath.parse(path), 0)));
    }

    @Override
    public CompletableFuture<Revision> removePrunePolicyAsync(String path) {
        return requests.forUser(send("", new PruneCommand.RemovePolicy(name, AbsolutePath.parse(path), 0)));
    }

    @Override
    public List<Result.PolicyView> prunePolicies() throws InterruptedException {
        List<Result.PolicyView> found = new ArrayList<>();
        Result.PrunePolicies page;
        do {
            AbsolutePath after =
                    found.isEmpty() ? null : found.get(found.size() - 1).path();
            Query query = new Query.PrunePolicies(name, after, Query.PAGE_MAX);
            page = Errors.await(requests.read(query, Consistency.LINEARIZABLE, Result.PrunePolicies.class));
            found.addAll(page.policies());
        } while (page.more());
        return found;
    }

    @Override
    public void touch(String path) throws InterruptedException {
        Errors.await(send(Owners.ofThread(), new PruneCommand.Touch(name, AbsolutePath.parse(path))));
    }

    @Override
    public CompletableFuture<Void> touchAsync(String path) {
        return requests.forUser(
                send("", new PruneCommand.Touch(name, AbsolutePath.parse(path))).thenApply(done -> null));
    }

    private CompletableFuture<Revision> send(String owner, PruneCommand command) {
        return requests.command(owner, command, Result.Done.class).thenApply(Result.Done::revision);
    }

    // ---- as a whole

    @Override
    public long exportTo(OutputStream out) throws IOException, InterruptedException {
        return new Export(this, this::page).writeTo(out);
    }

    private Result.Page page(AbsolutePath after, long view) throws InterruptedException {
        Query query = new Query.List(name, AbsolutePath.ROOT, true, true, after, Query.PAGE_MAX, view);
        Consistency consistency = view == 0 ? Consistency.LINEARIZABLE : Consistency.NODE;
        return Errors.await(requests.read(query, consistency, Result.Page.class));
    }

    @Override
    public long importFrom(InputStream in) throws IOException, InterruptedException {
        return new Import(this).readFrom(in);
    }

    // ---- watches

    @Override
    public WatchRequest watch(String path) {
        return new ClientWatchRequest(watches, name, AbsolutePath.parse(path));
    }

    // ---- whose, and under what

    /** A blocking call is for its thread, unless it says otherwise. */
    private static Put blocking(Put how) {
        return how.owner() == null ? how.owner(Owners.ofThread()) : how;
    }

    private static long leaseOf(Put how) {
        LeaseId lease = how.leaseId();
        return lease == null ? 0 : lease.sequence();
    }

    /** A change that names a lease makes sense in the lease's session alone. */
    private <R extends Result> CompletableFuture<R> change(ElementCommand command, Put how, Class<R> type) {
        String owner = how.owner() == null ? Owners.FRESH : Owners.checked(how.owner());
        if (how.leaseId() == null) {
            return requests.command(owner, command, type);
        }
        if (how.lease() != null && !how.lease().isHeld()) {
            return CompletableFuture.failedFuture(new LeaseLostException(
                    LossReason.UNPROVEN, "the lease that the change names is not held any more"));
        }
        return requests.commandUnder(how.leaseId(), owner, command, type);
    }

    @Override
    public String toString() {
        return name;
    }
}
