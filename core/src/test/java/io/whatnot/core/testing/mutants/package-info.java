/**
 * Bugs that are planted one at a time, to show that the tests would find them; see {@code scripts/mutants}. A planted bug
 * is a text in {@code resources/mutants}; the sources of the product are never touched.
 */
@NullMarked
package io.whatnot.core.testing.mutants;

import org.jspecify.annotations.NullMarked;
