package io.whatnot.core.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks one after the other, in the order they came, on the threads of another executor. */
public final class SerialExecutor implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(SerialExecutor.class);

    /** After so many tasks it lets others have the thread. */
    private static final int TURN = 256;

    private final Executor executor;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    /** A queue in front of that executor. */
    public SerialExecutor(Executor executor) {
        this.executor = executor;
    }

    /** How many tasks wait or run. */
    public int pending() {
        return count.get();
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (count.getAndIncrement() == 0) {
            executor.execute(this::run);
        }
    }

    private void run() {
        for (int i = 0; i < TURN; i++) {
            Runnable task = tasks.poll();
            if (task != null) {
                try {
                    task.run();
                } catch (RuntimeException | AssertionError e) {
                    LOG.error("a task failed", e);
                }
            }
            if (count.decrementAndGet() == 0) {
                return;
            }
        }
        executor.execute(this::run);
    }
}
