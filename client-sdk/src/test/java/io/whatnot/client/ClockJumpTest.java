package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Result;
import io.whatnot.core.model.SessionCommand;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The machine may have been suspended, and its monotonic clock with it: when the wall clock jumps ahead that counts as
 * time that has passed, and whatever it does otherwise is only a reason to ask the cluster.
 */
final class ClockJumpTest {
    private final FakeCluster cluster = new FakeCluster("a:1", "b:2");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final Namespace ns = cluster.client().namespace("shop");

    private int heartbeats() {
        return a.calls(FakeCall.of(SessionCommand.Heartbeat.class)).size();
    }

    /** That many milliseconds less the drift. */
    private static Duration slowed(long millis) {
        return Duration.ofMillis(millis).multipliedBy(99).dividedBy(100);
    }

    @Test
    void whoWakesUpBelievesInNothingThatMayHaveEndedMeanwhile() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        cluster.clock.setWallClockOn(600_000);
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.remaining()).isZero();
        assertThat(lease.lost()).isCompletedWithValue(LossReason.UNPROVEN);
    }

    @Test
    void itIsNoticedAndToldThoughNobodyAsks() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        cluster.clock.setWallClockOn(600_000);
        cluster.clock.passMillis(500);
        assertThat(lease.lost()).isCompletedWithValue(LossReason.UNPROVEN);
        cluster.clock.passMillis(100);
        assertThat(heartbeats()).as("of the session that was given up").isZero();
        assertThat(cluster.state().sessions().count()).as("it is closed").isZero();
    }

    @Test
    void aJumpCountsAsTimeThatHasPassedUntilAHeartbeatThatIsSentAtOnceProvesMore() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        cluster.clock.setWallClockOn(5_000);
        assertThat(lease.remaining()).isEqualTo(slowed(9_999).minusMillis(5_000));
        assertThat(heartbeats()).isZero();
        cluster.clock.passMillis(1);
        assertThat(heartbeats()).isEqualTo(1);
        assertThat(lease.remaining()).isEqualTo(slowed(9_999).minusMillis(1));
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void whatWasAskedBeforeAJumpProvesThatMuchLess() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        a.next(FakeCall.of(SessionCommand.Heartbeat.class), call -> {
            Result alive = call.carryOut();
            long then = cluster.timeMillis();
            cluster.clock.schedule(10, () -> call.answer(alive, then, false));
        });
        cluster.clock.passMillis(3_333);
        a.every(FakeCall.anything(), FakeCall.requestLost());
        b.isNowhere();
        cluster.clock.setWallClockOn(5_000);
        cluster.clock.passMillis(10);
        assertThat(lease.remaining()).isEqualTo(slowed(9_999).minusMillis(5_010));
    }

    @Test
    void aStepOfLessThanASecondCostsNothing() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        cluster.clock.setWallClockOn(999);
        cluster.clock.passMillis(500);
        assertThat(lease.remaining()).isEqualTo(slowed(9_999).minusMillis(500));
        assertThat(heartbeats()).isZero();
    }

    @Test
    void aClockThatIsSetBackCostsNothingButAHeartbeat() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        cluster.clock.setWallClockOn(-3_600_000);
        assertThat(lease.remaining()).isEqualTo(slowed(9_999));
        cluster.clock.passMillis(1);
        assertThat(heartbeats()).isEqualTo(1);
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void aClockThatIsSetOnAndBackDoesNotBringBackWhatWasLost() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        cluster.clock.setWallClockOn(60_000);
        assertThat(lease.isHeld()).isFalse();
        cluster.clock.setWallClockOn(-60_000);
        assertThat(lease.isHeld()).isFalse();
        cluster.clock.passMillis(1_000);
        assertThat(lease.isHeld()).isFalse();
        assertThat(cluster.leases()).as("it is released").isEmpty();
    }

    @Test
    void timeThatAJumpHasTakenIsNotGivenBackByAnother() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        cluster.nodes().forEach(FakeNode::isNowhere);
        cluster.clock.setWallClockOn(5_000);
        assertThat(lease.isHeld()).isTrue();
        cluster.clock.setWallClockOn(-5_000);
        assertThat(lease.remaining()).isEqualTo(slowed(9_999).minusMillis(5_000));
        cluster.clock.setWallClockOn(5_000);
        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void aLeaseWithAShorterTtlIsLostWhileItsSessionGoesOn() {
        LeaseContext session = ns.lease("/x").acquireAsync().join();
        LeaseContext ttl =
                ns.lease("/y").ttl(Duration.ofSeconds(2)).acquireAsync().join();
        cluster.clock.setWallClockOn(3_000);
        cluster.clock.passMillis(500);
        assertThat(ttl.lost()).isCompletedWithValue(LossReason.EXPIRED);
        assertThat(ttl.isHeld()).isFalse();
        assertThat(session.isHeld()).isTrue();
        assertThat(session.lost()).isNotDone();
    }

    @Test
    void aClockThatJumpsAllTheTimeDoesNotFloodTheCluster() {
        LeaseContext lease = ns.lease("/x").acquireAsync().join();
        for (int i = 0; i < 1_000; i++) {
            cluster.clock.setWallClockOn(i % 2 == 0 ? -7_000 : 7_000);
            lease.isHeld();
        }
        a.every(FakeCall.of(SessionCommand.Heartbeat.class), FakeCall.requestLost());
        cluster.clock.passMillis(1);
        assertThat(heartbeats()).isLessThanOrEqualTo(2);
    }
}
