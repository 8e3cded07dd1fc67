package io.whatnot.client;

import static io.whatnot.client.FakeCall.answerLost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A lease from the asking to its end, as whoever asked for it sees it. */
final class LeaseTest {
    private static final Callable<String> STUCK = () -> {
        new CountDownLatch(1).await();
        return "never";
    };

    private final FakeCluster cluster = new FakeCluster("a:1", "b:2");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final Namespace ns = cluster.client().namespace("shop");
    private final Namespace others = cluster.client().namespace("shop");
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    // ---- asking

    @Test
    void itIsGrantedWithItsNameAndToken() {
        LeaseContext lease = acquire("/x");
        assertThat(lease.isHeld()).isTrue();
        assertThat(cluster.leases()).containsExactly(lease.id());
        assertThat(lease.token().value()).isEqualTo(cluster.state().revision());
        assertThat(lease.targets()).hasToString("[/x]");
    }

    @Test
    void aTryThatFindsItTakenComesBackWithNothing() throws Exception {
        hold("/x");
        assertThat(ns.lease("/x").tryAcquire()).isEmpty();
        assertThat(ns.lease("/y").tryAcquire()).isPresent();
        assertThat(waiting()).isZero();
    }

    @Test
    void aWaitThatTakesTooLongTellsItsPlaceAndWhoIsInTheWay() {
        LeaseContext held = hold("/x");
        CompletableFuture<LeaseContext> wait =
                ns.lease("/x").waitTimeout(Duration.ofSeconds(2)).acquireAsync();
        cluster.clock.passMillis(1_999);
        assertThat(wait).isNotDone();
        cluster.clock.passMillis(10);
        assertThat(UnknownOutcomeTest.failure(wait)).isInstanceOfSatisfying(LockTimeoutException.class, timeout -> {
            assertThat(timeout.position()).isEqualTo(1);
            assertThat(timeout.blockedBy()).hasSize(1);
            assertThat(timeout.blockedBy().get(0).toString()).contains(held.id().toString());
        });
        assertThat(waiting()).isZero();
    }

    @Test
    void whoHasToWaitIsToldOnceWhereAndBehindWhom() {
        hold("/x");
        List<QueuePosition> told = new ArrayList<>();
        CompletableFuture<LeaseContext> wait =
                ns.lease("/x").onQueued(told::add).acquireAsync();
        a.breakLines();
        cluster.clock.passMillis(200);
        assertThat(wait).isNotDone();
        assertThat(told).hasSize(1);
        assertThat(told.get(0).position()).isEqualTo(1);
    }

    @Test
    void aWaitThatTheClusterSaysNoMoreOfIsGivenUpByTheClient() {
        ClientOptions usual = cluster.options();
        Namespace patient = cluster.client(
                        new ClientOptions(usual.endpoints(), "bob", "", 3_600_000, 5_000, usual.drift()))
                .namespace("shop");
        LeaseContext held = hold("/x");
        CompletableFuture<LeaseContext> wait =
                patient.lease("/x").waitTimeout(Duration.ofSeconds(2)).acquireAsync();
        cluster.nodes().forEach(FakeNode::isNowhere);
        cluster.clock.passMillis(7_001);
        WhatnotException failure = UnknownOutcomeTest.failure(wait);
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        cluster.nodes().forEach(FakeNode::comesBack);
        cluster.clock.passMillis(5_000);
        assertThat(waiting()).isZero();
        assertThat(cluster.leases()).containsExactly(held.id());
    }

    @Test
    void aGrantIsPushedToWhoeverWaits() {
        LeaseContext held = hold("/x");
        CompletableFuture<LeaseContext> wait = ns.lease("/x").acquireAsync();
        assertThat(wait).isNotDone();
        held.releaseAsync().join();
        assertThat(wait.join().token()).isGreaterThan(held.token());
        assertThat(wait.join().isHeld()).isTrue();
    }

