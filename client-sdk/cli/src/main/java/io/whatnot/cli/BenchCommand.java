package io.whatnot.cli;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures a cluster from outside. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures a cluster from outside, through the SDK.",
        subcommands = {BenchCommand.Locks.class, StormCommand.class, StormSendersCommand.class})
final class BenchCommand {
    private BenchCommand() {}

    /** Lock and unlock, each worker on a path of its own. */
    @Command(
            name = "locks",
            mixinStandardHelpOptions = true,
            description = "Each worker locks and unlocks a path of its own, over and over; latency is of the lock.")
    static final class Locks implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Option(
                names = "--workers",
                split = ",",
                defaultValue = "1,16,64,256",
                description = "Default: ${DEFAULT-VALUE}.")
        private int[] workers = {};

        @Option(
                names = "--clients",
                defaultValue = "3",
                description = "Sessions they share; default: ${DEFAULT-VALUE}.")
        private int clients;

        @Option(
                names = "--warm-up",
                paramLabel = "SECONDS",
                defaultValue = "5",
                description = "Default: ${DEFAULT-VALUE}.")
        private double warmUp;

        @Option(names = "--seconds", defaultValue = "10", description = "Of each case; default: ${DEFAULT-VALUE}.")
        private double seconds;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            if (clients < 1 || Arrays.stream(workers).anyMatch(count -> count < 1) || warmUp < 0 || seconds <= 0) {
                throw new IllegalArgumentException(
                        "--clients and --workers must be at least 1, --seconds more than 0, --warm-up not less");
            }
            PrintWriter out = spec.commandLine().getOut();
            List<NamespaceManager> managers = new ArrayList<>();
            try {
                List<Namespace> namespaces = new ArrayList<>();
                for (int i = 0; i < clients; i++) {
                    NamespaceManager manager = connection.open();
                    managers.add(manager);
                    namespaces.add(connection.namespace(manager));
                }
                managers.get(0).namespaces(); // a cluster that can't be reached is not waited for as locks are
                new Run(namespaces, 64).measure(warmUp, 0);
                out.println("workers   cycles/s   p50 us   p99 us    max us   errors");
                long errors = 0;
                for (int count : workers) {
                    Run run = new Run(namespaces, count).measure(1, seconds);
                    errors += run.errors.sum();
                    out.println(String.format(
                            Locale.ROOT,
                            "%7d %10.0f %8d %8d %9d %8d",
                            count,
                            run.latency.getTotalCount() / seconds,
                            run.latency.getValueAtPercentile(50) / 1000,
                            run.latency.getValueAtPercentile(99) / 1000,
                            run.latency.getMaxValue() / 1000,
                            run.errors.sum()));
                }
                return errors == 0 ? 0 : 1;
            } finally {
                managers.forEach(NamespaceManager::close);
            }
        }
    }

    /** A closed loop: each worker begins its next cycle when its last one has ended. */
    private static final class Run {
        private final ConcurrentHistogram latency = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(2), 3);
        private final LongAdder errors = new LongAdder();
        private final CountDownLatch live;
        private volatile boolean measuring;
        private volatile boolean stopped;

        Run(List<Namespace> namespaces, int workers) {
            live = new CountDownLatch(workers);
            for (int i = 0; i < workers; i++) {
                cycle(namespaces.get(i % namespaces.size()), "/bench/locks/worker" + i);
            }
        }

        Run measure(double before, double seconds) throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep((long) (before * 1000));
            measuring = true;
            TimeUnit.MILLISECONDS.sleep((long) (seconds * 1000));
            measuring = false;
            stopped = true;
            if (!live.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException(live.getCount() + " workers don't stop");
            }
            return this;
        }

        private void cycle(Namespace namespace, String path) {
            if (stopped) {
                live.countDown();
                return;
            }
            long start = System.nanoTime();
            CompletableFuture<LeaseContext> lock = namespace.lease(path).acquireAsync();
            lock.thenCompose(lease -> {
                        if (measuring) {
                            latency.recordValue(System.nanoTime() - start);
                        }
                        return lease.releaseAsync();
                    })
                    .whenComplete((done, failure) -> {
                        if (failure == null) {
                            cycle(namespace, path);
                        } else {
                            errors.increment();
                            CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS)
                                    .execute(() -> cycle(namespace, path));
                        }
                    });
        }
    }
}
