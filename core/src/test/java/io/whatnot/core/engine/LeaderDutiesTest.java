package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.time.Scheduler;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeaderDutiesTest {
    private static final long NEVER = Long.MAX_VALUE;

    private final VirtualScheduler scheduler = new VirtualScheduler();
    private final ClusterClock clock = new ClusterClock(scheduler, 500);
    private final ScriptedLog log = new ScriptedLog();
    private final Proposer proposer = new Proposer(log, clock);
    private final LeaderDuties duties = new LeaderDuties(clock, proposer, scheduler);

    /** The oldest entry under way is applied, and the next deadline is then. */
    private long apply(long nextDeadline) {
        ScriptedLog.Appended entry = log.underWay.remove();
        ((Proposer.Batch) entry.context()).applied(List.of(), entry.timeMillis());
        duties.applied(nextDeadline);
        return entry.timeMillis();
    }

    @Test
    void aDeadlineIsMetByATickWithinFiveMilliseconds() {
        Random random = new Random(1);
        duties.start(1, 0, NEVER);
        for (int i = 0; i < 500; i++) {
            long deadline = clock.now() + random.nextLong(200);
            duties.applied(deadline);
            while (log.underWay.isEmpty()) {
                scheduler.pass(1);
                assertThat(clock.now()).isLessThanOrEqualTo(deadline + LeaderDuties.COALESCE_MILLIS);
            }
            assertThat(apply(NEVER)).isBetween(deadline, deadline + LeaderDuties.COALESCE_MILLIS);
            scheduler.pass(random.nextLong(60));
        }
    }

    @Test
    void noTickComesBeforeADeadline() {
        duties.start(1, 0, 1_000);
        scheduler.pass(999);
        assertThat(log.all).isEmpty();
        scheduler.pass(5);
        assertThat(log.all).hasSize(1);
    }

    @Test
    void withoutADeadlineThereIsNoTick() {
        duties.start(1, 0, NEVER);
        scheduler.pass(60_000);
        assertThat(log.all).isEmpty();
    }

    @Test
    void deadlinesCloseTogetherAreMetByOneTick() {
        duties.start(1, 0, 1_000);
        scheduler.pass(997);
        duties.applied(998);
        scheduler.pass(5);
        assertThat(log.all)
                .singleElement()
                .satisfies(tick -> assertThat(tick.timeMillis()).isGreaterThanOrEqualTo(1_000));
    }

    @Test
    void aDeadlineThatComesSoonerThanTheOneBeforeIsMetInTime() {
        duties.start(1, 0, 40);
        duties.applied(20);
        scheduler.pass(20);
        assertThat(log.all).hasSize(1);
    }

    @Test
    void theClockIsSampledOftenEnoughThatNothingPassesForAStall() {
        duties.start(1, 0, NEVER);
        scheduler.pass(60_000);
        assertThat(clock.now()).isEqualTo(60_000);
    }

    @Test
    void whatPassedInAPauseDoesNotExpireAnybody() {
        duties.start(1, 0, 5_000);
        scheduler.pass(1_000);
        scheduler.stall(30_000);
        scheduler.pass(3_400);
        assertThat(clock.now()).isLessThanOrEqualTo(4_900);
        assertThat(log.all).isEmpty();
        scheduler.pass(200);
        assertThat(log.all).isNotEmpty();
    }

    @Test
    void startedTwiceForATermIsStartedOnce() {
        duties.start(1, 0, NEVER);
        scheduler.pass(100);
        duties.start(1, 0, NEVER);
        assertThat(clock.now()).isEqualTo(100);
        assertThat(scheduler.pending()).isEqualTo(1);
    }

    @Test
    void inASecondTermItBeginsAgain() {
        duties.start(1, 0, NEVER);
        duties.stop();
        assertThat(duties.term()).isZero();
        assertThat(clock.now()).isZero();
        assertThat(scheduler.pending()).isZero();
        scheduler.pass(10_000);

        duties.start(7, 500, 600);
        assertThat(duties.term()).isEqualTo(7);
        assertThat(clock.now()).isEqualTo(500);
        scheduler.pass(110);
        assertThat(log.all)
                .isNotEmpty()
                .allSatisfy(tick -> assertThat(tick.term()).isEqualTo(7));
    }

    @Test
    void aNodeThatDoesNotLeadProposesNothing() {
        duties.applied(10);
        scheduler.pass(1_000);
        duties.start(1, 0, 100);
        duties.stop();
        duties.applied(10);
        scheduler.pass(1_000);
        assertThat(log.all).isEmpty();
        assertThat(scheduler.pending()).isZero();
    }

    @Test
    void aTickThatIsLongUnderWayBringsNoFloodOfOthers() {
        duties.start(1, 0, 10);
        scheduler.pass(60_000);
        assertThat(log.all).hasSizeLessThanOrEqualTo(Proposer.ENTRIES_MAX);
    }

    @Test
    void aTimerThatCouldNotBeCancelledAnyMoreDoesNotStartASecondOne() {
        // As when it has just begun to run on the timer's thread.
        VirtualScheduler uncancellable = scheduler;
        Scheduler late = new Scheduler() {
            @Override
            public long nanoTime() {
                return uncancellable.nanoTime();
            }

            @Override
            public Timer schedule(long delayMillis, Runnable task) {
                uncancellable.schedule(delayMillis, task);
                return () -> {};
            }
        };
        LeaderDuties racing = new LeaderDuties(clock, proposer, late);
        racing.start(1, 0, NEVER);
        for (int i = 0; i < 10; i++) {
            racing.applied(clock.now() + 30 - i);
        }
        racing.applied(NEVER);
        scheduler.pass(1_000);
        assertThat(scheduler.pending()).isEqualTo(1);
        racing.stop();
        racing.start(2, 0, NEVER);
        scheduler.pass(1_000);
        assertThat(scheduler.pending()).isEqualTo(1);
        racing.stop();
        scheduler.pass(1_000);
        assertThat(scheduler.pending()).isZero();
    }
}
