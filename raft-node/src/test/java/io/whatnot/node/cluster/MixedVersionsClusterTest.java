package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.NodeStatus;
import io.whatnot.client.Outcome;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.Value;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of this version together with one that is as older software is, which supports the first feature level alone. */
@Tag("cluster")
@Timeout(120)
final class MixedVersionsClusterTest {
    private static final int OLD = 2;
    private static final int FEW_ENTRIES = 30;
    private static final int MANY_ENTRIES = 100_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void aClusterIsUpgradedByRollingAndRaisedWhenTheLastNodeIs() throws Exception {
        startWithAnOldNode(MANY_ENTRIES);
        awaitFoundedAt(1);

        writeThroughEveryNode("while one is old");
        for (int node = 0; node < 3; node++) {
            WhatnotException refused = putIfPresentFails(node);
            assertThat(refused.code()).isEqualTo(ErrorCode.UNSUPPORTED);
            assertThat(refused.outcome()).isEqualTo(Outcome.NOT_APPLIED);
            assertThat(refused).hasMessageContaining("feature level 2");
        }
        cluster.awaitSameState();

        assertThat(raiseFails())
                .hasMessageContaining("the cluster stays at feature level 1")
                .hasMessageMatching(
                        "(?s).*(n3 .*|the leader, " + cluster.endpoint(OLD) + ",) supports levels up to 1.*");
        cluster.stop(OLD);
        cluster.awaitLeader();
        assertThat(raiseFails())
                .hasMessageContaining(
                        "the node at " + cluster.config(OLD).self().raft() + " does not say");

        cluster.start(OLD);
        cluster.awaitLeader();
        try (NamespaceManager operator = cluster.connect("operator")) {
            operator.admin().raiseLevel(2);
            assertThat(operator.nodes()).extracting(NodeStatus::levelMax).containsOnly(FeatureLevel.NEWEST);
        }
        awaitFoundedAt(2);
        writeThroughEveryNode("when none is");
        putIfPresentThroughEveryNode();
        cluster.awaitSameState();
    }

    @Test
    void oldSoftwareThatComesBackAfterTheRaiseStopsWithAClearWordAndHarmsNobody() throws Exception {
        startWithAnOldNode(MANY_ENTRIES);
        awaitFoundedAt(1);
        upgradeAndRaise();

        cluster.stop(OLD);
        cluster.start(OLD, FeatureLevel.FIRST);

        assertThat(theWordOfTheOldNode())
                .contains("its software is too old for its cluster")
                .contains("the cluster is raised to feature level 2")
                .contains("supports levels up to 1")
                .contains("start the node with a version that supports level 2");
        othersGoOnAndTheOldNodeComesBackUpgraded();
    }

    @Test
    void oldSoftwareThatIsSentASnapshotOfTheRaisedClusterStopsWithAClearWordToo() throws Exception {
        startWithAnOldNode(FEW_ENTRIES);
        awaitFoundedAt(1);
        upgradeAndRaise();
        cluster.stop(OLD);
        try (NamespaceManager writer = cluster.connect("writer")) {
            for (int i = 0; i < 10 * FEW_ENTRIES; i++) {
                writer.namespace("shop").put("/many", Value.of("" + i));
            }
        }

        cluster.start(OLD, FeatureLevel.FIRST);

        assertThat(theWordOfTheOldNode())
                .contains("its software is too old for its cluster: the image is of feature level 2");
        othersGoOnAndTheOldNodeComesBackUpgraded();
    }

    @Test
    void aNewClusterIsFoundedAtTheNewestLevelOnceAllItsNodesAreThere() throws Exception {
        cluster = TestCluster.of(folder, 3, MANY_ENTRIES);
        cluster.start(0);
        cluster.start(1);
        cluster.start(2);

        awaitFoundedAt(FeatureLevel.NEWEST);
        writeThroughEveryNode("when all are there");
        putIfPresentThroughEveryNode();
        cluster.awaitSameState();
    }

    // ---- how it is told

    private void startWithAnOldNode(int snapshotEntries) throws Exception {
        cluster = TestCluster.of(folder, 3, snapshotEntries);
        cluster.start(0);
        cluster.start(1);
        cluster.start(OLD, FeatureLevel.FIRST);
        cluster.awaitLeader();
    }

    private void awaitFoundedAt(int level) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> cluster.running().stream()
                        .map(node -> node.engine().state())
                        .allMatch(state -> state.isFounded() && state.level() == level));
    }

    private void upgradeAndRaise() throws Exception {
        cluster.stop(OLD);
        cluster.start(OLD);
        cluster.awaitLeader();
        try (NamespaceManager operator = cluster.connect("operator")) {
            operator.admin().raiseLevel(2);
        }
        awaitFoundedAt(2);
    }

    private void writeThroughEveryNode(String text) throws Exception {
        for (int node = 0; node < cluster.running().size(); node++) {
            try (NamespaceManager client = NamespaceManager.connect(cluster.endpoint(node))) {
                Namespace shop = client.namespace("shop");
                shop.put("/a/" + node, Value.of(text));
                assertThat(shop.get("/a/" + node).map(e -> e.value().text())).contains(text);
            }
        }
    }

    private void putIfPresentThroughEveryNode() throws Exception {
        for (int node = 0; node < 3; node++) {
            try (NamespaceManager client = NamespaceManager.connect(cluster.endpoint(node))) {
                Namespace shop = client.namespace("shop");
                shop.put("/a/0", Value.of("present, by " + node), Put.with().ifPresent());
                assertThat(shop.get("/a/0").map(e -> e.value().text())).contains("present, by " + node);
            }
            WhatnotException refused = putIfPresentFails(node);
            assertThat(refused.code()).isEqualTo(ErrorCode.NO_SUCH_ELEMENT);
        }
    }

    private WhatnotException putIfPresentFails(int node) throws InterruptedException {
        try (NamespaceManager client = NamespaceManager.connect(cluster.endpoint(node))) {
            return catchThrowableOfType(
                    WhatnotException.class,
                    () -> client.namespace("shop")
                            .put("/nobody/put/this", Value.of("x"), Put.with().ifPresent()));
        }
    }

    private WhatnotException raiseFails() {
        try (NamespaceManager operator = cluster.connect("operator")) {
            WhatnotException refused = catchThrowableOfType(
                    WhatnotException.class, () -> operator.admin().raiseLevel(2));
            assertThat(refused.code()).isEqualTo(ErrorCode.UNSUPPORTED);
            return refused;
        }
    }

    private String theWordOfTheOldNode() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(cluster.fatal(OLD)).isNotEmpty());
        return cluster.fatal(OLD).get(0);
    }

    private void othersGoOnAndTheOldNodeComesBackUpgraded() throws Exception {
        try (NamespaceManager client = cluster.connect("client")) {
            client.namespace("shop").put("/b", Value.of("with the old one failing"));
            cluster.stop(OLD);
            client.namespace("shop")
                    .put("/b", Value.of("with it gone"), Put.with().ifPresent());
            cluster.start(OLD);
            cluster.awaitLeader();
            cluster.awaitSameState();
            assertThat(client.namespace("shop").get("/b").map(e -> e.value().text()))
                    .contains("with it gone");
        }
        assertThat(cluster.fatal(0)).isEmpty();
        assertThat(cluster.fatal(1)).isEmpty();
    }
}
