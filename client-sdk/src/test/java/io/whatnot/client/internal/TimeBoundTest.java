package io.whatnot.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.internal.TimeBound.Deadline;
import io.whatnot.core.model.Revision;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a deadline of the cluster's is surely not reached, by a clock that may go wrong by 1 %. */
final class TimeBoundTest {
    private static final long OLD = Revision.startOf(3);
    private static final long NEW = Revision.startOf(5);

    private final TimeBound bound = new TimeBound(0.01);

    @Test
    void timeThatIsLeftCountsFromWhenTheRequestWasSentLessTheDrift() {
        bound.note(seconds(7), 50_000, 0);
        assertThat(bound.notReachedBefore(at(60_000))).isEqualTo(seconds(7) + slowed(9_999));
    }

    @Test
    void theMillisecondThatTheClusterHasBegunIsNotCountedAsLeft() {
        bound.note(seconds(7), 50_000, 0);
        assertThat(bound.notReachedBefore(at(50_001))).isEqualTo(seconds(7));
    }

    @Test
    void anAnswerThatProvesNoTimeChangesNothing() {
        bound.note(seconds(7), 50_000, 0);
        bound.note(seconds(20), 0, 0);
        assertThat(bound.notReachedBefore(at(60_000))).isEqualTo(seconds(7) + slowed(9_999));
    }

    @Test
    void theBestPairCountsWhateverOrderTheyComeIn() {
        bound.note(seconds(9), 51_900, 0); // slept 100 ms on its way
        bound.note(seconds(8), 51_000, 0); // answered at once
        assertThat(bound.notReachedBefore(at(61_000)))
                .as("9 s and 9.1 s less the drift, not 8 s and 10 s less it")
                .isEqualTo(seconds(9) + slowed(9_099));
        bound.note(seconds(9), 51_950, 0);
        assertThat(bound.notReachedBefore(at(61_000))).isEqualTo(seconds(9) + slowed(9_099));
    }

    @Test
    void aClockThatCrossesItsLargestNumberIsNoMatter() {
        long sent = Long.MAX_VALUE - millis(10);
        bound.note(sent, 50_000, 0);
        bound.note(sent + seconds(1), 50_500, 0);
        assertThat(bound.notReachedBefore(at(60_000)) - sent).isEqualTo(seconds(1) + slowed(9_499));
    }

    @Test
    void aDeadlineOfAnEpochThatIsOverKeepsItsLastBound() {
        bound.note(seconds(7), 50_000, OLD);
        Deadline deadline = new Deadline(60_000, 3);
        bound.note(seconds(8), 100, NEW);
        assertThat(bound.notReachedBefore(deadline)).isEqualTo(seconds(7) + slowed(9_999));
        assertThat(bound.notReachedBefore(new Deadline(10_100, 5))).isEqualTo(seconds(8) + slowed(9_999));
    }

    @Test
    void aLateAnswerOfAnEpochThatIsOverIsNoPairOfTheNewOne() {
        bound.note(seconds(7), 100, NEW);
        bound.note(seconds(8), 50, OLD);
        assertThat(bound.notReachedBefore(new Deadline(10_100, 5))).isEqualTo(seconds(7) + slowed(9_999));
    }

    @Test
    void aDeadlineOfAnEpochWithoutAPairGoesByTheEpochBefore() {
        bound.note(seconds(7), 50_000, OLD);
        assertThat(bound.notReachedBefore(new Deadline(60_000, 5))).isEqualTo(seconds(7) + slowed(9_999));
    }

    @Test
    void aDeadlineOlderThanAllThatIsKnownHasNothingToProveIt() {
        bound.note(seconds(7), 100, NEW);
        assertThat(bound.notReachedBefore(new Deadline(60_000, 3))).isEqualTo(seconds(7));
    }

    @Test
    void aDeadlineOnlyMovesOnButInANewEpochIsWhatItIsThere() {
        Deadline deadline = new Deadline(60_000, 3);
        assertThat(deadline.orLater(59_000, 3)).isEqualTo(deadline);
        assertThat(deadline.orLater(61_000, 3)).isEqualTo(new Deadline(61_000, 3));
        assertThat(deadline.orLater(2_000, 5)).isEqualTo(new Deadline(2_000, 5));
        assertThat(new Deadline(2_000, 5).orLater(61_000, 3)).isEqualTo(new Deadline(2_000, 5));
    }

    private static Deadline at(long millis) {
        return new Deadline(millis, 0);
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    /** That many milliseconds less the drift. */
    private static long slowed(long millis) {
        return millis(millis) / 100 * 99;
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
