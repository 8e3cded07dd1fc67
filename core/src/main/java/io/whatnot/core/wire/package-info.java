/**
 * How frames get from a client to a node and back, whatever carries them: gRPC between processes, a plain call within
 * one. Both ends see the same two things: a {@link io.whatnot.core.wire.FrameStream} to send into and a {@link
 * io.whatnot.core.wire.FrameListener} that is told what arrives.
 */
@NullMarked
package io.whatnot.core.wire;

import org.jspecify.annotations.NullMarked;
