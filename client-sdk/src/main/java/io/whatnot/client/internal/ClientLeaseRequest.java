package io.whatnot.client.internal;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.QueuePosition;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lease that some client may ask for. */
final class ClientLeaseRequest implements LeaseRequest {
    private static final Logger LOG = LoggerFactory.getLogger(ClientLeaseRequest.class);

    private final SessionKeeper keeper;
    private final String namespace;
    private final List<Target> targets;
    private final Duration ttl;
    private final Duration waitTimeout;
    private final String label;
    private final @Nullable String owner;
    private final Consumer<QueuePosition> onQueued;

    ClientLeaseRequest(SessionKeeper keeper, String namespace, List<Target> targets) {
        this(
                keeper,
                namespace,
                targets,
                Duration.ZERO,
                Duration.ofMillis(LeaseCommand.TTL_MILLIS_MAX),
                "",
                null,
                position -> {});
    }

    private ClientLeaseRequest(
            SessionKeeper keeper,
            String namespace,
            List<Target> targets,
            Duration ttl,
            Duration waitTimeout,
            String label,
            @Nullable String owner,
            Consumer<QueuePosition> onQueued) {
        this.keeper = keeper;
        this.namespace = namespace;
        this.targets = List.copyOf(targets);
        this.ttl = ttl;
        this.waitTimeout = waitTimeout;
        this.label = label;
        this.owner = owner;
        this.onQueued = onQueued;
    }

    @Override
    public LeaseRequest prefix() {
        List<Target> prefixes = targets.stream()
                .map(target -> new Target(target.path(), Scope.PREFIX, target.mode()))
                .toList();
        return new ClientLeaseRequest(keeper, namespace, prefixes, ttl, waitTimeout, label, owner, onQueued);
    }

    @Override
    public LeaseRequest shared() {
        List<Target> shared = targets.stream().map(Target::shared).toList();
        return new ClientLeaseRequest(keeper, namespace, shared, ttl, waitTimeout, label, owner, onQueued);
    }

    @Override
    public LeaseRequest ttl(Duration ttl) {
        return new ClientLeaseRequest(keeper, namespace, targets, ttl, waitTimeout, label, owner, onQueued);
    }

    @Override
    public LeaseRequest waitTimeout(Duration timeout) {
        return new ClientLeaseRequest(keeper, namespace, targets, ttl, timeout, label, owner, onQueued);
    }

    @Override
    public LeaseRequest label(String label) {
        return new ClientLeaseRequest(keeper, namespace, targets, ttl, waitTimeout, label, owner, onQueued);
    }

    @Override
    public LeaseRequest owner(String owner) {
        return new ClientLeaseRequest(keeper, namespace, targets, ttl, waitTimeout, label, owner, onQueued);
    }

    @Override
    public LeaseRequest onQueued(Consumer<QueuePosition> listener) {
        return new ClientLeaseRequest(keeper, namespace, targets, ttl, waitTimeout, label, owner, listener);
    }

    @Override
    public LeaseContext acquire() throws InterruptedException {
        LeaseTicket ticket = ask(owner == null ? Owners.ofThread() : owner);
        try {
            return Errors.await(ticket.granted());
        } catch (InterruptedException e) {
            takeBack(ticket);
            throw e;
        }
    }

    @Override
    public Optional<LeaseContext> tryAcquire() throws InterruptedException {
        try {
            return Optional.of(waitTimeout(Duration.ZERO).acquire());
        } catch (LockTimeoutException busy) {
            return Optional.empty();
        }
    }

    @Override
    public CompletableFuture<LeaseContext> acquireAsync() {
        LeaseTicket ticket = ask(owner == null ? Owners.FRESH : owner);
        return ClientFuture.of(
                ticket.granted(), keeper.callbacks(), () -> takeBack(ticket), LeaseContext::releaseAsync);
    }

    @Override
    public <T extends @Nullable Object> T call(LeaseBody<T> body) throws Exception {
        try (LeaseContext lease = acquire()) {
            return lease.call(body.under(lease));
        }
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> callAsync(Executor executor, LeaseBody<T> body) {
        return new AsyncBody<>(acquireAsync(), executor, body).result();
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> composeAsync(
            Function<LeaseContext, ? extends CompletionStage<T>> body) {
        CompletableFuture<LeaseContext> acquired = acquireAsync();
        CompletableFuture<T> result = acquired.thenCompose(lease -> {
            CompletionStage<T> stage;
            try {
                stage = body.apply(lease);
            } catch (RuntimeException | Error e) {
                return lease.releaseAsync().thenCompose(done -> CompletableFuture.<T>failedFuture(e));
            }
            return stage.handle((value, failure) -> lease.releaseAsync()
                            .thenCompose(done -> failure == null
                                    ? CompletableFuture.completedFuture(value)
                                    : CompletableFuture.<T>failedFuture(failure)))
                    .thenCompose(Function.identity());
        });
        result.whenComplete((value, failure) -> {
            if (result.isCancelled()) {
                acquired.cancel(false);
            }
        });
        return result;
    }

    private LeaseTicket ask(String owner) {
        LeaseCommand.Acquire acquire = new LeaseCommand.Acquire(
                namespace, targets, Durations.millis(ttl), Durations.millis(waitTimeout), label);
        // Should the cluster not say in time that the wait is over, this client does.
        long deadline = keeper.requestDeadline() + TimeUnit.MILLISECONDS.toNanos(acquire.waitMillis());
        Consumer<QueuePosition> listener = position -> keeper.callbacks().execute(() -> tell(position));
        LeaseTicket ticket = new LeaseTicket(keeper, acquire, Owners.checked(owner), deadline, listener);
        keeper.guard().run(ticket::ask);
        return ticket;
    }

    private void tell(QueuePosition position) {
        try {
            onQueued.accept(position);
        } catch (Throwable e) { // whatever it is, the request goes on
            LOG.error("the listener of a request for {} in {} failed", targets, namespace, e);
        }
    }

    private void takeBack(LeaseTicket ticket) {
        keeper.guard().run(ticket::takeBack);
        ticket.granted().thenAccept(LeaseContext::releaseAsync);
    }

    @Override
    public String toString() {
        return targets + " in " + namespace;
    }
}
