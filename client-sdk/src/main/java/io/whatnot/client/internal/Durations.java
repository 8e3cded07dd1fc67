package io.whatnot.client.internal;

import java.time.Duration;

/** Durations in milliseconds, as the cluster takes them. */
final class Durations {
    private Durations() {}

    /**
     * Rounded away from zero, so that what is short is not taken for none at all; what is too long for a long is the
     * longest there is, which no rule allows.
     */
    static long millis(Duration duration) {
        if (duration.isNegative()) {
            return -1;
        }
        long seconds = duration.getSeconds();
        if (seconds >= Long.MAX_VALUE / 1_000 - 1) {
            return Long.MAX_VALUE;
        }
        return seconds * 1_000 + (duration.getNano() + 999_999) / 1_000_000;
    }
}
