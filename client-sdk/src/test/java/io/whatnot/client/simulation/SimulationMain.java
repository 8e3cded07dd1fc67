package io.whatnot.client.simulation;

import java.util.List;

/** Runs seeds, several at once; see {@code scripts/simulate}. */
final class SimulationMain {
    private SimulationMain() {}

    public static void main(String[] args) {
        long first = Long.getLong("simulation.seed", 1);
        int seeds = Integer.getInteger("simulation.seeds", 200);
        int steps = Integer.getInteger("simulation.steps", 2_000);
        long failed = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            List<Step> drawn = Simulator.steps(seed, steps);
            long begun = System.nanoTime();
            Simulator.Outcome outcome = Simulator.run(seed, drawn, false);
            Simulator.Outcome again = Simulator.run(seed, drawn, !outcome.isFine());
            System.out.println(seed + " " + Long.toHexString(outcome.hash()) + " " + outcome.counts() + " "
                    + (System.nanoTime() - begun) / 1_000_000 + " ms");
            if (outcome.hash() != again.hash()) {
                System.out.println("DIFFERS " + Long.toHexString(again.hash()));
            }
            if (!outcome.isFine()) {
                failed++;
                outcome.violations().forEach(System.out::println);
                if (Integer.getInteger("simulation.lines", 0) > 0) {
                    again.lines().forEach(System.out::println);
                }
            }
        }
        System.out.println("failed " + failed);
    }
}
