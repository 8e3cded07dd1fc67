package io.whatnot.client.internal;

import io.whatnot.core.time.Scheduler;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/**
 * The clock that leases are believed in by: the monotonic one, and what the wall clock has jumped ahead of it.
 *
 * <p>A monotonic clock may stand still while its machine is suspended, though cluster time goes on and ends what this
 * client believes to hold. The wall clock does not tell what time it is, for anybody may set it; but when between two
 * looks it has moved by more than a second more than the monotonic clock, that may have been a suspension, and counts as
 * time that has passed. So an operator who sets the clock on by a minute costs leases of less, and nobody is ever believed
 * to hold what has ended meanwhile. A clock that is set back counts nothing: then time has passed or not, as ever.
 */
final class LeaseClock {
    /** Clocks that are disciplined step by less; and nothing is known of suspensions that are shorter. */
    static final long JUMP_NANOS_MIN = TimeUnit.SECONDS.toNanos(1);

    /** Two clocks that were read further apart than that tell nothing of each other. */
    private static final long READING_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(20);

    private record Look(long aheadNanos, long skippedNanos) {}

    private final Scheduler scheduler;
    private final InstantSource wallClock;
    private final LongConsumer onJump;
    private final AtomicReference<Look> last;

    /**
     * A clock that has just been looked at.
     *
     * @param onJump told by how many nanoseconds the wall clock has jumped, by whoever looks; must not block
     */
    LeaseClock(Scheduler scheduler, InstantSource wallClock, LongConsumer onJump) {
        this.scheduler = scheduler;
        this.wallClock = wallClock;
        this.onJump = onJump;
        this.last = new AtomicReference<>(new Look(wallNanos() - scheduler.nanoTime(), 0));
    }

    /** Looks at both clocks; only differences of what it returns mean anything. It never goes back. */
    long nanoTime() {
        while (true) {
            Look before = Objects.requireNonNull(last.get());
            long monotonic = scheduler.nanoTime();
            long ahead = wallNanos() - monotonic;
            if (scheduler.nanoTime() - monotonic > READING_NANOS_MAX) {
                continue; // this thread was held up in between
            }
            long jump = ahead - before.aheadNanos;
            long skipped = before.skippedNanos + (jump > JUMP_NANOS_MIN ? jump : 0);
            if (last.compareAndSet(before, new Look(ahead, skipped))) {
                if (Math.abs(jump) > JUMP_NANOS_MIN) {
                    onJump.accept(jump);
                }
                return monotonic + skipped;
            }
        }
    }

    private long wallNanos() {
        return TimeUnit.MILLISECONDS.toNanos(wallClock.millis());
    }
}
