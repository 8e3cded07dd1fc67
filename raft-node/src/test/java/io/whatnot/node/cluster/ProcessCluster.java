package io.whatnot.node.cluster;

import static org.awaitility.Awaitility.await;

import io.whatnot.client.NamespaceManager;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.GrpcWire;
import io.whatnot.node.rpc.PeerChannels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A cluster of processes on loopback, to be killed, paused and started again. */
final class ProcessCluster implements AutoCloseable {
    private final Path folder;
    private final List<String> clients = new ArrayList<>();
    private final List<String> rafts = new ArrayList<>();
    private final List<String> settings;
    private final List<NodeProcess> processes = new ArrayList<>();
    private final GrpcWire wire = new GrpcWire(PeerChannels::open);

    private ProcessCluster(Path folder, int size, List<String> settings) throws IOException {
        this.folder = folder;
        this.settings = settings;
        List<String> endpoints = FreePorts.endpoints(2 * size);
        for (int i = 0; i < size; i++) {
            clients.add(endpoints.get(2 * i));
            rafts.add(endpoints.get(2 * i + 1));
        }
    }

    /** Starts that many, with those flags besides what they need, and waits until one leads. */
    static ProcessCluster start(Path folder, int size, String... settings) throws IOException {
        ProcessCluster cluster = new ProcessCluster(folder, size, List.of(settings));
        Files.createDirectories(folder);
        for (int i = 0; i < size; i++) {
            cluster.processes.add(NodeProcess.start(cluster.log(i), cluster.arguments(i)));
        }
        cluster.awaitLeader();
        return cluster;
    }

    private Path log(int node) {
        return folder.resolve("n" + (node + 1) + ".log");
    }

    /** What a node is started with. */
    List<String> arguments(int node, String... more) {
        String nodes = IntStream.range(0, clients.size())
                .mapToObj(i -> "n" + (i + 1) + "=" + clients.get(i) + "/" + rafts.get(i))
                .collect(Collectors.joining(","));
        return Stream.of(
                        List.of(
                                "--cluster=test",
                                "--node=n" + (node + 1),
                                "--data=" + folder.resolve("n" + (node + 1)),
                                "--nodes=" + nodes,
                                "--raft.log=" + (ClusterLog.ON_DISK ? "rocksdb" : "memory")),
                        settings,
                        Arrays.asList(more))
                .flatMap(List::stream)
                .toList();
    }

    /** Starts a node whose process has ended. */
    void restart(int node, String... more) throws IOException {
        if (node(node).isAlive()) {
            throw new IllegalStateException("node " + node + " runs");
        }
        processes.set(node, NodeProcess.start(log(node), arguments(node, more)));
    }

    /** Kills all nodes that run, before any could tell another (SIGKILL). */
    void killAll() throws InterruptedException {
        processes.forEach(NodeProcess::beginKill);
        for (NodeProcess process : processes) {
            process.kill();
        }
    }

    /** Starts all nodes, whose processes have ended. */
    void restartAll() throws IOException {
        for (int node = 0; node < processes.size(); node++) {
            restart(node);
        }
    }

    NodeProcess node(int node) {
        return processes.get(node);
    }

    String endpoint(int node) {
        return clients.get(node);
    }

    String raftEndpoint(int node) {
        return rafts.get(node);
    }

    Path data(int node) {
        return folder.resolve("n" + (node + 1));
    }

    NamespaceManager connect(String name) {
        return NamespaceManager.builder().name(name).cluster("test").connect(String.join(",", clients));
    }

    NamespaceManager connect(String name, int node) {
        return NamespaceManager.builder().name(name).cluster("test").connect(clients.get(node));
    }

    /** What a node says of itself; nothing if it does not answer. */
    Optional<V1.StatusReply> status(int node) {
        try {
            return Optional.of(wire.status(clients.get(node)).get(2, TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** A node's role, or "silent". */
    String role(int node) {
        return status(node).map(V1.StatusReply::getRole).orElse("silent");
    }

    /** What a node has counted under that name since it started. */
    long counter(int node, String name) {
        return status(node).map(status -> status.getCountersOrDefault(name, 0)).orElse(0L);
    }

    /** The node that leads, once exactly one of these says it does and takes requests, and all others of them follow. */
    int awaitLeader(int... among) {
        int[] leader = new int[1];
        try {
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        int leaders = 0;
                        for (int node : among) {
                            Optional<V1.StatusReply> status = status(node);
                            String role = status.map(V1.StatusReply::getRole).orElse("silent");
                            if (role.equals("leader")
                                    && status.get().getLeader().getHere()) {
                                leaders++;
                                leader[0] = node;
                            } else if (!role.equals("follower")) {
                                return false;
                            }
                        }
                        return leaders == 1;
                    });
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("nobody leads all the others; " + outputs(), e);
        }
        return leader[0];
    }

    int awaitLeader() {
        return awaitLeader(IntStream.range(0, processes.size()).toArray());
    }

    /** Waits until that node has applied all that another has, which rests. */
    void awaitCaughtUp(int node, int with) {
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            Optional<V1.StatusReply> one = status(node);
            Optional<V1.StatusReply> other = status(with);
            return one.isPresent()
                    && other.isPresent()
                    && one.get().getAppliedIndex() >= other.get().getAppliedIndex();
        });
    }

    /** Everything that the nodes printed, for the message of a failure. */
    String outputs() {
        return IntStream.range(0, processes.size())
                .mapToObj(i -> "n" + (i + 1) + " printed:\n" + processes.get(i).output())
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        wire.close();
        processes.forEach(NodeProcess::close);
    }
}
