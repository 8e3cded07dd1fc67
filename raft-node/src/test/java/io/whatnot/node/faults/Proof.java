package io.whatnot.node.faults;

import io.whatnot.client.LeaseContext;

/** Writes down that something granted was held: at the first such line, at the last, and so at any time between them. */
final class Proof {
    private Proof() {}

    /** If it can be proven to be held, it was when this was called; tells whether it can. */
    static boolean note(History history, LeaseContext lease, long id) {
        long now = System.nanoTime();
        boolean held = lease.isHeld();
        if (held) {
            history.note(now, 'k', id, "");
        }
        return held;
    }
}
