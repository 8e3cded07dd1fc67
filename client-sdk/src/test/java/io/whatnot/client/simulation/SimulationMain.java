package io.whatnot.client.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Runs seeds, as many at once as there are processors; see {@code scripts/simulate}. */
final class SimulationMain {
    private final AtomicLong next;
    private final long end;
    private final int steps;
    private final boolean hashes;
    private long operations;
    private long faults;
    private long violations;

    private SimulationMain(long first, long seeds, int steps, boolean hashes) {
        this.next = new AtomicLong(first);
        this.end = first + seeds;
        this.steps = steps;
        this.hashes = hashes;
    }

    /**
     * Runs them; the last line tells how many there were and what was found.
     *
     * @param args {@code --seeds N}, {@code --seed S} for the first, {@code --steps N}, {@code --hashes} to print each
     */
    public static void main(String[] args) throws InterruptedException {
        long seeds = 200;
        long first = 1;
        int steps = 2_000;
        boolean hashes = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--seeds" -> seeds = Long.parseLong(args[++i]);
                case "--seed" -> first = Long.parseLong(args[++i]);
                case "--steps" -> steps = Integer.parseInt(args[++i]);
                case "--hashes" -> hashes = true;
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        SimulationMain main = new SimulationMain(first, seeds, steps, hashes);
        main.run();
        System.out.println("seeds=" + seeds + " operations=" + main.operations + " faults=" + main.faults
                + " violations=" + main.violations);
        System.exit(main.violations == 0 ? 0 : 1);
    }

    private void run() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(this::runSeeds, "simulation-" + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void runSeeds() {
        for (long seed = next.getAndIncrement(); seed < end; seed = next.getAndIncrement()) {
            add(SeedRun.of(seed, steps));
        }
    }

    private synchronized void add(SeedRun run) {
        operations += run.outcome().operations();
        faults += run.outcome().faults();
        if (hashes) {
            System.out.println(
                    "seed " + run.seed() + " " + Long.toHexString(run.outcome().hash()) + " "
                            + run.outcome().counts());
        }
        if (run.failure().isPresent()) {
            violations++;
            System.out.println(run.failure().get());
        }
    }
}
