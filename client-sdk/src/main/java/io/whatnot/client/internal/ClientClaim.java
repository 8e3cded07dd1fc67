package io.whatnot.client.internal;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LossReason;
import io.whatnot.client.SemaphoreClaim;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A claim that was granted to this client: the lease that it is, which does everything, seen as one of slots. */
final class ClientClaim implements SemaphoreClaim {
    private final LeaseContext lease;

    ClientClaim(LeaseContext lease) {
        this.lease = lease;
    }

    private Target claim() {
        return lease.targets().get(0);
    }

    @Override
    public long slots() {
        return claim().slots();
    }

    @Override
    public AbsolutePath pool() {
        AbsolutePath pool = claim().pool();
        return pool == null ? claim().path() : pool;
    }

    @Override
    public LeaseId id() {
        return lease.id();
    }

    @Override
    public List<Target> targets() {
        return lease.targets();
    }

    @Override
    public Token token() {
        return lease.token();
    }

    @Override
    public boolean isHeld() {
        return lease.isHeld();
    }

    @Override
    public Duration remaining() {
        return lease.remaining();
    }

    @Override
    public void ensureHeld(Duration margin) {
        lease.ensureHeld(margin);
    }

    @Override
    public void renew() throws InterruptedException {
        lease.renew();
    }

    @Override
    public CompletableFuture<Void> renewAsync() {
        return lease.renewAsync();
    }

    @Override
    public CompletableFuture<LossReason> lost() {
        return lease.lost();
    }

    @Override
    public <T extends @Nullable Object> T call(Callable<T> body) throws Exception {
        return lease.call(body);
    }

    @Override
    public CompletableFuture<Void> releaseAsync() {
        return lease.releaseAsync();
    }

    @Override
    public void close() {
        lease.close();
    }

    @Override
    public String toString() {
        return claim().toString();
    }
}
