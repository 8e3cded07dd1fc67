package io.whatnot.core.testing;

import io.whatnot.core.model.Request;

/** An owner of the reference model: a label in a session, or without a label the one request it was made for. */
record ReferenceOwner(long session, String label, long sequence) {
    static ReferenceOwner of(Request request) {
        return new ReferenceOwner(
                request.session(), request.owner(), request.owner().isEmpty() ? request.sequence() : 0);
    }
}
