package io.whatnot.node.faults;

import io.whatnot.core.model.Revision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * That watches were told of every acknowledged change (I9): of all those between the revision of their initial state and the
 * last that they were told of, unless they were told that something is lost. That what they were told is in order, and
 * follows from what was before, each {@link Mirror} has seen to.
 */
final class WatchStreamChecker {
    /** Numbers, many of them. */
    private static final class Numbers {
        private long[] numbers = new long[1_024];
        private int size;

        void add(long number) {
            if (size == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * size);
            }
            numbers[size++] = number;
        }

        long last() {
            return size == 0 ? 0 : numbers[size - 1];
        }

        /** How many there are below that one; they have to be in order. */
        int below(long number) {
            int found = Arrays.binarySearch(numbers, 0, size, number);
            int index = found < 0 ? -found - 1 : found;
            while (index > 0 && numbers[index - 1] == number) {
                index--;
            }
            return index;
        }
    }

    /** What a watch was told of without a gap. */
    private static final class Stretch {
        final String watch;
        final long from;
        final Numbers revisions = new Numbers();
        final Numbers hashes = new Numbers();

        Stretch(String watch, long from) {
            this.watch = watch;
            this.from = from;
        }

        /**
         * After which revision it was told of everything. A cluster that has forgotten all begins anew, without a word, for
         * watches that have seen nothing yet.
         */
        long begins() {
            return from == 0 && revisions.size > 0 ? Revision.startOf(Revision.epochOf(revisions.numbers[0])) : from;
        }

        boolean tells(long revision, long hash) {
            for (int i = revisions.below(revision); i < revisions.size && revisions.numbers[i] == revision; i++) {
                if (hashes.numbers[i] == hash) {
                    return true;
                }
            }
            return false;
        }
    }

    private final BiConsumer<String, String> violated;
    private final Numbers revisions = new Numbers();
    private final Numbers hashes = new Numbers();
    private final Map<String, Stretch> open = new TreeMap<>();
    private long told;
    private long compared;

    WatchStreamChecker(BiConsumer<String, String> violated) {
        this.violated = violated;
    }

    private static long hash(String path, long version) {
        return path.hashCode() * 1_000_003L + version;
    }

    /** A change was acknowledged; of a deleted element the version is 0. In any order. */
    void acknowledged(String path, long revision, long version) {
        revisions.add(revision);
        hashes.add(hash(path, version));
    }

    private final List<Stretch> stretches = new ArrayList<>();

    /** A watch was told something. */
    void told(Line line) {
        switch (line.word(0)) {
            case "initial" -> {
                Stretch stretch = new Stretch(line.what(), line.number(1));
                open.put(line.what(), stretch);
                stretches.add(stretch);
            }
            case "event" -> {
                told++;
                Stretch stretch = open.get(line.what());
                if (stretch == null || line.number(1) < stretch.revisions.last()) {
                    violated.accept("I9 a watch sees everything in order", "out of order: " + line);
                } else {
                    stretch.revisions.add(line.number(1));
                    stretch.hashes.add(hash(line.word(2), line.number(3)));
                }
            }
            default -> {
                // after "resynced" comes another "initial"; the rest is for people
            }
        }
    }

    /** How much there was to judge. */
    String summary() {
        return told + " events told to " + open.size() + " watches, " + compared
                + " comparisons with acknowledged changes";
    }

    void conclude() {
        for (Stretch stretch : stretches) {
            long last = stretch.revisions.last();
            long from = stretch.begins();
            for (int i = 0; i < revisions.size; i++) {
                long revision = revisions.numbers[i];
                if (revision > from && revision <= last) {
                    compared++;
                    if (!stretch.tells(revision, hashes.numbers[i])) {
                        violated.accept(
                                "I9 a watch sees everything",
                                stretch.watch + " was told of what came after " + stretch.from + " until " + last
                                        + ", but not of an acknowledged change at " + revision);
                    }
                }
            }
        }
    }
}
