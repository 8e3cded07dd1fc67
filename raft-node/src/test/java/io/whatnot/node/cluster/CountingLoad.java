package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.Consistency;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Outcome;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client that locks, reads a number, writes the next, and gives the lock back, over and over, and counts what was
 * acknowledged: a number that is lower than that has lost something.
 */
final class CountingLoad implements AutoCloseable {
    private static final String PATH = "/number";

    private final NamespaceManager manager;
    private final Namespace namespace;
    private final Thread thread;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();
    private final AtomicLong longestGapNanos = new AtomicLong();
    private long lastGrantNanos;
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    CountingLoad(NamespaceManager manager) {
        this.manager = manager;
        this.namespace = manager.namespace("load");
        this.thread = new Thread(this::run, "load");
        thread.start();
    }

    private void run() {
        while (!over) {
            try {
                try (LeaseContext lease = namespace
                        .lease(PATH)
                        .waitTimeout(Duration.ofSeconds(30))
                        .acquire()) {
                    long now = System.nanoTime();
                    longestGapNanos.accumulateAndGet(lastGrantNanos == 0 ? 0 : now - lastGrantNanos, Math::max);
                    lastGrantNanos = now;
                    count(lease);
                }
            } catch (WhatnotException e) {
                // Whether the number was written is told by count; a lock that was not had, or given back late, loses
                // none.
                failures.add(e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void count(LeaseContext lease) throws InterruptedException {
        long now = number();
        try {
            namespace.put(PATH, Value.of(Long.toString(now + 1)), Put.with().lease(lease));
            acknowledged.incrementAndGet();
        } catch (WhatnotException e) {
            if (e.outcome() == Outcome.UNKNOWN) {
                unknown.incrementAndGet();
            }
            throw e;
        }
    }

    private long number() throws InterruptedException {
        return namespace
                .get(PATH, Consistency.LINEARIZABLE)
                .map(ElementView::value)
                .map(value -> Long.parseLong(value.text()))
                .orElse(0L);
    }

    long acknowledged() {
        return acknowledged.get();
    }

    /** The longest time from one grant to the next, since this was asked last. */
    double longestGapMillis() {
        return longestGapNanos.getAndSet(0) / 1e6;
    }

    /** Ends it, and shows that what was acknowledged is there. */
    void stopAndCheck() throws InterruptedException {
        over = true;
        thread.join();
        long number = number();
        System.out.println("acknowledged=" + acknowledged + " unknown=" + unknown + " number=" + number + " failures="
                + failures.size());
        assertThat(number).isBetween(acknowledged.get(), acknowledged.get() + unknown.get());
        assertThat(acknowledged.get()).isPositive();
    }

    @Override
    public void close() {
        over = true;
        thread.interrupt();
        manager.close();
    }
}
