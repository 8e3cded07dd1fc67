package io.whatnot.core.testing.simulation;

import io.whatnot.core.time.Scheduler;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/**
 * A process of the simulated world: a monotonic clock that runs at a rate of its own, a timer and threads that go by it,
 * and a wall clock. It can stall, when its clocks go on but nothing is done until it goes on too; its machine can be
 * suspended, when its monotonic clock stands still as well; its wall clock can be set; and it can die, when nothing is
 * done any more.
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
    private long suspendedUntilNanos;
    private long setOnMillis;
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
        readAtNanos = Math.max(readAtNanos, simulation.nanos());
        rate = newRate;
    }

    /** Its machine sleeps: nothing is done, and only the wall clock goes on. */
    public void suspend(long forNanos) {
        readingNanos = nanoTime();
        suspendedUntilNanos = Math.max(suspendedUntilNanos, simulation.nanos() + forNanos);
        readAtNanos = suspendedUntilNanos;
        stall(forNanos);
    }

    /** Whether its machine sleeps, so that nobody can ask anything there. */
    public boolean isSuspended() {
        return suspendedUntilNanos > simulation.nanos();
    }

    /** Somebody sets its wall clock on, or back. */
    public void setWallClockOn(long millis) {
        setOnMillis += millis;
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
        return readingNanos + (long) (Math.max(0, simulation.nanos() - readAtNanos) * rate);
    }

    /** Its wall clock: true time, unless it was set. */
    public InstantSource wallClock() {
        return () -> Instant.ofEpochMilli(1_700_000_000_000L + simulation.millis() + setOnMillis);
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
