package io.whatnot.core.model;

/**
 * Who did something.
 *
 * @param name what the client calls itself; not proven by anything
 * @param session the session it did it in; 0 for the cluster itself
 */
public record Actor(String name, long session) {
    /** The cluster itself. */
    public static final Actor CLUSTER = new Actor("", 0);

    /** {@code name (session)}. */
    @Override
    public String toString() {
        return session == 0 ? "the cluster" : (name.isEmpty() ? "session" : name) + " (" + session + ")";
    }
}
