package io.whatnot.client.internal;

import io.whatnot.core.model.Request;

/** The owners that calls are for when nobody says. */
final class Owners {
    /** An owner of its own. */
    static final String FRESH = "";

    private Owners() {}

    /** The same, if it may be one. */
    static String checked(String owner) {
        if (owner.length() > Request.OWNER_MAX) {
            throw new IllegalArgumentException(
                    "owner has " + owner.length() + " characters, but may have at most " + Request.OWNER_MAX);
        }
        if (owner.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("owner has a control character; leave it out");
        }
        return owner;
    }

    /** The calling thread. A thread's id is not used again in the life of the process. */
    @SuppressWarnings("deprecation") // threadId() is not in Java 17
    static String ofThread() {
        return "thread-" + Thread.currentThread().getId();
    }
}
