package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot that comes from a leader whose disk has changed a byte of it. */
@Tag("cluster")
@Timeout(120)
final class DamagedSnapshotClusterTest {
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

    @ParameterizedTest(name = "log on disk: {0}")
    @ValueSource(booleans = {false, true})
    void whoIsSentADamagedSnapshotTakesNothingFromItAndStopsAndTheNextOneIsTaken(boolean onDisk) throws Exception {
        cluster = TestCluster.of(folder, 3, 100);
        cluster.logOnDisk(false);
        cluster.startAll();
        int leader = cluster.awaitLeader();
        int behind = (leader + 1) % 3;
        try (NamespaceManager client = cluster.connect("client")) {
            Namespace ns = client.namespace("shop");
            cluster.stop(behind);
            Path image = freshSnapshot(ns, leader);
            byte[] bytes = Files.readAllBytes(image);
            bytes[bytes.length - 3] ^= 1; // of its checksum
            Files.write(image, bytes);

            cluster.logOnDisk(onDisk);
            cluster.start(behind);

            await().atMost(PATIENCE).until(() -> !cluster.fatal(behind).isEmpty());
            assertThat(cluster.fatal(behind).get(0))
                    .contains("can't be used, and nothing was taken from it (its image is damaged or can't be read: the"
                            + " image is damaged: its checksum is ");
            assertThat(cluster.node(behind).engine().state().elements().namespaces())
                    .isEmpty();
            assertThat(cluster.fatal(leader)).isEmpty();
            cluster.stop(behind);
            write(ns, 250);
            await().atMost(PATIENCE)
                    .until(() -> !Files.exists(image) && image(leader).isPresent());
            cluster.start(behind);
            cluster.awaitLeader();
            cluster.awaitSameState();
        }
    }

    private static void write(Namespace ns, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            ns.put("/" + i, Value.of("x"));
        }
    }

    /** Writes until a node has cut its log at a snapshot, and has just made another, which stays for a while. */
    private Path freshSnapshot(Namespace ns, int node) throws Exception {
        write(ns, 250);
        for (int i = 0; i < 100; i++) {
            write(ns, 20);
            Optional<Path> image = image(node);
            if (image.isPresent() && applied(node) - index(image.get()) < 50) {
                return image.get();
            }
        }
        throw new AssertionError("no snapshot was made of 2,000 entries");
    }

    private long applied(int node) {
        return cluster.node(node).engine().status().getAppliedIndex();
    }

    private static long index(Path image) {
        String name = image.resolveSibling(".").normalize().getFileName().toString();
        return Long.parseLong(name.substring("snapshot_".length()));
    }

    /** A node's snapshot, if it has one of at least the 250th entry and makes none. */
    private Optional<Path> image(int node) throws IOException {
        try (Stream<Path> all =
                Files.list(cluster.data(node).resolve("volatile").resolve("snapshots"))) {
            List<Path> images = all.map(each -> each.resolve("image")).toList();
            return images.size() == 1 && images.get(0).toString().contains("snapshot_") && index(images.get(0)) >= 250
                    ? Optional.of(images.get(0))
                    : Optional.empty();
        }
    }
}
