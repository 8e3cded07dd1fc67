package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a client believes of its leases ends before the cluster ends them, and not long before. */
final class BeliefTest {
    private final FakeCluster cluster = new FakeCluster("a:1", "b:2");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final Namespace ns = cluster.client().namespace("shop");

    @Test
    void itCountsFromWhenTheRequestWasSentNotFromWhenTheAnswerCame() {
        ns.putAsync("/y", Value.of("1"), Put.with()).join();
        a.next(FakeCall.of(LeaseCommand.Acquire.class), call -> {
            Result granted = call.carryOut();
            long then = cluster.timeMillis();
            cluster.clock.schedule(700, () -> call.answer(granted, then, false));
        });
        CompletableFuture<LeaseContext> asked =
                ns.lease("/x").ttl(Duration.ofSeconds(2)).acquireAsync();
        cluster.clock.passMillis(700);
        LeaseContext lease = asked.join();
        assertThat(lease.remaining()).isEqualTo(slowed(1_999).minusMillis(700));
        cluster.clock.passMillis(1_279);
        assertThat(lease.isHeld()).isTrue();
        cluster.clock.pass(Duration.ofNanos(20_000));
        assertThat(cluster.lease(lease.id()))
                .as("the cluster ends it a little later")
                .isNotNull();
        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void aRequestThatTookLongToArriveIsToldByTheClusterTimeInItsAnswer() {
        ns.putAsync("/y", Value.of("1"), Put.with()).join();
        a.next(FakeCall.of(LeaseCommand.Acquire.class), call -> cluster.clock.schedule(700, call::carryOutAndAnswer));
        CompletableFuture<LeaseContext> asked =
                ns.lease("/x").ttl(Duration.ofSeconds(2)).acquireAsync();
        cluster.clock.passMillis(700);
        // That answer proves 2 s from its sending; the put's, of before, proves 2.7 s less the drift from its own.
        assertThat(asked.join().remaining()).isEqualTo(slowed(2_699).minusMillis(700));
    }

    @Test
    void theEarlierOfTheLeasesAndItsSessionsDeadlineCounts() {
        LeaseContext lease =
                ns.lease("/x").ttl(Duration.ofHours(1)).acquireAsync().join();
        assertThat(lease.remaining()).isEqualTo(slowed(9_999));
    }

    @Test
    void aHeartbeatThatIsAnsweredMovesItOn() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        cluster.clock.passMillis(3_333);
        assertThat(lease.remaining()).isEqualTo(slowed(9_999));
    }

