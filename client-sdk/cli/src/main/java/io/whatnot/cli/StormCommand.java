package io.whatnot.cli;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.NodeStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a storm of requests for one path does to everybody else. */
@Command(
        name = "storm",
        mixinStandardHelpOptions = true,
        description = {
            "Many requests for one path that is locked, from many sessions at once; meanwhile somebody else locks and unlocks"
                    + " another path, over and over, and the leader's heap is looked at. The requests come from a process of"
                    + " their own.",
            "Ends with an error if the other was refused anything, or the lock in the storm's eye was lost."
        })
final class StormCommand implements Callable<Integer> {
    private static final String HOT = "/bench/storm/hot";
    private static final String COLD = "/bench/storm/cold";
    private static final long LOOK_MILLIS = 100;
    private static final long PATIENCE_SECONDS = 300;

    @Mixin
    private Connection connection = new Connection();

    @Option(names = "--requests", defaultValue = "100000", description = "Of all; default: ${DEFAULT-VALUE}.")
    private int requests;

    @Option(names = "--sessions", defaultValue = "20", description = "That send them; default: ${DEFAULT-VALUE}.")
    private int sessions;

    @Option(
            names = "--seconds",
            defaultValue = "10",
            description = "Before, while they wait, and after; default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** What was seen in a part of the run. */
    private static final class Phase {
        private final String name;
        private final long begunNanos = System.nanoTime();
        private final ConcurrentHistogram latency = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(5), 3);
        private final LongAdder errors = new LongAdder();
        private volatile long heapLeast = Long.MAX_VALUE;
        private volatile long heapMost;
        private volatile long waitingMost;

        Phase(String name) {
            this.name = name;
        }

        String line() {
            return String.format(
                    Locale.ROOT,
                    "%-8s %8.1f %8d %8d %8d %8d %7d %9d %10s",
                    name,
                    (System.nanoTime() - begunNanos) / 1e9,
                    latency.getTotalCount(),
                    latency.getValueAtPercentile(50) / 1000,
                    latency.getValueAtPercentile(99) / 1000,
                    latency.getMaxValue() / 1000,
                    errors.sum(),
                    waitingMost,
                    heapMost == 0 ? "unknown" : (heapLeast >> 20) + "-" + (heapMost >> 20));
        }
    }

    private volatile Phase phase = new Phase("warm-up");
    private final LongAdder errors = new LongAdder();
    private final CountDownLatch bystanderEnded = new CountDownLatch(1);
    private volatile boolean stopped;

    @Override
    public Integer call() throws Exception {
        if (requests < 1 || sessions < 1 || sessions > requests || !(seconds > 0)) {
            throw new IllegalArgumentException(
                    "--sessions must be 1 to --requests, which is at least 1, and --seconds more than 0");
        }
        PrintWriter out = spec.commandLine().getOut();
        ScheduledExecutorService look = Executors.newSingleThreadScheduledExecutor();
        try (NamespaceManager holder = connection.open();
                NamespaceManager bystander = connection.open();
                NamespaceManager observer = connection.open()) {
            observer.namespaces(); // a cluster that can't be reached is not waited for as locks are
            LeaseContext eye = connection.namespace(holder).lease(HOT).acquire();
            look.scheduleWithFixedDelay(() -> look(observer), 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
            cycle(connection.namespace(bystander));
            pause(Math.min(seconds, 5));

            out.println("phase     seconds    locks   p50 us   p99 us   max us  errors   waiting   heap MiB");
            next("before", out);
            pause(seconds);
            String refused = storm(out);
            next("after", out);
            pause(seconds);
            stopped = true;
            if (!bystanderEnded.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the other's lock is still under way");
            }
            out.println(phase.line());
            boolean held = eye.isHeld();
            eye.close();
            out.println("refused: " + refused + "; the lock that they waited for "
                    + (held ? "was held throughout" : "was LOST"));
            return held && errors.sum() == 0 ? 0 : 1;
        } finally {
            stopped = true;
            look.shutdownNow();
        }
    }

    /** Has all requests sent, and when all are in line or refused lets them wait, and leave with their sessions. */
    private String storm(PrintWriter out) throws IOException, InterruptedException {
        Process senders = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Whatnot.class.getName(),
                        "bench",
                        StormSendersCommand.NAME,
                        "--connect=" + connection.endpoints,
                        "--namespace=" + connection.namespace,
                        "--timeout=" + connection.timeoutSeconds,
                        "--requests=" + requests,
                        "--sessions=" + sessions,
                        HOT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = senders.inputReader(StandardCharsets.UTF_8)) {
            String connected = said.readLine();
            next("storm", out);
            String refused = said.readLine();
            if (connected == null || refused == null) {
                throw new IllegalStateException(
                        "those who send the requests ended with exit code " + senders.waitFor());
            }
            next("waiting", out);
            pause(seconds);
            next("leaving", out);
            senders.getOutputStream().close();
            if (!senders.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("those who sent the requests don't end");
            }
            return refused;
        } finally {
            senders.destroyForcibly();
        }
    }

    private void next(String name, PrintWriter out) {
        Phase last = phase;
        phase = new Phase(name);
        if (!last.name.equals("warm-up")) {
            out.println(last.line());
            out.flush();
        }
    }

    private static void pause(double seconds) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep((long) (seconds * 1000));
    }

    private void cycle(Namespace namespace) {
        if (stopped) {
            bystanderEnded.countDown();
            return;
        }
        long start = System.nanoTime();
        namespace
                .lease(COLD)
                .acquireAsync()
                .thenCompose(lease -> {
                    phase.latency.recordValue(System.nanoTime() - start);
                    return lease.releaseAsync();
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        phase.errors.increment();
                        errors.increment();
                    }
                    CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS).execute(() -> cycle(namespace));
                });
    }

    private void look(NamespaceManager observer) {
        try {
            Phase now = phase;
            for (NodeStatus node : observer.nodes()) {
                if (node.role().equals("leader")) {
                    long heap = node.counts().getOrDefault("heap_bytes", 0L);
                    if (heap > 0) {
                        now.heapLeast = Math.min(now.heapLeast, heap);
                        now.heapMost = Math.max(now.heapMost, heap);
                    }
                    now.waitingMost = Math.max(now.waitingMost, node.counts().getOrDefault("waiting", 0L));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
