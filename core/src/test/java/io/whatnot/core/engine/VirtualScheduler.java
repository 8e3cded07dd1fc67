package io.whatnot.core.engine;

import io.whatnot.core.time.Scheduler;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/** A clock that moves only when told, and a timer that goes by it. */
public final class VirtualScheduler implements Scheduler {
    private record Task(long atNanos, long id, Runnable action) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::atNanos).thenComparingLong(Task::id));
    private long nanos = TimeUnit.DAYS.toNanos(3);
    private long lastId;

    @Override
    public synchronized long nanoTime() {
        return nanos;
    }

    @Override
    public synchronized Timer schedule(long delayMillis, Runnable action) {
        Task task = new Task(nanos + TimeUnit.MILLISECONDS.toNanos(delayMillis), ++lastId, action);
        tasks.add(task);
        return () -> {
            synchronized (this) {
                tasks.remove(task);
            }
        };
    }

    /** How many tasks are to run. */
    public synchronized int pending() {
        return tasks.size();
    }

    /** Time passes, and what becomes due is run when it does. */
    public void pass(long millis) {
        passNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    public void passNanos(long passing) {
        long end = nanos + passing;
        for (Task task = tasks.peek(); task != null && task.atNanos <= end; task = tasks.peek()) {
            tasks.remove();
            nanos = Math.max(nanos, task.atNanos);
            task.action.run();
        }
        nanos = end;
    }

    /** Time passes, but nothing is run: the process is paused. What was due meanwhile is run with the next that passes. */
    public void stall(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
