package io.whatnot.core.state;

import java.util.Map;

/**
 * The limits of the state. They are part of it, the same on all nodes: a limit that came from a node's configuration or
 * from the build would let nodes answer differently.
 *
 * @param namespacesMax namespaces
 * @param elementsMax registered elements in a namespace
 * @param valueBytesMax bytes of a value
 * @param sessionsMax sessions
 * @param ownedMax targets of leases and waiting requests, and ephemeral elements, of a session; also ends it has not
 *     acknowledged
 * @param waitersMax requests that wait at a path
 * @param answersMax answers kept for a session
 * @param answerBytesMax about how many bytes they take
 * @param eventsMax events of one command
 * @param eventBytesMax bytes of them
 * @param stateBytesMax about how many bytes all of the state may take before nothing is added any more
 * @param namespacesByUse whether a namespace is made by its first use
 * @param rates how fast leases may be asked for
 */
public record Settings(
        int namespacesMax,
        int elementsMax,
        int valueBytesMax,
        int sessionsMax,
        int ownedMax,
        int waitersMax,
        int answersMax,
        long answerBytesMax,
        int eventsMax,
        long eventBytesMax,
        long stateBytesMax,
        boolean namespacesByUse,
        Rates rates) {
    /** What a cluster is founded with. */
    public static final Settings DEFAULT = new Settings(
            1_000, 1_000_000, 64 << 10, 100_000, 10_000, 10_000, 10_000, 4L << 20, 10_000, 8L << 20, 1L << 30, true);

    /** Without limits of rates. */
    public Settings(
            int namespacesMax,
            int elementsMax,
            int valueBytesMax,
            int sessionsMax,
            int ownedMax,
            int waitersMax,
            int answersMax,
            long answerBytesMax,
            int eventsMax,
            long eventBytesMax,
            long stateBytesMax,
            boolean namespacesByUse) {
        this(
                namespacesMax,
                elementsMax,
                valueBytesMax,
                sessionsMax,
                ownedMax,
                waitersMax,
                answersMax,
                answerBytesMax,
                eventsMax,
                eventBytesMax,
                stateBytesMax,
                namespacesByUse,
                Rates.NONE);
    }

    /** The same with some settings changed, each within its bounds. */
    Settings with(Map<Setting, Long> values) {
        return new Settings(
                (int) value(Setting.NAMESPACES_MAX, values),
                (int) value(Setting.ELEMENTS_MAX, values),
                (int) value(Setting.VALUE_BYTES_MAX, values),
                (int) value(Setting.SESSIONS_MAX, values),
                (int) value(Setting.OWNED_MAX, values),
                (int) value(Setting.WAITERS_MAX, values),
                (int) value(Setting.ANSWERS_MAX, values),
                value(Setting.ANSWER_BYTES_MAX, values),
                (int) value(Setting.EVENTS_MAX, values),
                value(Setting.EVENT_BYTES_MAX, values),
                value(Setting.STATE_BYTES_MAX, values),
                value(Setting.NAMESPACES_BY_USE, values) != 0,
                new Rates(
                        (int) value(Setting.IDENTITY_RATE, values),
                        (int) value(Setting.IDENTITY_BURST, values),
                        (int) value(Setting.SESSION_RATE, values),
                        (int) value(Setting.SESSION_BURST, values),
                        (int) value(Setting.PATH_RATE, values),
                        (int) value(Setting.PATH_BURST, values),
                        (int) value(Setting.SESSION_IN_FLIGHT_MAX, values)));
    }

    private long value(Setting setting, Map<Setting, Long> values) {
        return values.getOrDefault(setting, setting.in(this));
    }
}
