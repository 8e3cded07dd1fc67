package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.time.Scheduler;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who has lost its memory, and until when. */
final class AmnesiaTest {
    private static final RaftMetadata BLANK = RaftMetadata.blank("shop", "n1", 7);
    private static final RaftMetadata VOTER =
            BLANK.founding(Map.of("127.0.0.1:1", 7L)).withVote(5, "").started();

    private long nowNanos = -1_000; // as a clock may well begin

    private final Scheduler clock = new Scheduler() {
        @Override
        public long nanoTime() {
            return nowNanos;
        }

        @Override
        public Timer schedule(long delayMillis, Runnable task) {
            throw new AssertionError("nothing is to be scheduled");
        }
    };

    private Amnesia of(RaftMetadata atStart, boolean hasLog) {
        return new Amnesia(atStart, 77, hasLog, clock, 500);
    }

    @Test
    void whoNeverWasAVoterHasNothingToForget() {
        Amnesia fresh = of(BLANK.started(), false);

        assertThat(fresh.isAmnesiac()).isFalse();
        assertThat(fresh.isQuiet()).isFalse();
    }

    @Test
    void aVoterThatStartsWithoutItsLogHasLostItsMemory() {
        assertThat(of(VOTER, false).isAmnesiac()).isTrue();
        assertThat(of(VOTER, true).isAmnesiac()).isFalse();
    }

    @Test
    void aVoterIsQuietForOneElectionTimeoutAfterItsStart() {
        for (boolean hasLog : List.of(true, false)) {
            nowNanos = -1_000;
            Amnesia voter = of(VOTER, hasLog);
            assertThat(voter.isQuiet()).isTrue();

            nowNanos += 499_999_999;
            assertThat(voter.isQuiet()).isTrue();
            nowNanos += 1;
            assertThat(voter.isQuiet()).isFalse();
        }
    }

    @Test
    void itEndsWhenTheLogSaysThatALeaderHasHeardOfIt() {
        Amnesia voter = of(VOTER, false);

        assertThat(voter.rejoined(voter.incarnation(), 5)).isTrue();

        assertThat(voter.isAmnesiac()).isFalse();
        assertThat(voter.rejoined(voter.incarnation(), 6))
                .as("nothing is left to end")
                .isFalse();
    }

    @Test
    void whatWasSaidOfAnEarlierLossDoesNotEndThisOne() {
        Amnesia voter = of(VOTER.started(), false);

        assertThat(voter.rejoined(of(VOTER, false).incarnation(), 9)).isFalse();

        assertThat(voter.isAmnesiac()).isTrue();
    }

    @Test
    void whatWasSaidOfAnotherLifeWithTheSameNumberDoesNotEndThisOne() {
        Amnesia voter = of(VOTER, false);
        Amnesia copy = new Amnesia(VOTER, 78, false, clock, 500);

        assertThat(Amnesia.starts(copy.incarnation()))
                .isEqualTo(Amnesia.starts(voter.incarnation()))
                .isEqualTo(VOTER.incarnation());
        assertThat(voter.rejoined(copy.incarnation(), 9)).isFalse();
    }

    @Test
    void aLeaderOfATermThatWasOverAtTheStartDoesNotEndIt() {
        Amnesia voter = of(VOTER, false);

        assertThat(voter.rejoined(voter.incarnation(), 4)).isFalse();

        assertThat(voter.isAmnesiac()).isTrue();
    }

    @Test
    void whoIsElectedByAllRemembersAsMuchAsAnybody() {
        Amnesia voter = of(VOTER, false);

        voter.elected();

        assertThat(voter.isAmnesiac()).isFalse();
    }
}
