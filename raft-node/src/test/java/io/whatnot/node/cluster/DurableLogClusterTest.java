package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes as processes whose logs are on disk: what they know outlives them. */
@Tag("cluster")
@Timeout(120)
final class DurableLogClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private ProcessCluster cluster;

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void start() throws IOException {
        cluster = ProcessCluster.start(folder, 3, "--raft.log=rocksdb", "--raft.snapshotEntries=100");
    }

    /** A client that waits for a cluster which is started again, and whose session lives meanwhile. */
    private NamespaceManager connect(String name) {
        return NamespaceManager.builder()
                .name(name)
                .cluster("test")
                .sessionTtl(Duration.ofSeconds(60))
                .requestTimeout(Duration.ofSeconds(60))
                .connect(cluster.endpoint(0) + "," + cluster.endpoint(1) + "," + cluster.endpoint(2));
    }

    @Test
    void whenAllAreKilledAtOnceUnderLoadNothingAcknowledgedIsLostAndWhatWasHeldIsHeldOn() throws Exception {
        start();
        try (NamespaceManager holder = connect("holder");
                NamespaceManager writer = connect("writer")) {
            LeaseContext held = holder.namespace("shop").lease("/held").acquire();
            Load load = new Load(writer.namespace("shop"));
            for (int round = 0; round < 2; round++) {
                int before = load.acknowledged.size();
                int tokensBefore = load.tokens.size();
                await().atMost(PATIENCE)
                        .until(() ->
                                load.acknowledged.size() >= before + 300 && load.tokens.size() >= tokensBefore + 50);
                cluster.killAll();
                cluster.restartAll();
                cluster.awaitLeader();
            }
            int before = load.acknowledged.size();
            await().atMost(PATIENCE).until(() -> load.acknowledged.size() >= before + 100);
            load.stop();

            assertThat(Load.paths(writer.namespace("shop").subtree("/load"))).containsAll(load.acknowledged);
            assertThat(load.tokens).isSorted().doesNotHaveDuplicates();
            assertThat(Revision.epochOf(load.tokens.get(load.tokens.size() - 1)))
                    .as("nobody has forgotten anything, so no epoch begins")
                    .isZero();
            assertThat(held.isHeld()).isTrue();
            assertThat(held.lost()).isNotDone();
            assertThat(writer.namespace("shop").lease("/held").tryAcquire()).isEmpty();
            assertThat(cluster.outputs())
                    .contains("restored from a snapshot at entry ")
                    .doesNotContain("lost its memory", "without its memory", "WARN");
        }
    }

    @Test
    void aNodeThatIsStartedAgainVotesAsOneThatRemembers() throws Exception {
        start();
        int leader = cluster.awaitLeader();
        int restarted = (leader + 1) % 3;
        int third = (leader + 2) % 3;
        try (NamespaceManager client = connect("client")) {
            Namespace ns = client.namespace("shop");
            ns.put("/a", Value.of("before"));
            cluster.node(restarted).kill();
            ns.put("/b", Value.of("while it was away"));
            cluster.node(leader).kill();

            cluster.restart(restarted);

            // Without memory it could help to elect somebody only together with all others.
            cluster.awaitLeader(restarted, third);
            assertThat(ns.get("/b")).isPresent();
            assertThat(Revision.epochOf(
                            ns.put("/c", Value.of("after")).revision().value()))
                    .isZero();
        }
    }

    @Test
    void aNodeWhoseLogIsGoneIsOneWithoutMemoryUntilItIsTakenInAgain() throws Exception {
        start();
        int wiped = (cluster.awaitLeader() + 1) % 3;
        try (NamespaceManager client = connect("client")) {
            Namespace ns = client.namespace("shop");
            for (int i = 0; i < 250; i++) {
                ns.put("/" + i, Value.of("x"));
            }
            cluster.node(wiped).kill();
            delete(log(wiped));

            cluster.restart(wiped);

            cluster.awaitLeader();
            assertThat(cluster.node(wiped).output())
                    .contains("there is no log of this node in " + log(wiped) + ", though it was a voter")
                    .contains("its votes count again");
            // And once it has all again, that outlives it.
            await().atMost(PATIENCE)
                    .until(() -> Files.readString(log(wiped).resolve("owner")).contains("whole=true"));
            cluster.killAll();
            cluster.restart(wiped);
            cluster.restart((wiped + 1) % 3);
            cluster.awaitLeader(wiped, (wiped + 1) % 3);
            assertThat(ns.subtree("/")).hasSize(250);
            assertThat(Revision.epochOf(
                            ns.put("/c", Value.of("after")).revision().value()))
                    .isZero();
        }
    }

    @Test
    void aSnapshotThatIsDamagedIsToldAndNothingIsTakenFromIt() throws Exception {
        start();
        int leader = cluster.awaitLeader();
        int damaged = (leader + 1) % 3;
        try (NamespaceManager client = connect("client")) {
            Namespace ns = client.namespace("shop");
            for (int i = 0; i < 250; i++) {
                ns.put("/" + i, Value.of("x"));
            }
            cluster.awaitCaughtUp(damaged, leader);
            cluster.node(damaged).kill();
            Path image = find(log(damaged).resolve("snapshots"), "image");
            byte[] whole = Files.readAllBytes(image);
            byte[] flipped = whole.clone();
            flipped[whole.length / 2] ^= 1;

            for (byte[] bad : List.of(flipped, Arrays.copyOf(whole, whole.length - 100))) {
                Files.write(image, bad);
                cluster.restart(damaged);
                assertThat(cluster.node(damaged).awaitExit()).isEqualTo(1);
            }
            assertThat(cluster.node(damaged).output())
                    .contains("the node stops: the snapshot in " + image.getParent() + " can't be used, and nothing was"
                            + " taken from it (its image is damaged or can't be read: ")
                    .contains("If it can't be mended, remove " + log(damaged) + " and start the node again");
            ns.put("/while", Value.of("the others go on"));

            delete(log(damaged));
            cluster.restart(damaged);
            cluster.awaitLeader();
            cluster.awaitCaughtUp(damaged, leader);
            try (NamespaceManager reader = cluster.connect("reader", damaged)) {
                assertThat(reader.namespace("shop").subtree("/")).hasSize(251);
            }
        }
    }

    private Path log(int node) {
        return cluster.data(node).resolve("raft-log");
    }

    private static Path find(Path folder, String name) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(each -> each.getFileName().toString().equals(name))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
