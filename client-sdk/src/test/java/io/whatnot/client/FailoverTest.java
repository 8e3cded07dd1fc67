package io.whatnot.client;

import static io.whatnot.client.FakeCall.aCommand;
import static io.whatnot.client.FakeCall.anything;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How a client finds a node that answers, and what it says when there is none. */
final class FailoverTest {
    private static final String NOBODY = "nobody:9";

    private final FakeCluster cluster = new FakeCluster("a:1", "b:2", "c:3");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final FakeNode c = cluster.node("c:3");
    private final Namespace ns = cluster.client().namespace("shop");

    // ---- hints

    @Test
    void aHintToTheLeaderIsFollowed() {
        cluster.lead("b:2");
        assertThat(put().join().version()).isEqualTo(1);
        assertThat(put().join().version()).isEqualTo(2);
        assertThat(b.calls(FakeCall.of(ElementCommand.Put.class))).hasSize(2);
        assertThat(a.openLines()).as("of no use any more").isZero();
    }

    @Test
    void aLeaderThatNobodyNamedToTheClientIsFoundByAHint() {
        ClientOptions options = cluster.options();
        ClientOptions one = new ClientOptions(
                List.of("a:1"),
                options.name(),
                options.cluster(),
                options.sessionTtlMillis(),
                options.requestMillis(),
                options.drift());
        cluster.lead("b:2");
        Namespace shop = cluster.client(one).namespace("shop");
        assertThat(shop.putAsync("/x", Value.of("1"), Put.with()).join().version())
                .isEqualTo(1);
        assertThat(b.calls(FakeCall.of(ElementCommand.Put.class))).hasSize(1);
    }

    @Test
    void aHintToSomebodyWhoIsNotThereLeavesTheClientWhereItIs() {
        put().join();
        a.hint(NOBODY);
        assertThat(cluster.await(put()).version()).isEqualTo(2);
        assertThat(a.calls(FakeCall.of(ElementCommand.Put.class))).hasSize(2);
    }

    @Test
    void hintsInACircleDoNotKeepTheClientFromANode() {
        a.onConnect(() -> cluster.clock.schedule(1, () -> a.hint("b:2")));
        b.onConnect(() -> cluster.clock.schedule(1, () -> b.hint("a:1")));
        CompletableFuture<Result.Written> put = put();
        cluster.clock.pass(Duration.ofSeconds(3));
        assertThat(put.join().version()).isEqualTo(1);
    }

    @Test
    void aNodeThatCannotReachALeaderForTooLongIsLeftForAnother() {
        a.every(aCommand(), FakeNode.noLeader());
        assertThat(cluster.await(put()).version()).isEqualTo(1);
        assertThat(b.calls(FakeCall.of(ElementCommand.Put.class))).hasSize(1);
    }

    @Test
    void anElectionTakesTimeAndNoMore() {
        put().join();
        for (FakeNode node : cluster.nodes()) {
            node.every(aCommand(), FakeNode.noLeader());
        }
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(1_500);
        cluster.nodes().forEach(FakeNode::asUsual);
        cluster.lead("c:3");
        cluster.clock.passMillis(500);
        assertThat(put.join().version()).isEqualTo(2);
    }

    @Test
    void whoWasToldThatNobodyLeadsAsksAgainAsSoonAsSomebodyDoes() {
        put().join();
        cluster.nodes().forEach(node -> node.every(aCommand(), FakeNode.noLeader()));
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(1_500);
        cluster.nodes().forEach(FakeNode::asUsual);
        a.hint("a:1");
        assertThat(put).isCompleted();
        assertThat(put.join().version()).isEqualTo(2);
    }

    @Test
    void whatThoseWereToldWhoFollowTheLeaderIsNoReasonToWait() {
        put().join();
        cluster.nodes().forEach(node -> node.every(aCommand(), FakeNode.noLeader()));
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(1_500);
        cluster.nodes().forEach(FakeNode::asUsual);
        cluster.lead("c:3");
        assertThat(put).isCompleted();
        assertThat(put.join().version()).isEqualTo(2);
        assertThat(c.calls(FakeCall.of(ElementCommand.Put.class))).hasSize(1);
    }

