/** The ways to a node: gRPC over Netty, or a call within the process. */
@NullMarked
package io.whatnot.client.internal.wire;

import org.jspecify.annotations.NullMarked;
