/**
 * A cluster on one thread: the real engines, and whatever clients a test has, over a log, wires and clocks that are
 * simulated. There is one queue of (time, id); all chance comes from one seed; so a seed does the same again, to the
 * byte, in any JVM.
 *
 * <p>Nothing of Raft is simulated: {@link io.whatnot.core.testing.simulation.SimulatedLog} keeps Raft's promises, and
 * does everything to its nodes that Raft may do. Checkers collect what they find in {@link
 * io.whatnot.core.testing.simulation.Violations}, each under the name of the guarantee that is broken.
 */
@NullMarked
package io.whatnot.core.testing.simulation;

import org.jspecify.annotations.NullMarked;
