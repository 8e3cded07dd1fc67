package io.whatnot.client;

import static io.whatnot.client.FakeCall.aCommand;
import static io.whatnot.client.FakeCall.answerLost;
import static io.whatnot.client.FakeCall.leaderLost;
import static io.whatnot.client.FakeCall.refused;
import static io.whatnot.client.FakeCall.requestLost;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A request is sent as often as it takes, with the same number, and takes effect once. */
final class ExactlyOnceTest {
    private final FakeCluster cluster = new FakeCluster("a:1", "b:2", "c:3");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final Namespace ns = cluster.client().namespace("shop");

    @Test
    void whatNothingHappensToIsSentOnce() throws Exception {
        assertThat(ns.put("/x", Value.of("1")).version()).isEqualTo(1);
        assertThat(a.calls(aCommand())).hasSize(1);
    }

    @Test
    void aRequestThatGotLostWithItsLineIsSentAgainUnderTheSameNumber() {
        a.next(aCommand(), requestLost());
        CompletableFuture<Result.Written> put = put("/x");
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(put.join().version()).isEqualTo(1);
        assertThat(b.call(aCommand()).sequence()).isEqualTo(a.call(aCommand()).sequence());
    }

    @Test
    void aRequestWhoseAnswerGotLostWithItsLineTakesEffectOnce() {
        a.next(aCommand(), answerLost());
        CompletableFuture<Result.Written> put = put("/x");
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(put.join().version()).isEqualTo(1);
        assertThat(put("/x").join().version()).isEqualTo(2);
    }

    @Test
    void aRequestWhoseAnswerGotLostOnALineThatStaysIsSentAgainElsewhereWhenTheNodeGoesSilent() {
        a.next(aCommand(), call -> {
            call.carryOut();
            a.goSilent();
        });
        CompletableFuture<Result.Written> put = put("/x");
        cluster.clock.passMillis(2_000);
        assertThat(put.join().version()).isEqualTo(1);
        assertThat(b.call(aCommand()).sequence()).isEqualTo(a.call(aCommand()).sequence());
    }

    @Test
    void aRequestThatIsUnderWayWhenTheLeaderTurnsOutToBeElsewhereIsSentAgainThere() {
        a.next(aCommand(), answerLost());
        CompletableFuture<Result.Written> put = put("/x");
        cluster.lead("b:2");
        assertThat(put.join().version()).isEqualTo(1);
        assertThat(b.call(aCommand()).sequence()).isEqualTo(a.call(aCommand()).sequence());
        assertThat(a.openLines()).isZero();
    }

    @Test
    void aLateAnswerOverTheOldLineIsNoAnswerToTheNewAttempt() {
        List<FakeCall> late = new ArrayList<>();
        a.next(aCommand(), late::add);
        b.next(aCommand(), late::add);
        CompletableFuture<Result.Written> put = put("/x");
        cluster.lead("b:2");
        late.get(0).carryOutAndAnswer();
        assertThat(put).isNotDone();
        late.get(1).carryOutAndAnswer();
        assertThat(put.join().version()).isEqualTo(1);
    }

    @Test
    void aRefusalThatSaysToTryLaterIsTriedLaterUnderTheSameNumber() {
        a.next(aCommand(), leaderLost());
        a.next(aCommand(), refused(ErrorCode.UNAVAILABLE));
        CompletableFuture<Result.Written> put = put("/x");
        assertThat(put).isNotDone();
        cluster.clock.passMillis(1_000);
        assertThat(put.join().version()).isEqualTo(1);
        assertThat(a.calls(aCommand()))
                .hasSize(3)
                .extracting(FakeCall::sequence)
                .containsOnly(1L);
    }

    @Test
    void aRefusalThatSaysWhenToComeAgainIsObeyed() {
        a.next(aCommand(), call -> call.refuse(ErrorCode.RATE_LIMITED, 700));
        CompletableFuture<Result.Written> put = put("/x");
        cluster.clock.passMillis(699);
        assertThat(a.calls(aCommand())).hasSize(1);
        cluster.clock.passMillis(1 + 700 / 4);
        assertThat(put.join().version()).isEqualTo(1);
    }

