package io.whatnot.core.model;

/** Why something changed. */
public enum Cause {
    /** Somebody asked for it. */
    REQUEST,
    /** A deadline passed. */
    EXPIRED,
    /** The session it belonged to ended, by close or expiry. */
    SESSION_ENDED,
    /** An operator ended it. */
    ADMIN
}
