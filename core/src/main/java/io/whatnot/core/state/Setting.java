package io.whatnot.core.state;

import io.whatnot.core.model.FeatureLevel;
import java.util.Arrays;
import java.util.List;
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
    NAMESPACES_BY_USE("namespacesByUse", 0, 1),
    IDENTITY_RATE("identityRate", 0, 1_000_000),
    IDENTITY_BURST("identityBurst", 0, 1_000_000),
    SESSION_RATE("sessionRate", 0, 1_000_000),
    SESSION_BURST("sessionBurst", 0, 1_000_000),
    PATH_RATE("pathRate", 0, 1_000_000),
    PATH_BURST("pathBurst", 0, 1_000_000),
    SESSION_IN_FLIGHT_MAX("sessionInFlightMax", 0, 1_000_000);

    private final String text;
    private final long min;
    private final long max;

    Setting(String text, long min, long max) {
        this.text = text;
        this.min = min;
        this.max = max;
    }

    /** The setting of that name, or null if there is none at that feature level. */
    static @Nullable Setting of(String text, int level) {
        return at(level).stream()
                .filter(setting -> setting.text.equals(text))
                .findFirst()
                .orElse(null);
    }

    /** Those that there are at that feature level. */
    static List<Setting> at(int level) {
        return Arrays.stream(values())
                .filter(setting -> level >= FeatureLevel.RATE_LIMITS || !setting.isOfRates())
                .toList();
    }

    private boolean isOfRates() {
        return FeatureLevel.RATE_SETTINGS.contains(text);
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
            case IDENTITY_RATE -> settings.rates().identityRate();
            case IDENTITY_BURST -> settings.rates().identityBurst();
            case SESSION_RATE -> settings.rates().sessionRate();
            case SESSION_BURST -> settings.rates().sessionBurst();
            case PATH_RATE -> settings.rates().pathRate();
            case PATH_BURST -> settings.rates().pathBurst();
            case SESSION_IN_FLIGHT_MAX -> settings.rates().sessionInFlightMax();
        };
    }
}
