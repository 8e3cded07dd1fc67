package io.whatnot.core.state.map;

/**
 * The right to edit in place what was made under it. Whoever publishes what he made closes the edit first; from then on
 * every change copies.
 */
public final class Edit {
    private boolean closed;

    /** Ends the right. */
    public void close() {
        closed = true;
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this edit is closed: what was made under it is published");
        }
    }
}
