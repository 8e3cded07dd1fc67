package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More is asked of three nodes than can be granted, or may be asked. */
@Tag("cluster")
@Timeout(180)
final class OverloadClusterTest {
    private static final int SESSIONS = 4;
    private static final int WAITING_EACH = 500;
    private static final int CYCLES = 100;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = TestCluster.start(folder, 3);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void thousandsThatWaitAtOnePathKeepNobodyFromAnotherAndAreGoneWithTheirSessions() throws Exception {
        int leader = cluster.awaitLeader();
        try (NamespaceManager holder = cluster.connect("holder");
                NamespaceManager bystander = cluster.connect("bystander")) {
            LeaseContext hot = holder.namespace("shop").lease("/hot").acquire();
            List<NamespaceManager> storm = new ArrayList<>();
            List<CompletableFuture<LeaseContext>> waits = new ArrayList<>();
            try {
                for (int i = 0; i < SESSIONS; i++) {
                    NamespaceManager each = cluster.connect("storm " + i);
                    storm.add(each);
                    Namespace namespace = each.namespace("shop");
                    for (int j = 0; j < WAITING_EACH; j++) {
                        waits.add(namespace.lease("/hot").acquireAsync());
                    }
                }
                Namespace shop = bystander.namespace("shop");
                for (int i = 0; i < CYCLES; i++) {
                    shop.lease("/cold").acquire().close();
                }
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> cluster.node(leader).status().getWaiting() == SESSIONS * WAITING_EACH);
                assertThat(hot.isHeld()).as("heartbeats got through the storm").isTrue();
                assertThat(waits).noneMatch(CompletableFuture::isDone);
            } finally {
                storm.forEach(NamespaceManager::close);
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> cluster.node(leader).status().getWaiting() == 0);
            hot.close();
            holder.namespace("shop").lease("/hot").acquire().close();
        }
        cluster.awaitSameState();
    }

    @Test
    void requestsThatComeByAFollowerAreCountedToTheClientsThatSentThem() throws Exception {
        int follower = (cluster.awaitLeader() + 1) % 3;
        try (NamespaceManager operator = cluster.connect("operator");
                NamespaceManager greedy = by(follower, "greedy");
                NamespaceManager modest = by(follower, "modest")) {
            operator.admin().changeSettings(Map.of("identityRate", 1L, "identityBurst", 2L));
            Namespace namespace = greedy.namespace("shop");
            List<CompletableFuture<LeaseContext>> asked = IntStream.range(0, 200)
                    .mapToObj(i -> namespace.lease("/greedy/" + i).acquireAsync())
                    .toList();
            modest.namespace("shop").lease("/modest").acquire().close();

            assertThat(asked).as("200 take more than three minutes").anyMatch(each -> !each.isDone());
            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            asked.stream().filter(CompletableFuture::isDone).count() >= 2);
        }
    }

    private NamespaceManager by(int node, String name) {
        return NamespaceManager.builder()
                .name(name)
                .cluster("test")
                .followLeader(false)
                .connect(cluster.endpoint(node));
    }
}
