package io.whatnot.client;

/** Why a lease was lost. */
public enum LossReason {
    /** It could not be proven any more that it is held: no answer came in time to know otherwise. */
    UNPROVEN,
    /** Its ttl ran out. */
    EXPIRED,
    /** Its session ended: the client was not heard of for too long, or an operator ended it. */
    SESSION_ENDED,
    /** An operator ended it. */
    REVOKED,
    /** The cluster lost its memory, and what was held could not be reclaimed. */
    MEMORY_LOST
}