    // ---- nodes that are slow, or seem so

    @Test
    void aNodeThatIsHeardBeforeAnotherCanBeReachedIsKept() {
        put().join();
        b.isNowhere();
        c.isNowhere();
        a.next(aCommand(), call -> cluster.clock.schedule(3_000, call::carryOutAndAnswer));
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(3_000);
        assertThat(put.join().version()).isEqualTo(2);
        assertThat(a.connects()).isEqualTo(1);
        assertThat(a.calls(FakeCall.of(ElementCommand.Put.class)))
                .as("nothing was sent twice")
                .hasSize(2);
        assertThat(b.connects() + c.connects())
                .as("but others were tried, in case")
                .isPositive();
    }

    @Test
    void oneThatWasOpenedInCaseIsNotTakenIfTheOtherWasHeardMeanwhile() {
        put().join();
        b.goSilent();
        c.goSilent();
        a.next(aCommand(), call -> cluster.clock.schedule(1_800, call::carryOutAndAnswer));
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(1_800);
        assertThat(put.join().version()).isEqualTo(2);
        assertThat(b.openLines() + c.openLines()).isEqualTo(1);
        for (FakeNode node : List.of(b, c)) {
            node.speak();
            node.hint("a:1");
        }
        assertThat(b.openLines() + c.openLines()).as("of no use any more").isZero();
        assertThat(put().join().version()).isEqualTo(3);
        assertThat(a.connects()).isEqualTo(1);
    }

    @Test
    void aSilentNodeIsLeftAsSoonAsAnotherAnswers() {
        put().join();
        a.goSilent();
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(1_700);
        assertThat(put.join().version()).isEqualTo(2);
        assertThat(a.openLines()).isZero();
    }

    @Test
    void whereThereIsNoOtherNodeTheSameIsTriedAgain() {
        FakeCluster alone = new FakeCluster("a:1");
        FakeNode only = alone.node("a:1");
        Namespace shop = alone.client().namespace("shop");
        only.next(FakeCall.of(ElementCommand.Put.class), FakeCall.requestLost());
        CompletableFuture<Result.Written> put = shop.putAsync("/x", Value.of("1"), Put.with());
        alone.clock.passMillis(1_700);
        assertThat(put.join().version()).isEqualTo(1);
        assertThat(only.connects()).isEqualTo(2);
        assertThat(only.openLines()).isEqualTo(1);
    }

    // ---- nodes that are down

    @Test
    void nodesThatAreDownAreTriedOneAfterTheOther() {
        a.cannotBeReached();
        b.cannotBeReached();
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(300);
        assertThat(put.join().version()).isEqualTo(1);
        assertThat(c.calls(FakeCall.of(ElementCommand.Put.class))).hasSize(1);
    }

    @Test
    void nodesOfWhichNothingIsHeardAreGivenUpInTime() {
        a.isNowhere();
        b.isNowhere();
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(4_500);
        assertThat(put.join().version()).isEqualTo(1);
    }

    @Test
    void whenAllAreDownTheCallerIsToldAtItsTimeWhatIsTheMatter() {
        cluster.nodes().forEach(FakeNode::cannotBeReached);
        CompletableFuture<?> put = put();
        cluster.clock.passMillis(5_100);
        WhatnotException failure = UnknownOutcomeTest.failure(put);
        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
        assertThat(failure).hasMessageContaining("nobody is there");
    }

