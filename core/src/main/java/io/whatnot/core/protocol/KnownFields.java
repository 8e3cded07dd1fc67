package io.whatnot.core.protocol;

import com.google.protobuf.Message;
import io.whatnot.core.model.UnsupportedException;

/**
 * The guard before what the log carries: a field that this version doesn't know is never ignored there. A newer one would
 * carry it out, and the replicas would differ.
 */
final class KnownFields {
    private KnownFields() {}

    /** The message, if it has no field of its own, leaving aside those of messages within it, that isn't known here. */
    static <M extends Message> M require(M message, String what) {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw new UnsupportedException(what + " has a field that this version doesn't know, number "
                    + message.getUnknownFields().asMap().keySet().iterator().next());
        }
        return message;
    }
}
