package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.State;
import io.whatnot.core.state.lock.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** A cluster loses its memory, wholly or but for an older state; who holds a lease goes on holding it. */
final class MemoryLossTest {
    private static final long LONGEST = 10_000;

    private final FakeCluster cluster = new FakeCluster("a:1", "b:2");
    private final FakeNode a = cluster.node("a:1");
    private final List<Recovered> recoveries = new ArrayList<>();
    private final ClientOptions options =
            new ClientOptions(cluster.options().endpoints(), "ann", "", 10_000, 5_000, 0.01, true, recoveries::add);
    private final NamespaceManager client = cluster.client(options);
    private final Namespace ns = client.namespace("shop");

    private void loseEverything() {
        cluster.forget();
        cluster.reform(7, LONGEST);
        a.hint("a:1");
    }

    @Test
    void aLeaseIsReclaimedWithItsTokenAndNeverFlickers() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        LeaseContext timed = ns.lease("/y")
                .prefix()
                .ttl(Duration.ofSeconds(8))
                .acquireAsync()
                .join();
        loseEverything();
        for (int i = 0; i < 700; i++) {
            cluster.clock.passMillis(10);
            assertThat(lease.isHeld()).isTrue();
        }
        assertThat(cluster.lease(lease.id())).isNotNull();
        assertThat(cluster.lease(timed.id())).isNotNull();
        assertThat(cluster.lease(lease.id()))
                .extracting(Lease::token)
                .isEqualTo(lease.token().value());
        assertThat(lease.lost()).isNotDone();
        assertThat(recoveries).hasSize(1);
        assertThat(recoveries.get(0).epoch()).isEqualTo(7);
        assertThat(recoveries.get(0).kept()).containsExactlyInAnyOrder(lease, timed);
        assertThat(recoveries.get(0).lost()).isEmpty();
        cluster.clock.passMillis(20_000);
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void nothingElseGoesOutInTheSessionBeforeItIsReclaimed() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        int before = a.calls().size();
        loseEverything();
        CompletableFuture<?> put = ns.putAsync("/x", Value.of("1"), Put.with().lease(lease));
        cluster.clock.passMillis(100);
        List<FakeCall> since = a.calls().subList(before, a.calls().size()).stream()
                .filter(FakeCall.aCommand())
                .toList();
        assertThat(since.get(0).request().command()).isInstanceOf(SessionCommand.Reclaim.class);
        assertThat(put).isCompleted();
    }

    @Test
    void untilItIsAnsweredALeaseKeepsTheBoundItHad() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.every(FakeCall.of(SessionCommand.Reclaim.class), FakeCall.requestLost());
        cluster.node("b:2").cannotBeReached();
        Duration bound = lease.remaining();
        loseEverything();
        cluster.clock.passMillis(bound.toMillis());
        assertThat(lease.isHeld()).isTrue();
        cluster.clock.passMillis(2);
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.lost()).isCompletedWithValue(LossReason.UNPROVEN);
        assertThat(recoveries).hasSize(1);
        assertThat(recoveries.get(0).lost()).containsExactly(lease);
    }

    @Test
    void anAnswerThatGotLostIsAskedForAgain() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.next(FakeCall.of(SessionCommand.Reclaim.class), FakeCall.answerLost());
        loseEverything();
        cluster.clock.passMillis(5_000);
        assertThat(recoveries).hasSize(1);
        assertThat(recoveries.get(0).kept()).containsExactly(lease);
    }

    @Test
    void whatSomebodyElseHasReclaimedIsLostForAReasonOfItsOwn() {
        Namespace others = cluster.client().namespace("shop");
        others.putAsync("/y", Value.of("1"), Put.with()).join();
        ns.putAsync("/y", Value.of("2"), Put.with()).join();
        State before = cluster.state();
        LeaseContext slow = ns.lease("/x").acquireAsync().join();
        cluster.fallBackTo(before);
        LeaseContext fast = others.lease("/x").acquireAsync().join();
        a.next(
                FakeCall.of(SessionCommand.Reclaim.class)
                        .and(call -> call.reclaims(slow.id().session())),
                call -> cluster.clock.schedule(50, call::carryOutAndAnswer));
        loseEverything();
        cluster.clock.passMillis(3_000);
        assertThat(fast.isHeld()).isTrue();
        assertThat(slow.isHeld()).isFalse();
        assertThat(slow.lost()).isCompletedWithValue(LossReason.MEMORY_LOST);
        assertThat(recoveries.get(0).lost()).containsExactly(slow);
    }

    @Test
    void whoWaitedWaitsOnThoughTheClusterHasForgotten() {
        LeaseContext lease = ns.lease("/x").owner("first").acquireAsync().join();
        CompletableFuture<LeaseContext> waits = ns.lease("/x").owner("second").acquireAsync();
        assertThat(cluster.state().locks().waitingCount()).isEqualTo(1);
        loseEverything();
        cluster.clock.passMillis(25_000);
        assertThat(waits).isNotDone();
        assertThat(cluster.state().locks().waitingCount()).isEqualTo(1);
        lease.close();
        cluster.clock.passMillis(100);
        assertThat(waits.join().isHeld()).isTrue();
        assertThat(waits.join().token()).isGreaterThan(lease.token());
    }

    @Test
    void whatWasReleasedAndTheClusterHasForgottenThatIsReleased() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        State survivor = cluster.state();
        lease.releaseAsync().join();
        cluster.fallBackTo(survivor);
        assertThat(cluster.lease(lease.id())).isNotNull();
        cluster.reform(7, LONGEST);
        a.hint("a:1");
        cluster.clock.passMillis(1_000);
        assertThat(cluster.lease(lease.id())).isNull();
    }

    @Test
    void aSessionThatHoldsMuchSaysSoInParts() {
        List<LeaseContext> leases = new ArrayList<>();
        for (int i = 0; i < 1_200; i++) {
            leases.add(ns.lease("/x/" + i).acquireAsync().join());
        }
        loseEverything();
        cluster.clock.passMillis(1_000);
        assertThat(cluster.leases()).hasSize(1_200);
        assertThat(recoveries.get(0).kept()).containsExactlyInAnyOrderElementsOf(leases);
        List<FakeCall> parts = a.calls(FakeCall.of(SessionCommand.Reclaim.class));
        assertThat(parts.stream()
                        .map(part -> ((SessionCommand.Reclaim) part.request().command()).more()))
                .containsExactly(true, true, false);
    }

    @Test
    void aChangeIsRetriedUntilTheRecoveryIsOver() {
        loseEverythingAfterOpening();
        CompletableFuture<?> put = ns.putAsync("/x", Value.of("1"), Put.with());
        cluster.clock.passMillis(4_000);
        assertThat(put).isNotDone();
        cluster.clock.passMillis(900);
        assertThat(put).isCompleted();
    }

    @Test
    void aChangeThatCanNotWaitSoLongWasSurelyNotMade() {
        loseEverythingAfterOpening();
        cluster.reform(8, 60_000);
        CompletableFuture<?> put = ns.putAsync("/x", Value.of("1"), Put.with());
        cluster.clock.passMillis(5_200);
        assertThatThrownBy(put::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(WhatnotException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.RECOVERING);
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                });
    }

    private void loseEverythingAfterOpening() {
        ns.putAsync("/y", Value.of("1"), Put.with()).join();
        cluster.forget();
        cluster.reform(7, 16_384);
        cluster.clock.passMillis(12_000);
    }

    @Test
    void anotherEpochWhileReclaimingIsReclaimedInAnew() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.next(FakeCall.of(SessionCommand.Reclaim.class), FakeCall.requestLost());
        loseEverything();
        cluster.forget();
        cluster.reform(9, LONGEST);
        a.hint("a:1");
        cluster.clock.passMillis(3_000);
        assertThat(cluster.lease(lease.id())).isNotNull();
        assertThat(recoveries.stream().map(Recovered::epoch)).containsExactly(9L);
    }

    @Test
    void anAnswerFromBeforeTheLossMovesNoBound() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.every(FakeCall.of(SessionCommand.Reclaim.class), FakeCall.requestLost());
        cluster.node("b:2").cannotBeReached();
        List<FakeCall> late = new ArrayList<>();
        a.next(FakeCall.of(SessionCommand.Heartbeat.class), late::add);
        cluster.clock.passMillis(3_400);
        assertThat(late).hasSize(1);
        Duration bound = lease.remaining();
        var alive = late.get(0).carryOut();
        long then = cluster.timeMillis();
        cluster.timeStoodStill(40_000);
        cluster.forget();
        cluster.reform(7, LONGEST);
        late.get(0).answer(alive, then, false);
        assertThat(lease.remaining()).isLessThanOrEqualTo(bound);
    }

    @Test
    void aGrantFromBeforeTheLossIsNotBelievedButAskedForAgain() {
        ns.putAsync("/y", Value.of("1"), Put.with()).join();
        List<FakeCall> late = new ArrayList<>();
        a.next(FakeCall.of(LeaseCommand.Acquire.class), late::add);
        CompletableFuture<LeaseContext> asked = ns.lease("/x").acquireAsync();
        var granted = late.get(0).carryOut();
        State survivor = cluster.state();
        cluster.fallBackTo(survivor);
        cluster.reform(7, LONGEST);
        late.get(0).answer(granted);
        assertThat(asked).isNotDone();
        cluster.clock.passMillis(2_000);
        assertThat(asked).isNotDone();
        cluster.clock.passMillis(20_000);
        assertThat(asked.join().isHeld()).isTrue();
    }

    @Test
    void aNodeThatIsStillInTheEpochBeforeSaysNothingThatCounts() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        loseEverything();
        cluster.clock.passMillis(100);
        Duration bound = lease.remaining();
        a.lagBehind(7L << 44);
        cluster.clock.passMillis(3_400);
        assertThat(a.calls(FakeCall.of(SessionCommand.Heartbeat.class))).isNotEmpty();
        assertThat(lease.remaining()).isLessThanOrEqualTo(bound.minusMillis(3_400));
    }

    @Test
    void aWatcherIsToldThatItBeginsAnew() {
        List<String> seen = new ArrayList<>();
        ns.putAsync("/x", Value.of("1"), Put.with()).join();
        ns.watch("/").recursive().start(new WatchListener() {
            @Override
            public void initialState(Revision at, List<ElementView> elements) {
                seen.add("state " + at.epoch());
            }

            @Override
            public void events(Revision at, List<WatchEvent> events) {
                seen.add("events " + at.epoch());
            }

            @Override
            public void resynced(Revision last, Revision now) {
                seen.add("resynced " + last.epoch() + ".." + now.epoch());
            }
        });
        a.watch().events(9, "/x");
        loseEverything();
        FakeNode b = cluster.node("b:2");
        a.watch().ended(ErrorCode.COMPACTED);
        assertThat(b.watch().start().getAfter()).isEqualTo(9);
        b.watch().ended(ErrorCode.COMPACTED);
        assertThat(a.watch().start().getInitialState()).isTrue();
        a.watch().state(Revision.startOf(7));
        a.watch().events(Revision.startOf(7) + 1, "/y");
        assertThat(seen).containsExactly("events 0", "resynced 0..7", "state 7", "events 7");
    }
}