    @Test
    void aWaitKeepsItsPlaceWhenTheClientMovesToAnotherNode() {
        LeaseContext held = hold("/x");
        CompletableFuture<LeaseContext> first = ns.lease("/x").acquireAsync();
        CompletableFuture<LeaseContext> second = others.lease("/x").acquireAsync();
        a.cannotBeReached();
        cluster.clock.passMillis(200);
        held.releaseAsync();
        cluster.clock.passMillis(200);
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        assertThat(b.calls(FakeCall.of(LeaseCommand.Acquire.class)))
                .extracting(FakeCall::sequence)
                .as("asked again under the same number")
                .isSubsetOf(a.calls(FakeCall.of(LeaseCommand.Acquire.class)).stream()
                        .map(FakeCall::sequence)
                        .toList());
    }

    @Test
    void aGrantThatWasPushedWhileTheClientHadNoLineIsLearntOfOnTheNext() {
        LeaseContext held = hold("/x");
        CompletableFuture<LeaseContext> wait = ns.lease("/x").acquireAsync();
        cluster.holdPushesBack();
        held.releaseAsync().join();
        a.cannotBeReached();
        cluster.clock.passMillis(200);
        assertThat(wait.join().isHeld()).isTrue();
        assertThat(cluster.leases()).containsExactly(wait.join().id());
    }

    @Test
    void aPushThatOvertakesItsAnswerIsNoSecondLease() {
        a.next(FakeCall.of(LeaseCommand.Acquire.class), call -> {
            Result granted = call.carryOut();
            call.pushOutcome(granted);
            call.answer(granted);
            call.pushOutcome(granted);
        });
        LeaseContext lease = acquire("/x");
        assertThat(lease.isHeld()).isTrue();
        lease.releaseAsync().join();
        assertThat(cluster.leases()).isEmpty();
    }

    // ---- taken back

    @Test
    void cancellingAWaitWithdrawsIt() {
        LeaseContext held = hold("/x");
        CompletableFuture<LeaseContext> wait = ns.lease("/x").acquireAsync();
        assertThat(waiting()).isEqualTo(1);
        assertThat(wait.cancel(false)).isTrue();
        assertThat(waiting()).isZero();
        held.releaseAsync().join();
        assertThat(cluster.leases()).isEmpty();
    }

    @Test
    void aGrantThatCrossesTheCancelIsReleased() {
        LeaseContext held = hold("/x");
        CompletableFuture<LeaseContext> wait = ns.lease("/x").acquireAsync();
        cluster.holdPushesBack();
        held.releaseAsync().join();
        assertThat(cluster.leases()).as("granted, and not known yet").hasSize(1);
        wait.cancel(false);
        assertThat(cluster.leases()).isEmpty();
        cluster.letPushesGo();
        assertThat(cluster.leases()).isEmpty();
        assertThat(wait).isCancelled();
    }

    @Test
    void aGrantThatCameBeforeTheCancelAndWasNotSeenYetIsReleased() {
        Steps callbacks = new Steps();
        Namespace slow =
                cluster.client(cluster.options(), callbacks, Runnable::run).namespace("shop");
        CompletableFuture<LeaseContext> wait = slow.lease("/x").acquireAsync();
        assertThat(cluster.leases()).hasSize(1);
        assertThat(wait).isNotDone();
        wait.cancel(false);
        callbacks.runAll();
        assertThat(cluster.leases()).isEmpty();
    }

    @Test
    void aCancelThatOvertakesItsRequestLeavesNothingBehind() {
        acquire("/y");
        List<FakeCall> late = new ArrayList<>();
        a.next(FakeCall.of(LeaseCommand.Acquire.class), late::add);
        CompletableFuture<LeaseContext> asked = ns.lease("/x").acquireAsync();
        asked.cancel(false);
        late.get(0).carryOutAndAnswer();
        assertThat(cluster.leases()).hasSize(1);
        assertThat(acquireAsOther("/x").isHeld()).isTrue();
    }

    @Test
    void aCancelGetsThroughWhateverBreaks() {
        LeaseContext held = hold("/x");
        CompletableFuture<LeaseContext> wait = ns.lease("/x").acquireAsync();
        a.next(FakeCall.of(LeaseCommand.Cancel.class), FakeCall.requestLost());
        b.next(FakeCall.of(LeaseCommand.Cancel.class), FakeCall.leaderLost());
        wait.cancel(false);
        a.cannotBeReached();
        cluster.clock.passMillis(2_000);
        assertThat(waiting()).isZero();
        assertThat(held.isHeld()).isTrue();
    }

