package io.whatnot.core.model;

/** Whom a lock keeps out. */
public enum Mode {
    /** Every other owner. */
    EXCLUSIVE,
    /** Owners that ask for {@link #EXCLUSIVE}. */
    SHARED;

    /** Whether two owners can't hold these two modes where their targets meet: at least one is EXCLUSIVE. */
    public boolean conflictsWith(Mode other) {
        return this == EXCLUSIVE || other == EXCLUSIVE;
    }

    /** Whether holding this mode gives everything that {@code other} gives. */
    public boolean covers(Mode other) {
        return this == EXCLUSIVE || other == SHARED;
    }
}
