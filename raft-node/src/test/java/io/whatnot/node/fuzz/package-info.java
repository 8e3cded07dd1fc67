/** Fuzzing of what a node reads: what other nodes send it, its files, its settings; and of the SDK's endpoints. */
@NullMarked
package io.whatnot.node.fuzz;

import org.jspecify.annotations.NullMarked;
