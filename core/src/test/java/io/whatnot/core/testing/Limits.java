package io.whatnot.core.testing;

/**
 * The limits that the reference model keeps, named as the settings of the state are.
 *
 * @param namespacesMax namespaces
 * @param elementsMax registered elements in a namespace
 * @param valueBytesMax bytes of a value
 * @param sessionsMax sessions
 * @param ownedMax what a session owns, and ends it has not acknowledged
 * @param waitersMax requests that wait at a path
 * @param answersMax answers kept for a session
 * @param eventsMax events of one command
 * @param eventBytesMax bytes of them
 * @param namespacesByUse whether a namespace is made by its first use
 */
public record Limits(
        int namespacesMax,
        int elementsMax,
        int valueBytesMax,
        int sessionsMax,
        int ownedMax,
        int waitersMax,
        int answersMax,
        int eventsMax,
        long eventBytesMax,
        boolean namespacesByUse) {}