    @Test
    void aReadThatProvesNoTimeDoesNotMoveItOn() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.every(
                FakeCall.aRead(),
                call -> call.answer(
                        new Result.Found(new Revision(cluster.state().revision()), Optional.empty()), 0, false));
        cluster.clock.passMillis(1_000);
        ns.getAsync("/x", Consistency.NODE).join();
        assertThat(lease.remaining()).isEqualTo(slowed(9_999).minusMillis(1_000));
    }

    @Test
    void aHolderThatIsNotSureAsksForAMargin() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        lease.ensureHeld(Duration.ofMillis(9_899));
        assertThatThrownBy(() -> lease.ensureHeld(Duration.ofMillis(9_900)))
                .isInstanceOf(LeaseLostException.class)
                .hasMessageContaining("9899 ms more, and 9900 ms are needed");
        assertThat(lease.isHeld()).as("too short is not lost").isTrue();
    }

    @Test
    void whoHasBeenToldNoIsNeverToldYesAgain() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.next(FakeCall.of(SessionCommand.Heartbeat.class), call -> {
            Result alive = call.carryOut();
            long then = cluster.timeMillis();
            cluster.clock.schedule(7_000, () -> call.answer(alive, then, false));
        });
        b.isNowhere();
        cluster.clock.passMillis(3_333);
        a.every(FakeCall.anything(), FakeCall.requestLost());
        // The process stands still, and looks at its lease before it looks at what has come in meanwhile.
        cluster.clock.stall(Duration.ofMillis(6_600));
        assertThat(lease.isHeld()).isFalse();
        cluster.clock.passMillis(1_000);
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.remaining()).isZero();
        assertThat(lease.lost()).isCompletedWithValue(LossReason.UNPROVEN);
    }

    @Test
    void aRenewalThatIsHeardOfTooLateDoesNotBringBackALeaseThatWasToldLost() {
        LeaseContext lease =
                ns.lease("/x").ttl(Duration.ofSeconds(1)).acquireAsync().join();
        a.next(FakeCall.of(LeaseCommand.Renew.class), call -> {
            Result renewed = call.carryOut();
            assertThat(renewed).isInstanceOf(Result.Renewed.class);
            long then = cluster.timeMillis();
            cluster.clock.schedule(50, () -> call.answer(renewed, then, false));
        });
        cluster.clock.passMillis(800);
        lease.renewAsync();
        cluster.clock.passMillis(1);
        // The process stands still, and then looks at its lease just before it hears of the renewal.
        List<Boolean> seen = new ArrayList<>();
        cluster.clock.schedule(40, () -> seen.add(lease.isHeld()));
        cluster.clock.stall(Duration.ofMillis(250));
        assertThat(seen).containsExactly(false);
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.lost()).isCompletedWithValue(LossReason.UNPROVEN);
    }

    @Test
    void clusterTimeThatStoodStillOnlyMakesItEndEarlier() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.isNowhere();
        b.isNowhere();
        cluster.clock.passMillis(5_000);
        cluster.timeStoodStill(5_000);
        cluster.clock.passMillis(4_901);
        assertThat(lease.isHeld()).isFalse();
        assertThat(cluster.lease(lease.id())).isNotNull();
    }

    /** Slow requests, slow answers, lost ones; the cluster's clock is faster or slower by up to the drift. */
    @Test
    void whateverIsLateOrLostItIsNeverHeldLongerThanTheClusterHoldsIt() {
        int ends = 0;
        for (long seed = 1; seed <= 120; seed++) {
            ends += story(seed);
        }
        assertThat(ends).as("leases that ended while their holders watched").isGreaterThan(150);
    }

    private static int story(long seed) {
        Random random = new Random(seed);
        FakeCluster cluster = new FakeCluster("a:1", "b:2");
        cluster.clockRunsAt(random.nextBoolean() ? 1 / 0.99 : 0.99 + random.nextDouble() / 50);
        ClientOptions usual = cluster.options();
        Namespace ns = cluster.client(new ClientOptions(usual.endpoints(), "ann", "", 2_000, 5_000, 0.01))
                .namespace("shop");
        LeaseContext session = ns.lease("/s").acquireAsync().join();
        LeaseContext ttl =
                ns.lease("/t").ttl(Duration.ofMillis(900)).acquireAsync().join();
        for (FakeNode node : cluster.nodes()) {
            node.every(
                    call -> FakeCall.of(SessionCommand.Heartbeat.class).test(call)
                            || FakeCall.of(LeaseCommand.class).test(call),
                    call -> late(cluster, call, random));
        }
        int ends = 0;
        boolean sessionHeld = true;
        boolean ttlHeld = true;
        for (int step = 0; step < 6_000 && (sessionHeld || ttlHeld); step++) {
            if (random.nextInt(300) == 0) {
                ttl.renewAsync();
            }
            if (random.nextInt(3_000) == 0) {
                cluster.nodes().forEach(FakeNode::isNowhere);
            }
            cluster.clock.passMillis(1);
            sessionHeld = check(cluster, session, sessionHeld, seed);
            ttlHeld = check(cluster, ttl, ttlHeld, seed);
        }
        ends += sessionHeld ? 0 : 1;
        ends += ttlHeld ? 0 : 1;
        return ends;
    }

    /** That many milliseconds less the drift. */
    private static Duration slowed(long millis) {
        return Duration.ofMillis(millis).multipliedBy(99).dividedBy(100);
    }

    private static boolean check(FakeCluster cluster, LeaseContext lease, boolean before, long seed) {
        boolean held = lease.isHeld();
        LeaseId id = lease.id();
        assertThat(!held || cluster.lease(id) != null)
                .as("seed %d: %s is held by its client, so it is by the cluster", seed, id)
                .isTrue();
        assertThat(held && !before).as("seed %d: %s came back", seed, id).isFalse();
        return held;
    }

    private static void late(FakeCluster cluster, FakeCall call, Random random) {
        int way = random.nextInt(4) == 0 ? random.nextInt(1_500) : random.nextInt(40);
        int back = random.nextInt(4) == 0 ? random.nextInt(1_500) : random.nextInt(40);
        if (random.nextInt(6) == 0) {
            return;
        }
        cluster.clock.schedule(way, () -> {
            Result result = call.carryOut();
            long then = cluster.timeMillis();
            cluster.clock.schedule(back, () -> call.answer(result, then, false));
        });
    }
}
