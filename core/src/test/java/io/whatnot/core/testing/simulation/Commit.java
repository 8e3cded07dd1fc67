package io.whatnot.core.testing.simulation;

import io.whatnot.core.model.Entry;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.State;

/**
 * An entry that was committed, and what must come of it on every node.
 *
 * @param index its place in the log
 * @param appendedNanos the true time at which some leader appended it
 * @param entry what it says
 * @param applied what it brings about
 * @param before the state before it
 * @param after the state after it
 */
public record Commit(long index, long appendedNanos, Entry entry, Applied applied, State before, State after) {
    /** Looks at every commit, in order, at the moment it is one. */
    public interface Checker {
        /** An entry was committed. */
        void committed(Commit commit);
    }
}
