/**
 * The encoding of the model: protobuf messages of package {@code whatnot.v1}, described for other languages in
 * docs/protocol.md. There is one encoding from SDK to log: nodes put a client's request into the log as the bytes it
 * came in, and decode it where they apply it.
 *
 * <p>The generated classes are in {@code v1}, as nested classes of {@code V1}; outside this package only transports
 * touch them. Decoding checks everything the model's constructors check, so what has been decoded is well-formed.
 */
@NullMarked
package io.whatnot.core.protocol;

import org.jspecify.annotations.NullMarked;
