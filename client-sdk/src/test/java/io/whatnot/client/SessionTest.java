package io.whatnot.client;

import static io.whatnot.client.FakeCall.aCommand;
import static io.whatnot.client.FakeCall.answerLost;
import static io.whatnot.client.FakeCall.requestLost;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Value;
import io.whatnot.core.protocol.CommonCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A client's session: opened when it is needed, kept alive, given up by the client's own clock, and followed by another. */
final class SessionTest {
    private final FakeCluster cluster = new FakeCluster("a:1", "b:2");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final NamespaceManager client = cluster.client();
    private final Namespace ns = client.namespace("shop");

    // ---- its life

    @Test
    void noneIsOpenedForReadsAlone() throws Exception {
        assertThat(client.namespaces()).isEmpty();
        assertThat(a.calls()).hasSize(1);
        assertThat(cluster.state().sessions().count()).isZero();
    }

    @Test
    void itIsOpenedOnceByTheFirstCommandHoweverManyAreWaiting() {
        a.next(FakeCall.of(SessionCommand.Open.class), requestLost());
        put("/x");
        put("/y");
        a.breakLines();
        cluster.clock.passMillis(100);
        assertThat(cluster.state().sessions().count()).isEqualTo(1);
        assertThat(cluster.state().revision()).as("both were put").isGreaterThan(2);
    }

