package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.ClusterSemaphore;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WhatnotException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A semaphore of three nodes, one of which dies, and what the others wrote down of its queue. */
@Tag("cluster")
@Timeout(120)
final class SemaphoreClusterTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void permitsOutliveTheLeaderAndEveryNodeHasWrittenEachStepOfTheQueueDown() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (ProcessCluster cluster = ProcessCluster.start(folder, 3, "--queueLog=true");
                NamespaceManager one = cluster.connect("one");
                NamespaceManager two = cluster.connect("two")) {
            // Refused until the first leader has found out what all nodes support.
            await().atMost(Duration.ofSeconds(20))
                    .ignoreException(WhatnotException.class)
                    .until(() -> {
                        one.namespace("shop").pool("/quota").create(2);
                        return true;
                    });
            ClusterSemaphore first = one.namespace("shop").semaphore("/quota");
            ClusterSemaphore second = two.namespace("shop").semaphore("/quota");
            first.acquire(2);
            assertThat(second.tryAcquire()).isFalse();
            Future<?> waits = thread.submit(() -> {
                second.acquire(1);
                return null;
            });
            int leader = cluster.awaitLeader();
            Path survivor = log(leader == 0 ? 1 : 0);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> steps(survivor).anyMatch(SemaphoreClusterTest::isInLine));

            cluster.node(leader).kill();
            first.release(2);
            waits.get(30, TimeUnit.SECONDS);

            assertThat(second.availablePermits()).isEqualTo(1);
            second.release();
            assertThat(second.availablePermits()).isEqualTo(2);
            List<Path> survivors = Stream.of(0, 1, 2)
                    .filter(node -> node != leader)
                    .map(this::log)
                    .toList();
            for (Path log : survivors) {
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThat(steps(log))
                                .anyMatch(SemaphoreClusterTest::isInLine)
                                .anyMatch(line -> line.contains("is told: granted with token"))
                                .anyMatch(line -> line.contains("is released: done")));
            }
        } finally {
            thread.shutdownNow();
        }
    }

    private static boolean isInLine(String line) {
        return line.contains("asks for [1 slot at /quota") && line.contains("waits in place 1 behind");
    }

    private Path log(int node) {
        return folder.resolve("n" + (node + 1) + ".log");
    }

    private static Stream<String> steps(Path log) throws IOException {
        return Files.readAllLines(log).stream().filter(line -> line.contains(" queue - entry "));
    }
}
