package io.whatnot.client.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The lock over all state of one client. What is to be sent, or told to somebody, because of a change of that state is
 * noted while the lock is held and done, in the order it was noted, once it is not: so nothing that may block or call
 * back runs inside.
 */
final class Guard {
    private final ReentrantLock lock = new ReentrantLock();

    /** What is to be done after the lock is let go. */
    static final class Afterwards {
        private final List<Runnable> actions = new ArrayList<>();

        void then(Runnable action) {
            actions.add(action);
        }

        /** Does all of it: one that fails does not keep the others from being done, and is told when they are. */
        private void run() {
            Throwable first = null;
            for (Runnable action : actions) {
                try {
                    action.run();
                } catch (RuntimeException | Error failure) {
                    if (first == null) {
                        first = failure;
                    } else if (first != failure) {
                        first.addSuppressed(failure);
                    }
                }
            }
            if (first instanceof Error error) {
                throw error;
            }
            if (first != null) {
                throw (RuntimeException) first;
            }
        }
    }

    void run(Consumer<Afterwards> change) {
        Afterwards after = new Afterwards();
        lock.lock();
        try {
            change.accept(after);
        } finally {
            lock.unlock();
            after.run();
        }
    }

    <T extends @Nullable Object> T get(Function<Afterwards, T> change) {
        Afterwards after = new Afterwards();
        lock.lock();
        try {
            return change.apply(after);
        } finally {
            lock.unlock();
            after.run();
        }
    }
}
