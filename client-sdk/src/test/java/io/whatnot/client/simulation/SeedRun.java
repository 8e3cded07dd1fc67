package io.whatnot.client.simulation;

import io.whatnot.client.simulation.Simulator.Outcome;
import io.whatnot.core.testing.simulation.Shrinker;
import java.util.List;
import java.util.Optional;

/** One seed, run twice: it must be fine, and the same both times. What fails is made short, and told. */
record SeedRun(long seed, Outcome outcome, Optional<String> failure) {
    private static final int SHRINKING_TRIES = Integer.getInteger("simulation.shrink", 60);
    private static final int LINES_TOLD = 120;

    /** Runs a seed. */
    static SeedRun of(long seed, int stepCount) {
        List<Step> steps = Simulator.steps(seed, stepCount);
        Outcome outcome = Simulator.run(seed, steps, false);
        Outcome again = Simulator.run(seed, steps, false);
        if (outcome.hash() != again.hash()) {
            return new SeedRun(
                    seed,
                    outcome,
                    Optional.of(command(seed, stepCount) + "\nThe same seed did not do the same twice: "
                            + Long.toHexString(outcome.hash()) + " and " + Long.toHexString(again.hash())));
        }
        return new SeedRun(
                seed,
                outcome,
                outcome.isFine() ? Optional.empty() : Optional.of(tell(seed, stepCount, steps, outcome)));
    }

    private static String tell(long seed, int stepCount, List<Step> steps, Outcome outcome) {
        StringBuilder words = new StringBuilder("Seed " + seed + " breaks:\n");
        outcome.violations()
                .forEach(violation -> words.append("  ").append(violation).append('\n'));
        words.append("Once more:\n  ").append(command(seed, stepCount)).append('\n');
        List<Step> fewer = Shrinker.shrink(
                steps,
                SHRINKING_TRIES,
                some -> Simulator.run(seed, some, false).guarantee().equals(outcome.guarantee()));
        Outcome shortest = Simulator.run(seed, fewer, true);
        words.append("Of its ")
                .append(steps.size())
                .append(" steps these ")
                .append(fewer.size())
                .append(" suffice; the last of what happens then:\n");
        List<String> lines = shortest.lines();
        lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size())
                .forEach(line -> words.append(line).append('\n'));
        shortest.violations()
                .forEach(violation -> words.append("  ").append(violation).append('\n'));
        return words.toString();
    }

    private static String command(long seed, int stepCount) {
        return "scripts/simulate --seed " + seed + " --seeds 1 --steps " + stepCount;
    }
}
