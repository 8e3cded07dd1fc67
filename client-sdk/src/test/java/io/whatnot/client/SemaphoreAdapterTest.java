package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Scope;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The slots of a pool as permits, and a pool changed under a lease. */
@Timeout(60)
final class SemaphoreAdapterTest {
    private final NamespaceManager whatnot = NamespaceManager.local();
    private final Namespace ns = whatnot.namespace("shop");
    private final ClusterSemaphore semaphore = ns.semaphore("/quota");
    private final ExecutorService other = Executors.newSingleThreadExecutor();

    @BeforeEach
    void create() throws Exception {
        ns.pool("/quota").create(4);
    }

    @AfterEach
    void close() {
        other.shutdownNow();
        whatnot.close();
    }

    private static void refused(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private void awaitWaiting(int count) {
        await().until(() -> ns.locks("/quota", Scope.ELEMENT).waiting().size() == count);
    }

    @Test
    void permitsAreAcquiredAndReleasedAndNeverMoreThanThereAre() throws Exception {
        semaphore.acquire();
        semaphore.acquire(3);
        assertThat(semaphore.availablePermits()).isZero();
        assertThat(semaphore.tryAcquire()).isFalse();
        assertThat(semaphore.tryAcquire(2, Duration.ofMillis(10))).isFalse();
        semaphore.release();
        assertThat(semaphore.availablePermits()).isEqualTo(1);
        assertThat(semaphore.tryAcquire()).isTrue();
        semaphore.release(4);
        assertThat(semaphore.availablePermits()).isEqualTo(4);
    }

    @Test
    void whatWasAcquiredTogetherComesBackTogetherOnceAllOfItIsReleased() throws Exception {
        semaphore.acquire(3);
        semaphore.release();
        semaphore.release();
        assertThat(semaphore.availablePermits()).isEqualTo(1);
        semaphore.release();
        assertThat(semaphore.availablePermits()).isEqualTo(4);
    }

    @Test
    void nobodyReleasesMoreThanIsAcquiredNorLessThanOne() throws Exception {
        semaphore.acquire(2);
        assertThatThrownBy(() -> semaphore.release(3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("can't release 3 permits of the pool at /quota: 2 are acquired here");
        assertThat(semaphore.availablePermits()).isEqualTo(2);
        semaphore.release(2);
        assertThatThrownBy(semaphore::release).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> semaphore.release(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> semaphore.acquire(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> semaphore.tryAcquire(-1, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        refused(ErrorCode.CLAIM_TOO_LARGE, () -> semaphore.acquire(5));
        refused(ErrorCode.NO_SUCH_POOL, () -> ns.semaphore("/none").acquire());
        refused(ErrorCode.NO_SUCH_POOL, () -> ns.semaphore("/none").availablePermits());
    }

    @Test
    void aThreadWaitsUntilAnotherReleasesAndMayReleaseWhatTheOtherHasAcquired() throws Exception {
        semaphore.acquire(4);
        Future<Boolean> waits = other.submit(() -> {
            semaphore.acquire(2);
            return true;
        });
        awaitWaiting(1);
        semaphore.release(4);
        assertThat(waits.get(30, TimeUnit.SECONDS)).isTrue();
        semaphore.release(2);
        assertThat(semaphore.availablePermits()).isEqualTo(4);
    }

    @Test
    void whoIsInterruptedGetsNoPermitsButByWaitingOnAndIsInterruptedThen() throws Exception {
        semaphore.acquire(4);
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        Future<Boolean> impatient = other.submit(() -> {
            thread.complete(Thread.currentThread());
            semaphore.acquire();
            return true;
        });
        awaitWaiting(1);
        thread.get(30, TimeUnit.SECONDS).interrupt();
        assertThatThrownBy(() -> impatient.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
        awaitWaiting(0);

        Future<Boolean> patient = other.submit(() -> {
            semaphore.acquireUninterruptibly(1);
            return Thread.interrupted();
        });
        awaitWaiting(1);
        thread.get(30, TimeUnit.SECONDS).interrupt();
        semaphore.release(4);
        assertThat(patient.get(30, TimeUnit.SECONDS)).isTrue();
        semaphore.release();
    }

    @Test
    void whoReleasesWhatWasLostIsToldSo() throws Exception {
        semaphore.acquire(3);
        whatnot.admin().revoke(ns.pool("/quota").describe().held().get(0).id());
        await().until(() -> semaphore.availablePermits() == 4);
        ns.pool("/quota").claim(4).owner("next").acquire().close();
        assertThatThrownBy(() -> semaphore.release(3)).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(semaphore::release).isInstanceOf(IllegalStateException.class);
        assertThat(semaphore.tryAcquire()).isTrue();
    }

    @Test
    void aPoolIsChangedUnderALeaseAndNotOnceThatHasEnded() throws Exception {
        LeaseContext lease = ns.lease("/quota").prefix().owner("keeper").acquire();
        SemaphorePool pool = ns.pool("/quota");
        refused(ErrorCode.LOCKED, () -> pool.resize(5));
        pool.under(lease).resize(5);
        refused(ErrorCode.STALE_TOKEN, () -> ns.pool("/elsewhere").under(lease).create(1));
        pool.under(lease).remove();
        pool.under(lease).create(6, PoolOption.PREFIX);
        lease.close();
        refused(ErrorCode.STALE_TOKEN, () -> pool.under(lease).resize(7));
        assertThat(semaphore.availablePermits()).isEqualTo(6);
    }
}
