package io.whatnot.core.testing;

import java.nio.file.Path;
import org.junit.jupiter.api.TestInfo;

/**
 * Runs a test's body for many seeds, one after the other. When one fails, the failure tells the seed, the command that
 * runs that seed alone, and the last steps. With {@code -Dseed=…} only that seed is run, with {@code -Dseed.first=…} the
 * seeds from there on.
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

    /** Whether to go on with another seed, asked before each. */
    @FunctionalInterface
    public interface More {
        /** Whether to, after so many. */
        boolean after(long seeds);
    }

    /** Runs the body for that many seeds. */
    public void run(int seeds, Body body) {
        runWhile(done -> done < seeds, body);
    }

    /** Runs the body for one seed after the other, as long as there shall be more. */
    public void runWhile(More more, Body body) {
        Long only = Long.getLong("seed");
        if (only != null) {
            run(only, body);
            return;
        }
        long first = Long.getLong("seed.first", 1);
        long done = 0;
        while (more.after(done)) {
            run(first + done, body);
            done++;
        }
        System.out.println(name + ": seeds " + first + " to " + (first + done - 1));
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
