/**
 * Clusters of real processes under faults: a network that can be cut, a schedule of faults drawn from a seed, clients in
 * processes of their own that write down what they do, and checkers that judge it afterwards. {@link
 * io.whatnot.node.faults.FaultsMain} is the program; docs/testing.md tells how to run it.
 */
@NullMarked
package io.whatnot.node.faults;

import org.jspecify.annotations.NullMarked;
