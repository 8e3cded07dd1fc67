package io.whatnot.node.cluster;

import static org.awaitility.Awaitility.await;

import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.node.WhatnotNode;
import io.whatnot.node.config.NodeConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A cluster of nodes in this JVM, with real JRaft and gRPC between them. */
final class TestCluster implements AutoCloseable {
    /** After so many entries the nodes compare their states. */
    static final int DIGEST_ENTRIES = 100;

    private final Path folder;
    private final List<NodeConfig.Member> members = new ArrayList<>();
    private final @Nullable WhatnotNode[] nodes;
    private final long snapshotEntries;
    private final int founders;
    private final long autopilotDeadMillis;
    /** Where nodes that are started from now on keep their log. */
    private boolean logOnDisk = ClusterLog.ON_DISK;
    /** Why each node could not go on. */
    private final List<Queue<String>> fatal = new ArrayList<>();

    private TestCluster(Path folder, int size, long snapshotEntries) throws IOException {
        this(folder, size, size, snapshotEntries, 0);
    }

    private TestCluster(Path folder, int founders, int size, long snapshotEntries, long autopilotDeadMillis)
            throws IOException {
        this.founders = founders;
        this.autopilotDeadMillis = autopilotDeadMillis;
        this.folder = folder;
        this.nodes = new @Nullable WhatnotNode[size];
        this.snapshotEntries = snapshotEntries;
        List<String> endpoints = FreePorts.endpoints(2 * size);
        for (int i = 0; i < size; i++) {
            fatal.add(new ConcurrentLinkedQueue<>());
            members.add(new NodeConfig.Member("n" + (i + 1), endpoints.get(2 * i), endpoints.get(2 * i + 1)));
        }
    }

    static TestCluster start(Path folder, int size) throws IOException {
        return start(folder, size, 100_000);
    }

    /** Founded by so many nodes, and with others that have not been started, and will want to join. */
    static TestCluster startToGrow(Path folder, int founders, int size, long autopilotDeadMillis) throws IOException {
        return startToGrow(folder, founders, size, autopilotDeadMillis, ClusterLog.ON_DISK);
    }

    /** The same, with logs that are on disk, or are not, however the other tests are run. */
    static TestCluster startToGrow(Path folder, int founders, int size, long autopilotDeadMillis, boolean logOnDisk)
            throws IOException {
        TestCluster cluster = new TestCluster(folder, founders, size, 1_000, autopilotDeadMillis);
        cluster.logOnDisk(logOnDisk);
        for (int i = 0; i < founders; i++) {
            cluster.start(i);
        }
        cluster.awaitLeader();
        return cluster;
    }

    /** A cluster of which no node runs yet. */
    static TestCluster of(Path folder, int size) throws IOException {
        return new TestCluster(folder, size, 100_000);
    }

    static TestCluster start(Path folder, int size, long snapshotEntries) throws IOException {
        TestCluster cluster = new TestCluster(folder, size, snapshotEntries);
        cluster.startAll();
        return cluster;
    }

    /** A cluster of which no node runs yet. */
    static TestCluster of(Path folder, int size, long snapshotEntries) throws IOException {
        return new TestCluster(folder, size, snapshotEntries);
    }

    /** Starts all nodes, and waits until one leads. */
    void startAll() throws IOException {
        for (int i = 0; i < nodes.length; i++) {
            start(i);
        }
        awaitLeader();
    }

    void start(int node) throws IOException {
        start(node, FeatureLevel.NEWEST);
    }

    /** Starts a node that is as older software is, which supports feature levels up to that one. */
    void start(int node, int levelMax) throws IOException {
        nodes[node] = WhatnotNode.start(config(node), fatal.get(node)::add, levelMax);
    }

    /** Starts a node as one that joins, whatever it was before. */
    void startJoining(int node) throws IOException {
        nodes[node] = WhatnotNode.start(config(node, true), fatal.get(node)::add);
    }

