package io.whatnot.node.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Clients that take turns in holding one lease, and count under it. Whatever befalls the cluster: nobody can prove to hold
 * it while another can, its tokens grow, and no step of a count that was acknowledged is lost.
 */
final class Load implements AutoCloseable {
    private static final int CLIENTS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** What a client may be told while nodes die; anything else is a mistake. */
    private static final Set<ErrorCode> EXPECTED = Set.of(
            ErrorCode.UNAVAILABLE,
            ErrorCode.TIMEOUT,
            ErrorCode.LOCK_TIMEOUT,
            ErrorCode.SESSION_EXPIRED,
            ErrorCode.LEASE_LOST,
            ErrorCode.RECOVERING);

    /** That from one moment to another, as the system's clock has it, a client could prove to hold the lease. */
    private record Turn(long token, long fromNanos, long untilNanos) {}

    private final List<Counter> counters = new ArrayList<>();
    private final Queue<Turn> turns = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    Load(ContainerCluster cluster) {
        for (int i = 0; i < CLIENTS; i++) {
            counters.add(new Counter(cluster.connect("c" + i), "/count/c" + i));
        }
        counters.forEach(Thread::start);
    }

    /** Waits until there were so many more turns. */
    void awaitTurns(int more) {
        int before = turns.size();
        await().atMost(PATIENCE).untilAsserted(() -> {
            counters.forEach(counter -> assertThat(counter.unexpected).isNull());
            assertThat(turns.size()).isGreaterThanOrEqualTo(before + more);
        });
    }

    /** Ends it, and shows that what is promised was kept. */
    void stopAndCheck() throws InterruptedException {
        stopped = true;
        for (Counter counter : counters) {
            counter.join(PATIENCE.toMillis());
            assertThat(counter.isAlive()).as("%s has not ended", counter.path).isFalse();
            assertThat(counter.unexpected).as(counter.path).isNull();
            ElementView present = counter.ns.get(counter.path).orElseThrow();
            assertThat(Long.parseLong(present.value().text()))
                    .as(counter.path)
                    .isBetween(counter.acknowledged, counter.attempted);
        }
        Turn last = new Turn(0, Long.MIN_VALUE, Long.MIN_VALUE);
        for (Turn turn :
                turns.stream().sorted(Comparator.comparingLong(Turn::token)).toList()) {
            assertThat(turn.fromNanos).as("%s after %s", turn, last).isGreaterThan(last.untilNanos);
            last = turn;
        }
    }

    @Override
    public void close() {
        stopped = true;
        counters.forEach(counter -> counter.manager.close());
    }

    private final class Counter extends Thread {
        private final NamespaceManager manager;
        private final Namespace ns;
        private final String path;
        private long attempted;
        private long acknowledged;
        private volatile @Nullable Throwable unexpected;

        Counter(NamespaceManager manager, String path) {
            super("load " + path);
            this.manager = manager;
            this.ns = manager.namespace("load");
            this.path = path;
        }

        @Override
        public void run() {
            try {
                while (!stopped) {
                    try {
                        takeTurn();
                    } catch (WhatnotException e) {
                        if (!EXPECTED.contains(e.code())) {
                            throw e;
                        }
                    }
                }
            } catch (InterruptedException | RuntimeException e) {
                unexpected = e;
            }
        }

        private void takeTurn() throws InterruptedException {
            try (LeaseContext lease = ns.lease("/count")
                    .prefix()
                    .waitTimeout(Duration.ofSeconds(5))
                    .acquire()) {
                long from = System.nanoTime();
                if (!lease.isHeld()) {
                    return;
                }
                long until = from;
                try {
                    attempted++;
                    ns.put(path, Value.of(Long.toString(attempted)), Put.with().lease(lease));
                    acknowledged = attempted;
                    long now = System.nanoTime();
                    until = lease.isHeld() ? now : from;
                } finally {
                    turns.add(new Turn(lease.token().value(), from, until));
                }
            }
        }
    }
}
