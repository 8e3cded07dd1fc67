package io.whatnot.core.model;

/** How far down a lock reaches. */
public enum Scope {
    /** The element alone. */
    ELEMENT,
    /** The element and everything below it, existing or not yet. */
    PREFIX
}
