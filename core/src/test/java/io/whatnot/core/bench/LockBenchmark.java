package io.whatnot.core.bench;

import io.whatnot.core.model.Target;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How the cost of locks grows with what is there already: not with the size of the subtree, not with locks next to it, and
 * with those in line before it little.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"-Xmx3g", "-XX:+UseSerialGC"})
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class LockBenchmark {
    /** A tree of so many elements, in which nothing is locked. */
    @State(Scope.Thread)
    public static class Tree {
        @Param({"10", "10000", "1000000"})
        private int elements;

        private final LoggedMachine machine = new LoggedMachine();
        private final LoggedMachine.Client client = machine.open();

        /** Registers them, up to a hundred below each. */
        @Setup(Level.Trial)
        public void plant() {
            // The root, the tree itself, and the parents of every hundred are among them.
            int leaves = elements - 2 - (elements - 2) / 101 - 1;
            machine.register(
                    client,
                    () -> IntStream.range(0, leaves)
                            .mapToObj(i -> String.format(Locale.ROOT, "/tree/d%d/e%d", i / 100, i % 100))
                            .iterator());
        }
    }

    /** A thousand leases that are held, all below one element or each below one of its own. */
    @State(Scope.Thread)
    public static class Held {
        private static final int LEASES = 1_000;

        @Param({"siblings", "unrelated"})
        private String are = "";

        private final LoggedMachine machine = new LoggedMachine();
        private final LoggedMachine.Client client = machine.open();
        private final Target[] targets = new Target[LEASES];
        private final long[] leases = new long[LEASES];
        private int next;

        /** Locks them. */
        @Setup(Level.Trial)
        public void lock() {
            for (int i = 0; i < LEASES; i++) {
                String path = are.equals("siblings") ? "/parent/element%04d" : "/parent%04d/element";
                targets[i] = Target.element(String.format(Locale.ROOT, path, i));
                leases[i] = client.lock("", targets[i]);
            }
        }
    }

    /** So many requests in line for one element, of owners that each hold another: all might be part of a cycle. */
    @State(Scope.Thread)
    public static class Line {
        private static final Target HOT = Target.element("/hot");
        private static final int EACH = 1_000;

        @Param({"10", "1000", "9999"})
        private int waiting;

        private final LoggedMachine machine = new LoggedMachine();
        private final LoggedMachine.Client client = machine.open();

        /** Lets them get in line. */
        @Setup(Level.Trial)
        public void queue() {
            client.lock("holder", HOT);
            client.lock("asker", Target.element("/own"));
            for (int i = 0; i < waiting; i += EACH) {
                LoggedMachine.Client each = machine.open();
                for (int j = i; j < Math.min(waiting, i + EACH); j++) {
                    each.lock("w" + j, Target.element("/others/" + j));
                    each.enqueue("w" + j, HOT);
                }
            }
        }
    }

    /** Locks everything below an element, and gives it back. */
    @Benchmark
    public void prefixLock(Tree tree) {
        tree.client.release(tree.client.lock("", Target.prefix("/tree")));
    }

    /** Gives one of the leases back, and takes it again. */
    @Benchmark
    public void elementLock(Held held) {
        int i = held.next;
        held.next = (i + 1) % Held.LEASES;
        held.client.release(held.leases[i]);
        held.leases[i] = held.client.lock("", held.targets[i]);
    }

    /** Gets in line behind the others, holding nothing, and leaves it. */
    @Benchmark
    public void enqueue(Line line) {
        line.client.cancel(line.client.enqueue("", Line.HOT));
    }

    /** The same for one that holds something, so that it has to be found out whether any of the others waits for it. */
    @Benchmark
    public void enqueueHolding(Line line) {
        line.client.cancel(line.client.enqueue("asker", Line.HOT));
    }
}
