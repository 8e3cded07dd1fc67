/**
 * What tests of every module share: random work ({@link io.whatnot.core.testing.Workload}), the specification as naive
 * code ({@link io.whatnot.core.testing.ReferenceModel}), checks of a whole state ({@link
 * io.whatnot.core.testing.Invariants}), and a way to run all that for many seeds and to come back to one of them ({@link
 * io.whatnot.core.testing.Seeds}).
 *
 * <p>Nothing here is fast or clever; what is not obvious here can't be trusted to judge the real thing.
 */
@NullMarked
package io.whatnot.core.testing;

import org.jspecify.annotations.NullMarked;
