package io.whatnot.core.engine;

import io.whatnot.core.model.ErrorCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What this node has counted since it started; for its status, and for whoever asks why. */
final class Counters {
    /** What is counted, besides refusals by their code. */
    enum Counter {
        ENTRIES_APPLIED,
        REQUESTS_APPLIED,
        EVENTS,
        REQUESTS_RECEIVED,
        REQUESTS_FORWARDED,
        READS,
        MALFORMED_CALLS,
        CONNECTIONS_REFUSED,
        CONNECTIONS_CUT_OFF,
        STREAMS_BROKEN,
        WATCHES_COMPACTED,
        QUEUE_LOG_LEFT_OUT
    }

    private final Map<Counter, LongAdder> counters = new EnumMap<>(Counter.class);
    private final Map<ErrorCode, LongAdder> refusals = new EnumMap<>(ErrorCode.class);

    Counters() {
        for (Counter counter : Counter.values()) {
            counters.put(counter, new LongAdder());
        }
        for (ErrorCode code : ErrorCode.values()) {
            refusals.put(code, new LongAdder());
        }
    }

    @SuppressWarnings("NullAway") // there is one for each
    void count(Counter counter) {
        counters.get(counter).increment();
    }

    @SuppressWarnings("NullAway") // there is one for each
    void add(Counter counter, long count) {
        counters.get(counter).add(count);
    }

    @SuppressWarnings("NullAway") // there is one for each
    void countRefusal(ErrorCode code) {
        refusals.get(code).increment();
    }

    /** Everything counted, by a name in lower case; refusals as {@code refused_code}, if there were any. */
    Map<String, Long> all() {
        Map<String, Long> all = new TreeMap<>();
        counters.forEach((counter, sum) -> all.put(counter.name().toLowerCase(java.util.Locale.ROOT), sum.sum()));
        refusals.forEach((code, sum) -> {
            if (sum.sum() > 0) {
                all.put("refused_" + code.name().toLowerCase(java.util.Locale.ROOT), sum.sum());
            }
        });
        return all;
    }
}
