package io.whatnot.client.internal;

/** The owners that calls are for when nobody says. */
final class Owners {
    /** An owner of its own. */
    static final String FRESH = "";

    private Owners() {}

    /** The calling thread. A thread's id is not used again in the life of the process. */
    @SuppressWarnings("deprecation") // threadId() is not in Java 17
    static String ofThread() {
        return "thread-" + Thread.currentThread().getId();
    }
}
