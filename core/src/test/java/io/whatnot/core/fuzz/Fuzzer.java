package io.whatnot.core.fuzz;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * The short fuzzing of every build: all seeds as they are, then altered ones for {@code -Dfuzz.millis} (1,000) a target,
 * drawn from {@code -Dfuzz.seed}. It is not guided by what code it reaches; scripts/fuzz, for long, is.
 */
public final class Fuzzer {
    private Fuzzer() {}

    /** A test for each target. */
    public static Stream<DynamicTest> tests(Map<String, FuzzTarget> targets) {
        String only = System.getProperty("fuzz.target", "");
        return targets.entrySet().stream()
                .filter(target -> only.isEmpty() || only.equals(target.getKey()))
                .map(target -> DynamicTest.dynamicTest(
                        target.getKey() + "MakesSomethingOfAnyBytesOrRefusesThem",
                        () -> fuzz(target.getKey(), target.getValue())));
    }

    private static void fuzz(String name, FuzzTarget target) {
        FuzzTarget limited = new Limited(target);
        String given = System.getProperty("fuzz.input", "");
        if (!given.isEmpty()) {
            take(name, limited, HexFormat.of().parseHex(given));
            return;
        }
        List<byte[]> seeds = Corpus.of(name);
        seeds.forEach(seed -> take(name, limited, seed));
        Supplier<byte[]> inputs = new Mutator(Long.getLong("fuzz.seed", System.nanoTime()), seeds)::next;
        long end = System.nanoTime() + Long.getLong("fuzz.millis", 1_000) * 1_000_000;
        long taken = 0;
        while (System.nanoTime() < end) {
            take(name, limited, inputs.get());
            taken++;
        }
        System.out.println("fuzz " + name + ": " + seeds.size() + " seeds, " + taken + " altered");
    }

    private static void take(String name, FuzzTarget target, byte[] input) {
        try {
            target.take(input);
        } catch (Throwable finding) {
            throw new AssertionError(
                    "fuzz target " + name + ": " + finding
                            + "\n\nOnce more: add to the command of this test\n-Dfuzz.target=" + name + " -Dfuzz.input="
                            + HexFormat.of().formatHex(input),
                    finding);
        }
    }
}
