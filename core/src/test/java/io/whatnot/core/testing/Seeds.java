package io.whatnot.core.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInfo;

/**
 * Runs a test's body for many seeds, as many at once as there are processors. When one fails, the failure tells the
 * seed, the command that runs that seed alone, and the last steps. With {@code -Dseed=…} only that seed is run, with
 * {@code -Dseed.first=…} the seeds from there on, with {@code -Dseeds=…} no more than so many.
 */
public final class Seeds {
    private final String name;

    private Seeds(String name) {
        this.name = name;
    }

    /** The seeds of a test: what is printed names it. */
    public static Seeds of(TestInfo test) {
        return new Seeds(test.getTestClass().orElseThrow().getSimpleName() + "#"
                + test.getTestMethod().orElseThrow().getName());
    }

    /** What is done for a seed. */
    @FunctionalInterface
    public interface Body {
        /** Does it, noting the steps; fails by throwing. */
        void run(long seed, Steps steps) throws Exception;
    }

    /** Whether to go on with another seed, asked before each; never by two threads at once. */
    @FunctionalInterface
    public interface More {
        /** Whether to, when so many were begun. */
        boolean after(long begun);
    }

    /** Runs the body for that many seeds. */
    public void run(int seeds, Body body) {
        runWhile(begun -> begun < seeds, body);
    }

    /** Runs the body for seed after seed, as long as there shall be more. Several threads run it at once. */
    public void runWhile(More more, Body body) {
        Long only = Long.getLong("seed");
        if (only != null) {
            run(only, body);
            return;
        }
        Queue queue = new Queue(more);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            threads.add(new Thread(() -> runAll(queue, body), name + "-" + i));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                queue.stop();
                throw new AssertionError(e);
            }
        }
        queue.rethrow();
        System.out.println(name + ": seeds " + queue.first + " to " + (queue.first + queue.begun - 1));
    }

    private void runAll(Queue queue, Body body) {
        for (Long seed = queue.next(); seed != null; seed = queue.next()) {
            try {
                run(seed, body);
            } catch (Throwable failure) {
                queue.fail(seed, failure);
            }
        }
    }

    /** Which seeds are still to be run. */
    private static final class Queue {
        final long first = Long.getLong("seed.first", 1);
        private final long max = Long.getLong("seeds", Long.MAX_VALUE);
        private final More more;
        private final NavigableMap<Long, Throwable> failures = new TreeMap<>();
        private boolean stopped;
        private long begun;

        Queue(More more) {
            this.more = more;
        }

        synchronized @Nullable Long next() {
            return stopped || begun >= max || !more.after(begun) ? null : (Long) (first + begun++);
        }

        synchronized void fail(long seed, Throwable failure) {
            failures.put(seed, failure);
            stopped = true;
        }

        synchronized void stop() {
            stopped = true;
        }

        synchronized void rethrow() {
            if (!failures.isEmpty()) {
                Throwable failure = failures.firstEntry().getValue();
                throw failure instanceof AssertionError error ? error : new AssertionError(failure);
            }
        }
    }

    private void run(long seed, Body body) {
        Steps steps = new Steps();
        try {
            body.run(seed, steps);
        } catch (Exception | AssertionError | StackOverflowError failure) {
            throw new AssertionError(
                    name + " fails with seed " + seed + ": " + failure.getMessage() + "\n\nOnce more:\n" + command(seed)
                            + "\n\nThe last steps:\n" + steps,
                    failure);
        }
    }

    private String command(long seed) {
        Path module = Path.of("").toAbsolutePath().getFileName();
        return "./mvnw -o test -pl " + module + " -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest='" + name
                + "' -Dseed=" + seed;
    }
}
