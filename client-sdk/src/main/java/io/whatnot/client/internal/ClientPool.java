package io.whatnot.client.internal;

import io.whatnot.client.ClaimRequest;
import io.whatnot.client.Consistency;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.PoolOption;
import io.whatnot.client.SemaphorePool;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Target;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A semaphore pool, by way of a client. */
final class ClientPool implements SemaphorePool {
    private final Requests requests;
    private final String namespace;
    private final AbsolutePath path;

    /** The lease that changes name, or null. */
    private final @Nullable LeaseContext lease;

    ClientPool(Requests requests, String namespace, AbsolutePath path) {
        this(requests, namespace, path, null);
    }

    private ClientPool(Requests requests, String namespace, AbsolutePath path, @Nullable LeaseContext lease) {
        this.requests = requests;
        this.namespace = namespace;
        this.path = path;
        this.lease = lease;
    }

    @Override
    public SemaphorePool under(LeaseContext lease) {
        return new ClientPool(requests, namespace, path, lease);
    }

    private long named() {
        return lease == null ? 0 : lease.id().sequence();
    }

    @Override
    public AbsolutePath path() {
        return path;
    }

    @Override
    public Revision create(long size, PoolOption... options) throws InterruptedException {
        List<PoolOption> how = List.of(options);
        return send(new PoolCommand.Create(
                namespace, path, size, how.contains(PoolOption.PREFIX), how.contains(PoolOption.PURGE), named()));
    }

    @Override
    public Revision resize(long size) throws InterruptedException {
        return send(new PoolCommand.Resize(namespace, path, size, named()));
    }

    @Override
    public Revision remove() throws InterruptedException {
        return send(new PoolCommand.Remove(namespace, path, named()));
    }

    private Revision send(PoolCommand command) throws InterruptedException {
        LeaseContext under = lease;
        return Errors.await(
                        under == null
                                ? requests.command(Owners.ofThread(), command, Result.Done.class)
                                : requests.commandUnder(under.id(), Owners.ofThread(), command, Result.Done.class))
                .revision();
    }

    @Override
    public Result.Pool describe() throws InterruptedException {
        Query query = new Query.Pool(namespace, path, Query.PAGE_MAX);
        return Errors.await(requests.read(query, Consistency.LINEARIZABLE, Result.Pool.class));
    }

    @Override
    public ClaimRequest claim(long slots) {
        return new ClientClaimRequest(
                new ClientLeaseRequest(requests.keeper(), namespace, List.of(Target.claim(path, slots))));
    }

    @Override
    public String toString() {
        return "pool at " + path;
    }
}
