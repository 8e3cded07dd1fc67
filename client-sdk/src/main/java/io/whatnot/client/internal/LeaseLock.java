package io.whatnot.client.internal;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseLostException;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.LossReason;
import io.whatnot.core.model.LeaseCommand;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * Leases as a {@link Lock}: each thread that locks gets one, and each time it locks again another, which the cluster grants
 * at once, for they are of one owner.
 */
final class LeaseLock implements Lock {
    private static final Duration LONGEST = Duration.ofMillis(LeaseCommand.TTL_MILLIS_MAX);

    private final LeaseRequest request;
    /** What each thread has, the last it got first. Only that thread changes it. */
    private final Map<Thread, Deque<LeaseContext>> held = new ConcurrentHashMap<>();

    LeaseLock(LeaseRequest request) {
        this.request = request;
    }

    @Override
    public void lock() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    lockInterruptibly();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true; // told when there is the lock
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        while (!tryLock(LONGEST)) {
            // a day is the longest wait there is
        }
    }

    @Override
    public boolean tryLock() {
        try {
            return tryLock(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        long millis = Math.max(0, Math.min(unit.toMillis(time), LONGEST.toMillis()));
        return tryLock(Duration.ofMillis(millis));
    }

    private boolean tryLock(Duration atMost) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        try {
            LeaseContext lease = request.waitTimeout(atMost).acquire();
            held.computeIfAbsent(Thread.currentThread(), thread -> new ArrayDeque<>())
                    .push(lease);
            return true;
        } catch (LockTimeoutException e) {
            return false;
        }
    }

    @Override
    public void unlock() {
        Thread thread = Thread.currentThread();
        Deque<LeaseContext> own = held.get(thread);
        if (own == null) {
            throw new IllegalMonitorStateException("thread \"" + thread.getName() + "\" has not locked " + this);
        }
        LeaseContext lease = own.pop();
        if (own.isEmpty()) {
            held.remove(thread);
        }
        boolean wasHeld = lease.isHeld();
        lease.close();
        if (!wasHeld) {
            throw new LeaseLostException(
                    lease.lost().getNow(LossReason.UNPROVEN),
                    "the lock on " + lease.targets() + " was lost before it was unlocked: what was done meanwhile may"
                            + " not have been done alone");
        }
    }

    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException("locks of a cluster have no conditions; watch an element instead");
    }

    @Override
    public String toString() {
        return request.toString();
    }
}
