package io.whatnot.node.raft.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All states that a model can get into, those near the start first, so that what is found is found by a shortest way. States are
 * told apart by fingerprints of 64 bits: among n states two are taken for one with a probability of about n^2 / 2^65.
 */
final class Exploration {
    private static final int CHUNK = 4096;
    private static final int TABLE_MAX = 1 << 30;
    /** A long exploration tells how far it is. */
    private static final int TOLD_FROM = 20_000_000;

    private final Model model;
    private final Permutations permutations;
    private final long statesMax;
    private final boolean looksAtRecovery;
    private final int size;

    // ---- what has been seen: of each state its fingerprint and the state it was reached from; and where to find it
    private final List<long[]> fingerprints = new ArrayList<>();
    private final List<int[]> parents = new ArrayList<>();
    private int[] table = new int[1 << 18];
    private int states;

    // ---- what has been counted
    private int depth;
    private long transitions;
    private long recoveries;
    private long losses;
    private long empty;

    // ---- what has not been looked at yet
    private final Frontier frontier;

    private Exploration(Model model, long statesMax, boolean looksAtRecovery) {
        this.model = model;
        this.permutations = new Permutations(model.bounds);
        this.statesMax = statesMax;
        this.looksAtRecovery = looksAtRecovery;
        this.size = model.layout.size();
        this.frontier = new Frontier(CHUNK * size);
    }

    /**
     * What came of it.
     *
     * @param isComplete whether all states were looked at
     * @param depth the longest of the shortest ways to a state
     * @param transitions the steps that were made
     * @param recoveries the states with amnesiacs in which it was tried whether a leader can still be elected
     * @param losses how often a leader was rightly elected that lacks what was committed
     * @param empty the states in which nobody remembers anything
     * @param broken what was found to be broken, or null
     * @param transcript how to get there
     */
    record Result(
            Bounds bounds,
            boolean isComplete,
            int states,
            int depth,
            long transitions,
            long recoveries,
            long losses,
            long empty,
            long millis,
            @Nullable String broken,
            List<String> transcript) {
        int steps() {
            return transcript.size();
        }

        String print() {
            StringBuilder text = new StringBuilder(
                    "%s: %,d states%s, depth %d, %,d steps, %,d recoveries, %,d losses, %,d states without memory, %.1f s"
                            .formatted(
                                    bounds,
                                    states,
                                    isComplete ? "" : " (not all)",
                                    depth,
                                    transitions,
                                    recoveries,
                                    losses,
                                    empty,
                                    millis / 1000.0));
            if (broken != null) {
                text.append("\nbroken: ").append(broken).append('\n').append(String.join("\n", transcript));
            }
            return text.toString();
        }
    }

    /** Looks at all states, or until a promise is broken, or at so many. */
    static Result of(Model model, long statesMax) {
        return new Exploration(model, statesMax, false).run();
    }

    /** And whether in each of them somebody can still be elected. */
    static Result withRecovery(Model model, long statesMax) {
        return new Exploration(model, statesMax, true).run();
    }

    private Result run() {
        long started = System.nanoTime();
        int[] steps = model.steps();
        Cluster now = model.start();
        Cluster next = model.start();
        Cluster scratch = model.start();
        add(now, 0);
        int layerEnd = states;
        byte[] chunk = frontier.next();
        for (int number = 0; number < states && states < statesMax; number++) {
            if (number == layerEnd) {
                layerEnd = states;
                depth++;
                if (states > TOLD_FROM) {
                    System.out.printf(
                            Locale.ROOT,
                            "%s: %,d states within %d steps, %,.0f s%n",
                            model.bounds,
                            states,
                            depth,
                            (System.nanoTime() - started) / 1e9);
                }
            }
            if (number > 0 && number % CHUNK == 0) {
                chunk = frontier.next();
            }
            now.read(chunk, number % CHUNK * size);
            if (now.amnesiacs() != 0 && looksAtRecovery) {
                recoveries++;
                if (!model.canRecover(now, scratch)) {
                    return result(started, "nobody can be elected", path(number, false));
                }
            }
            if (model.isWithoutMemory(now)) {
                empty++;
            }
            next.set(now);
            for (int step : steps) {
                if (model.apply(next, step)) {
                    transitions++;
                    String broken = model.broken();
                    if (broken != null) {
                        return result(started, broken, path(number, true));
                    }
                    if (model.isLoss(next, step)) {
                        losses++;
                    }
                    if (!next.isSameAs(now)) {
                        add(next, number);
                        next.set(now);
                    }
                }
            }
        }
        return result(started, null, List.of());
    }

    private Result result(long started, @Nullable String broken, List<String> transcript) {
        return new Result(
                model.bounds,
                broken == null && states < statesMax,
                states,
                depth,
                transitions,
                recoveries,
                losses,
                empty,
                (System.nanoTime() - started) / 1_000_000,
                broken,
                transcript);
    }

    private void add(Cluster state, int parent) {
        long fingerprint = state.fingerprint(permutations);
        int at = place(table, fingerprint);
        if (table[at] != 0) {
            return;
        }
        if (states % CHUNK == 0) {
            fingerprints.add(new long[CHUNK]);
            parents.add(new int[CHUNK]);
            frontier.addChunk();
        }
        fingerprints.get(states / CHUNK)[states % CHUNK] = fingerprint;
        parents.get(states / CHUNK)[states % CHUNK] = parent;
        state.write(frontier.last(), states % CHUNK * size);
        states++;
        table[at] = states;
        if (states > table.length / 8 * 5 && table.length < TABLE_MAX) {
            grow();
        }
    }

    private long fingerprint(int number) {
        return fingerprints.get(number / CHUNK)[number % CHUNK];
    }

    private int parent(int number) {
        return parents.get(number / CHUNK)[number % CHUNK];
    }

    private int place(int[] in, long fingerprint) {
        int at = (int) (fingerprint ^ fingerprint >>> 32) & in.length - 1;
        while (in[at] != 0 && fingerprint(in[at] - 1) != fingerprint) {
            at = at + 1 & in.length - 1;
        }
        return at;
    }

    private void grow() {
        int[] larger = new int[table.length * 2];
        for (int number = 0; number < states; number++) {
            larger[place(larger, fingerprint(number))] = number + 1;
        }
        table = larger;
    }

    /** How a state was reached, made again from the start, and the step after it that breaks something. */
    private List<String> path(int last, boolean isBrokenByStep) {
        List<Integer> numbers = new ArrayList<>();
        for (int number = last; number != 0; number = parent(number)) {
            numbers.add(number);
        }
        Collections.reverse(numbers);
        Transcript transcript = new Transcript(model);
        for (int number : numbers) {
            transcript.step(next -> model.broken() == null && next.fingerprint(permutations) == fingerprint(number));
        }
        if (isBrokenByStep) {
            transcript.step(next -> model.broken() != null);
        }
        return transcript.lines();
    }
}
