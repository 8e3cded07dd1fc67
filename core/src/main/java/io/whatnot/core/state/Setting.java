package io.whatnot.core.state;

import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The settings by name, with what each may be set to. The bounds are the build's; they only guard the commands that
 * change settings, which are refused alike on all nodes of a feature level.
 */
public enum Setting {
    NAMESPACES_MAX("namespacesMax", 1, 100_000, Settings::namespacesMax),
    ELEMENTS_MAX("elementsMax", 1, 100_000_000, Settings::elementsMax),
    VALUE_BYTES_MAX("valueBytesMax", 1, 1 << 20, Settings::valueBytesMax),
    STATE_BYTES_MAX("stateBytesMax", 1 << 20, 1L << 40, Settings::stateBytesMax),
    SESSIONS_MAX("sessionsMax", 1, 10_000_000, Settings::sessionsMax),
    OWNED_MAX("ownedMax", 1, 10_000, Settings::ownedMax),
    WAITERS_MAX("waitersMax", 1, 100_000, Settings::waitersMax),
    ANSWERS_MAX("answersMax", 1, 100_000, Settings::answersMax),
    ANSWER_BYTES_MAX("answerBytesMax", 1 << 10, 64L << 20, Settings::answerBytesMax),
    EVENTS_MAX("eventsMax", 1, 10_000, Settings::eventsMax),
    EVENT_BYTES_MAX("eventBytesMax", 1 << 10, 8L << 20, Settings::eventBytesMax),
    NAMESPACES_BY_USE("namespacesByUse", 0, 1, settings -> settings.namespacesByUse() ? 1 : 0);

    private final String text;
    private final long min;
    private final long max;
    private final ToLongFunction<Settings> value;

    Setting(String text, long min, long max, ToLongFunction<Settings> value) {
        this.text = text;
        this.min = min;
        this.max = max;
        this.value = value;
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
        return value.applyAsLong(settings);
    }
}
