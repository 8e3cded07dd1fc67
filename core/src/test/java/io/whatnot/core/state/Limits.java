package io.whatnot.core.state;

/** The settings with one limit lowered to where a test can reach it. */
public enum Limits {
    NAMESPACES,
    ELEMENTS,
    VALUE_BYTES,
    SESSIONS,
    OWNED,
    WAITERS,
    ANSWERS,
    ANSWER_BYTES,
    EVENTS,
    EVENT_BYTES,
    STATE_BYTES;

    /** A limit of so many or so much; all others as usual. */
    public Settings max(int max) {
        Settings usual = Settings.DEFAULT;
        return new Settings(
                this == NAMESPACES ? max : usual.namespacesMax(),
                this == ELEMENTS ? max : usual.elementsMax(),
                this == VALUE_BYTES ? max : usual.valueBytesMax(),
                this == SESSIONS ? max : usual.sessionsMax(),
                this == OWNED ? max : usual.ownedMax(),
                this == WAITERS ? max : usual.waitersMax(),
                this == ANSWERS ? max : usual.answersMax(),
                this == ANSWER_BYTES ? max : usual.answerBytesMax(),
                this == EVENTS ? max : usual.eventsMax(),
                this == EVENT_BYTES ? max : usual.eventBytesMax(),
                this == STATE_BYTES ? max : usual.stateBytesMax(),
                true);
    }

    /** No namespace comes to be by its first use; all limits as usual. */
    public static Settings namespacesByCommandAlone() {
        Settings usual = Settings.DEFAULT;
        return new Settings(
                usual.namespacesMax(),
                usual.elementsMax(),
                usual.valueBytesMax(),
                usual.sessionsMax(),
                usual.ownedMax(),
                usual.waitersMax(),
                usual.answersMax(),
                usual.answerBytesMax(),
                usual.eventsMax(),
                usual.eventBytesMax(),
                usual.stateBytesMax(),
                false);
    }
}
