package io.whatnot.core.testing.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** The one queue of a simulated world, its true time, its chance, and a hash of everything that happened. */
public final class Simulation {
    private static final int LINES_KEPT = Integer.getInteger("simulation.lines", 400);

    private record Task(long atNanos, long id, Runnable action) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::atNanos).thenComparingLong(Task::id));
    private final SplittableRandom random;
    private final boolean recording;
    private final Deque<String> lines = new ArrayDeque<>();
    private long nanos;
    private long lastId;
    private long trace = 1;
    private long happenings;

    /**
     * A world in which nothing has happened.
     *
     * @param seed all its chance
     * @param recording whether to keep in words what happens last
     */
    public Simulation(long seed, boolean recording) {
        this.random = new SplittableRandom(seed);
        this.recording = recording;
    }

    /** True time, which nobody in the world can read. */
    public long nanos() {
        return nanos;
    }

    /** True time in milliseconds. */
    public long millis() {
        return nanos / 1_000_000;
    }

    /** A source of chance of its own, so that one part's draws don't change another's. */
    public SplittableRandom chance() {
        return random.split();
    }

    /** Something happens at a time; not before now. */
    public void at(long atNanos, Runnable action) {
        tasks.add(new Task(Math.max(nanos, atNanos), ++lastId, action));
    }

    /** Something happens after a while. */
    public void after(long delayNanos, Runnable action) {
        at(nanos + Math.max(0, delayNanos), action);
    }

    /** Lets everything happen that is to until then. */
    public void runUntil(long untilNanos) {
        for (Task next = tasks.peek(); next != null && next.atNanos <= untilNanos; next = tasks.peek()) {
            tasks.remove();
            nanos = next.atNanos;
            happenings++;
            next.action.run();
        }
        nanos = Math.max(nanos, untilNanos);
    }

    /** How much is to happen yet. */
    public int pending() {
        return tasks.size();
    }

    /** How much has happened. */
    public long happenings() {
        return happenings;
    }

    // ---- the trace

    /** Takes something that happened into the trace. */
    public void trace(long what) {
        trace = Long.rotateLeft(trace * 0x9E3779B97F4A7C15L ^ what ^ nanos, 27);
    }

    /** The same of a text. */
    public void trace(String what) {
        trace(what.hashCode());
    }

    /** The hash of everything that happened. */
    public long traceHash() {
        return trace;
    }

    /** Keeps in words what happens, if it is recorded. */
    public void say(Supplier<String> words) {
        if (recording) {
            lines.add(String.format("%10.3f ms  %s", nanos / 1e6, words.get()));
            if (lines.size() > LINES_KEPT) {
                lines.remove();
            }
        }
    }

    /** What happened last, in words. */
    public List<String> lines() {
        return new ArrayList<>(lines);
    }
}
