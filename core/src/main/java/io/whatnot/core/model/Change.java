package io.whatnot.core.model;

/** What an event reports. */
public enum Change {
    /** The element was registered. */
    ADDED,
    /** A registered element got a value. */
    EDITED,
    /** The element is registered no more. */
    DELETED,
    /** The element was removed by a policy because it was idle. */
    PRUNED,
    /** A lease was granted; the event bears its token. */
    LOCKED,
    /** A lease ended. */
    UNLOCKED,
    /** Slots of a semaphore pool were claimed. */
    CLAIMED,
    /** A claim ended. */
    RELEASED
}
