package io.whatnot.node.faults;

import java.util.Random;

/** A workload: what one thread of a client does again and again. */
interface Load {
    /** Does it once, and writes it down. */
    void step(Random random) throws Exception;

    /** Nothing more will be done. */
    default void close() {}
}
