package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.Compare;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Op;
import io.whatnot.client.Outcome;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Transactions on a cluster that loses its leader under them. */
@Tag("cluster")
@Timeout(120)
final class TransactionsClusterTest {
    private static final List<String> PATHS = List.of("/a", "/b", "/count");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** What clients were told. */
    private final AtomicLong carriedOut = new AtomicLong();

    private final AtomicLong unknown = new AtomicLong();
    private volatile boolean over;

    @Test
    void transfersAreDoneWholeAndOnceWhileTheLeaderStopsAndComesBack() throws Exception {
        try (TestCluster cluster = TestCluster.of(folder, 3)) {
            cluster.startAll();
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> cluster.running().stream()
                            .allMatch(node -> node.engine().state().level() == FeatureLevel.NEWEST));
            ExecutorService threads = Executors.newFixedThreadPool(3);
            try (NamespaceManager one = cluster.connect("one");
                    NamespaceManager another = cluster.connect("another");
                    NamespaceManager auditor = cluster.connect("auditor")) {
                List<Future<?>> work = new ArrayList<>();
                work.add(threads.submit(() -> transfer(one.namespace("bank"), 1)));
                work.add(threads.submit(() -> transfer(another.namespace("bank"), -2)));
                work.add(threads.submit(() -> audit(auditor.namespace("bank"))));
                awaitTransfers(50);
                int leader = cluster.awaitLeader();
                cluster.stop(leader);
                awaitTransfers(50);
                cluster.start(leader);
                awaitTransfers(50);
                over = true;
                for (Future<?> each : work) {
                    each.get(60, TimeUnit.SECONDS);
                }
                List<Long> last = numbers(read(auditor.namespace("bank")));
                assertThat(last.get(0) + last.get(1)).isZero();
                assertThat(last.get(2)).isBetween(carriedOut.get(), carriedOut.get() + unknown.get());
                cluster.awaitSameState();
            } finally {
                over = true;
                threads.shutdownNow();
            }
        }
    }

    private void awaitTransfers(long more) {
        long wanted = carriedOut.get() + more;
        await().atMost(60, TimeUnit.SECONDS).until(() -> carriedOut.get() >= wanted);
    }

    /** Moves an amount from one account to the other and counts that, if nobody else has meanwhile; over and over. */
    private @Nullable Void transfer(Namespace bank, long amount) throws InterruptedException {
        Result.Transacted seen = read(bank);
        while (!over) {
            List<Long> now = numbers(seen);
            List<Transaction.Compare> unchanged = new ArrayList<>();
            for (int i = 0; i < PATHS.size(); i++) {
                unchanged.add(Compare.version(
                        PATHS.get(i), element(seen, i).map(ElementView::version).orElse(0L)));
            }
            try {
                seen = bank.transact()
                        .when(unchanged.toArray(Transaction.Compare[]::new))
                        .then(put("/a", now.get(0) - amount), put("/b", now.get(1) + amount))
                        .then(put("/count", now.get(2) + 1))
                        .otherwise(Op.get("/a"), Op.get("/b"), Op.get("/count"))
                        .commit();
                if (seen.succeeded()) {
                    carriedOut.incrementAndGet();
                    seen = read(bank);
                }
            } catch (WhatnotException e) {
                if (e.outcome() == Outcome.UNKNOWN) {
                    unknown.incrementAndGet();
                }
                seen = read(bank);
            }
        }
        return null;
    }

    /** At whatever revision it looks, nothing is under way. */
    private @Nullable Void audit(Namespace bank) throws InterruptedException {
        long before = 0;
        while (!over) {
            List<Long> now = numbers(read(bank));
            assertThat(now.get(0) + now.get(1)).isZero();
            assertThat(now.get(2)).isGreaterThanOrEqualTo(before);
            before = now.get(2);
        }
        return null;
    }

    private static Op put(String path, long number) {
        return Op.put(path, Value.of(Long.toString(number)));
    }

    private static Result.Transacted read(Namespace bank) throws InterruptedException {
        return bank.transact()
                .then(Op.get("/a"), Op.get("/b"), Op.get("/count"))
                .commit();
    }

    private static Optional<ElementView> element(Result.Transacted read, int i) {
        return read.result(i, Result.Found.class).element();
    }

    private static List<Long> numbers(Result.Transacted read) {
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < PATHS.size(); i++) {
            numbers.add(element(read, i)
                    .map(found -> Long.parseLong(found.value().text()))
                    .orElse(0L));
        }
        return numbers;
    }
}
