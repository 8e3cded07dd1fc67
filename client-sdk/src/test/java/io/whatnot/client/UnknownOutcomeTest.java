package io.whatnot.client;

import static io.whatnot.client.FakeCall.aCommand;
import static io.whatnot.client.FakeCall.aRead;
import static io.whatnot.client.FakeCall.answerLost;
import static io.whatnot.client.FakeCall.leaderLost;
import static io.whatnot.client.FakeCall.refused;
import static io.whatnot.client.FakeCall.requestLost;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What a caller is told whose time is up, and what is done about it behind his back. */
final class UnknownOutcomeTest {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

    private final FakeCluster cluster = new FakeCluster("a:1");
    private final FakeNode a = cluster.node("a:1");
    private final Namespace ns = cluster.client().namespace("shop");

    // ---- what is known

    @Test
    void whatCouldNotEvenBeSentWasNotApplied() {
        a.cannotBeReached();
        CompletableFuture<?> put = put();
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        assertFailed(put, ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED);
    }

    @Test
    void whatWasRefusedBeforeTheLogEveryTimeWasNotApplied() {
        put().join();
        a.every(aCommand(), refused(ErrorCode.UNAVAILABLE));
        CompletableFuture<?> put = put();
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        assertFailed(put, ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED);
    }

    @Test
    void whatMayHaveReachedTheLogOnceIsUnknownHoweverOftenItIsRefusedBeforeItLater() {
        put().join();
        a.next(aCommand(), leaderLost());
        a.every(aCommand(), refused(ErrorCode.UNAVAILABLE));
        CompletableFuture<?> put = put();
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        assertThat(failure(put).outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void whatWasUnderWayOnALineThatBrokeIsUnknown() {
        a.next(aCommand(), requestLost());
        CompletableFuture<?> put = put();
        a.cannotBeReached();
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        assertFailed(put, ErrorCode.UNAVAILABLE, Outcome.UNKNOWN);
    }

    @Test
    void whatIsUnderWayAtANodeThatIsWellIsATimeout() {
        put().join();
        a.next(aCommand(), requestLost());
        CompletableFuture<?> put = put();
        for (int i = 0; i < 52; i++) {
            cluster.clock.passMillis(100);
            ns.getAsync("/x", Consistency.NODE).join(); // so that the node does not count as silent
        }
        assertFailed(put, ErrorCode.TIMEOUT, Outcome.UNKNOWN);
    }

    @Test
    void aReadIsNeverUnknownForItChangesNothing() {
        a.next(aRead(), requestLost());
        CompletableFuture<?> get = ns.getAsync("/x", Consistency.LINEARIZABLE);
        a.cannotBeReached();
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        assertFailed(get, ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED);
    }

    @Test
    void theMessageSaysWhatWasAskedAndWhatWasHeardLast() {
        put().join();
        a.every(aCommand(), FakeNode.noLeader());
        CompletableFuture<?> put = put();
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        assertThat(failure(put)).hasMessageContaining("/x").hasMessageContaining("knows no leader");
    }

    @Test
    void aCallerIsToldAtHisDeadlineAndNotBefore() {
        a.cannotBeReached();
        CompletableFuture<?> put = put();
        cluster.clock.pass(REQUEST_TIMEOUT.minusMillis(1));
        assertThat(put).isNotDone();
        cluster.clock.passMillis(101);
        assertThat(put).isDone();
    }

    // ---- what is done about it

    @Test
    void aPutThatIsUnknownIsSentOnUntilItsFateIsKnownAndTakesEffectOnce() {
        a.next(aCommand(), answerLost());
        CompletableFuture<?> put = put();
        a.cannotBeReached();
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        assertThat(failure(put).outcome()).isEqualTo(Outcome.UNKNOWN);
        a.comesBack();
        cluster.clock.passMillis(2_000);
        assertThat(a.calls(aCommand()))
                .hasSize(2)
                .extracting(FakeCall::sequence)
                .containsOnly(1L);
        assertThat(ns.putAsync("/x", Value.of("2"), Put.with()).join().version())
                .isEqualTo(2);
    }

    @Test
    void aPutThatSurelyWasNotAppliedIsNotSentAfterItsCallerWasToldSo() {
        a.cannotBeReached();
        put();
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        a.comesBack();
        cluster.clock.passMillis(5_000);
        assertThat(a.calls(FakeCall.of(ElementCommand.Put.class))).isEmpty();
    }

    @Test
    void aLeaseThatWasGrantedToACallerWhoHasGivenUpIsGivenBack() {
        a.next(FakeCall.of(LeaseCommand.Acquire.class), answerLost());
        CompletableFuture<LeaseContext> lease =
                ns.lease("/x").waitTimeout(Duration.ZERO).acquireAsync();
        a.cannotBeReached();
        assertThat(cluster.leases()).hasSize(1);
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        assertThat(failure(lease).outcome()).isEqualTo(Outcome.UNKNOWN);
        a.comesBack();
        cluster.clock.passMillis(2_000);
        assertThat(cluster.leases()).isEmpty();
    }

    @Test
    void anAcquireOfACallerWhoHasGivenUpIsNotGrantedWhenItArrivesAtLast() {
        a.next(FakeCall.of(LeaseCommand.Acquire.class), requestLost());
        CompletableFuture<LeaseContext> lease =
                ns.lease("/x").waitTimeout(Duration.ZERO).acquireAsync();
        a.cannotBeReached();
        cluster.clock.pass(REQUEST_TIMEOUT.plusMillis(100));
        assertThat(failure(lease).outcome()).isEqualTo(Outcome.UNKNOWN);
        a.comesBack();
        cluster.clock.passMillis(2_000);
        assertThat(cluster.leases()).isEmpty();
        assertThat(ns.lease("/x").owner("another").acquireAsync().join().isHeld())
                .isTrue();
    }

    private CompletableFuture<?> put() {
        return ns.putAsync("/x", Value.of("1"), Put.with());
    }

    private static void assertFailed(CompletableFuture<?> future, ErrorCode code, Outcome outcome) {
        WhatnotException failure = failure(future);
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.outcome()).isEqualTo(outcome);
    }

    static WhatnotException failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        try {
            future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof WhatnotException failure) {
                return failure;
            }
        }
        throw new AssertionError("no WhatnotException: " + future);
    }
}
