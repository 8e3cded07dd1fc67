package io.whatnot.core.testing;

import java.util.SplittableRandom;

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
        boolean namespacesByUse) {
    /** Those that a cluster is founded with. */
    public static final Limits USUAL =
            new Limits(1_000, 1_000_000, 64 << 10, 100_000, 10_000, 10_000, 10_000, 10_000, 8 << 20, true);

    /** The usual limits, or some of them so low that they are met all the time. */
    static Limits draw(SplittableRandom random) {
        boolean low = random.nextInt(3) != 0;
        return new Limits(
                draw(random, low, 3, 1_000),
                draw(random, low, 25, 1_000_000),
                draw(random, low, 12, 64 << 10),
                draw(random, low, 4, 100_000),
                draw(random, low, 15, 10_000),
                draw(random, low, 4, 10_000),
                draw(random, low, 20, 10_000),
                draw(random, low, 8, 10_000),
                draw(random, low, 1_500, 8 << 20),
                random.nextInt(8) != 0);
    }

    private static int draw(SplittableRandom random, boolean low, int lowMax, int usual) {
        return low && random.nextInt(3) == 0 ? 1 + random.nextInt(lowMax) : usual;
    }
}
