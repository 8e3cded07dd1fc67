package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ClusterClockTest {
    private static final long ELECTION_TIMEOUT = 500;

    private final VirtualScheduler scheduler = new VirtualScheduler();
    private final ClusterClock clock = new ClusterClock(scheduler, ELECTION_TIMEOUT);

    @Test
    void itStartsAtTheTimeOfTheLastAppliedEntry() {
        clock.start(7_000);
        assertThat(clock.now()).isEqualTo(7_000);
    }

    @Test
    void itFollowsTheMonotonicClock() {
        clock.start(7_000);
        scheduler.stall(40);
        assertThat(clock.now()).isEqualTo(7_040);
        scheduler.stall(3);
        assertThat(clock.now()).isEqualTo(7_043);
    }

    @Test
    void partsOfAMillisecondAreNotLostHoweverOftenItIsSampled() {
        clock.start(0);
        for (int i = 0; i < 1_000; i++) {
            scheduler.passNanos(333_333);
            clock.now();
        }
        assertThat(clock.now()).isEqualTo(333);
    }

    @Test
    void ofAStallOneElectionTimeOutCountsAtMost() {
        clock.start(7_000);
        scheduler.stall(30_000);
        assertThat(clock.now()).isEqualTo(7_000 + ELECTION_TIMEOUT);
        scheduler.stall(10);
        assertThat(clock.now()).as("the rest is gone for ever").isEqualTo(7_000 + ELECTION_TIMEOUT + 10);
    }

    @Test
    void aGapOfOneElectionTimeOutCountsInFull() {
        clock.start(7_000);
        scheduler.stall(ELECTION_TIMEOUT);
        assertThat(clock.now()).isEqualTo(7_000 + ELECTION_TIMEOUT);
    }

    @Test
    void itNeitherGoesBackNorFasterThanRealTimeWhateverHappens() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            clock.start(1_000);
            long begin = scheduler.nanoTime();
            long last = 1_000;
            for (int i = 0; i < 100; i++) {
                scheduler.passNanos(
                        random.nextInt(4) == 0 ? random.nextLong(5_000_000_000L) : random.nextLong(60_000_000));
                long now = clock.now();
                assertThat(now).as("seed %d", seed).isGreaterThanOrEqualTo(last);
                assertThat((now - 1_000) * 1_000_000)
                        .as("seed %d", seed)
                        .isLessThanOrEqualTo(scheduler.nanoTime() - begin);
                last = now;
            }
        }
    }

    @Test
    void onANodeThatDoesNotLeadItProvesNothing() {
        assertThat(clock.now()).isZero();
        clock.start(7_000);
        clock.stop();
        assertThat(clock.now()).isZero();
    }

    @Test
    void whatPassedWithoutALeaderDoesNotCount() {
        clock.start(7_000);
        clock.stop();
        scheduler.stall(100);
        clock.start(7_000);
        assertThat(clock.now()).isEqualTo(7_000);
    }
}
