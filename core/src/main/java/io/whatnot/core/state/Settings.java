package io.whatnot.core.state;

/**
 * The limits of the state. They are part of it, the same on all nodes: a limit that came from a node's configuration or
 * from the build would let nodes answer differently.
 *
 * @param namespacesMax namespaces
 * @param elementsMax registered elements in a namespace
 * @param valueBytesMax bytes of a value
 * @param sessionsMax sessions
 * @param ownedMax targets of leases and waiting requests, and ephemeral elements, of a session; also ends it has not
 *     acknowledged
 * @param waitersMax requests that wait at a path
 * @param answersMax answers kept for a session
 * @param answerBytesMax about how many bytes they take
 * @param eventsMax events of one command
 * @param eventBytesMax bytes of them
 * @param namespacesByUse whether a namespace is made by its first use
 */
public record Settings(
        int namespacesMax,
        int elementsMax,
        int valueBytesMax,
        int sessionsMax,
        int ownedMax,
        int waitersMax,
        int answersMax,
        long answerBytesMax,
        int eventsMax,
        long eventBytesMax,
        boolean namespacesByUse) {
    /** What a cluster is founded with. */
    public static final Settings DEFAULT =
            new Settings(1_000, 1_000_000, 64 << 10, 100_000, 10_000, 10_000, 10_000, 4L << 20, 10_000, 8L << 20, true);
}