    @Test
    void whoAreToldToComeAgainAtTheSameTimeDoNotComeAllAtOnce() {
        List<Long> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            a.next(aCommand(), call -> call.refuse(ErrorCode.RATE_LIMITED, 1_000));
            put("/x" + i);
        }
        for (int i = 0; i < 1_250; i++) {
            cluster.clock.passMillis(1);
            sent.add((long) a.calls(aCommand()).size() - 50);
        }
        assertThat(sent.get(998)).as("before it is time").isZero();
        assertThat(sent.get(1_000)).as("when it is time").isLessThan(25);
        assertThat(sent.get(1_249)).as("a quarter later").isEqualTo(50);
    }

    @Test
    void thousandsThatAreToComeAgainLaterKeepNoOtherFromBeingSent() {
        for (int i = 0; i < 5_000; i++) {
            a.next(aCommand(), call -> call.refuse(ErrorCode.RATE_LIMITED, 50_000));
            put("/x" + i);
        }
        a.next(aCommand(), FakeCall.refused(ErrorCode.UNAVAILABLE));
        CompletableFuture<Result.Written> other = put("/other");
        cluster.clock.passMillis(100);
        assertThat(other).isCompleted();
    }

    @Test
    void whoseTimeIsUpWhileThereAreTooManyRequestsIsToldSoAndWhenToComeAgain() {
        a.next(aCommand(), call -> call.refuse(ErrorCode.RATE_LIMITED, 59_000));
        CompletableFuture<Result.Written> put = put("/x");
        cluster.clock.pass(Duration.ofSeconds(58));
        WhatnotException failure = UnknownOutcomeTest.failure(put);
        assertThat(failure.code()).isEqualTo(ErrorCode.RATE_LIMITED);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
        assertThat(failure.detail()).isEqualTo(new Result.Detail.RetryAfter(59_000));
        assertThat(a.calls(aCommand())).hasSize(1);
    }

    @Test
    void aRefusalForGoodIsNotTriedAgain() {
        a.next(aCommand(), refused(ErrorCode.RESOURCE_EXHAUSTED));
        assertThat(put("/x")).isCompletedExceptionally();
        cluster.clock.passMillis(10_000);
        assertThat(a.calls(FakeCall.of(ElementCommand.Put.class))).hasSize(1);
    }

    // ---- the mark

    @Test
    void theMarkIsTheLowestNumberWithoutAnAnswer() {
        List<FakeCall> late = new ArrayList<>();
        put("/x");
        a.next(aCommand(), late::add);
        put("/y");
        put("/z");
        put("/z");
        assertThat(a.calls(aCommand()))
                .extracting(call -> call.request().mark())
                .containsExactly(1L, 2L, 2L, 2L);
        late.get(0).carryOutAndAnswer();
        put("/z");
        assertThat(a.calls(aCommand()).get(4).request().mark()).isEqualTo(5);
    }

    @Test
    void aRequestThatIsSentAgainBearsTheMarkOfNow() {
        List<FakeCall> late = new ArrayList<>();
        a.next(aCommand(), late::add);
        a.next(aCommand(), leaderLost());
        put("/x");
        put("/y");
        late.get(0).carryOutAndAnswer();
        cluster.clock.passMillis(500);
        assertThat(a.calls(aCommand()))
                .extracting(call -> call.request().mark())
                .containsExactly(1L, 1L, 2L);
    }

    @Test
    void anOutcomeThatIsUnknownKeepsTheMarkUntilTheClusterHasSaidWhatBecameOfIt() {
        List<FakeCall> late = new ArrayList<>();
        a.next(aCommand(), late::add);
        CompletableFuture<Result.Written> put = put("/x");
        cluster.clock.passMillis(1_000);
        for (int i = 0; i < 5; i++) {
            put("/y"); // so that the node does not count as silent
            cluster.clock.passMillis(1_000);
        }
        assertThat(put).isCompletedExceptionally();
        put("/y");
        assertThat(a.calls(aCommand()))
                .last()
                .satisfies(call -> assertThat(call.request().mark()).isEqualTo(1));
        late.get(0).carryOutAndAnswer();
        put("/y");
        assertThat(a.calls(aCommand()))
                .last()
                .satisfies(call -> assertThat(call.request().mark()).isEqualTo(call.sequence()));
    }

    private CompletableFuture<Result.Written> put(String path) {
        return ns.putAsync(path, Value.of("1"), Put.with());
    }
}
