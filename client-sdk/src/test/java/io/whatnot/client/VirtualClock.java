package io.whatnot.client;

import io.whatnot.core.time.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A clock that moves only when told, and a timer that runs what is due on the way, in order, on the thread that moves
 * it. It begins before zero and crosses it, for only differences of its readings mean anything.
 */
public final class VirtualClock implements Scheduler {
    private static final long NANOS_AT_THE_BEGINNING = -700_000_000L;

    private final TreeSet<Task> tasks =
            new TreeSet<>(Comparator.comparingLong((Task task) -> task.dueNanos).thenComparingLong(task -> task.id));
    private final List<Runnable> onEachMove = new ArrayList<>();
    private volatile long nanos = NANOS_AT_THE_BEGINNING;
    private volatile long setOnMillis;
    private long lastId;

    @Override
    public long nanoTime() {
        return nanos;
    }

    /** How much time has passed. */
    public long elapsedMillis() {
        return (nanos - NANOS_AT_THE_BEGINNING) / 1_000_000;
    }

    @Override
    public synchronized Timer schedule(long delayMillis, Runnable action) {
        Task task = new Task(nanos + Math.max(0, delayMillis) * 1_000_000, ++lastId, action);
        tasks.add(task);
        return task;
    }

    /** A wall clock that goes with it, unless somebody sets it. */
    public InstantSource wallClock() {
        return () -> Instant.ofEpochMilli(1_700_000_000_000L + nanos / 1_000_000 + setOnMillis);
    }

    /** Somebody sets the wall clock on, or back. */
    public synchronized void setWallClockOn(long millis) {
        setOnMillis += millis;
    }

    /** How many tasks are to run some time. */
    public synchronized int pending() {
        return tasks.size();
    }

    /** Something else that goes by this clock, and is to look at it whenever it has moved. */
    public void onEachMove(Runnable look) {
        onEachMove.add(look);
    }

    /** Time passes; what falls due on the way runs at its time. */
    public void pass(Duration time) {
        long target = nanos + time.toNanos();
        for (Task next = due(target); next != null; next = due(target)) {
            moveTo(Math.max(nanos, next.dueNanos));
            next.action.run();
        }
        moveTo(target);
    }

    public void passMillis(long millis) {
        pass(Duration.ofMillis(millis));
    }

    /** The process stands still for a while, then everything that has fallen due meanwhile runs, late. */
    public void stall(Duration time) {
        moveTo(nanos + time.toNanos());
        pass(Duration.ZERO);
    }

    private void moveTo(long target) {
        nanos = target;
        onEachMove.forEach(Runnable::run);
    }

    private synchronized @Nullable Task due(long target) {
        if (tasks.isEmpty() || tasks.first().dueNanos - target > 0) {
            return null;
        }
        return tasks.pollFirst();
    }

    private final class Task implements Timer {
        private final long dueNanos;
        private final long id;
        private final Runnable action;

        Task(long dueNanos, long id, Runnable action) {
            this.dueNanos = dueNanos;
            this.id = id;
            this.action = action;
        }

        @Override
        public void cancel() {
            synchronized (VirtualClock.this) {
                tasks.remove(this);
            }
        }
    }
}
