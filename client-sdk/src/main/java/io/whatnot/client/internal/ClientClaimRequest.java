package io.whatnot.client.internal;

import io.whatnot.client.ClaimRequest;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.QueuePosition;
import io.whatnot.client.SemaphoreClaim;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A claim that some client may ask for: a lease whose one target is a claim. */
final class ClientClaimRequest implements ClaimRequest {
    private final LeaseRequest lease;

    ClientClaimRequest(LeaseRequest lease) {
        this.lease = lease;
    }

    @Override
    public ClaimRequest ttl(Duration ttl) {
        return new ClientClaimRequest(lease.ttl(ttl));
    }

    @Override
    public ClaimRequest waitTimeout(Duration timeout) {
        return new ClientClaimRequest(lease.waitTimeout(timeout));
    }

    @Override
    public ClaimRequest label(String label) {
        return new ClientClaimRequest(lease.label(label));
    }

    @Override
    public ClaimRequest owner(String owner) {
        return new ClientClaimRequest(lease.owner(owner));
    }

    @Override
    public ClaimRequest onQueued(Consumer<QueuePosition> listener) {
        return new ClientClaimRequest(lease.onQueued(listener));
    }

    @Override
    public SemaphoreClaim acquire() throws InterruptedException {
        return new ClientClaim(lease.acquire());
    }

    @Override
    public Optional<SemaphoreClaim> tryAcquire() throws InterruptedException {
        return lease.tryAcquire().map(ClientClaim::new);
    }

    @Override
    public CompletableFuture<SemaphoreClaim> acquireAsync() {
        CompletableFuture<LeaseContext> acquired = lease.acquireAsync();
        return ClientFuture.of(
                acquired.thenApply(ClientClaim::new),
                Runnable::run, // where that one is completed, which is where users' code may run
                () -> acquired.cancel(false),
                LeaseContext::releaseAsync);
    }

    @Override
    public <T extends @Nullable Object> T call(ClaimBody<T> body) throws Exception {
        return lease.call(held -> body.run(new ClientClaim(held)));
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> callAsync(Executor executor, ClaimBody<T> body) {
        return lease.callAsync(executor, held -> body.run(new ClientClaim(held)));
    }
}
