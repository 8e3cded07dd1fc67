package io.whatnot.core.model;

/** Commands about the session that they are sent in. */
public sealed interface SessionCommand extends Command {
    /** The shortest ttl of a session, in milliseconds. */
    long TTL_MILLIS_MIN = 1_000;
    /** The longest ttl of a session, in milliseconds. */
    long TTL_MILLIS_MAX = 3_600_000;
    /** The longest name a client may give itself, in characters. */
    int NAME_MAX = 128;

    /**
     * Opens a session, or answers with the one that was opened with the same secret. The only command that needs none.
     *
     * @param secret random, of the client's making
     * @param ttlMillis how long the session outlives its last heartbeat
     * @param name what the client calls itself; shown to others
     */
    record Open(Secret secret, long ttlMillis, String name) implements SessionCommand {
        public Open {
            Rules.between("session ttl in milliseconds", ttlMillis, TTL_MILLIS_MIN, TTL_MILLIS_MAX);
            Rules.text("client name", name, NAME_MAX);
        }
    }

    /** Moves the session's deadline to its ttl from now. */
    record Heartbeat() implements SessionCommand {}

    /** Ends the session; its leases, waiting requests and ephemeral elements go with it, in one revision. */
    record Close() implements SessionCommand {}
}
