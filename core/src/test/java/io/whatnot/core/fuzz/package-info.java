/**
 * Fuzzing: whatever bytes come from outside, a decoder makes something of them or refuses them in the way it says, within
 * time and memory that go by their number. Modules name their targets; see {@link io.whatnot.core.fuzz.FuzzTargets}.
 */
@NullMarked
package io.whatnot.core.fuzz;

import org.jspecify.annotations.NullMarked;
