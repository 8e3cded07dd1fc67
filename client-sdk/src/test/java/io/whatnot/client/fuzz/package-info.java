/** Fuzzing of what the SDK reads: what nodes answer it, and what an import is given. */
@NullMarked
package io.whatnot.client.fuzz;

import org.jspecify.annotations.NullMarked;
