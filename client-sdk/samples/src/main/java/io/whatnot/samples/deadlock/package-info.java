/** Two processes that want the same two locks, each the other's first: what the cluster makes of that. */
@NullMarked
package io.whatnot.samples.deadlock;

import org.jspecify.annotations.NullMarked;
