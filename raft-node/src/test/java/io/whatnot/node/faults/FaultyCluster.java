package io.whatnot.node.faults;

import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.Revision;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.GrpcWire;
import io.whatnot.node.cluster.NodeProcess;
import io.whatnot.node.rpc.PeerChannels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Nodes as processes, on a faulty network. Knows which of them may have forgotten what they knew, so that a loss is excused
 * only if a majority had at once.
 */
final class FaultyCluster implements AutoCloseable {
    static final String NAME = "faults";
    private static final int STATUS_MILLIS = 2_000;
    private static final Duration CHANGES = Duration.ofSeconds(60);

    /** Where logs are kept: in memory, or on disk, which no kill makes forget. */
    enum LogKept {
        MEMORY,
        ROCKSDB
    }

    private final FaultyNetwork network;
    private final Path folder;
    private final LogKept kept;
    private final List<NodeProcess> processes = new ArrayList<>();
    /** How often another node has taken the place of one. */
    private final int[] successions;

    private final TreeSet<Integer> down = new TreeSet<>();
    private final TreeSet<Integer> away = new TreeSet<>();
    private final GrpcWire wire = new GrpcWire(PeerChannels::open);

    private FaultyCluster(FaultyNetwork network, Path folder, LogKept kept) {
        this.network = network;
        this.folder = folder;
        this.kept = kept;
        this.successions = new int[network.nodes()];
    }

    /** Starts all nodes; what they print and keep is in that folder. */
    static FaultyCluster start(FaultyNetwork network, Path folder, LogKept kept) throws IOException {
        FaultyCluster cluster = new FaultyCluster(network, folder, kept);
        Files.createDirectories(folder);
        for (int node = 0; node < network.nodes(); node++) {
            cluster.processes.add(cluster.launch(node));
        }
        return cluster;
    }

    private NodeProcess launch(int node) throws IOException {
        return NodeProcess.start(log(node), NodeProcess.class, flags(node), arguments(node));
    }

    private List<String> flags(int node) throws IOException {
        Path hosts = network.writeHosts(node, folder.resolve(FaultyNetwork.name(node) + ".hosts"));
        return List.of("-Djdk.net.hosts.file=" + hosts, "-Dorg.slf4j.simpleLogger.defaultLogLevel=info");
    }

    private List<String> arguments(int node) {
        String nodes = IntStream.range(0, network.nodes())
                .mapToObj(i -> id(i) + "=" + network.clientEndpoint(i) + "/" + network.raftEndpoint(i))
                .collect(Collectors.joining(","));
        List<String> arguments = new ArrayList<>(List.of(
                "--cluster=" + NAME,
                "--node=" + id(node),
                "--data=" + data(node),
                "--nodes=" + nodes,
                "--listen.client=" + network.clientListener(node),
                "--listen.raft=" + network.raftListener(node),
                // so small that whoever was away for some seconds needs a snapshot, and replicas are compared often
                "--raft.snapshotEntries=1500",
                "--raft.digestEntries=1000"));
        if (kept == LogKept.ROCKSDB) {
            arguments.add("--raft.log=rocksdb");
        }
        if (successions[node] > 0) {
            arguments.add("--join");
        }
        return arguments;
    }

    private Path log(int node) {
        return folder.resolve(FaultyNetwork.name(node) + ".log");
    }

    Path data(int node) {
        return folder.resolve(id(node));
    }

    /** What a node calls itself now. */
    String id(int node) {
        return FaultyNetwork.name(node) + (successions[node] == 0 ? "" : "-" + successions[node]);
    }

    int size() {
        return network.nodes();
    }

    FaultyNetwork network() {
        return network;
    }

    NodeProcess node(int node) {
        return processes.get(node);
    }

    // ---- what is done to nodes

    /** SIGKILL: what it had in memory is gone. */
    void kill(int node) throws InterruptedException {
        ends(node);
        processes.get(node).kill();
    }

    /** SIGTERM: it hands over, if it leads, and what it had in memory is gone. */
    void stop(int node) throws IOException, InterruptedException {
        ends(node);
        processes.get(node).terminate();
    }

    /** It can't write its metadata any more, and is to end by that; tells what is in the way. */
    Path blockMetadata(int node) throws IOException {
        ends(node);
        return Files.createDirectory(data(node).resolve("raft-metadata.new"));
    }

    private void ends(int node) {
        down.add(node);
        away.add(node);
    }

    void restart(int node) throws IOException {
        processes.set(node, launch(node));
        down.remove(node);
    }

    /** Starts a node that has to refuse, and end by itself. */
    NodeProcess restartInVain(int node) throws IOException {
        processes.set(node, launch(node));
        return processes.get(node);
    }

