/** How a node listens: with a bound on how many may be connected at once. */
@NullMarked
package io.whatnot.node.net;

import org.jspecify.annotations.NullMarked;
