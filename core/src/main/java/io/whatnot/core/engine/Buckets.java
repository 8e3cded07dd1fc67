package io.whatnot.core.engine;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Token buckets, one a key: each takes so many at once as its burst, and fills at its rate. Of a bucket only the moment is
 * kept at which it will be full; one that is full again is forgotten. When they take more than {@link #BYTES_MAX} the one
 * longest out of use is forgotten too, and full when it is next asked for: what is bounded for certain is memory. Not for
 * several threads.
 */
final class Buckets {
    /** About the most bytes that keys may take. */
    static final long BYTES_MAX = 16L << 20;

    private static final long ENTRY_BYTES = 100;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final Map<String, Long> fullAtNanos = new LinkedHashMap<>(16, 0.75f, true);
    private long keyBytes;
    private long perTokenNanos;
    private long burstNanos;

    /**
     * Another rate: all buckets are full again.
     *
     * @param rate tokens a second; 0 for no limit
     * @param burst the most at once; 0 for as many as the rate
     */
    void limit(int rate, int burst) {
        clear();
        perTokenNanos = rate == 0 ? 0 : SECOND_NANOS / rate;
        burstNanos = (burst == 0 ? rate : burst) * perTokenNanos;
    }

    /** All buckets are full again. */
    void clear() {
        fullAtNanos.clear();
        keyBytes = 0;
    }

    /** In how many nanoseconds the bucket of that key will have a token; 0 if it has one now. */
    long waitNanos(String key, long nowNanos) {
        Long fullAt = fullAtNanos.get(key);
        if (perTokenNanos == 0 || fullAt == null) {
            return 0;
        }
        return Math.max(0, fullAt - nowNanos + perTokenNanos - burstNanos);
    }

    /** Takes a token of that key's. */
    void take(String key, long nowNanos) {
        if (perTokenNanos == 0) {
            return;
        }
        Long fullAt = fullAtNanos.get(key);
        long from = fullAt == null || fullAt - nowNanos < 0 ? nowNanos : fullAt;
        if (fullAtNanos.put(key, from + perTokenNanos) == null) {
            keyBytes += bytesOf(key);
        }
        forget(nowNanos);
    }

    /** Those longest out of use come first. */
    private void forget(long nowNanos) {
        Iterator<Map.Entry<String, Long>> eldest = fullAtNanos.entrySet().iterator();
        while (eldest.hasNext()) {
            Map.Entry<String, Long> bucket = eldest.next();
            if (bucket.getValue() - nowNanos > 0 && keyBytes <= BYTES_MAX) {
                return;
            }
            keyBytes -= bytesOf(bucket.getKey());
            eldest.remove();
        }
    }

    /** How many buckets are not full, as far as is known. */
    int size() {
        return fullAtNanos.size();
    }

    /** About how many bytes they take. */
    long bytes() {
        return keyBytes;
    }

    private static long bytesOf(String key) {
        return ENTRY_BYTES + 2L * key.length();
    }
}
