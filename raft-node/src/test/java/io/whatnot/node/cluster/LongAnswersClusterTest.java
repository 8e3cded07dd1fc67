package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Prune;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers that tell of many things with long paths get through a real connection. */
@Tag("cluster")
@Timeout(120)
final class LongAnswersClusterTest {
    private static final String DEEP = ("/" + "x".repeat(250)).repeat(16);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void policiesAndQueuesAreToldHoweverLongTheirPathsAreByWhicheverNode() throws Exception {
        try (TestCluster cluster = TestCluster.start(folder, 3);
                NamespaceManager client = cluster.connect("ann")) {
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> cluster.running().stream()
                            .allMatch(node -> node.engine().state().level() == FeatureLevel.NEWEST));
            Namespace ns = client.namespace("shop");
            List<CompletableFuture<?>> set = new ArrayList<>();
            for (int i = 0; i < 600; i++) {
                set.add(ns.prunePolicyAsync(DEEP + "/" + i, Prune.idleAfter(Duration.ofHours(1))));
            }
            CompletableFuture.allOf(set.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);

            LeaseContext held = ns.lease(DEEP).acquire();
            List<CompletableFuture<LeaseContext>> waiting = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                waiting.add(ns.lease(DEEP).acquireAsync());
            }
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> cluster.running().stream()
                            .allMatch(node -> node.engine().status().getWaiting() == waiting.size()));

            for (int node = 0; node < 3; node++) {
                try (NamespaceManager other = NamespaceManager.connect(cluster.endpoint(node))) {
                    Namespace same = other.namespace("shop");
                    assertThat(same.prunePolicies()).hasSize(600).doesNotHaveDuplicates();
                    Result.Locks locks = same.locks(DEEP, Scope.ELEMENT);
                    assertThat(locks.held()).hasSize(1);
                    assertThat(locks.waiting()).hasSizeBetween(10, waiting.size() - 1);
                    assertThat(locks.more()).isTrue();
                }
            }
            waiting.forEach(request -> request.cancel(true));
            held.close();
        }
    }
}
