package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Semaphore pools as a user of the SDK meets them, in one process. */
final class PoolTest {
    private final NamespaceManager whatnot = NamespaceManager.local();
    private final Namespace ns = whatnot.namespace("shop");
    private final SemaphorePool pool = ns.pool("/quota/pdf");

    @AfterEach
    void close() {
        whatnot.close();
    }

    private static void refused(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private Result.PoolView view() throws InterruptedException {
        return pool.describe().pool().orElseThrow();
    }

    @Test
    void aClaimHoldsSlotsUntilItIsClosed() throws Exception {
        pool.create(5);
        try (SemaphoreClaim three = pool.claim(3).label("invoices").acquire()) {
            assertThat(three.isHeld()).isTrue();
            assertThat(three.remaining()).isGreaterThan(Duration.ofSeconds(5));
            three.ensureHeld(Duration.ofSeconds(1));
            assertThat(three.slots()).isEqualTo(3);
            assertThat(three.pool()).isEqualTo(pool.path());
            assertThat(three.token().value()).isPositive();
            assertThat(view()).isEqualTo(new Result.PoolView(pool.path(), 5, false, 3, 1, 0));
            assertThat(pool.describe().held().get(0).label()).isEqualTo("invoices");
            assertThat(pool.claim(3).tryAcquire()).isEmpty();
        }
        assertThat(view().used()).isZero();
    }

    @Test
    void whoWaitsIsServedInOrderAndALargeClaimIsNotOvertaken() throws Exception {
        pool.create(2);
        SemaphoreClaim first = pool.claim(1).acquire();
        CompletableFuture<QueuePosition> queued = new CompletableFuture<>();
        CompletableFuture<SemaphoreClaim> large =
                pool.claim(2).onQueued(queued::complete).acquireAsync();
        assertThat(queued.get(5, TimeUnit.SECONDS).blockedBy().get(0).id()).isEqualTo(first.id());
        assertThatThrownBy(
                        () -> pool.claim(1).waitTimeout(Duration.ofMillis(100)).acquire())
                .isInstanceOfSatisfying(
                        LockTimeoutException.class,
                        e -> assertThat(e.position()).isEqualTo(2));
        assertThat(large).isNotDone();
        first.close();
        assertThat(large.get(5, TimeUnit.SECONDS).slots()).isEqualTo(2);
    }

    @Test
    void aCancelledRequestClaimsNothing() throws Exception {
        pool.create(1);
        SemaphoreClaim first = pool.claim(1).acquire();
        CompletableFuture<QueuePosition> queued = new CompletableFuture<>();
        CompletableFuture<SemaphoreClaim> second =
                pool.claim(1).onQueued(queued::complete).acquireAsync();
        queued.get(5, TimeUnit.SECONDS);
        assertThat(second.cancel(true)).isTrue();
        first.close();
        try (SemaphoreClaim third =
                pool.claim(1).waitTimeout(Duration.ofSeconds(5)).acquire()) {
            assertThat(third.isHeld()).isTrue();
        }
    }

    @Test
    void whatIsDoneUnderAClaimEndsWithItsRelease() throws Exception {
        pool.create(1);
        String said = pool.claim(1).call(claim -> claim.slots() + " of " + view().size());
        assertThat(said).isEqualTo("1 of 1");
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            String where = pool.claim(1)
                    .callAsync(executor, claim -> claim.pool().toString())
                    .get(5, TimeUnit.SECONDS);
            assertThat(where).isEqualTo("/quota/pdf");
        } finally {
            executor.shutdown();
        }
        assertThat(view().used()).isZero();
    }

    @Test
    void aClaimWithATtlIsLostUnlessItIsRenewed() throws Exception {
        pool.create(1);
        SemaphoreClaim claim =
                pool.claim(1).ttl(Duration.ofMillis(300)).owner("worker").acquire();
        claim.renew();
        claim.renewAsync().get(5, TimeUnit.SECONDS);
        assertThat(claim.lost().get(5, TimeUnit.SECONDS)).isEqualTo(LossReason.EXPIRED);
        assertThat(claim.isHeld()).isFalse();
        assertThatThrownBy(claim::renew).isInstanceOf(LeaseLostException.class);
        try (SemaphoreClaim next = pool.claim(1).acquire()) {
            assertThat(next.isHeld()).isTrue();
        }
    }

    @Test
    void aPoolIsMadeOnceResizedPurgedAndRemoved() throws Exception {
        pool.create(2);
        refused(ErrorCode.POOL_EXISTS, () -> pool.create(3));
        SemaphoreClaim claim = pool.claim(2).acquire();
        pool.resize(1);
        assertThat(view()).isEqualTo(new Result.PoolView(pool.path(), 1, false, 2, 1, 0));
        refused(ErrorCode.CLAIM_TOO_LARGE, () -> pool.claim(2).acquire());

        pool.create(4, PoolOption.PURGE, PoolOption.PREFIX);
        assertThat(claim.lost().get(5, TimeUnit.SECONDS)).isEqualTo(LossReason.REVOKED);
        try (SemaphoreClaim below = ns.pool("/quota/pdf/eu").claim(4).acquire()) {
            assertThat(below.pool()).isEqualTo(AbsolutePath.parse("/quota/pdf"));
            CompletableFuture<QueuePosition> queued = new CompletableFuture<>();
            CompletableFuture<SemaphoreClaim> waits =
                    pool.claim(1).onQueued(queued::complete).acquireAsync();
            queued.get(5, TimeUnit.SECONDS);

            pool.remove();

            assertThat(below.lost().get(5, TimeUnit.SECONDS)).isEqualTo(LossReason.REVOKED);
            refused(ErrorCode.NO_SUCH_POOL, () -> {
                try {
                    waits.get(5, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    throw e.getCause();
                }
            });
        }
        refused(ErrorCode.NO_SUCH_POOL, () -> pool.claim(1).acquire());
        refused(ErrorCode.NO_SUCH_POOL, pool::remove);
        refused(ErrorCode.NO_SUCH_POOL, () -> pool.resize(1));
        assertThat(pool.describe().pool()).isEmpty();
    }

    @Test
    void whoWaitsForHisOwnClaimOnAPoolOfOneIsToldSo() throws Exception {
        pool.create(1);
        try (SemaphoreClaim claim = pool.claim(1).acquire()) {
            assertThatThrownBy(() -> pool.claim(1).acquire()).isInstanceOfSatisfying(DeadlockException.class, e -> {
                assertThat(e.length()).isEqualTo(1);
                assertThat(e.cycle().get(0).held().id()).isEqualTo(claim.id());
            });
        }
    }

    @Test
    void numbersThatMakeNoSenseAreRefusedBeforeAnythingIsSent() {
        for (long wrong : new long[] {0, -1, Target.SLOTS_MAX + 1}) {
            assertThatThrownBy(() -> pool.claim(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("slots is " + wrong);
            assertThatThrownBy(() -> pool.create(wrong)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> pool.resize(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
