package io.whatnot.client.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.testing.Seeds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Everything above Raft, on one thread, under faults: {@code scripts/simulate} runs more of it. */
final class SimulationTest {
    private static final int SEEDS = Integer.getInteger("simulation.seeds", 20);
    private static final int SEEDS_IN_ANOTHER_JVM = Math.min(SEEDS, Integer.getInteger("simulation.again", 20));
    private static final int STEPS = Integer.getInteger("simulation.steps", 2_000);

    @Test
    void whatIsPromisedHoldsUnderFaultsAndASeedDoesTheSameTwice(TestInfo test) {
        AtomicLong operations = new AtomicLong();
        AtomicLong faults = new AtomicLong();
        Seeds.of(test).run(SEEDS, (seed, steps) -> {
            SeedRun run = SeedRun.of(seed, STEPS);
            run.failure().ifPresent(words -> {
                throw new AssertionError(words);
            });
            assertThat(run.outcome().faults()).as("faults of seed %s", seed).isGreaterThanOrEqualTo(20);
            operations.addAndGet(run.outcome().operations());
            faults.addAndGet(run.outcome().faults());
        });
        System.out.println("seeds=" + SEEDS + " operations=" + operations + " faults=" + faults + " violations=0");
    }

    @Test
    void aSeedDoesTheSameInAnotherJvm() throws Exception {
        Map<Long, String> here = new ConcurrentSkipListMap<>();
        for (long seed = 1; seed <= SEEDS_IN_ANOTHER_JVM; seed++) {
            Simulator.Outcome outcome = Simulator.run(seed, Simulator.steps(seed, STEPS), false);
            here.put(seed, Long.toHexString(outcome.hash()));
        }
        assertThat(hashesOfAnotherJvm()).isEqualTo(here);
    }

    private static Map<Long, String> hashesOfAnotherJvm() throws IOException, InterruptedException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SimulationMain.class.getName(),
                        "--hashes",
                        "--seeds",
                        String.valueOf(SEEDS_IN_ANOTHER_JVM),
                        "--steps",
                        String.valueOf(STEPS))
                .redirectErrorStream(true)
                .start();
        Map<Long, String> hashes = new TreeMap<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("seed")) {
                    hashes.put(Long.parseLong(words[1]), words[2]);
                }
            }
        }
        other.waitFor();
        return hashes;
    }
}
