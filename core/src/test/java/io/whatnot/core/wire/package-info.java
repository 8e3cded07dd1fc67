/** Frames on their way. What gRPC does with them is tested where there is a transport: with the node. */
@NullMarked
package io.whatnot.core.wire;

import org.jspecify.annotations.NullMarked;
