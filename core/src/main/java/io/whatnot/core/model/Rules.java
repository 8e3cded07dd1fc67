package io.whatnot.core.model;

/** Checks that several commands share; each throws an IllegalArgumentException that names value, rule and way out. */
final class Rules {
    private static final int NAMESPACE_CHARS_MAX = 64;

    private Rules() {}

    static String namespace(String name) {
        if (!isNamespace(name)) {
            throw new IllegalArgumentException("namespace \"" + cut(name, 100)
                    + "\": a name is 1 to 64 of a-z 0-9 . _ - and starts with a letter or digit");
        }
        return name;
    }

    private static boolean isNamespace(String name) {
        if (name.isEmpty() || name.length() > NAMESPACE_CHARS_MAX || !isLetterOrDigit(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isLetterOrDigit(c) && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    static long between(String what, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(what + " is " + value + ", but must be from " + min + " to " + max);
        }
        return value;
    }

    static long notNegative(String what, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " is " + value + ", but must not be negative");
        }
        return value;
    }

    /** What is taken back leaves a note until the mark has passed it: one on a request to come would stay for ever. */
    static void askedBefore(String verb, long earlier, long sequence) {
        if (earlier >= sequence) {
            throw new IllegalArgumentException(
                    "request " + sequence + " can't " + verb + " " + earlier + ": only what was asked for before");
        }
    }

    /** A name or note that a person gives: bounded, and without control characters, for it ends up in logs. */
    static String text(String what, String value, int charsMax) {
        if (value.length() > charsMax) {
            throw new IllegalArgumentException(
                    what + " has " + value.length() + " characters, but may have at most " + charsMax);
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(what + " has a control character; leave it out");
        }
        return value;
    }

    private static String cut(String value, int charsMax) {
        return value.length() > charsMax ? value.substring(0, charsMax) + "…" : value;
    }
}
