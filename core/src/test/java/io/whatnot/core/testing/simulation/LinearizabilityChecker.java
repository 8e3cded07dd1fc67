package io.whatnot.core.testing.simulation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether operations on elements, each alone, can be put in one order that explains all answers and keeps what was over
 * before something else began (I1). The search is Wing and Gong's with Lowe's memory (Lowe 2017, "Testing for
 * linearizability"), one path at a time. An operation of unknown outcome has no end, and need not have taken effect.
 */
public final class LinearizabilityChecker {
    private static final String NAME = "I1 operations are linearizable";
    private static final int VISITS_MAX = 2_000_000;

    /**
     * What an element is.
     *
     * @param value what it holds; null if it is not registered
     * @param version its version; 0 if it is not registered
     */
    public record Content(@Nullable String value, long version) {
        /** Nothing. */
        public static final Content ABSENT = new Content(null, 0);
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
        private boolean optional = true;
        private boolean nothing;

        private Operation(String words, long beganAt, Effect ifUnknown) {
            this.words = words;
            this.beganAt = beganAt;
            this.effect = ifUnknown;
        }

        @Override
        public String toString() {
            return words + " [" + beganAt / 1_000 + ", " + (endedAt == Long.MAX_VALUE ? "?" : endedAt / 1_000) + "] us";
        }
    }

    private final Simulation simulation;
    private final Violations violations;
    private final Map<String, List<Operation>> histories = new TreeMap<>();

    /** A checker that has seen nothing. */
    public LinearizabilityChecker(Simulation simulation, Violations violations) {
        this.simulation = simulation;
        this.violations = violations;
    }

    /**
     * An operation begins.
     *
     * @param ifUnknown what it does if nobody ever learns what became of it, and it took effect
     */
    public Operation begin(String path, String words, Effect ifUnknown) {
        Operation operation = new Operation(words, simulation.nanos(), ifUnknown);
        histories.computeIfAbsent(path, p -> new ArrayList<>()).add(operation);
        return operation;
    }

    /** An operation was answered. */
    public void end(Operation operation, Effect effect) {
        operation.endedAt = simulation.nanos();
        operation.effect = effect;
        operation.optional = false;
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

    private record Choice(int operation, Content before) {}

    /** The search for an order of the operations on one path. */
    private final class Search {
        private final String path;
        private final List<Operation> history;
        private final BitSet done = new BitSet();
        private final Set<Visited> visited = new HashSet<>();
        private int left;
        private int furthest;
        private String furthestWords = "";

        Search(String path, List<Operation> history) {
            this.path = path;
            this.history = history;
            this.left = (int) history.stream().filter(operation -> !operation.optional).count();
        }

        void run() {
            Content content = Content.ABSENT;
            List<Choice> choices = new ArrayList<>();
            int next = 0;
            while (left > 0) {
                int chosen = choose(content, next);
                if (chosen >= 0) {
                    choices.add(new Choice(chosen, content));
                    content = Objects.requireNonNull(history.get(chosen).effect.on(content));
                    take(chosen);
                    next = 0;
                } else if (choices.isEmpty()) {
                    violations.add(NAME, path + ": no order explains its operations; the best ends " + furthestWords);
                    return;
                } else {
                    Choice last = choices.remove(choices.size() - 1);
                    putBack(last.operation);
                    content = last.before;
                    next = last.operation + 1;
                }
                if (visited.size() > VISITS_MAX) {
                    violations.add(NAME, path + ": the search takes too long");
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

        /** The next operation that may come now, from a place on; -1 if none may. */
        private int choose(Content content, int from) {
            long firstEnd = Long.MAX_VALUE;
            for (int i = done.nextClearBit(0); i < history.size(); i = done.nextClearBit(i + 1)) {
                if (history.get(i).beganAt > firstEnd) {
                    break;
                }
                firstEnd = Math.min(firstEnd, history.get(i).endedAt);
            }
            for (int i = done.nextClearBit(from); i < history.size(); i = done.nextClearBit(i + 1)) {
                Operation operation = history.get(i);
                if (operation.beganAt > firstEnd) {
                    break;
                }
                Content after = operation.effect.on(content);
                if (after == null) {
                    continue;
                }
                BitSet then = (BitSet) done.clone();
                then.set(i);
                if (visited.add(new Visited(then, after))) {
                    note(then.cardinality(), content);
                    return i;
                }
            }
            return -1;
        }

        private void note(int many, Content content) {
            if (many >= furthest) {
                furthest = many;
                int stuck = done.nextClearBit(0);
                furthestWords = "with " + content + " before "
                        + history.subList(Math.min(stuck, history.size()), Math.min(history.size(), stuck + 6));
            }
        }
    }
}