    NodeConfig config(int node) {
        return config(node, founders <= node);
    }

    private NodeConfig config(int node, boolean join) {
        NodeConfig.Member self = members.get(node);
        return new NodeConfig(
                "test",
                self.id(),
                folder.resolve(self.id()),
                self.client(),
                self.raft(),
                known(node),
                10_000,
                false,
                500,
                200,
                snapshotEntries,
                64 << 20,
                256 << 20,
                logOnDisk,
                DIGEST_ENTRIES,
                autopilotDeadMillis,
                false,
                join);
    }

    /** Of a founder the founders; of one that joins the first of them, and itself. */
    private List<NodeConfig.Member> known(int node) {
        return node < founders ? members.subList(0, founders) : List.of(members.get(0), members.get(node));
    }

    /** Where nodes that are started from now on keep their log. */
    void logOnDisk(boolean onDisk) {
        logOnDisk = onDisk;
    }

    /** Stops a node in good order; its memory is gone if its log is not on disk, its metadata is not. */
    void stop(int node) {
        node(node).close();
        nodes[node] = null;
    }

    /** Where a node that does not run keeps what it knows of votes. */
    Path metadata(int node) {
        return folder.resolve(members.get(node).id()).resolve("raft-metadata");
    }

    /** The folder of a node's own. */
    Path data(int node) {
        return folder.resolve(members.get(node).id());
    }

    /** All that a node, which is stopped, has on disk is gone. */
    void emptyDisk(int node) throws IOException {
        try (Stream<Path> all = Files.walk(data(node))) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Why a node could not go on, as often as it said so. */
    List<String> fatal(int node) {
        return List.copyOf(fatal.get(node));
    }

    WhatnotNode node(int node) {
        return Objects.requireNonNull(nodes[node]);
    }

    int size() {
        return nodes.length;
    }

    List<WhatnotNode> running() {
        return Arrays.stream(nodes).filter(Objects::nonNull).collect(Collectors.toList());
    }

    String endpoints() {
        return members.stream().map(NodeConfig.Member::client).collect(Collectors.joining(","));
    }

    String raft(int node) {
        return members.get(node).raft();
    }

    String endpoint(int node) {
        return members.get(node).client();
    }

    NamespaceManager connect(String name) {
        return NamespaceManager.builder().name(name).cluster("test").connect(endpoints());
    }

    /** The node that leads, once one does and all the others that run follow it. */
    int awaitLeader() {
        int[] leader = new int[1];
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            List<String> roles =
                    running().stream().map(node -> node.status().getRole()).toList();
            for (int i = 0; i < nodes.length; i++) {
                WhatnotNode node = nodes[i];
                if (node != null
                        && node.status().getRole().equals("leader")
                        && node.status().getLeader().getHere()) {
                    leader[0] = i;
                }
            }
            return roles.stream().filter("leader"::equals).count() == 1
                    && roles.stream()
                            .allMatch(role -> List.of("leader", "follower", "learner", "joining")
                                    .contains(role));
        });
        return leader[0];
    }

    /** Waits until all nodes that run have applied the same, and shows that they have the same state, to the byte. */
    void awaitSameState() {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            List<byte[]> images =
                    running().stream().map(node -> image(node)).distinct().toList();
            for (byte[] image : images) {
                if (!Arrays.equals(image, images.get(0))) {
                    throw new AssertionError("the replicas differ");
                }
            }
        });
    }

    /** Waits until all nodes that run know a namespace. */
    void awaitNamespace(String namespace) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> running().stream()
                        .allMatch(node ->
                                node.engine().state().elements().namespaces().contains(namespace)));
    }

    private static byte[] image(WhatnotNode node) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageWriter.write(node.engine().state(), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    @Override
    public void close() {
        for (int i = 0; i < nodes.length; i++) {
            if (nodes[i] != null) {
                stop(i);
            }
        }
    }
}
