package io.whatnot.core.testing.simulation;

import io.whatnot.core.time.Scheduler;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/**
 * A process of the simulated world: a monotonic clock that runs at a rate of its own, a timer and threads that go by it.
 * It can stall, when its clock goes on but nothing is done until it goes on too; and it can die, when nothing is done any
 * more.
 */
public final class SimulatedProcess implements Scheduler, Executor {
    private static final long HANDOVER_NANOS_MAX = 2_000_000;

    private final Simulation simulation;
    private final String name;
    private final SplittableRandom chance;
    private double rate;
    private long readingNanos;
    private long readAtNanos;
    private long stalledUntilNanos;
    private boolean dead;
    private int timers;

    /** A process that has just started, with a clock of that rate. */
    public SimulatedProcess(Simulation simulation, String name, double rate) {
        this.simulation = simulation;
        this.name = name;
        this.chance = simulation.chance();
        this.rate = rate;
        this.readAtNanos = simulation.nanos();
        // Only differences mean anything, so clocks begin anywhere, also shortly before they cross zero.
        this.readingNanos = chance.nextInt(4) == 0 ? -chance.nextLong(20_000_000_000L) : chance.nextLong(1L << 50);
    }

    /** What it is called. */
    public String name() {
        return name;
    }

    /** The rate of its clock. */
    public double rate() {
        return rate;
    }

    // ---- what happens to it

    /** From now on its clock runs at another rate. */
    public void runAt(double newRate) {
        readingNanos = nanoTime();
        readAtNanos = simulation.nanos();
        rate = newRate;
    }

    /** It does nothing for a while, though its clock goes on. */
    public void stall(long forNanos) {
        stalledUntilNanos = Math.max(stalledUntilNanos, simulation.nanos() + forNanos);
    }

    /** Whether it is stalled. */
    public boolean isStalled() {
        return stalledUntilNanos > simulation.nanos();
    }

    /** It is gone at once. */
    public void die() {
        dead = true;
    }

    /** Whether it is gone. */
    public boolean isDead() {
        return dead;
    }

    /** How many of its timers are running. */
    public int timers() {
        return timers;
    }

    // ---- what it does

    /** It does something after a while of true time; later if it is stalled then, never if it is dead. */
    public void after(long delayNanos, Runnable task) {
        simulation.after(delayNanos, () -> run(task));
    }

    private void run(Runnable task) {
        if (dead) {
            return;
        }
        if (isStalled()) {
            simulation.at(stalledUntilNanos, () -> run(task));
            return;
        }
        task.run();
    }

    /** Some thread of its takes the task over, mostly at once. */
    @Override
    public void execute(Runnable task) {
        after(chance.nextInt(8) == 0 ? chance.nextLong(HANDOVER_NANOS_MAX) : 0, task);
    }

    @Override
    public long nanoTime() {
        return readingNanos + (long) ((simulation.nanos() - readAtNanos) * rate);
    }

    @Override
    public Timer schedule(long delayMillis, Runnable task) {
        Timing timing = new Timing(nanoTime() + Math.max(0, delayMillis) * 1_000_000, task);
        timers++;
        timing.await();
        return timing;
    }

    private final class Timing implements Timer {
        private final long dueNanos;
        private final Runnable task;
        private boolean over;

        Timing(long dueNanos, Runnable task) {
            this.dueNanos = dueNanos;
            this.task = task;
        }

        void await() {
            double left = (dueNanos - nanoTime()) / rate;
            // Timers are late, by a little, rather than early.
            after((long) Math.ceil(left) + (chance.nextInt(4) == 0 ? chance.nextLong(1_000_000) : 1), this::fire);
        }

        private void fire() {
            if (over) {
                return;
            }
            if (dueNanos - nanoTime() > 0) { // its clock has been slowed down meanwhile
                await();
                return;
            }
            over = true;
            timers--;
            simulation.trace(name);
            task.run();
        }

        @Override
        public void cancel() {
            if (!over) {
                over = true;
                timers--;
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
