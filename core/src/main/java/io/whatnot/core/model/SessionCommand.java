package io.whatnot.core.model;

import java.util.List;

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

    /**
     * In a new epoch: says what the session's client holds, by its own bound, so that it goes on holding it although the
     * cluster may have forgotten. A session that was forgotten is made anew, under its id; so is a lease, with its token.
     * What the cluster remembers of the session beyond that is ended: the client is done with it. Nothing else may be done
     * in a session until this was. Harmless when done twice. Answered {@link Result.Reclaimed}; once the recovery is over
     * nothing is made anew, and the answer tells what is there.
     *
     * @param secret of the session
     * @param session its id
     * @param epoch the epoch in which it is reclaimed; in another nothing is done
     * @param ttlMillis how long the session outlives its last heartbeat
     * @param name what the client calls itself
     * @param mark the lowest sequence that the client waits for an answer to
     * @param held the leases it holds, by sequence
     * @param outstanding requests for leases that it waits for, or has cancelled without an answer
     * @param more whether more of what it holds follows in another command
     */
    record Reclaim(
            Secret secret,
            long session,
            long epoch,
            long ttlMillis,
            String name,
            long mark,
            List<Held> held,
            List<Long> outstanding,
            boolean more)
            implements SessionCommand {
        /** The most leases, and the most requests, of one command. */
        public static final int HELD_MAX = 10_000;

        public Reclaim {
            Rules.between("session", session, 1, Long.MAX_VALUE);
            Rules.between("epoch", epoch, 1, Revision.EPOCH_MAX);
            Rules.between("session ttl in milliseconds", ttlMillis, TTL_MILLIS_MIN, TTL_MILLIS_MAX);
            Rules.text("client name", name, NAME_MAX);
            Rules.notNegative("mark", mark);
            held = List.copyOf(held);
            outstanding = List.copyOf(outstanding);
            Rules.between("number of leases held", held.size(), 0, HELD_MAX);
            Rules.between("number of outstanding requests", outstanding.size(), 0, HELD_MAX);
        }
    }

    /**
     * A lease that a client holds: all that it was asked for with, and the token it was granted with.
     *
     * @param sequence the request that asked for it
     * @param owner who it is for; empty for an owner of its own
     * @param lease what it was asked for with; a claim with the pool it was granted by
     * @param token its fencing token
     */
    record Held(long sequence, String owner, LeaseCommand.Acquire lease, Token token) {
        public Held {
            Rules.between("lease", sequence, 1, Long.MAX_VALUE);
            Rules.text("owner", owner, Request.OWNER_MAX);
            Rules.between("token", token.value(), 1, Long.MAX_VALUE);
            if (lease.waitMillis() != 0) {
                throw new IllegalArgumentException("a lease that is held does not wait");
            }
            if (lease.isClaim() && lease.targets().get(0).pool() == null) {
                throw new IllegalArgumentException(
                        "the claim of " + lease.targets() + " does not say of which pool it is held");
            }
        }
    }

    /** Moves the session's deadline to its ttl from now. */
    record Heartbeat() implements SessionCommand {}

    /** Ends the session; its leases, waiting requests and ephemeral elements go with it, in one revision. */
    record Close() implements SessionCommand {}
}
