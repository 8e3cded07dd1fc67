package io.whatnot.core.state.lock;

import io.whatnot.core.model.Request;

/**
 * Who holds or waits: owners decide conflict, re-entrance and deadlock.
 *
 * @param session the session
 * @param label the owner's label in it; empty for an owner of its own
 * @param sequence of an owner of its own, the request it was made for; else 0
 */
public record Owner(long session, String label, long sequence) implements Comparable<Owner> {
    /** The owner that a request is for. */
    public static Owner of(Request request) {
        return request.owner().isEmpty()
                ? new Owner(request.session(), "", request.sequence())
                : new Owner(request.session(), request.owner(), 0);
    }

    @Override
    public int compareTo(Owner other) {
        int order = Long.compare(session, other.session);
        order = order != 0 ? order : label.compareTo(other.label);
        return order != 0 ? order : Long.compare(sequence, other.sequence);
    }
}