    @Test
    void whatWasTakenBackIsNotAskedAgainInTheNextSession() {
        LeaseContext held = acquire("/y");
        List<FakeCall> late = new ArrayList<>();
        a.next(FakeCall.of(LeaseCommand.Acquire.class), late::add);
        CompletableFuture<LeaseContext> asked = ns.lease("/x").acquireAsync();
        asked.cancel(false);
        FakeNode.noLeader().accept(late.get(0));
        cluster.nodes().forEach(FakeNode::cannotBeReached);
        cluster.clock.passMillis(15_000);
        assertThat(held.isHeld()).isFalse();
        cluster.nodes().forEach(FakeNode::comesBack);
        CompletableFuture<LeaseContext> next = ns.lease("/y").acquireAsync();
        cluster.clock.passMillis(3_000);
        assertThat(next).isCompleted();
        assertThat(cluster.leases()).containsExactly(next.join().id());
    }

    @Test
    void anInterruptWithdrawsTheWait() throws Exception {
        hold("/x");
        CountDownLatch queued = new CountDownLatch(1);
        Future<LeaseContext> wait = threads.submit(
                () -> ns.lease("/x").onQueued(q -> queued.countDown()).acquire());
        assertThat(queued.await(10, TimeUnit.SECONDS)).isTrue();
        wait.cancel(true);
        threads.shutdown();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(waiting()).isZero();
    }

    // ---- renewing and releasing

    @Test
    void aTtlIsMovedByARenewalAlone() {
        LeaseContext lease =
                ns.lease("/x").ttl(Duration.ofSeconds(2)).acquireAsync().join();
        cluster.clock.passMillis(1_500);
        lease.renewAsync().join();
        cluster.clock.passMillis(1_500);
        assertThat(lease.isHeld()).isTrue();
        cluster.clock.passMillis(600);
        assertThat(lease.isHeld()).isFalse();
        assertThat(cluster.leases()).isEmpty();
    }

    @Test
    void aLeaseThatLivesWithItsSessionNeedsNoRenewal() {
        LeaseContext lease = acquire("/x");
        int calls = a.calls().size();
        lease.renewAsync().join();
        assertThat(a.calls()).hasSize(calls);
        cluster.clock.pass(Duration.ofMinutes(5));
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void aLostLeaseIsNotRenewed() {
        LeaseContext lease =
                ns.lease("/x").ttl(Duration.ofSeconds(1)).acquireAsync().join();
        cluster.clock.passMillis(1_100);
        CompletableFuture<Void> renewal = lease.renewAsync();
        assertThat(UnknownOutcomeTest.failure(renewal)).isInstanceOf(LeaseLostException.class);
        assertThat(a.calls(FakeCall.of(LeaseCommand.Renew.class))).isEmpty();
    }

    @Test
    void aRenewalThatComesTooLateIsToldThatTheLeaseIsLost() {
        LeaseContext lease =
                ns.lease("/x").ttl(Duration.ofSeconds(2)).acquireAsync().join();
        cluster.holdPushesBack();
        a.next(FakeCall.of(LeaseCommand.Renew.class), call -> {
            Refused refused = new Refused(ErrorCode.LEASE_LOST, "revoked", new Detail.Ended(Cause.ADMIN));
            call.answer(refused);
        });
        assertThat(UnknownOutcomeTest.failure(lease.renewAsync()))
                .isInstanceOfSatisfying(
                        LeaseLostException.class,
                        lost -> assertThat(lost.reason()).isEqualTo(LossReason.REVOKED));
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.lost()).isCompletedWithValue(LossReason.REVOKED);
    }

    @Test
    void releasingEndsItAtOnceAndTwiceIsOnce() {
        LeaseContext lease = acquire("/x");
        lease.releaseAsync().join();
        lease.close();
        lease.releaseAsync().join();
        assertThat(lease.isHeld()).isFalse();
        assertThat(cluster.leases()).isEmpty();
        assertThat(a.calls(FakeCall.of(LeaseCommand.Release.class))).hasSize(1);
        assertThat(lease.lost()).as("given back is not lost").isNotDone();
    }

