package io.whatnot.core.model;

/** Somebody asks for what this version of the software doesn't know: it is a newer one's. */
public final class UnsupportedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Made where it is found; the message says what it is. */
    public UnsupportedException(String message) {
        super(message);
    }
}
