package io.whatnot.core.testing.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether operations on elements, each alone, can be put in one order that explains all answers and keeps what was over
 * before something else began (I1). The search is Wing and Gong's with Lowe's memory (Lowe 2017, "Testing for
 * linearizability"), one path at a time. An operation of unknown outcome has no end, and need not have taken effect.
 */
public final class LinearizabilityChecker {
    private static final String NAME = "I1 operations are linearizable";
    private static final int VISITS_MAX = 300_000;

    /**
     * What an element is.
     *
     * @param value what it holds; null if it is not registered
     * @param version its version; 0 if it is not registered
     * @param revision when it became so
     */
    public record Content(@Nullable String value, long version, long revision) {
        /** Nothing. */
        public static final Content ABSENT = new Content(null, 0, 0);
    }

    /** What an operation does to an element, and whether its answer fits. */
    public interface Effect {
        /** What is there afterwards; null if it can't have been answered so. */
        @Nullable
        Content on(Content before);
    }

    /** An operation under way. */
    public static final class Operation {
        private final String words;
        private final long beganAt;
        private long endedAt = Long.MAX_VALUE;
        private Effect effect;
        private String answer = "";
        private boolean optional = true;
        private boolean nothing;
        /** Whether it leaves everything as it is. */
        private boolean pure;
        /** When it took effect, as it was answered; 0 if that is not known. */
        private long revision;

        private Operation(String words, long beganAt, Effect ifUnknown) {
            this.words = words;
            this.beganAt = beganAt;
            this.effect = ifUnknown;
        }

        @Override
        public String toString() {
            return words + " -> " + answer + " [" + beganAt / 1_000 + ", "
                    + (endedAt == Long.MAX_VALUE ? "?" : endedAt / 1_000) + "] us";
        }
    }

    private final LongSupplier nanos;
    private final BiConsumer<String, String> violated;
    private final Map<String, List<Operation>> histories = new TreeMap<>();

    /**
     * A checker that has seen nothing.
     *
     * @param nanos when what it is told of happens
     * @param violated is told the guarantee that is broken, and how
     */
    public LinearizabilityChecker(LongSupplier nanos, BiConsumer<String, String> violated) {
        this.nanos = nanos;
        this.violated = violated;
    }

    /**
     * An operation begins.
     *
     * @param ifUnknown what it does if nobody ever learns what became of it, and it took effect
     */
    public Operation begin(String path, String words, Effect ifUnknown) {
        Operation operation = new Operation(words, nanos.getAsLong(), ifUnknown);
        histories.computeIfAbsent(path, p -> new ArrayList<>()).add(operation);
        return operation;
    }

    /** An operation that changes nothing begins: it says something only if it is answered. */
    public Operation beginReading(String path, String words) {
        Operation operation = begin(path, words, before -> before);
        operation.nothing = true;
        return operation;
    }

    /** An operation was answered that it has changed something, at a revision. */
    public void end(Operation operation, String answer, long revision, Effect effect) {
        operation.endedAt = nanos.getAsLong();
        operation.answer = answer;
        operation.effect = effect;
        operation.optional = false;
        operation.revision = revision;
    }

    /** An operation was answered what is true only of some contents, and has changed nothing. */
    public void endPure(Operation operation, String answer, Predicate<Content> trueOf) {
        operation.endedAt = nanos.getAsLong();
        operation.answer = answer;
        operation.effect = before -> trueOf.test(before) ? before : null;
        operation.optional = false;
        operation.nothing = false;
        operation.pure = true;
    }

    /** Nobody was told what became of an operation, but it is known now: when it took effect, or null if it did not. */
    public void resolve(Operation operation, @Nullable Long revision) {
        operation.optional = false;
        operation.nothing = revision == null;
        operation.revision = revision == null ? 0 : revision;
    }

    /** An operation has surely had no effect, and says nothing. */
    public void endWithoutEffect(Operation operation) {
        operation.nothing = true;
    }

    /** How many operations there were. */
    public int operations() {
        return histories.values().stream().mapToInt(List::size).sum();
    }

    /** Requires it of everything so far. */
    public void conclude() {
        histories.forEach((path, all) -> {
            List<Operation> history = all.stream()
                    .filter(operation -> !operation.nothing)
                    .sorted(Comparator.comparingLong(operation -> operation.beganAt))
                    .toList();
            new Search(path, history).run();
        });
    }

    private record Visited(BitSet done, Content content) {}

    /** The search for an order of the operations on one path: definite ones first, the others only where they help. */
    private final class Search {
        private final String path;
        private final List<Operation> history;
        private final BitSet done = new BitSet();
        private final Set<Visited> visited = new HashSet<>();
        private int left;
        private int furthest = -1;
        private String furthestWords = "at its beginning";

        Search(String path, List<Operation> history) {
            this.path = path;
            this.history = history;
            this.left = (int)
                    history.stream().filter(operation -> !operation.optional).count();
        }

        private record Choice(int operation, Content before, Iterator<Integer> others) {}

        void run() {
            Content content = Content.ABSENT;
            Deque<Choice> choices = new ArrayDeque<>();
            Iterator<Integer> next = possible(content).iterator();
            while (left > 0) {
                int chosen = choose(content, next);
                if (chosen >= 0) {
                    choices.push(new Choice(chosen, content, next));
                    content = Objects.requireNonNull(after(history.get(chosen), content));
                    take(chosen);
                    next = possible(content).iterator();
                } else if (choices.isEmpty()) {
                    violated.accept(NAME, path + ": no order explains its operations; the best ends " + furthestWords);
                    return;
                } else {
                    Choice last = choices.pop();
                    putBack(last.operation);
                    content = last.before;
                    next = last.others;
                }
                if (visited.size() > VISITS_MAX) {
                    violated.accept(NAME, path + ": the search takes too long; the best ends " + furthestWords);
                    return;
                }
            }
        }

        private void take(int operation) {
            done.set(operation);
            left -= history.get(operation).optional ? 0 : 1;
        }

        private void putBack(int operation) {
            done.clear(operation);
            left += history.get(operation).optional ? 0 : 1;
        }

        /**
         * The operations that may come now, most promising first: by the revisions in their answers, then those that no
         * answer says anything of. One that changes nothing, and fits, comes at once: that is in nobody's way.
         */
        private List<Integer> possible(Content content) {
            List<Integer> possible = new ArrayList<>();
            long firstEnd = Long.MAX_VALUE;
            for (int i = done.nextClearBit(0); i < history.size(); i = done.nextClearBit(i + 1)) {
                Operation operation = history.get(i);
                if (operation.beganAt > firstEnd) {
                    break;
                }
                if (operation.pure && operation.effect.on(content) != null) {
                    return List.of(i);
                }
                firstEnd = Math.min(firstEnd, operation.endedAt);
                possible.add(i);
            }
            long end = firstEnd;
            possible.removeIf(i -> history.get(i).beganAt > end || history.get(i).pure);
            possible.sort(Comparator.comparingLong(this::promise));
            return possible;
        }

        private long promise(int operation) {
            long revision = history.get(operation).revision;
            return revision == 0 ? Long.MAX_VALUE : revision;
        }

        /** The first of them that explains its answer and has not been tried from here; -1 if none does. */
        private int choose(Content content, Iterator<Integer> from) {
            while (from.hasNext()) {
                int i = from.next();
                Content after = after(history.get(i), content);
                if (after != null) {
                    BitSet then = (BitSet) done.clone();
                    then.set(i);
                    if (visited.add(new Visited(then, after))) {
                        note(i, then.cardinality(), after);
                        return i;
                    }
                }
            }
            return -1;
        }

        /** What an operation leaves: revisions grow. */
        private static @Nullable Content after(Operation operation, Content before) {
            Content after = operation.effect.on(before);
            if (after == null || operation.pure) {
                return after;
            }
            boolean inOrder = operation.revision == 0 || operation.revision > before.revision();
            return inOrder ? new Content(after.value(), after.version(), operation.revision) : null;
        }

        private List<Integer> open() {
            List<Integer> open = new ArrayList<>();
            for (int i = done.nextClearBit(0); i < history.size() && open.size() < 8; i = done.nextClearBit(i + 1)) {
                open.add(i);
            }
            return open;
        }

        private void note(int operation, int many, Content after) {
            if (many > furthest) {
                furthest = many;
                furthestWords = "with " + history.get(operation) + ", which leaves " + after + "; then "
                        + open().stream()
                                .filter(i -> i != operation)
                                .map(history::get)
                                .toList();
            }
        }
    }
}
