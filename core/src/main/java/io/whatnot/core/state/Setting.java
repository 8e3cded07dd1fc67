package io.whatnot.core.state;

import org.jspecify.annotations.Nullable;

/**
 * The settings by name, with what each may be set to. The bounds are the build's; they only guard the commands that
 * change settings, which are refused alike on all nodes: to move one takes a feature level.
 */
public enum Setting {
    NAMESPACES_MAX("namespacesMax", 1, 100_000),
    ELEMENTS_MAX("elementsMax", 1, 100_000_000),
    VALUE_BYTES_MAX("valueBytesMax", 1, 1 << 20),
    STATE_BYTES_MAX("stateBytesMax", 1 << 20, 1L << 40),
    SESSIONS_MAX("sessionsMax", 1, 10_000_000),
    OWNED_MAX("ownedMax", 1, 10_000),
    WAITERS_MAX("waitersMax", 1, 100_000),
    ANSWERS_MAX("answersMax", 1, 100_000),
    ANSWER_BYTES_MAX("answerBytesMax", 1 << 10, 64L << 20),
    EVENTS_MAX("eventsMax", 1, 10_000),
    EVENT_BYTES_MAX("eventBytesMax", 1 << 10, 8L << 20),
    NAMESPACES_BY_USE("namespacesByUse", 0, 1);

    private final String text;
    private final long min;
    private final long max;

    Setting(String text, long min, long max) {
        this.text = text;
        this.min = min;
        this.max = max;
    }

    /** The setting of that name, or null. */
    static @Nullable Setting of(String text) {
        for (Setting setting : values()) {
            if (setting.text.equals(text)) {
                return setting;
            }
        }
        return null;
    }

    /** Its name for users. */
    public String text() {
        return text;
    }

    /** The least it may be set to. */
    public long min() {
        return min;
    }

    /** The most it may be set to. */
    public long max() {
        return max;
    }

    /** What it is. */
    public long in(Settings settings) {
        return switch (this) {
            case NAMESPACES_MAX -> settings.namespacesMax();
            case ELEMENTS_MAX -> settings.elementsMax();
            case VALUE_BYTES_MAX -> settings.valueBytesMax();
            case STATE_BYTES_MAX -> settings.stateBytesMax();
            case SESSIONS_MAX -> settings.sessionsMax();
            case OWNED_MAX -> settings.ownedMax();
            case WAITERS_MAX -> settings.waitersMax();
            case ANSWERS_MAX -> settings.answersMax();
            case ANSWER_BYTES_MAX -> settings.answerBytesMax();
            case EVENTS_MAX -> settings.eventsMax();
            case EVENT_BYTES_MAX -> settings.eventBytesMax();
            case NAMESPACES_BY_USE -> settings.namespacesByUse() ? 1 : 0;
        };
    }
}
