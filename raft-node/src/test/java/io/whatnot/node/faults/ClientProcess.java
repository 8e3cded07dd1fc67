package io.whatnot.node.faults;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.Revision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client of the cluster in a process of its own, which can be killed and paused. It does all workloads at once, through
 * the SDK, until its standard input says {@code stop}, and writes all of it down. At {@code generation N} it leaves alone
 * what it wrote before; at {@code nodes ENDPOINTS} it knows where to begin; at {@code finish REVISION} it says what its watches have come to, and ends. It ends with whoever
 * started it at the latest.
 */
final class ClientProcess {
    static final String STOPPED = "all workloads have stopped";
    private static final int STOP_SECONDS = 60;

    private final Client client;
    private final Random random;
    private final List<Thread> threads = new ArrayList<>();
    private final List<WatchLoad> watches = new ArrayList<>();
    private final List<Load> loads = new ArrayList<>();

    private ClientProcess(Client client, long seed) {
        this.client = client;
        this.random = new Random(seed);
    }

    /** NAME ENDPOINTS HISTORY SEED GENERATION COUNTERS. */
    public static void main(String[] arguments) throws Exception {
        try (History history = new History(Path.of(arguments[2]))) {
            Client client = new Client(arguments[0], arguments[1], history, Long.parseLong(arguments[4]));
            new ClientProcess(client, Long.parseLong(arguments[3])).run(arguments[5]);
        }
    }

    private void run(String counters) throws Exception {
        try (NamespaceManager writer = client.connect("writer", Duration.ofSeconds(4));
                NamespaceManager holder = client.connect("holder", Duration.ofSeconds(3));
                NamespaceManager watcher = client.connect("watcher", Duration.ofSeconds(4));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            begin(Client.namespace(writer), Client.namespace(holder), Client.namespace(watcher), counters);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case "generation" -> client.enter(Long.parseLong(words[1]));
                    case "nodes" -> client.nodesAreAt(words[1]);
                    case "stop" -> stop();
                    case "finish" -> {
                        for (WatchLoad watch : watches) {
                            watch.conclude(new Revision(Long.parseLong(words[1])));
                        }
                        loads.forEach(Load::close);
                        return;
                    }
                    default -> throw new IllegalArgumentException(line);
                }
            }
        }
        Runtime.getRuntime().halt(3); // nobody is there any more
    }

    private void begin(Namespace writer, Namespace holder, Namespace watcher, String counters) throws IOException {
        String name = client.name();
        for (int i = 0; i < 8; i++) {
            begin(new RegisterLoad(client, writer, name + "-" + i), 14);
        }
        for (int i = 0; i < 4; i++) {
            begin(new LeaseLoad(client, holder, name + "-l" + i), 10);
        }
        for (int i = 0; i < 2; i++) {
            begin(new FenceLoad(client, holder, name + "-f" + i, new ProtectedCounters.Remote(counters)), 10);
        }
        for (int i = 0; i < 2; i++) {
            begin(new ListLoad(client, writer, name + "-t" + i), 40);
            begin(new DeadlockLoad(client, holder, name + "-d" + i), 40);
            begin(new PoolLoad(client, holder, name + "-s" + i), 40);
        }
        begin(new PokeLoad(client, writer, name + "-p"), 20);
        begin(new UniqueLoad(client, writer), 100);
        begin(new SessionLoad(client), 1_000);
        for (boolean resumes : new boolean[] {false, true}) {
            WatchLoad watch = new WatchLoad(client, watcher, resumes);
            watches.add(watch);
            begin(watch, 1);
        }
    }

    /** Begins a workload in a thread of its own, which pauses up to so long after each step. */
    private void begin(Load load, int pauseMillis) {
        loads.add(load);
        Random chance = new Random(random.nextLong());
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!client.isStopped()) {
                            load.step(chance);
                            LockSupport.parkNanos(chance.nextLong(TimeUnit.MILLISECONDS.toNanos(pauseMillis)));
                        }
                    } catch (Exception | AssertionError e) {
                        client.history()
                                .violation("a workload does not throw: "
                                        + load.getClass().getSimpleName() + " threw " + e);
                        e.printStackTrace();
                    }
                },
                load.getClass().getSimpleName() + "-" + loads.size());
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void stop() throws InterruptedException {
        client.stop();
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
            if (thread.isAlive()) {
                client.history()
                        .violation("I14 every call is answered: " + thread.getName() + " still waits after "
                                + STOP_SECONDS + " s, at " + List.of(thread.getStackTrace()));
            }
        }
        System.out.println(STOPPED);
    }
}
