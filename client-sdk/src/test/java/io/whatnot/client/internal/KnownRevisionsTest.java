package io.whatnot.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whether a node is late is told by the newest revision that has been known for a second. */
final class KnownRevisionsTest {
    private static final long BEGIN = -TimeUnit.SECONDS.toNanos(3);

    private final KnownRevisions known = new KnownRevisions();

    private static long at(long millis) {
        return BEGIN + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void nobodyIsLateWhereNothingIsKnown() {
        assertThat(known.isLate(0, at(10_000))).isFalse();
        assertThat(known.isCurrent(0)).isTrue();
    }

    @Test
    void aNodeHasASecond() {
        known.note(7, at(0));
        assertThat(known.isLate(6, at(1_000))).isFalse();
        assertThat(known.isLate(6, at(1_001))).isTrue();
        assertThat(known.isLate(7, at(1_001))).isFalse();
    }

    @Test
    void whatIsHeardAgainIsNoYounger() {
        known.note(7, at(0));
        known.note(7, at(900));
        assertThat(known.isLate(6, at(1_001))).isTrue();
    }

    @Test
    void whatIsNewerCountsOnlyASecondLater() {
        known.note(7, at(0));
        known.note(9, at(5_000));
        assertThat(known.isLate(7, at(5_900))).isFalse();
        assertThat(known.isLate(6, at(5_900))).isTrue();
        assertThat(known.isCurrent(7)).isFalse();
        assertThat(known.isLate(8, at(6_001))).isTrue();
        assertThat(known.isLate(9, at(6_001))).isFalse();
    }

    @Test
    void whatIsHeardInQuickSuccessionDelaysNothing() {
        for (int i = 0; i < 3_000; i++) {
            known.note(i, at(i));
        }
        assertThat(known.isLate(1_800, at(3_000))).isTrue();
        assertThat(known.isLate(2_100, at(3_000))).isFalse();
    }
}