    @Test
    void whenNothingIsHeardOfAnyNodeTheCallerIsToldSoAtItsTime() {
        cluster.nodes().forEach(FakeNode::isNowhere);
        CompletableFuture<?> put = put();
        CompletableFuture<?> get = ns.getAsync("/x", Consistency.LINEARIZABLE);
        cluster.clock.passMillis(5_100);
        assertThat(UnknownOutcomeTest.failure(put).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(UnknownOutcomeTest.failure(get).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(UnknownOutcomeTest.failure(put)).hasMessageContaining("could not be reached in time");
    }

    @Test
    void nodesThatAreDownAreTriedAgainButNotWithoutPause() {
        cluster.nodes().forEach(FakeNode::cannotBeReached);
        put();
        cluster.clock.passMillis(5_000);
        int connects = cluster.nodes().stream().mapToInt(FakeNode::connects).sum();
        assertThat(connects).isBetween(6, 20);
        assertThat(cluster.nodes())
                .allSatisfy(node -> assertThat(node.connects()).isPositive());
    }

    @Test
    void aNodeThatComesBackInTimeIsEnough() {
        cluster.nodes().forEach(FakeNode::cannotBeReached);
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(3_000);
        b.comesBack();
        cluster.clock.passMillis(1_900);
        assertThat(put.join().version()).isEqualTo(1);
    }

    @Test
    void aNodeThatTakesConnectionsAndAnswersNothingIsLeftForAnother() {
        a.every(anything(), FakeCall.requestLost());
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(2_500);
        assertThat(put.join().version()).isEqualTo(1);
        assertThat(b.calls(FakeCall.of(ElementCommand.Put.class))).hasSize(1);
    }

    @Test
    void aNodeThatDoesNotAnswerAnAttachmentIsLeftForAnother() {
        put().join();
        b.every(FakeCall.anAttachment(), FakeCall.requestLost());
        cluster.lead("b:2");
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(3_000);
        assertThat(put.join().version()).isEqualTo(2);
        assertThat(b.calls(FakeCall.of(ElementCommand.Put.class))).isEmpty();
    }

    // ---- all of it, at random

    /** Every put is answered with a version of its own, so none took effect twice. */
    @Test
    void whateverBreaksEveryPutTakesEffectOnce() {
        for (long seed = 1; seed <= 150; seed++) {
            story(seed);
        }
    }

    private static void story(long seed) {
        Random random = new Random(seed);
        FakeCluster cluster = new FakeCluster("a:1", "b:2", "c:3");
        ClientOptions usual = cluster.options();
        ClientOptions patient =
                new ClientOptions(usual.endpoints(), usual.name(), "", 3_600_000, 600_000, usual.drift());
        Namespace ns = cluster.client(patient).namespace("shop");
        List<CompletableFuture<Result.Written>> puts = new ArrayList<>();
        for (int step = 0; step < 60; step++) {
            FakeNode node = cluster.nodes().get(random.nextInt(3));
            switch (random.nextInt(12)) {
                case 0 -> node.next(aCommand(), FakeCall.requestLost());
                case 1 -> node.next(aCommand(), FakeCall.answerLost());
                case 2 -> node.next(aCommand(), FakeCall.leaderLost());
                case 3 -> node.next(anything(), FakeCall.refused(ErrorCode.UNAVAILABLE));
                case 4 -> node.breakLines();
                case 5 -> cluster.lead(node.endpoint());
                case 6 -> node.isNowhere();
                case 7 -> node.cannotBeReached();
                case 8 -> node.comesBack();
                case 9 ->
                    node.next(
                            aCommand(), call -> cluster.clock.schedule(random.nextInt(3_000), call::carryOutAndAnswer));
                default -> puts.add(ns.putAsync("/x", Value.of("1"), Put.with()));
            }
            cluster.clock.passMillis(random.nextInt(400));
        }
        cluster.nodes().forEach(FakeNode::asUsual);
        cluster.nodes().forEach(FakeNode::comesBack);
        cluster.clock.pass(Duration.ofSeconds(30));
        assertThat(puts).as("seed %d", seed).allSatisfy(put -> assertThat(put).isCompleted());
        assertThat(puts.stream().map(put -> put.join().version()).sorted())
                .as("versions, seed %d", seed)
                .isEqualTo(LongStream.rangeClosed(1, puts.size()).boxed().toList());
    }

    private CompletableFuture<Result.Written> put() {
        return ns.putAsync("/x", Value.of("1"), Put.with());
    }
}