    @Test
    void aReleaseGetsThroughWhateverBreaks() {
        LeaseContext lease = acquire("/x");
        a.next(FakeCall.of(LeaseCommand.Release.class), FakeCall.requestLost());
        CompletableFuture<Void> released = lease.releaseAsync();
        a.isNowhere();
        cluster.clock.pass(Duration.ofSeconds(8));
        assertThat(released).isCompleted();
        assertThat(cluster.leases()).isEmpty();
        assertThat(b.calls(FakeCall.of(LeaseCommand.Release.class))).hasSize(1);
    }

    @Test
    void closingWaitsNoLongerThanTheLeaseCanLast() throws Exception {
        LeaseContext lease =
                ns.lease("/x").ttl(Duration.ofMillis(200)).acquireAsync().join();
        a.isNowhere();
        b.isNowhere();
        long begun = System.nanoTime();
        lease.close();
        assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(5));
        assertThat(lease.isHeld()).isFalse();
    }

    // ---- lost

    @Test
    void aLossIsToldOnceWithItsReason() {
        LeaseContext lease = acquire("/x");
        List<LossReason> told = new ArrayList<>();
        lease.lost().thenAccept(told::add);
        a.push(lease.id().session(), lease.id().sequence(), lost(Cause.ADMIN));
        a.push(lease.id().session(), lease.id().sequence(), lost(Cause.EXPIRED));
        cluster.endSession(lease.id().session());
        cluster.clock.pass(Duration.ofSeconds(20));
        assertThat(told).containsExactly(LossReason.REVOKED);
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.remaining()).isZero();
    }

    @Test
    void aLeaseThatTheClusterSaysHasExpiredIsLostAtOnce() {
        LeaseContext lease =
                ns.lease("/x").ttl(Duration.ofSeconds(5)).acquireAsync().join();
        a.push(lease.id().session(), lease.id().sequence(), lost(Cause.EXPIRED));
        assertThat(lease.lost()).isCompletedWithValue(LossReason.EXPIRED);
    }

    @Test
    void aLeaseThatWasReportedLostIsReleasedUntilThatIsAcknowledged() {
        LeaseContext lease =
                ns.lease("/x").ttl(Duration.ofSeconds(2)).acquireAsync().join();
        cluster.nodes().forEach(FakeNode::isNowhere);
        cluster.clock.passMillis(1_990);
        cluster.timeStoodStill(1_990); // so the cluster has not ended it
        assertThat(lease.isHeld()).isFalse();
        assertThat(cluster.lease(lease.id())).isNotNull();
        a.next(FakeCall.of(LeaseCommand.Release.class), FakeCall.leaderLost());
        cluster.nodes().forEach(FakeNode::comesBack);
        cluster.clock.passMillis(4_000);
        assertThat(cluster.lease(lease.id())).isNull();
        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void lossOfOneLeaseLeavesTheOthersOfItsSession() {
        LeaseContext lost = acquire("/x");
        LeaseContext kept = acquire("/y");
        a.push(lost.id().session(), lost.id().sequence(), lost(Cause.ADMIN));
        assertThat(kept.isHeld()).isTrue();
        assertThat(kept.lost()).isNotDone();
    }

    // ---- working under it

    @Test
    void theBodyIsInterruptedWhenTheLeaseIsLost() throws Exception {
        LeaseContext lease = acquire("/x");
        CountDownLatch running = new CountDownLatch(1);
        Future<Boolean> body = threads.submit(() -> {
            assertThatThrownBy(() -> lease.call(() -> {
                        running.countDown();
                        return STUCK.call();
                    }))
                    .isInstanceOfSatisfying(
                            LeaseLostException.class,
                            lost -> assertThat(lost.reason()).isEqualTo(LossReason.REVOKED));
            return Thread.currentThread().isInterrupted();
        });
        assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
        a.push(lease.id().session(), lease.id().sequence(), lost(Cause.ADMIN));
        assertThat(body.get(10, TimeUnit.SECONDS))
                .as("the interrupt is not left behind")
                .isFalse();
    }

    @Test
    void aBodyThatEndsInSpiteOfTheLossIsToldOfItToo() {
        LeaseContext lease = acquire("/x");
        assertThatThrownBy(() -> lease.call(() -> {
                    a.push(lease.id().session(), lease.id().sequence(), lost(Cause.ADMIN));
                    return "done";
                }))
                .isInstanceOf(LeaseLostException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void whatABodyThrowsComesThroughAsItIs() {
        LeaseContext lease = acquire("/x");
        IllegalStateException mine = new IllegalStateException("mine");
        assertThatThrownBy(() -> lease.call(() -> {
                    throw mine;
                }))
                .isSameAs(mine);
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void noBodyRunsUnderALeaseThatIsLost() {
        LeaseContext lease = acquire("/x");
        a.push(lease.id().session(), lease.id().sequence(), lost(Cause.ADMIN));
        List<String> ran = new ArrayList<>();
        assertThatThrownBy(() -> lease.call(() -> ran.add("it"))).isInstanceOf(LeaseLostException.class);
        assertThat(ran).isEmpty();
    }

    @Test
    void aLossAfterTheBodyHasEndedInterruptsNobody() throws Exception {
        LeaseContext lease = acquire("/x");
        assertThat(lease.call(() -> "done")).isEqualTo("done");
        a.push(lease.id().session(), lease.id().sequence(), lost(Cause.ADMIN));
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void anAsynchronousBodyIsInterruptedByItsCancelAndTheLeaseReleasedWhenItHasEnded() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture<String> result = ns.lease("/x").callAsync(threads, lease -> {
            running.countDown();
            try {
                return STUCK.call();
            } catch (InterruptedException e) {
                mayEnd.await();
                throw e;
            } finally {
                ended.countDown();
            }
        });
        assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
        result.cancel(false);
        assertThat(cluster.leases()).as("the body has not ended").hasSize(1);
        mayEnd.countDown();
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(cluster.leases()).isEmpty();
    }

    @Test
    void anAsynchronousBodyThatFailsReleasesToo() {
        CompletableFuture<String> result = ns.lease("/x").callAsync(Runnable::run, lease -> {
            throw new IllegalStateException("mine");
        });
        assertThat(cluster.leases()).isEmpty();
        assertThatThrownBy(() -> result.get(1, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("mine");
    }

    @Test
    void stagesUnderALeaseReleaseItWhenTheLastHasEnded() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<String> result = ns.lease("/x").composeAsync(lease -> stage);
        assertThat(cluster.leases()).hasSize(1);
        stage.complete("done");
        assertThat(cluster.leases()).isEmpty();
        assertThat(result).isCompletedWithValue("done");
    }

    @Test
    void stagesWhoseWaitIsCancelledNeverBegin() {
        LeaseContext held = hold("/x");
        List<String> ran = new ArrayList<>();
        CompletableFuture<Boolean> result =
                ns.lease("/x").composeAsync(lease -> CompletableFuture.completedFuture(ran.add("it")));
        result.cancel(false);
        held.releaseAsync().join();
        assertThat(ran).isEmpty();
        assertThat(cluster.leases()).isEmpty();
    }

    @Test
    void aLeaseWhoseAnswerGotLostIsTheSameLeaseWhenItIsAskedForAgain() {
        a.next(FakeCall.of(LeaseCommand.Acquire.class), answerLost());
        CompletableFuture<LeaseContext> asked = ns.lease("/x").acquireAsync();
        a.cannotBeReached();
        cluster.clock.passMillis(200);
        assertThat(cluster.leases()).containsExactly(asked.join().id());
    }

    // ----

    private LeaseContext acquire(String path) {
        return ns.lease(path).acquireAsync().join();
    }

    private LeaseContext acquireAsOther(String path) {
        return others.lease(path).acquireAsync().join();
    }

    /** Somebody else holds it. */
    private LeaseContext hold(String path) {
        return acquireAsOther(path);
    }

    private int waiting() {
        return cluster.state().locks().waitingCount();
    }

    private static Result lost(Cause cause) {
        return new Refused(ErrorCode.LEASE_LOST, "ended by the script", new Detail.Ended(cause));
    }
}
