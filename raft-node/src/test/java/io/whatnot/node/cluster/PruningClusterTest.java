package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Prune;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.WatchEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pruning on a cluster that loses its leader while elements become idle. */
@Tag("cluster")
@Timeout(120)
final class PruningClusterTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void whatIsIdleIsPrunedOnceAtTheSameRevisionOnAllNodesAlthoughTheLeaderStops() throws Exception {
        try (TestCluster cluster = TestCluster.of(folder, 3)) {
            cluster.startAll();
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> cluster.running().stream()
                            .allMatch(node -> node.engine().state().level() == FeatureLevel.NEWEST));
            List<WatchEvent> pruned = new CopyOnWriteArrayList<>();
            try (NamespaceManager client = cluster.connect("ann")) {
                Namespace ns = client.namespace("shop");
                for (int i = 0; i < 20; i++) {
                    ns.register("/carts/" + i);
                }
                ns.watch("/carts").recursive().changes(Change.PRUNED).start((at, events) -> pruned.addAll(events));
                ns.prunePolicy("/carts", Prune.idleAfter(Duration.ofSeconds(3)));
                int leader = cluster.awaitLeader();
                cluster.stop(leader);
                ns.touch("/carts/7");
                await().atMost(30, TimeUnit.SECONDS).until(() -> pruned.size() == 21);
                cluster.start(leader);
                cluster.awaitLeader();
                cluster.awaitSameState();
                assertThat(pruned).extracting(WatchEvent::path).doesNotHaveDuplicates();
                assertThat(pruned.subList(0, 19))
                        .extracting(WatchEvent::revision)
                        .as("what became idle together goes together")
                        .containsOnly(pruned.get(0).revision());
                assertThat(pruned.get(19).path().toString()).isEqualTo("/carts/7");
                assertThat(ns.exists("/carts")).isFalse();
            }
        }
    }
}
