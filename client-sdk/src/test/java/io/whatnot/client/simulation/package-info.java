/**
 * Real clients of a simulated cluster of real engines: see {@link io.whatnot.core.testing.simulation}. A seed draws what
 * clients do and what befalls them, the nodes and the wires; {@link io.whatnot.client.simulation.Simulator} runs it.
 */
@NullMarked
package io.whatnot.client.simulation;

import org.jspecify.annotations.NullMarked;
