package io.whatnot.core.model;

/**
 * A registered element, as a read or a watch's initial state shows it.
 *
 * @param path where
 * @param value what it holds; {@link Value#NONE} if it was only registered, or if the listing left values out
 * @param version 1 when it was registered, one more with every put since
 * @param createRevision when it was registered
 * @param modRevision when it last changed
 * @param actor who changed it last
 * @param ttlMillis after so long without a put it is deleted; 0 for never
 * @param ephemeralSession the session whose end deletes it; 0 for none
 */
public record ElementView(
        AbsolutePath path,
        Value value,
        long version,
        Revision createRevision,
        Revision modRevision,
        Actor actor,
        long ttlMillis,
        long ephemeralSession) {}
