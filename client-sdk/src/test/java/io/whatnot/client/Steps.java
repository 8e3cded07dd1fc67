package io.whatnot.client;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** An executor that runs its tasks when told to, on the thread that tells it. */
public final class Steps implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** How many tasks wait. */
    public int waiting() {
        return tasks.size();
    }

    /** Runs the first that waits. */
    public void runOne() {
        tasks.remove().run();
    }

    /** Runs all that wait, and those that come of them. */
    public void runAll() {
        while (!tasks.isEmpty()) {
            runOne();
        }
    }
}
