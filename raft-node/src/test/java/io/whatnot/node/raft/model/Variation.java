package io.whatnot.node.raft.model;

/** What could be done otherwise without a promise being broken, or is asked whether it could. */
enum Variation {
    /**
     * An amnesiac candidate leads with a quorum of unconditional grants of others, and remains an amnesiac; JRaft's client can't
     * tell, and holds all of them back.
     */
    AMNESIAC_MAY_WIN_BY_QUORUM,
    /** Every leader's first entry is JRaft's own, and a leader by all voters appends its epoch only then. */
    LEADERS_OWN_ENTRY_FIRST,
    /** And a leader by all voters is free of amnesia when it appends its epoch, not when it is elected. */
    FREE_OF_AMNESIA_BY_THE_EPOCH,
    /** Amnesiacs take entries, but don't acknowledge them. */
    AMNESIACS_ACKNOWLEDGE_NOTHING,
    /** The longest ttl is written by every voter that acknowledges a configuration, not only by the leader that grants it. */
    TTL_GOES_WITH_THE_CONFIGURATION,
    /** The configuration before the last is kept on disk, and where conditional grants count, all voters of both must have granted. */
    PREVIOUS_CONFIGURATION_COUNTS,
    /** Who is told of a newer configuration than its own, by a candidate or by who grants conditionally, writes it down. */
    NEWER_CONFIGURATION_IS_ADOPTED
}
