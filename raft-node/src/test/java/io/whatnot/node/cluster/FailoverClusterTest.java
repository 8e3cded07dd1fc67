package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WhatnotException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long nobody is granted a lock when the leader goes, under load. {@code -Dfailover.runs=20} for figures, on an idle
 * machine; one run shows no more than that it does not last long.
 */
@Tag("cluster")
@Timeout(600)
final class FailoverClusterTest {
    private static final int CLIENTS = 4;
    private static final Duration LONG = Duration.ofSeconds(10);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private interface Going {
        void go(NodeProcess leader) throws Exception;
    }

    @Test
    void locksAreGrantedAgainSoonAfterTheLeaderWasKilled() throws Exception {
        measure("kill -9 of the leader", NodeProcess::kill);
    }

    @Test
    void locksAreGrantedAgainSoonAfterTheLeaderWasToldToStop() throws Exception {
        measure("planned hand-over", NodeProcess::terminate);
    }

    private void measure(String what, Going going) throws Exception {
        int runs = Integer.getInteger("failover.runs", 1);
        List<Long> gaps = new ArrayList<>();
        try (ProcessCluster cluster = ProcessCluster.start(folder, 3);
                Load load = new Load(cluster)) {
            for (int run = 0; run < runs; run++) {
                int leader = cluster.awaitLeader();
                load.awaitGrants(200);
                long before = System.nanoTime();
                going.go(cluster.node(leader));
                load.awaitGrants(200);
                long gap = load.longestGapMillis(before);
                gaps.add(gap);
                assertThat(gap).as(what).isLessThan(LONG.toMillis());
                cluster.restart(leader);
            }
        }
        gaps.sort(null);
        System.out.printf(
                Locale.ROOT,
                "%s, %d runs: no lock was granted for %d ms in the median, %d ms at the worst; all: %s%n",
                what,
                runs,
                gaps.get(gaps.size() / 2),
                gaps.get(gaps.size() - 1),
                gaps);
    }

    /** Clients that lock and release, each a path of its own, and what passed between two grants of any. */
    private static final class Load implements AutoCloseable {
        private final List<NamespaceManager> managers = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();
        private final List<Long> grants = new ArrayList<>();
        private final AtomicLong failures = new AtomicLong();
        private volatile boolean stopped;

        Load(ProcessCluster cluster) {
            for (int i = 0; i < CLIENTS; i++) {
                String path = "/c" + i;
                NamespaceManager manager = cluster.connect("c" + i);
                managers.add(manager);
                Thread thread = new Thread(() -> run(manager.namespace("failover"), path), "load " + path);
                threads.add(thread);
                thread.start();
            }
        }

        private void run(Namespace ns, String path) {
            try {
                while (!stopped) {
                    try (LeaseContext lease = ns.lease(path).acquire()) {
                        if (lease.isHeld()) {
                            granted();
                        }
                    } catch (WhatnotException e) {
                        failures.incrementAndGet(); // it asks again
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private synchronized void granted() {
            grants.add(System.nanoTime());
        }

        private synchronized int count() {
            return grants.size();
        }

        void awaitGrants(int more) {
            int before = count();
            await().atMost(Duration.ofSeconds(30)).until(() -> count() >= before + more);
        }

        /** The longest time without a grant, of what came after a moment or just before it. */
        synchronized long longestGapMillis(long since) {
            long longest = 0;
            for (int i = 1; i < grants.size(); i++) {
                if (grants.get(i) > since) {
                    longest = Math.max(longest, grants.get(i) - grants.get(i - 1));
                }
            }
            return TimeUnit.NANOSECONDS.toMillis(longest);
        }

        @Override
        public void close() {
            stopped = true;
            await().atMost(Duration.ofSeconds(30)).until(() -> threads.stream().noneMatch(Thread::isAlive));
            managers.forEach(NamespaceManager::close);
            assertThat(failures).as("requests that failed").hasValueLessThan(100);
        }
    }
}