    /**
     * Another node is in a node's place from now on, behind the same links: of another name, at other ports, it knows nothing
     * and wants to join. The one that was there goes on until it is removed, and is the caller's.
     */
    NodeProcess succeed(int node) throws IOException {
        NodeProcess before = processes.get(node);
        successions[node]++;
        network.moveToOtherPorts(node);
        processes.set(node, launch(node));
        return before;
    }

    /** Starts a program with what a node is started with now: for one that is started again when it is none any more. */
    Supplier<NodeProcess> again(int node) throws IOException {
        List<String> arguments = arguments(node);
        List<String> flags = flags(node);
        Path log = folder.resolve(id(node) + ".again.log");
        return () -> {
            try {
                return NodeProcess.start(log, NodeProcess.class, flags, arguments);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /** Whether a majority has been down since the cluster was whole. */
    boolean aMajorityWasDown() {
        return away.size() > size() / 2;
    }

    /** Whether a majority may have forgotten at once; never, where logs are on disk. */
    boolean aMajorityForgot() {
        return isForgetful() && aMajorityWasDown();
    }

    /** Whether nodes forget when they are killed. */
    boolean isForgetful() {
        return kept == LogKept.MEMORY;
    }

    /** The nodes that ended though nothing was done to them. */
    List<Integer> endedByThemselves() {
        return IntStream.range(0, size())
                .filter(node -> !down.contains(node) && !processes.get(node).isAlive())
                .boxed()
                .toList();
    }

    // ---- what nodes say

    /** What a node says of itself, on a way that no fault is on; nothing if it does not answer. */
    Optional<V1.StatusReply> status(int node) throws InterruptedException {
        if (down.contains(node)) {
            return Optional.empty();
        }
        try {
            return Optional.of(wire.status(network.clientListener(node)).get(STATUS_MILLIS, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    /** The node that says it leads, of several the one of the highest term; nothing if none does. */
    Optional<Integer> leader() throws InterruptedException {
        Integer leader = null;
        long term = -1;
        for (int node = 0; node < size(); node++) {
            V1.StatusReply status = status(node).orElse(null);
            if (status != null && status.getRole().equals("leader") && status.getTerm() > term) {
                leader = node;
                term = status.getTerm();
            }
        }
        return Optional.ofNullable(leader);
    }

    /** Why not exactly one leads and all others follow it, with their memories; null if they do. */
    @Nullable
    String disturbance() throws InterruptedException {
        int leaders = 0;
        for (int node = 0; node < size(); node++) {
            V1.StatusReply status = status(node).orElse(null);
            if (status == null) {
                return FaultyNetwork.name(node) + " does not answer";
            }
            if (status.getRole().equals("leader") && status.getLeader().getHere()) {
                leaders++;
            } else if (!status.getRole().equals("follower")) {
                return FaultyNetwork.name(node) + " is " + status.getRole();
            }
        }
        if (leaders != 1) {
            return leaders + " nodes lead";
        }
        away.clear();
        return null;
    }

    /** The newest epoch that a node is in. */
    long epoch() throws InterruptedException {
        long epoch = 0;
        for (int node = 0; node < size(); node++) {
            epoch = Math.max(
                    epoch,
                    status(node)
                            .map(status -> Revision.epochOf(status.getRevision()))
                            .orElse(0L));
        }
        return epoch;
    }

    /** Waits, no longer than told, and as long as no node has ended by itself. */
    boolean await(Duration atMost, Condition condition) throws InterruptedException {
        try {
            Awaitility.await()
                    .atMost(atMost)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> !endedByThemselves().isEmpty() || condition.holds());
        } catch (ConditionTimeoutException e) {
            return false;
        }
        return endedByThemselves().isEmpty();
    }

    /** What is waited for. */
    interface Condition {
        boolean holds() throws InterruptedException;
    }

    /** A client on whose way to the nodes there are no faults. */
    NamespaceManager connect(String name) {
        String endpoints =
                IntStream.range(0, size()).mapToObj(network::clientListener).collect(Collectors.joining(","));
        return builder(name).connect(endpoints);
    }

    /** Such a client of one node. */
    NamespaceManager connect(String name, int node) {
        return builder(name).connect(network.clientListener(node));
    }

    private static NamespaceManager.Builder builder(String name) {
        return NamespaceManager.builder()
                .name(name)
                .cluster(NAME)
                .sessionTtl(Duration.ofSeconds(4))
                .requestTimeout(Duration.ofSeconds(20))
                .followLeader(false);
    }

    /** One who changes who the members are, which takes as long as catching up does. */
    NamespaceManager operator() {
        String endpoints =
                IntStream.range(0, size()).mapToObj(network::clientListener).collect(Collectors.joining(","));
        return builder("operator").requestTimeout(CHANGES).connect(endpoints);
    }

    /** The last that a node printed. */
    String lastWords(int node) {
        List<String> lines = processes.get(node).output().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    }

    @Override
    public void close() {
        processes.forEach(NodeProcess::close);
        wire.close();
    }
}
