package io.whatnot.client;

import static io.whatnot.client.FakeCall.aCommand;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Nodes that say what makes no sense: whoever asked is told, nobody waits for ever, and nothing is left behind. */
final class BadServersTest {
    private static final V1.Result GARBAGE = V1.Result.getDefaultInstance();

    private final FakeCluster cluster = new FakeCluster("a:1", "b:2");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final Namespace ns = cluster.client().namespace("shop");

    // ---- answers

    @Test
    void anAnswerThatCannotBeReadLeavesTheOutcomeUnknown() {
        a.next(aCommand(), call -> {
            call.carryOut();
            call.answer(GARBAGE);
        });
        WhatnotException failure = UnknownOutcomeTest.failure(put());
        assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(failure).hasMessageContaining("a:1").hasMessageContaining("can't be read");
        assertThat(put().join().version()).isEqualTo(2);
    }

    @Test
    void anAnswerToAReadThatCannotBeReadChangedNothing() {
        a.next(FakeCall.aRead(), call -> call.answer(GARBAGE));
        WhatnotException failure = UnknownOutcomeTest.failure(ns.getAsync("/x", Consistency.LINEARIZABLE));
        assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
    }

    @Test
    void anAnswerOfAnotherKindThanWasAskedForIsSaidToBeOne() {
        a.next(aCommand(), call -> call.answer(new Result.Alive(7, Revision.NONE)));
        WhatnotException failure = UnknownOutcomeTest.failure(put());
        assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void aLeaseThatMayBeBehindAnUnreadableAnswerIsGivenBack() {
        a.next(FakeCall.of(LeaseCommand.Acquire.class), call -> {
            call.carryOut();
            call.answer(GARBAGE);
        });
        CompletableFuture<LeaseContext> lease = ns.lease("/x").acquireAsync();
        assertThat(UnknownOutcomeTest.failure(lease).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(cluster.leases()).isEmpty();
    }

    @Test
    void aLeaseThatMayBeBehindAnAnswerOfAnotherKindIsGivenBack() {
        a.next(FakeCall.of(LeaseCommand.Acquire.class), call -> {
            call.carryOut();
            call.answer(new Result.Alive(7, Revision.NONE));
        });
        CompletableFuture<LeaseContext> lease = ns.lease("/x").acquireAsync();
        assertThat(UnknownOutcomeTest.failure(lease).code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(cluster.leases()).isEmpty();
    }

    @Test
    void aSessionThatCouldNotBeOpenedFailsWhatWaitedForItAndTheNextIsTried() {
        a.next(FakeCall.of(SessionCommand.Open.class), call -> call.answer(GARBAGE));
        WhatnotException failure = UnknownOutcomeTest.failure(put());
        assertThat(failure.outcome()).as("the put was never sent").isEqualTo(Outcome.NOT_APPLIED);
        assertThat(put().join().version()).isEqualTo(1);
    }

    @Test
    void anOpeningThatIsAnsweredWithSomethingElseFailsWhatWaitedForItAndTheNextIsTried() {
        a.next(FakeCall.of(SessionCommand.Open.class), call -> call.answer(new Result.Alive(7, Revision.NONE)));
        WhatnotException failure = UnknownOutcomeTest.failure(put());
        assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(failure.outcome()).as("the put was never sent").isEqualTo(Outcome.NOT_APPLIED);
        assertThat(put().join().version()).isEqualTo(1);
    }

    @Test
    void anOpeningWhoseAnswerProvesNoTimeFailsWhatWaitedForItAndTheNextIsTried() {
        a.next(FakeCall.of(SessionCommand.Open.class), call -> call.answer(call.carryOut(), 0, false));
        assertThat(UnknownOutcomeTest.failure(put()).outcome()).isEqualTo(Outcome.NOT_APPLIED);
        assertThat(put().join().version()).isEqualTo(1);
    }

    @Test
    void whoIsToldToComeAgainAtTheEndOfAllTimeComesAgainInLittleMoreThanAMinute() {
        a.next(FakeCall.of(SessionCommand.Open.class), call -> call.refuse(ErrorCode.RATE_LIMITED, Long.MAX_VALUE));
        CompletableFuture<Result.Written> put = put();
        cluster.clock.pass(Duration.ofSeconds(59));
        assertThat(put).isCompletedExceptionally();
        assertThat(a.calls(FakeCall.of(SessionCommand.Open.class))).hasSize(1);
        cluster.clock.pass(Duration.ofSeconds(17));
        assertThat(put().join().version()).isEqualTo(1);
    }

    @Test
    void aHeartbeatWhoseAnswerCannotBeReadIsFollowedByAnother() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.next(FakeCall.of(SessionCommand.Heartbeat.class), call -> call.answer(GARBAGE));
        cluster.clock.pass(Duration.ofSeconds(30));
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void anAttachmentThatIsAnsweredWithNonsenseIsTriedElsewhere() {
        put().join();
        b.every(FakeCall.anAttachment(), call -> call.answer(GARBAGE));
        cluster.lead("b:2");
        CompletableFuture<Result.Written> put = put();
        cluster.clock.passMillis(1_000);
        assertThat(put.join().version()).isEqualTo(2);
        b.asUsual();
        b.every(FakeCall.anAttachment(), call -> call.answer(new Result.Alive(7, Revision.NONE)));
        a.cannotBeReached();
        cluster.clock.passMillis(200);
        a.comesBack();
        assertThat(cluster.await(put()).version()).isEqualTo(3);
    }

    @Test
    void answersToWhatNobodyAskedAreNothing() {
        put().join();
        FakeCall old = a.call(aCommand());
        old.answer(new Result.Alive(7, Revision.NONE));
        old.answer(GARBAGE);
        assertThat(put().join().version()).isEqualTo(2);
    }

    // ---- pushes

    @Test
    void pushesThatMakeNoSenseAreNothing() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        long session = lease.id().session();
        a.push(session, 4_711, GARBAGE);
        a.push(session, 4_711, new Result.Granted(lease.id(), lease.token(), 0));
        a.push(session, lease.id().sequence(), GARBAGE);
        a.push(session, lease.id().sequence(), new Result.Alive(7, Revision.NONE));
        a.push(session + 1, lease.id().sequence(), GARBAGE);
        assertThat(lease.isHeld()).isTrue();
        lease.releaseAsync().join();
        assertThat(put().join().version()).isEqualTo(1);
    }

    @Test
    void aSessionThatIsSaidToBeOverByANodeThatCannotReadItsSecretIsOver() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        b.every(FakeCall.anAttachment(), call -> call.refuse(ErrorCode.UNAUTHENTICATED, "not your session"));
        cluster.lead("b:2");
        assertThat(lease.lost()).isCompleted();
        assertThat(lease.isHeld()).isFalse();
    }

    // ---- lines

    @Test
    void aNodeOfAnotherClusterIsSaidToBeOneAtOnce() {
        cluster.nodes().forEach(FakeNode::refusesClients);
        WhatnotException failure = UnknownOutcomeTest.failure(put());
        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
        assertThat(failure).hasMessageContaining("refuses this client").hasMessageContaining("cluster \"blue\"");
    }

    @Test
    void aWatchAtANodeOfAnotherClusterEndsAtOnce() {
        cluster.nodes().forEach(FakeNode::refusesClients);
        List<ErrorCode> ended = new ArrayList<>();
        WatchSubscription watch = ns.watch("/a").start(new WatchListener() {
            @Override
            public void events(Revision at, List<WatchEvent> events) {}

            @Override
            public void ended(WhatnotException why) {
                ended.add(why.code());
            }
        });
        assertThat(ended).containsExactly(ErrorCode.UNAVAILABLE);
        assertThat(UnknownOutcomeTest.failure(watch.started())).hasMessageContaining("cluster \"blue\"");
    }

    @Test
    void whatANodeOfAnotherClusterRefusedDoesNotHoldTheMark() {
        put().join();
        a.breakLines();
        cluster.nodes().forEach(FakeNode::refusesClients);
        CompletableFuture<?> put = put();
        cluster.clock.passMillis(200);
        assertThat(UnknownOutcomeTest.failure(put)).hasMessageContaining("refuses this client");
        cluster.nodes().forEach(FakeNode::comesBack);
        assertThat(cluster.await(put()).version()).isEqualTo(2);
        FakeCall last = lastPut();
        assertThat(last.request().mark()).isEqualTo(last.sequence());
    }

    private FakeCall lastPut() {
        List<FakeCall> puts = new ArrayList<>(a.calls(aCommand()));
        puts.addAll(b.calls(aCommand()));
        return puts.stream()
                .max((one, other) -> Long.compare(one.sequence(), other.sequence()))
                .orElseThrow();
    }

    @Test
    void anEndpointThatIsNoneIsANodeThatIsDown() {
        a.isNoEndpoint();
        assertThat(cluster.await(put()).version()).isEqualTo(1);
        List<String> seen = new ArrayList<>();
        ns.watch("/a").after(new Revision(5)).start((at, events) -> seen.add(at.toString()));
        cluster.clock.passMillis(200);
        b.watch().events(8, "/a");
        assertThat(seen).containsExactly("8");
    }

    @Test
    void endpointsNoneOfWhichIsOneAreSaidToBeUnreachable() {
        cluster.nodes().forEach(FakeNode::isNoEndpoint);
        CompletableFuture<?> put = put();
        cluster.clock.passMillis(5_100);
        assertThat(UnknownOutcomeTest.failure(put).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(UnknownOutcomeTest.failure(put)).hasMessageContaining("does not resolve");
    }

    @Test
    void aLeaderHintThatIsNoEndpointLeavesTheClientWhereItIs() {
        put().join();
        b.isNoEndpoint();
        a.hint("b:2");
        assertThat(put().join().version()).isEqualTo(2);
    }

    @Test
    void theStatusOfANodeWhoseEndpointIsNoneSaysSo() throws Exception {
        a.isNoEndpoint();
        List<NodeStatus> all = cluster.client().nodes();
        assertThat(all).hasSize(2);
        assertThat(all.get(0).problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("does not resolve"));
        assertThat(all.get(1).problem()).isEmpty();
    }

    // ---- watches

    @Test
    void eventsThatCannotBeReadAreAskedOfAnotherNode() {
        List<String> seen = new ArrayList<>();
        ns.watch("/a").after(new Revision(5)).start((at, events) -> seen.add(at.toString()));
        a.watch()
                .say(V1.WatchReply.newBuilder()
                        .setEvents(V1.Events.newBuilder()
                                .addWatches(a.watch().id())
                                .setRevision(8)
                                .setLast(true)
                                .addEvents(V1.Event.newBuilder().setPath("no path"))));
        cluster.clock.passMillis(200);
        assertThat(b.watch().start().getAfter()).isEqualTo(5);
        b.watch().events(8, "/a");
        assertThat(seen).containsExactly("8");
    }

    @Test
    void eventsBeforeTheStateTheyFollowAreNotDelivered() {
        List<String> seen = new ArrayList<>();
        ns.watch("/a").initialState().start((at, events) -> seen.add(at.toString()));
        a.watch().events(8, "/a");
        cluster.clock.passMillis(200);
        assertThat(seen).isEmpty();
        assertThat(b.watch().start().getInitialState()).isTrue();
    }

    @Test
    void aStateThatNobodyAskedForIsNotDelivered() {
        List<String> seen = new ArrayList<>();
        ns.watch("/a").after(new Revision(5)).start(new WatchListener() {
            @Override
            public void initialState(Revision at, List<ElementView> elements) {
                seen.add("state");
            }

            @Override
            public void events(Revision at, List<WatchEvent> events) {
                seen.add(at.toString());
            }
        });
        a.watch().state(2, "/a");
        cluster.clock.passMillis(200);
        assertThat(seen).isEmpty();
        assertThat(b.watch().start().getAfter()).isEqualTo(5);
    }

    @Test
    void repliesForWatchesThatAreNotThereAreNothing() {
        List<String> seen = new ArrayList<>();
        ns.watch("/a").after(new Revision(5)).start((at, events) -> seen.add(at.toString()));
        a.watch().say(V1.WatchReply.newBuilder());
        a.watch()
                .say(V1.WatchReply.newBuilder()
                        .setEnded(V1.Ended.newBuilder()
                                .setWatch(99)
                                .setRefused(ResultCodec.encode(new Result.Refused(ErrorCode.COMPACTED, "x")))));
        a.watch().say(V1.WatchReply.newBuilder().setState(V1.State.newBuilder().setWatch(99)));
        a.watch()
                .say(V1.WatchReply.newBuilder()
                        .setEvents(V1.Events.newBuilder()
                                .addWatches(99)
                                .setRevision(6)
                                .setLast(true)));
        a.watch().events(8, "/a");
        assertThat(seen).containsExactly("8");
    }

    // ---- what comes of callers' own doing

    @Test
    void aCallbackThatThrowsKeepsNobodyElseFromBeingTold() {
        LeaseContext held = ns.lease("/x").acquireAsync().join();
        Namespace other = cluster.client().namespace("shop");
        CompletableFuture<LeaseContext> wait = other.lease("/x")
                .onQueued(position -> {
                    throw new IllegalStateException("thrown by the test's callback");
                })
                .acquireAsync();
        held.releaseAsync().join();
        assertThat(wait.join().isHeld()).isTrue();
    }

    // ---- what is asked too much

    @Test
    void whateverIsUnderWayAHeartbeatGoesFirst() {
        ClientOptions usual = cluster.options();
        Namespace busy = cluster.client(new ClientOptions(usual.endpoints(), "ann", "", 10_000, 60_000, usual.drift()))
                .namespace("shop");
        LeaseContext lease = busy.lease("/x").acquireAsync().join();
        a.every(aCommand(), FakeCall.requestLost());
        for (int i = 0; i < 10_000; i++) {
            busy.putAsync("/y", Value.of("1"), Put.with());
        }
        for (int i = 0; i < 300; i++) {
            cluster.clock.passMillis(100);
            busy.getAsync("/x", Consistency.NODE);
            a.hint("a:1"); // it is alive, but carries nothing out
        }
        assertThat(lease.isHeld()).isTrue();
    }

    private CompletableFuture<Result.Written> put() {
        return ns.putAsync("/x", Value.of("1"), Put.with());
    }
}
