package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A leader whose disk takes no more: it stops and says so, the others go on, and what was acknowledged is there. */
@Tag("cluster")
@Timeout(120)
final class DiskFailureClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int COULD_NOT_GO_ON = 1;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private ProcessCluster cluster;

    @AfterEach
    void stop() {
        cluster.close();
    }

    private NamespaceManager connect(Duration sessionTtl) {
        return NamespaceManager.builder()
                .name("client")
                .cluster("test")
                .sessionTtl(sessionTtl)
                .requestTimeout(PATIENCE)
                .connect(cluster.endpoint(0) + "," + cluster.endpoint(1) + "," + cluster.endpoint(2));
    }

    private int[] othersThan(int node) {
        return IntStream.range(0, 3).filter(i -> i != node).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "rocksdb"})
    void aLeaderThatCannotWriteItsMetadataStopsBeforeItSaysWhatHangsOnThemAndTheOthersGoOn(String log)
            throws Exception {
        cluster = ProcessCluster.start(folder, 3, "--raft.log=" + log);
        int leader = cluster.awaitLeader();
        try (NamespaceManager before = connect(Duration.ofSeconds(20))) {
            before.namespace("shop").put("/before", Value.of("x"));
            // Where the new metadata are to be written there is no place; this goes for any user.
            Path inTheWay = Files.createDirectory(cluster.data(leader).resolve("raft-metadata.new"));

            // Before it may grant a longer ttl than there was, the leader's disk has to know of it.
            try (NamespaceManager after = connect(Duration.ofMinutes(5))) {
                LeaseContext lease = after.namespace("shop").lease("/lock").acquire();
                assertThat(lease.isHeld()).isTrue();

                assertThat(cluster.node(leader).awaitExit()).isEqualTo(COULD_NOT_GO_ON);
                assertThat(cluster.node(leader).output())
                        .contains("the node stops: the Raft metadata can't be written to "
                                + cluster.data(leader).resolve("raft-metadata"))
                        .contains("Make the folder writable, or free disk space, and start the node again");
                cluster.awaitLeader(othersThan(leader));
                after.namespace("shop").put("/after", Value.of("x"));

                Files.delete(inTheWay);
                cluster.restart(leader);
                cluster.awaitLeader();
                assertThat(after.namespace("shop").subtree("/"))
                        .extracting(element -> element.path().toString())
                        .contains("/before", "/after");
                assertThat(lease.isHeld()).isTrue();
            }
        }
    }

    @Test
    void aLeaderWhoseDiskIsFullUnderTheLogStopsAndNothingAcknowledgedIsLost() throws Exception {
        cluster = ProcessCluster.start(folder, 3, "--raft.log=rocksdb");
        int leader = cluster.awaitLeader();
        try (NamespaceManager client = connect(Duration.ofMinutes(1))) {
            Namespace ns = client.namespace("shop");
            Load load = new Load(ns);
            await().atMost(PATIENCE).until(() -> load.acknowledged.size() >= 100);
            long room = Math.max(200_000, largestFile(cluster.data(leader).resolve("raft-log")) + 50_000);
            cluster.node(leader).limitFiles(room);
            ns.put("/large", Value.of("x".repeat(60_000)));
            ns.put("/larger", Value.of("x".repeat(60_000)));
            ns.put("/largest", Value.of("x".repeat(60_000)));

            assertThat(cluster.node(leader).awaitExit()).isEqualTo(COULD_NOT_GO_ON);
            int before = load.acknowledged.size();
            await().atMost(PATIENCE).until(() -> load.acknowledged.size() >= before + 100);
            load.stop();
            assertThat(cluster.node(leader).output())
                    .contains("the node stops: the log can't be written to "
                            + cluster.data(leader).resolve("raft-log").resolve("entries"))
                    .contains("Make the folder writable, or free disk space, and start the node again");
            assertThat(Load.paths(ns.subtree("/load"))).containsAll(load.acknowledged);

            cluster.restart(leader);
            cluster.awaitLeader();
            cluster.killAll();
            int other = (leader + 1) % 3;
            cluster.restart(leader);
            cluster.restart(other);
            cluster.awaitLeader(leader, other);
            assertThat(Load.paths(ns.subtree("/load"))).containsAll(load.acknowledged);
            assertThat(load.tokens).isSorted().doesNotHaveDuplicates();
        }
    }

    private static long largestFile(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.mapToLong(each -> each.toFile().length()).max().orElseThrow();
        }
    }
}
