package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a cluster whose nodes have lost their memory: one, all but one, all, or their disks as well. */
@Tag("cluster")
@Timeout(120)
final class AmnesiaClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @BeforeEach
    void make() throws Exception {
        cluster = TestCluster.of(folder, 3);
        cluster.logOnDisk(false);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private long epoch() {
        return cluster.node(cluster.awaitLeader()).engine().state().epoch();
    }

    /** A client that keeps nothing waiting long: its session's ttl is the longest there is. */
    private NamespaceManager connect() {
        return NamespaceManager.builder()
                .name("client")
                .cluster("test")
                .sessionTtl(Duration.ofSeconds(1))
                .requestTimeout(PATIENCE)
                .connect(cluster.endpoints());
    }

    @Test
    void aClusterIsFoundedOnlyWhenAllItsVotersAreThere() throws Exception {
        cluster.start(0);
        cluster.start(1);
        await().during(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .until(() -> List.of(0, 1).stream()
                        .allMatch(node -> cluster.node(node).status().getRole().equals("founding")));

        cluster.start(2);

        cluster.awaitLeader();
        assertThat(epoch()).isZero();
    }

    @Test
    void aVoterWithoutMemoryCatchesUpAndItsVoteCountsAgain() throws Exception {
        cluster.startAll();
        int back = (cluster.awaitLeader() + 1) % 3;
        cluster.stop(back);
        try (NamespaceManager client = connect()) {
            client.namespace("shop").put("/kept", Value.of("x"));
            cluster.start(back);
            cluster.awaitLeader();
            // With the leader gone, the vote of the one that was away is needed.
            cluster.stop(cluster.awaitLeader());
            cluster.awaitLeader();
            assertThat(client.namespace("shop").get("/kept")).isPresent();
        }
        assertThat(epoch()).as("a majority has remembered all the time").isZero();
        cluster.awaitSameState();
    }

    @Test
    void whileOneNodeLivesTheStateIsKeptAndTokensGrow() throws Exception {
        cluster.startAll();
        int survivor = cluster.awaitLeader();
        try (NamespaceManager client = connect()) {
            Namespace ns = client.namespace("shop");
            ns.put("/kept", Value.of("x"));
            LeaseContext before = ns.lease("/lock").acquire();
            before.close();
            cluster.stop((survivor + 1) % 3);
            cluster.stop((survivor + 2) % 3);
            await().atMost(PATIENCE)
                    .until(() -> !cluster.node(survivor).status().getRole().equals("leader"));

            cluster.start((survivor + 1) % 3);
            cluster.start((survivor + 2) % 3);

            cluster.awaitLeader();
            assertThat(epoch()).isPositive();
            assertThat(ns.get("/kept"))
                    .hasValueSatisfying(kept -> assertThat(kept.value().text()).isEqualTo("x"));
            LeaseContext after = ns.lease("/lock").acquire();
            assertThat(after.token().value()).isGreaterThan(before.token().value());
            assertThat(Revision.epochOf(after.token().value())).isEqualTo(epoch());
            ns.put("/kept", Value.of("y"));
        }
        cluster.awaitSameState();
    }

    @Test
    void whenAllHaveForgottenTheClusterIsEmptyButTokensGrow() throws Exception {
        cluster.startAll();
        long token;
        try (NamespaceManager client = connect()) {
            Namespace ns = client.namespace("shop");
            ns.put("/gone", Value.of("x"));
            token = ns.lease("/lock").acquire().token().value();
        }
        for (int node = 0; node < 3; node++) {
            cluster.stop(node);
        }

        cluster.startAll();

        assertThat(epoch()).isPositive();
        try (NamespaceManager client = connect()) {
            Namespace ns = client.namespace("shop");
            assertThat(ns.lease("/lock").acquire().token().value()).isGreaterThan(token);
            assertThat(ns.get("/gone")).isEmpty();
        }
        cluster.awaitSameState();
    }

    @Test
    void aLeaseThatAClientHoldsOutlivesTheMemoryOfAllNodes() throws Exception {
        cluster.startAll();
        try (NamespaceManager holder = NamespaceManager.builder()
                .name("holder")
                .cluster("test")
                .sessionTtl(Duration.ofSeconds(15))
                .requestTimeout(PATIENCE)
                .connect(cluster.endpoints())) {
            LeaseContext lease = holder.namespace("shop").lease("/lock").acquire();
            for (int node = 0; node < 3; node++) {
                cluster.stop(node);
            }

            cluster.startAll();

            await().atMost(PATIENCE)
                    .until(() -> cluster.node(cluster.awaitLeader())
                                    .engine()
                                    .state()
                                    .locks()
                                    .leaseCount()
                            == 1);
            assertThat(lease.isHeld()).isTrue();
            assertThat(lease.lost()).isNotDone();
            try (NamespaceManager other = connect()) {
                assertThat(other.namespace("shop").lease("/lock").tryAcquire()).isEmpty();
                lease.close();
                LeaseContext next = other.namespace("shop").lease("/lock").acquire();
                assertThat(next.token().value()).isGreaterThan(lease.token().value());
            }
        }
    }

    @Test
    void aVoterWhoseDiskWasEmptiedStopsAndSaysWhatToDo() throws Exception {
        cluster.startAll();
        int emptied = (cluster.awaitLeader() + 1) % 3;
        cluster.stop(emptied);
        Files.delete(cluster.metadata(emptied));

        cluster.start(emptied);

        await().atMost(PATIENCE).until(() -> !cluster.fatal(emptied).isEmpty());
        assertThat(cluster.fatal(emptied).get(0))
                .startsWith("the cluster was founded before, by ")
                .contains("add it again under a new name");
        assertThat(cluster.node(emptied).status().getRole()).isEqualTo("founding");
        try (NamespaceManager client = connect()) {
            client.namespace("shop").put("/still", Value.of("works"));
        }
    }

    @Test
    void anOldCopyOfTheMetadataIsNoticed() throws Exception {
        cluster.startAll();
        int node = (cluster.awaitLeader() + 1) % 3;
        cluster.stop(node);
        byte[] old = Files.readAllBytes(cluster.metadata(node));
        for (int i = 0; i < 2; i++) {
            cluster.start(node);
            cluster.awaitLeader();
            cluster.stop(node);
        }
        Files.write(cluster.metadata(node), old);

        cluster.start(node);

        await().atMost(PATIENCE).until(() -> !cluster.fatal(node).isEmpty());
        assertThat(cluster.fatal(node).get(0)).contains("is an old copy");
        try (NamespaceManager client = connect()) {
            client.namespace("shop").put("/still", Value.of("works"));
        }
    }
}
