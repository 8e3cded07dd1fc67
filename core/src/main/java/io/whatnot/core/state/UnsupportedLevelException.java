package io.whatnot.core.state;

/**
 * This replica's software is too old for what it is to apply or restore. It is no bug and nothing is rolled back: the node
 * must stop, and say so, rather than become another than the replicas that know what to do.
 */
public final class UnsupportedLevelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** It needs what the message says. */
    public UnsupportedLevelException(String message) {
        super(message);
    }

    /** It can't go on at that level. */
    static UnsupportedLevelException of(String what, int level, int levelMax) {
        return new UnsupportedLevelException(what + " feature level " + level
                + ", and the software of this node supports levels up to " + levelMax
                + ": start the node with a version that supports level " + level);
    }
}
