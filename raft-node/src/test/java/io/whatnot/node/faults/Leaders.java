package io.whatnot.node.faults;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * In which terms the cluster can have been led, by what its nodes said when they were asked, again and again. What a leader
 * lets into the log after another of a later term was elected is not carried out, so only those from the one that led before
 * on count.
 */
final class Leaders {
    /** By when somebody said it: the highest term in which anybody leads. */
    private final TreeMap<Long, Long> led = new TreeMap<>();
    /** By when they were asked: the highest term that any node knows, when all answered. A leader's majority knows his. */
    private final TreeMap<Long, Long> known = new TreeMap<>();

    /** A node said by then that it leads in that term. */
    synchronized void led(long byNanos, long term) {
        Map.Entry<Long, Long> before = led.floorEntry(byNanos);
        if (before == null || before.getValue() < term) {
            led.put(byNanos, term);
        }
    }

    /** All nodes, asked no sooner than that, know of no higher term. */
    synchronized void known(long fromNanos, long term) {
        known.put(fromNanos, term);
    }

    /** The lowest term in which somebody can have led from then on, and have been obeyed. */
    synchronized long first(long nanos) {
        Map.Entry<Long, Long> before = led.floorEntry(nanos);
        return before == null ? 0 : before.getValue();
    }

    /** The highest term in which somebody can have led until then; nothing if that was not found out. */
    synchronized OptionalLong last(long nanos) {
        Map.Entry<Long, Long> after = known.ceilingEntry(nanos);
        return after == null ? OptionalLong.empty() : OptionalLong.of(after.getValue());
    }
}
