package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.whatnot.core.model.Scope;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Locks as those of j.u.c., each step by a thread that is told. */
@Timeout(60)
final class LockAdaptersTest {
    private final NamespaceManager whatnot = NamespaceManager.local();
    private final Namespace ns = whatnot.namespace("shop");
    private final ExecutorService one = Executors.newSingleThreadExecutor();
    private final ExecutorService other = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        one.shutdownNow();
        other.shutdownNow();
        whatnot.close();
    }

    private static boolean in(ExecutorService thread, Callable<Boolean> what) throws Exception {
        return thread.submit(what).get(30, TimeUnit.SECONDS);
    }

    private static boolean locked(Lock lock) {
        lock.lock();
        return true;
    }

    private static boolean unlocked(Lock lock) {
        lock.unlock();
        return true;
    }

    private void awaitWaiting(int count) {
        await().until(() -> ns.locks("/", Scope.PREFIX).waiting().size() == count);
    }

    @Test
    void aLockIsOfTheThreadThatLockedItAndReentrant() throws Exception {
        Lock lock = ns.lock("/a");
        in(one, () -> locked(lock));
        in(one, () -> locked(lock));
        assertThat(in(other, lock::tryLock)).isFalse();
        assertThat(in(other, () -> lock.tryLock(10, TimeUnit.MILLISECONDS))).isFalse();
        in(one, () -> unlocked(lock));
        assertThat(in(other, lock::tryLock)).isFalse();
        in(one, () -> unlocked(lock));
        assertThat(in(other, lock::tryLock)).isTrue();
        in(other, () -> unlocked(lock));
        assertThat(ns.locks("/", Scope.PREFIX).held()).isEmpty();
    }

    @Test
    void whoUnlocksWhatItHasNotLockedIsTold() throws Exception {
        Lock lock = ns.lock("/a");
        in(one, () -> locked(lock));
        assertThatThrownBy(lock::unlock)
                .isInstanceOf(IllegalMonitorStateException.class)
                .hasMessageContaining("has not locked [/a] in shop");
        in(one, () -> unlocked(lock));
        assertThatThrownBy(() -> in(one, () -> unlocked(lock))).hasCauseInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(lock::newCondition).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void whoUnlocksWhatItHasLostIsToldThatItMayNotHaveBeenAlone() throws Exception {
        Lock lock = ns.lock("/a");
        lock.lock();
        whatnot.admin().revoke(ns.locks("/a", Scope.ELEMENT).held().get(0).id());
        assertThatThrownBy(() -> {
                    // A lease that was revoked is held until its holder hears of it.
                    await().until(() -> ns.locks("/a", Scope.ELEMENT).held().isEmpty());
                    ns.lease("/a").owner("next").acquire().close();
                    lock.unlock();
                })
                .isInstanceOfSatisfying(
                        LeaseLostException.class,
                        lost -> assertThat(lost.reason()).isEqualTo(LossReason.REVOKED));
    }

    @Test
    void anInterruptedThreadDoesNotGetItsLockButByLockAndIsInterruptedThen() throws Exception {
        Lock lock = ns.lock("/a");
        in(one, () -> locked(lock));
        Thread[] waiting = new Thread[1];
        Future<Boolean> patient = other.submit(() -> {
            waiting[0] = Thread.currentThread();
            lock.lock();
            return Thread.interrupted();
        });
        awaitWaiting(1);
        waiting[0].interrupt();
        in(one, () -> unlocked(lock));
        assertThat(patient.get(30, TimeUnit.SECONDS)).isTrue();
        in(other, () -> unlocked(lock));

        Future<Boolean> hasty = one.submit(() -> {
            Thread.currentThread().interrupt();
            lock.lockInterruptibly();
            return true;
        });
        assertThatThrownBy(() -> hasty.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
        Future<Boolean> tried = one.submit(() -> {
            Thread.currentThread().interrupt();
            return lock.tryLock() || !Thread.interrupted();
        });
        assertThat(tried.get(30, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void manyReadOrOneWrites() throws Exception {
        ReadWriteLock lock = ns.readWriteLock("/a");
        in(one, () -> locked(lock.readLock()));
        in(other, () -> locked(lock.readLock()));
        assertThat(lock.writeLock().tryLock()).isFalse();
        in(one, () -> unlocked(lock.readLock()));
        in(other, () -> unlocked(lock.readLock()));
        assertThat(lock.writeLock().tryLock()).isTrue();
        assertThat(in(one, lock.readLock()::tryLock)).isFalse();
        locked(lock.readLock()); // the writer may read, and stop writing
        lock.writeLock().unlock();
        assertThat(in(one, lock.readLock()::tryLock)).isTrue();
        lock.readLock().unlock();
    }

    @Test
    void aWriterThatWaitsKeepsOutReadersWhoComeAfterIt() throws Exception {
        ReadWriteLock lock = ns.readWriteLock("/a");
        locked(lock.readLock());
        Future<Boolean> writer = one.submit(() -> locked(lock.writeLock()));
        awaitWaiting(1);
        assertThat(in(other, lock.readLock()::tryLock)).isFalse();
        lock.readLock().unlock();
        assertThat(writer.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aReaderBecomesTheWriterWhenItIsAlone() throws Exception {
        ReadWriteLock lock = ns.readWriteLock("/a");
        in(one, () -> locked(lock.readLock()));
        in(other, () -> locked(lock.readLock()));
        Future<Boolean> upgrade = one.submit(() -> locked(lock.writeLock()));
        awaitWaiting(1);
        in(other, () -> unlocked(lock.readLock()));
        assertThat(upgrade.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void ofTwoReadersThatBothWantToWriteOneIsToldOfTheDeadlockAndTheOtherWrites() throws Exception {
        ReadWriteLock lock = ns.readWriteLock("/a");
        in(one, () -> locked(lock.readLock()));
        in(other, () -> locked(lock.readLock()));
        Future<Boolean> first = one.submit(() -> locked(lock.writeLock()));
        awaitWaiting(1);
        assertThatThrownBy(() -> in(other, () -> locked(lock.writeLock())))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(DeadlockException.class);
        in(other, () -> unlocked(lock.readLock()));
        assertThat(first.get(30, TimeUnit.SECONDS)).isTrue();
    }
}
