package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose log is in memory comes to have it on disk, node by node, and does not go back by accident. */
@Tag("cluster")
@Timeout(120)
final class MoveToDiskClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

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
    void nodesOfBothKindsWorkTogetherUntilAllRemember() throws Exception {
        cluster = TestCluster.of(folder, 3);
        cluster.logOnDisk(false);
        cluster.startAll();
        long token;
        try (NamespaceManager client = cluster.connect("client")) {
            Namespace ns = client.namespace("shop");
            ns.put("/kept", Value.of("x"));
            for (int i = 0; i < 3; i++) {
                int node = i;
                cluster.stop(node);
                cluster.logOnDisk(true);
                cluster.start(node);
                cluster.awaitLeader();
                await().atMost(PATIENCE)
                        .until(() -> Files.readString(cluster.data(node).resolve("raft-log/owner"))
                                .contains("whole=true"));
                ns.put("/while/" + node, Value.of("x"));
            }
            try (LeaseContext lease = ns.lease("/lock").acquire()) {
                token = lease.token().value();
            }
        }
        for (int node = 0; node < 3; node++) {
            cluster.stop(node);
        }

        cluster.logOnDisk(false);
        assertThatThrownBy(() -> cluster.start(0))
                .hasMessageContaining("keeps its log on disk, and raft.log is memory");
        cluster.logOnDisk(true);
        cluster.startAll();

        try (NamespaceManager client = cluster.connect("next")) {
            Namespace ns = client.namespace("shop");
            assertThat(ns.subtree("/"))
                    .extracting(element -> element.path().toString())
                    .contains("/kept", "/while/0", "/while/1", "/while/2");
            try (LeaseContext lease = ns.lease("/lock").acquire()) {
                assertThat(lease.token().value()).isGreaterThan(token);
                assertThat(Revision.epochOf(lease.token().value())).isZero();
            }
        }
        cluster.awaitSameState();
    }
}