    @Test
    void itsOpeningThatIsToBeTriedAgainGoesBeforeTheThousandsThatWaitForIt() {
        a.next(FakeCall.of(SessionCommand.Open.class), call -> {});
        List<CompletableFuture<?>> puts = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            puts.add(put("/x" + i));
        }
        a.call(FakeCall.of(SessionCommand.Open.class)).refuse(ErrorCode.UNAVAILABLE, "for now");
        cluster.clock.passMillis(1_000);
        assertThat(puts).allMatch(CompletableFuture::isDone);
    }

    @Test
    void anOpeningWhoseAnswerGotLostGivesTheSameSession() {
        a.next(FakeCall.of(SessionCommand.Open.class), answerLost());
        CompletableFuture<?> put = put("/x");
        a.breakLines();
        cluster.clock.passMillis(100);
        assertThat(put).isCompleted();
        assertThat(cluster.state().sessions().count()).isEqualTo(1);
    }

    @Test
    void itIsKeptAliveByAHeartbeatAtAThirdOfItsTtl() {
        put("/x");
        cluster.clock.passMillis(3_332);
        assertThat(heartbeats(a)).isZero();
        cluster.clock.passMillis(1);
        assertThat(heartbeats(a)).isEqualTo(1);
        cluster.clock.pass(Duration.ofMinutes(10));
        assertThat(heartbeats(a)).isBetween(178, 182);
        assertThat(cluster.state().sessions().count()).isEqualTo(1);
    }

    @Test
    void aHeartbeatThatGetsNoAnswerIsSentAgainElsewhereInTime() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.isNowhere();
        cluster.clock.pass(Duration.ofSeconds(30));
        assertThat(lease.isHeld()).isTrue();
        assertThat(cluster.lease(lease.id())).isNotNull();
    }

    @Test
    void allItsRequestsBearItsNumberAndNewLinesAreAttachedToIt() {
        put("/x");
        cluster.lead("b:2");
        put("/y");
        assertThat(b.calls(FakeCall.anAttachment())).hasSize(1);
        assertThat(b.call(FakeCall.of(ElementCommand.Put.class)).session())
                .isEqualTo(a.call(FakeCall.of(ElementCommand.Put.class)).session());
    }

    @Test
    void aNodeThatDoesNotKnowTheSessionYetIsLeftForAnother() {
        put("/x");
        b.every(FakeCall.anAttachment(), call -> call.refuse(ErrorCode.UNAVAILABLE, "not known here yet"));
        cluster.lead("b:2");
        CompletableFuture<?> put = put("/y");
        cluster.clock.passMillis(500);
        assertThat(put).isCompleted();
        assertThat(b.calls(FakeCall.of(ElementCommand.Put.class))).isEmpty();
    }

    @Test
    void aReconnectWithinItsTimeKeepsWhatItOwns() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        CompletableFuture<?> put =
                ns.putAsync("/here", Value.of("1"), Put.with().ephemeral());
        assertThat(put).isCompleted();
        cluster.nodes().forEach(FakeNode::cannotBeReached);
        cluster.clock.passMillis(6_000);
        cluster.nodes().forEach(FakeNode::comesBack);
        cluster.clock.pass(Duration.ofSeconds(30));
        assertThat(lease.isHeld()).isTrue();
        assertThat(lease.lost()).isNotDone();
        assertThat(cluster.leases()).containsExactly(lease.id());
        assertThat(cluster.state().sessions().count()).isEqualTo(1);
        assertThat(ns.getAsync("/here", Consistency.NODE).join()).isPresent();
    }

    @Test
    void anotherNodeIsShownTheSecretItWasOpenedWith() {
        put("/x");
        cluster.lead("b:2");
        put("/y");
        FakeCall open = a.call(FakeCall.of(SessionCommand.Open.class));
        assertThat(open.request().command())
                .isEqualTo(new SessionCommand.Open(
                        CommonCodec.decode(
                                b.call(FakeCall.anAttachment()).asAttachment().getSecret()),
                        10_000,
                        "ann"));
    }

    @Test
    void noTwoClientsHaveTheSameSecret() {
        put("/x");
        Namespace other = cluster.client().namespace("shop");
        other.putAsync("/x", Value.of("1"), Put.with()).join();
        assertThat(a.calls(FakeCall.of(SessionCommand.Open.class)))
                .extracting(call -> call.request().command())
                .doesNotHaveDuplicates();
        assertThat(cluster.state().sessions().count()).isEqualTo(2);
    }

    // ---- given up

    @Test
    void itIsGivenUpWhenItCannotBeProvenAnyMoreToBeAlive() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.isNowhere();
        b.isNowhere();
        cluster.clock.passMillis(9_899);
        assertThat(lease.isHeld()).isTrue();
        cluster.clock.passMillis(2);
        assertThat(lease.lost()).isCompletedWithValue(LossReason.UNPROVEN);
    }

    @Test
    void onceGivenUpItNeverGetsAHeartbeatAgainButIsClosedUntilThatIsAcknowledged() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        cluster.timeStoodStill(0);
        a.isNowhere();
        b.isNowhere();
        cluster.clock.passMillis(9_950);
        cluster.timeStoodStill(9_950); // no leader meanwhile: the cluster has not ended it
        int heartbeats = heartbeats(a) + heartbeats(b);
        a.comesBack();
        b.comesBack();
        a.next(FakeCall.of(SessionCommand.Close.class), requestLost());
        b.next(FakeCall.of(SessionCommand.Close.class), requestLost());
        cluster.clock.passMillis(4_000);
        a.breakLines();
        b.breakLines();
        cluster.clock.passMillis(3_000);
        a.breakLines();
        b.breakLines();
        cluster.clock.passMillis(3_000);
        assertThat(cluster.state().sessions().count()).isZero();
        assertThat(heartbeats(a) + heartbeats(b)).isEqualTo(heartbeats);
        assertThat(closes()).isGreaterThan(1);
        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void theNextCommandAfterThatOpensAnother() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.isNowhere();
        b.isNowhere();
        cluster.clock.pass(Duration.ofSeconds(11));
        a.comesBack();
        b.comesBack();
        LeaseContext next = cluster.await(ns.lease("/x").acquireAsync());
        cluster.clock.pass(Duration.ofSeconds(5));
        assertThat(next.isHeld()).isTrue();
        assertThat(next.id().session()).isNotEqualTo(lease.id().session());
    }

    // ---- ended by the cluster

    @Test
    void whatSurelyWasNotCarriedOutWhenItsSessionEndedIsAskedAgainInTheNext() {
        put("/x");
        endSession();
        CompletableFuture<?> put = put("/y");
        assertThat(put).isCompleted();
        List<FakeCall> puts =
                a.calls(call -> FakeCall.of(ElementCommand.Put.class).test(call)
                        && call.request().command() instanceof ElementCommand.Put it
                        && it.path().toString().equals("/y"));
        assertThat(puts).hasSize(2);
        assertThat(puts.get(0).session()).isNotEqualTo(puts.get(1).session());
    }

    @Test
    void whatMayHaveBeenCarriedOutWhenItsSessionEndedIsUnknown() {
        put("/x");
        a.next(aCommand(), answerLost());
        CompletableFuture<?> put = put("/y");
        endSession();
        a.breakLines();
        cluster.clock.passMillis(500);
        WhatnotException failure = UnknownOutcomeTest.failure(put);
        assertThat(failure.code()).isEqualTo(ErrorCode.SESSION_EXPIRED);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(a.calls(FakeCall.of(ElementCommand.Put.class))).hasSize(2);
    }

    @Test
    void anAcquireThatSurelyWasNotCarriedOutIsAskedAgainInTheNextSessionToo() {
        put("/x");
        endSession();
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        assertThat(lease.isHeld()).isTrue();
        assertThat(cluster.lease(lease.id())).isNotNull();
    }

    @Test
    void aChangeUnderALeaseIsNotAskedAgainForTheLeaseIsGone() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        endSession();
        CompletableFuture<?> put = ns.putAsync("/x", Value.of("2"), Put.with().lease(lease));
        WhatnotException failure = UnknownOutcomeTest.failure(put);
        assertThat(failure.code()).isEqualTo(ErrorCode.SESSION_EXPIRED);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
    }

    @Test
    void aLeaseOfAnEarlierSessionIsNotNamedInTheNext() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        LeaseId id = lease.id();
        cluster.endSession(id.session());
        CompletableFuture<?> put = ns.putAsync("/x", Value.of("2"), Put.with().lease(id));
        assertThat(UnknownOutcomeTest.failure(put).code()).isEqualTo(ErrorCode.STALE_TOKEN);
    }

    @Test
    void itsEndIsToldOnceHoweverOftenItIsHeardOf() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        List<LossReason> told = new ArrayList<>();
        lease.lost().thenAccept(told::add);
        cluster.endSession(lease.id().session());
        cluster.endSession(lease.id().session());
        a.breakLines();
        cluster.clock.pass(Duration.ofSeconds(30));
        assertThat(told).containsExactly(LossReason.SESSION_ENDED);
    }

    @Test
    void anEndThatNobodyToldIsLearntOfAtTheNextHeartbeat() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        endSession();
        assertThat(lease.lost()).isNotDone();
        cluster.clock.passMillis(3_400);
        assertThat(lease.lost()).isCompletedWithValue(LossReason.SESSION_ENDED);
    }

    @Test
    void anEndThatNobodyToldIsLearntOfOnTheNextLine() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        endSession();
        a.breakLines();
        cluster.clock.passMillis(200);
        assertThat(lease.lost()).isCompletedWithValue(LossReason.SESSION_ENDED);
    }

    @Test
    void itsEndIsToldToEveryLeaseAndEveryWait() {
        LeaseContext other =
                cluster.client().namespace("shop").lease("/busy").acquireAsync().join();
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        CompletableFuture<LeaseContext> wait = ns.lease("/busy").acquireAsync();
        cluster.endSession(lease.id().session());
        assertThat(lease.lost()).isCompletedWithValue(LossReason.SESSION_ENDED);
        assertThat(UnknownOutcomeTest.failure(wait).code()).isEqualTo(ErrorCode.SESSION_EXPIRED);
        assertThat(other.isHeld()).isTrue();
    }

    // ---- closed

    @Test
    void closingTheClientClosesItAtOnce() {
        ns.lease("/x").acquireAsync().join();
        client.close();
        assertThat(cluster.state().sessions().count()).isZero();
        assertThat(cluster.leases()).isEmpty();
    }

    @Test
    void closingTheClientTwiceIsClosingItOnce() {
        put("/x");
        client.close();
        client.close();
        assertThat(closes()).isEqualTo(1);
    }

    @Test
    void aClientThatWasClosedRefusesEverything() {
        put("/x");
        client.close();
        assertThat(UnknownOutcomeTest.failure(put("/x")).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(UnknownOutcomeTest.failure(ns.getAsync("/x", Consistency.NODE))
                        .outcome())
                .isEqualTo(Outcome.NOT_APPLIED);
        assertThat(UnknownOutcomeTest.failure(ns.lease("/x").acquireAsync()).outcome())
                .isEqualTo(Outcome.NOT_APPLIED);
    }

    @Test
    void whatIsUnderWayWhenTheClientIsClosedIsUnknown() {
        put("/x");
        a.next(FakeCall.of(ElementCommand.Put.class), requestLost());
        CompletableFuture<?> put = put("/y");
        client.close();
        assertThat(UnknownOutcomeTest.failure(put).outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void whatWaitsForALockWhenTheClientIsClosedIsToldSo() {
        LeaseContext other =
                cluster.client().namespace("shop").lease("/x").acquireAsync().join();
        CompletableFuture<LeaseContext> wait = ns.lease("/x").acquireAsync();
        client.close();
        assertThat(wait).isCompletedExceptionally();
        other.releaseAsync().join();
        assertThat(cluster.leases()).isEmpty();
    }

    // ----

    private CompletableFuture<?> put(String path) {
        return ns.putAsync(path, Value.of("1"), Put.with());
    }

    private int heartbeats(FakeNode node) {
        return node.calls(FakeCall.of(SessionCommand.Heartbeat.class)).size();
    }

    private int closes() {
        return a.calls(FakeCall.of(SessionCommand.Close.class)).size()
                + b.calls(FakeCall.of(SessionCommand.Close.class)).size();
    }

    /** The cluster ends the session, and nobody tells the client. */
    private void endSession() {
        cluster.holdPushesBack();
        cluster.endSession(a.calls(aCommand()).get(0).session());
    }
}
