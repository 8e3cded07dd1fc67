package io.whatnot.node.faults;

import io.whatnot.node.cluster.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Clients as processes. One that was killed comes back as another client, from the same place. */
final class FaultyClients implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(90);
    private static final Duration FINISH = Duration.ofSeconds(60);

    private final FaultyNetwork network;
    private final Path folder;
    private final String counters;
    private final Random random;
    private final List<NodeProcess> processes = new ArrayList<>();
    private final List<Path> histories = new ArrayList<>();
    private final int[] lives;
    private long generation;

    private FaultyClients(FaultyNetwork network, Path folder, String counters, long seed) {
        this.network = network;
        this.folder = folder;
        this.counters = counters;
        this.random = new Random(seed);
        this.lives = new int[network.processes() - network.nodes()];
    }

    /** Starts all clients that the network has room for. */
    static FaultyClients start(FaultyNetwork network, Path folder, String counters, long seed) throws IOException {
        FaultyClients clients = new FaultyClients(network, folder, counters, seed);
        Files.createDirectories(folder);
        for (int client = 0; client < clients.lives.length; client++) {
            clients.processes.add(clients.launch(client));
        }
        return clients;
    }

    private NodeProcess launch(int client) throws IOException {
        String name = "c" + (client + 1) + "-" + ++lives[client];
        Path hosts = network.writeHosts(network.nodes() + client, folder.resolve("c" + (client + 1) + ".hosts"));
        Path history = folder.resolve(name + ".history");
        histories.add(history);
        return NodeProcess.start(
                folder.resolve("c" + (client + 1) + ".log"),
                ClientProcess.class,
                List.of("-Djdk.net.hosts.file=" + hosts, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
                List.of(
                        name,
                        endpoints(),
                        history.toString(),
                        Long.toString(random.nextLong()),
                        Long.toString(generation),
                        counters));
    }

    private String endpoints() {
        return IntStream.range(0, network.nodes())
                .mapToObj(network::clientEndpoint)
                .collect(Collectors.joining(","));
    }

    /** Some node is somewhere else now: whoever connects for the first time has to know. */
    void nodesHaveMoved() throws IOException {
        for (NodeProcess process : processes) {
            process.tell("nodes " + endpoints());
        }
    }

    int size() {
        return lives.length;
    }

    NodeProcess client(int client) {
        return processes.get(client);
    }

    /** SIGKILL, while it waits, holds, renews; then there is another. */
    void killAndReplace(int client) throws IOException, InterruptedException {
        processes.get(client).kill();
        processes.set(client, launch(client));
    }

    /** The cluster has lost its memory: what was written before is not counted on any more. */
    void enterNextGeneration() throws IOException {
        generation++;
        for (NodeProcess process : processes) {
            process.tell("generation " + generation);
        }
    }

    long generation() {
        return generation;
    }

    /** What all clients that ever were have written down. */
    List<Path> histories() {
        return List.copyOf(histories);
    }

    /** Stops all workloads; tells what went wrong with that. */
    List<String> stop() throws IOException {
        for (NodeProcess process : processes) {
            process.tell("stop");
        }
        return each(STOP, process -> process.output().contains(ClientProcess.STOPPED), "stop");
    }

    /** Has all of them say what they have come to, and end; tells what went wrong with that. */
    List<String> finish(long revision) throws IOException {
        for (NodeProcess process : processes) {
            process.tell("finish " + revision);
        }
        return each(FINISH, process -> !process.isAlive(), "end");
    }

    private List<String> each(Duration atMost, Predicate<NodeProcess> done, String what) {
        List<String> wrong = new ArrayList<>();
        for (int client = 0; client < processes.size(); client++) {
            NodeProcess process = processes.get(client);
            try {
                Awaitility.await().atMost(atMost).until(() -> done.test(process));
            } catch (ConditionTimeoutException e) {
                wrong.add("I14 every call is answered: client " + (client + 1) + " does not " + what + " within "
                        + atMost.toSeconds() + " s");
            }
        }
        return wrong;
    }

    /** The clients that ended though nothing was done to them. */
    List<Integer> endedByThemselves() {
        return IntStream.range(0, processes.size())
                .filter(client -> !processes.get(client).isAlive())
                .boxed()
                .toList();
    }

    @Override
    public void close() {
        processes.forEach(NodeProcess::close);
    }
}
