package io.whatnot.core.wire;

/**
 * Why a stream ended.
 *
 * @param kind what sort of end
 * @param message the same for people
 */
public record StreamFailure(Kind kind, String message) {
    /** The sorts of end, by what the other end should make of it. */
    public enum Kind {
        /** It was closed in good order. */
        CLOSED,
        /** The other end can't be reached, or went away. Another node may do. */
        UNREACHABLE,
        /** The other end refuses to talk to this one; trying again is of no use. */
        REFUSED,
        /** The other end sent what is not of this protocol, or more than it may. */
        PROTOCOL,
        /** The other end did not read what was sent to it. */
        TOO_SLOW
    }

    /** The end of a stream that was closed in good order. */
    public static final StreamFailure CLOSED = new StreamFailure(Kind.CLOSED, "closed");
}
