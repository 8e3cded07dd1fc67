package io.whatnot.core.testing;

import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** What the settings may be set to, by name: the least and the most. */
    static final Map<String, List<Long>> RANGES = Map.ofEntries(
            Map.entry("namespacesMax", List.of(1L, 100_000L)),
            Map.entry("elementsMax", List.of(1L, 100_000_000L)),
            Map.entry("valueBytesMax", List.of(1L, 1L << 20)),
            Map.entry("stateBytesMax", List.of(1L << 20, 1L << 40)),
            Map.entry("sessionsMax", List.of(1L, 10_000_000L)),
            Map.entry("ownedMax", List.of(1L, 10_000L)),
            Map.entry("waitersMax", List.of(1L, 100_000L)),
            Map.entry("answersMax", List.of(1L, 100_000L)),
            Map.entry("answerBytesMax", List.of(1L << 10, 64L << 20)),
            Map.entry("eventsMax", List.of(1L, 10_000L)),
            Map.entry("eventBytesMax", List.of(1L << 10, 8L << 20)),
            Map.entry("namespacesByUse", List.of(0L, 1L)),
            Map.entry("identityRate", List.of(0L, 1_000_000L)),
            Map.entry("identityBurst", List.of(0L, 1_000_000L)),
            Map.entry("sessionRate", List.of(0L, 1_000_000L)),
            Map.entry("sessionBurst", List.of(0L, 1_000_000L)),
            Map.entry("pathRate", List.of(0L, 1_000_000L)),
            Map.entry("pathBurst", List.of(0L, 1_000_000L)),
            Map.entry("sessionInFlightMax", List.of(0L, 1_000_000L)));

    /** Those that there are from feature level 6 on. The model keeps what they are set to; the leader goes by them. */
    static final Set<String> OF_RATES = Set.of(
            "identityRate",
            "identityBurst",
            "sessionRate",
            "sessionBurst",
            "pathRate",
            "pathBurst",
            "sessionInFlightMax");

    /** The same with one of them changed; those that the model does not keep change nothing. */
    Limits with(String name, long value) {
        return new Limits(
                name.equals("namespacesMax") ? (int) value : namespacesMax,
                name.equals("elementsMax") ? (int) value : elementsMax,
                name.equals("valueBytesMax") ? (int) value : valueBytesMax,
                name.equals("sessionsMax") ? (int) value : sessionsMax,
                name.equals("ownedMax") ? (int) value : ownedMax,
                name.equals("waitersMax") ? (int) value : waitersMax,
                name.equals("answersMax") ? (int) value : answersMax,
                name.equals("eventsMax") ? (int) value : eventsMax,
                name.equals("eventBytesMax") ? value : eventBytesMax,
                name.equals("namespacesByUse") ? value == 1 : namespacesByUse);
    }

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
