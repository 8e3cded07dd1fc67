package io.whatnot.core.time;

/** A monotonic clock, and a timer that goes by it. Never the wall clock: that one jumps. */
public interface Scheduler {
    /** Nanoseconds since some moment; only differences mean anything. */
    long nanoTime();

    /** Runs a task once, not before that many milliseconds have passed. The task must not block. */
    Timer schedule(long delayMillis, Runnable task);

    /** A task that is to run. */
    interface Timer {
        /** Keeps it from running, if it has not begun to. */
        void cancel();
    }
}
