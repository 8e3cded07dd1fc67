package io.whatnot.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.VirtualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A monotonic clock, and what the wall clock has jumped ahead of it. */
final class LeaseClockTest {
    private final VirtualClock clock = new VirtualClock();
    private final List<Long> jumps = new ArrayList<>();
    private final LeaseClock leases =
            new LeaseClock(clock, clock.wallClock(), nanos -> jumps.add(TimeUnit.NANOSECONDS.toMillis(nanos)));
    private final long begin = leases.nanoTime();

    private long millis() {
        return TimeUnit.NANOSECONDS.toMillis(leases.nanoTime() - begin);
    }

    @Test
    void itGoesWithTheMonotonicClock() {
        clock.passMillis(12_345);
        assertThat(millis()).isEqualTo(12_345);
        assertThat(jumps).isEmpty();
    }

    @Test
    void jumpsAheadAreAddedAndToldOnceEach() {
        clock.setWallClockOn(2_000);
        assertThat(millis()).isEqualTo(2_000);
        assertThat(millis()).isEqualTo(2_000);
        clock.passMillis(10);
        clock.setWallClockOn(70_000);
        assertThat(millis()).isEqualTo(72_010);
        assertThat(jumps).containsExactly(2_000L, 70_000L);
    }

    @Test
    void itNeverGoesBack() {
        clock.setWallClockOn(-70_000);
        assertThat(millis()).isZero();
        clock.setWallClockOn(70_000);
        assertThat(millis()).isEqualTo(70_000);
        clock.setWallClockOn(-70_000);
        assertThat(millis()).isEqualTo(70_000);
        assertThat(jumps).containsExactly(-70_000L, 70_000L, -70_000L);
    }

    @Test
    void aClockThatIsDisciplinedInSmallStepsJumpsNever() {
        for (int i = 0; i < 100; i++) {
            clock.passMillis(1_000);
            clock.setWallClockOn(i % 3 == 0 ? -100 : 900);
            leases.nanoTime();
        }
        assertThat(millis()).isEqualTo(100_000);
        assertThat(jumps).isEmpty();
    }

    @Test
    void aThreadThatIsHeldUpBetweenTheTwoClocksLooksAgain() {
        VirtualClock held = new VirtualClock();
        int[] readings = {0};
        LeaseClock busy = new LeaseClock(
                held,
                () -> {
                    if (readings[0]++ == 1) {
                        held.passMillis(5_000);
                    }
                    return held.wallClock().instant();
                },
                nanos -> jumps.add(nanos));
        long before = held.nanoTime();
        assertThat(busy.nanoTime()).isEqualTo(before + TimeUnit.MILLISECONDS.toNanos(5_000));
        assertThat(jumps).isEmpty();
    }
}
