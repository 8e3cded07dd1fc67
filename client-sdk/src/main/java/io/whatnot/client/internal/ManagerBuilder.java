package io.whatnot.client.internal;

import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Recovered;
import io.whatnot.client.internal.wire.InProcessWire;
import io.whatnot.client.internal.wire.NettyChannels;
import io.whatnot.core.engine.DirectLog;
import io.whatnot.core.engine.Engine;
import io.whatnot.core.time.SystemScheduler;
import io.whatnot.core.wire.Endpoints;
import io.whatnot.core.wire.GrpcWire;
import io.whatnot.core.wire.Wire;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Makes managers with threads, clocks and transports of their own. */
public final class ManagerBuilder implements NamespaceManager.Builder {
    private static final long ELECTION_MILLIS = 500;

    private String name = "pid-" + ProcessHandle.current().pid();
    private String cluster = "";
    private Duration sessionTtl = Duration.ofSeconds(10);
    private Duration requestTimeout = Duration.ofSeconds(30);
    private double drift = 0.01;
    private boolean followLeader = true;
    private Consumer<Recovered> onRecovered = recovered -> {};

    @Override
    public NamespaceManager.Builder name(String name) {
        this.name = name;
        return this;
    }

    @Override
    public NamespaceManager.Builder cluster(String name) {
        this.cluster = name;
        return this;
    }

    @Override
    public NamespaceManager.Builder sessionTtl(Duration ttl) {
        this.sessionTtl = ttl;
        return this;
    }

    @Override
    public NamespaceManager.Builder requestTimeout(Duration timeout) {
        this.requestTimeout = timeout;
        return this;
    }

    @Override
    public NamespaceManager.Builder drift(double drift) {
        if (!(drift >= 0 && drift < 1)) {
            throw new IllegalArgumentException("drift is " + drift + ", but must be at least 0 and below 1");
        }
        this.drift = drift;
        return this;
    }

    @Override
    public NamespaceManager.Builder followLeader(boolean follow) {
        this.followLeader = follow;
        return this;
    }

    @Override
    public NamespaceManager.Builder onRecovered(Consumer<Recovered> listener) {
        this.onRecovered = listener;
        return this;
    }

    @Override
    public NamespaceManager connect(String endpoints) {
        List<String> list = Arrays.stream(endpoints.split(",", -1))
                .map(String::strip)
                .map(Endpoints::checked)
                .toList();
        return build(options(list), new GrpcWire(NettyChannels::open), () -> {});
    }

    @Override
    public NamespaceManager local() {
        SystemScheduler scheduler = new SystemScheduler("whatnot-local");
        Engine engine = new Engine(
                new Engine.Options(cluster.isEmpty() ? "local" : cluster, InProcessWire.ENDPOINT, ELECTION_MILLIS),
                new DirectLog(),
                scheduler,
                Runnable::run,
                Runnable::run,
                Runnable::run,
                InProcessWire.NOWHERE);
        engine.start();
        return build(options(List.of(InProcessWire.ENDPOINT)), new InProcessWire(engine), () -> {
            engine.close();
            scheduler.close();
        });
    }

    private ClientOptions options(List<String> endpoints) {
        return new ClientOptions(
                endpoints,
                name,
                cluster,
                Durations.millis(sessionTtl),
                Durations.millis(requestTimeout),
                drift,
                followLeader,
                onRecovered);
    }

    private static NamespaceManager build(ClientOptions options, Wire wire, Runnable release) {
        SystemScheduler scheduler = new SystemScheduler("whatnot-timer");
        ExecutorService callbacks = new ForkJoinPool(
                Math.max(4, Runtime.getRuntime().availableProcessors()),
                ForkJoinPool.defaultForkJoinWorkerThreadFactory,
                null,
                true);
        SecureRandom random = new SecureRandom();
        ExecutorService listeners = Executors.newCachedThreadPool(daemons("whatnot-listener-"));
        return new ClientManager(
                options,
                wire,
                scheduler,
                InstantSource.system(),
                callbacks,
                listeners,
                random.nextInt(options.endpoints().size()),
                random,
                () -> {
                    wire.close();
                    release.run();
                    scheduler.close();
                    callbacks.shutdown();
                    listeners.shutdown();
                });
    }

    private static ThreadFactory daemons(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
