/**
 * What surrounds the state machine on a node, whatever the log: requests come in by {@link
 * io.whatnot.core.engine.ControlHub} and are checked by {@link io.whatnot.core.engine.RequestHandler}, the leader's {@link io.whatnot.core.engine.Proposer} packs them into entries
 * of the {@link io.whatnot.core.engine.ReplicatedLog}, every node applies them, and what they bring about goes back to
 * those who asked and, by {@link io.whatnot.core.engine.WatchHub}, to those who watch. {@link
 * io.whatnot.core.engine.Engine} puts the parts together.
 *
 * <p>The parts know no transport, no consensus and no clock but those they are given, so a simulation can run them on
 * one thread.
 */
@NullMarked
package io.whatnot.core.engine;

import org.jspecify.annotations.NullMarked;
