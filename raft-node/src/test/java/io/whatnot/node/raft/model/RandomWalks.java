package io.whatnot.node.raft.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Ways through a model that is too large to be explored: at each step one of those that make a difference, by chance. */
final class RandomWalks {
    /** How often each kind is chosen where there is a choice; crashes and candidates come seldom, so that more gets done between them. */
    private static final Map<Step.Kind, Integer> WEIGHTS = new EnumMap<>(Map.ofEntries(
            Map.entry(Step.Kind.CRASH, 2),
            Map.entry(Step.Kind.STAND, 2),
            Map.entry(Step.Kind.ANSWER, 12),
            Map.entry(Step.Kind.WIN, 12),
            Map.entry(Step.Kind.WIN_BY_ALL, 12),
            Map.entry(Step.Kind.ASK, 4),
            Map.entry(Step.Kind.BEGIN_EPOCH, 4),
            Map.entry(Step.Kind.REJOIN, 6),
            Map.entry(Step.Kind.CHANGE, 2),
            Map.entry(Step.Kind.DELIVER, 12),
            Map.entry(Step.Kind.COMMIT, 8)));

    private RandomWalks() {}

    /**
     * What came of them.
     *
     * @param walk the walk on which something was found, or the number of walks
     * @param losses how often a leader was rightly elected that lacks what was committed
     */
    record Result(
            Bounds bounds,
            long seed,
            int walk,
            long steps,
            long losses,
            @Nullable String broken,
            List<String> transcript) {
        String print() {
            String text = "%s, at random: seed %d, %,d walks, %,d steps, %,d losses"
                    .formatted(bounds, seed, walk, steps, losses);
            return broken == null ? text : text + "\nbroken: " + broken + '\n' + String.join("\n", transcript);
        }
    }

    static Result of(Model model, long seed, int walks, int stepsMax, boolean looksAtRecovery) {
        Random random = new Random(seed);
        int[] steps = model.steps();
        Cluster now = model.start();
        Cluster next = model.start();
        long made = 0;
        long losses = 0;
        for (int walk = 1; walk <= walks; walk++) {
            now.set(model.start());
            List<Integer> way = new ArrayList<>();
            for (int i = 0; i < stepsMax; i++) {
                int step = choose(model, steps, now, next, random);
                if (step < 0) {
                    break;
                }
                next.set(now);
                if (!model.apply(next, step)) {
                    throw new AssertionError("a step that was possible is not");
                }
                way.add(step);
                made++;
                String broken = model.broken();
                losses += model.isLoss(next, step) ? 1 : 0;
                now.set(next);
                if (broken == null && looksAtRecovery && !model.canRecover(now, next)) {
                    broken = "nobody can be elected";
                }
                if (broken != null) {
                    return new Result(model.bounds, seed, walk, made, losses, broken, tell(model, way));
                }
            }
        }
        return new Result(model.bounds, seed, walks, made, losses, null, List.of());
    }

    /** A step that makes a difference, or -1. */
    private static int choose(Model model, int[] steps, Cluster now, Cluster next, Random random) {
        Map<Step.Kind, List<Integer>> possible = new EnumMap<>(Step.Kind.class);
        next.set(now);
        for (int step : steps) {
            if (model.apply(next, step)) {
                if (model.broken() != null) {
                    return step;
                }
                if (!next.isSameAs(now)) {
                    possible.computeIfAbsent(Step.kind(step), kind -> new ArrayList<>())
                            .add(step);
                    next.set(now);
                }
            }
        }
        int sum = possible.keySet().stream().mapToInt(RandomWalks::weight).sum();
        int at = sum == 0 ? 0 : random.nextInt(sum);
        for (Map.Entry<Step.Kind, List<Integer>> of : possible.entrySet()) {
            at -= weight(of.getKey());
            if (at < 0) {
                return of.getValue().get(random.nextInt(of.getValue().size()));
            }
        }
        return -1;
    }

    private static int weight(Step.Kind kind) {
        return WEIGHTS.getOrDefault(kind, 1);
    }

    private static List<String> tell(Model model, List<Integer> way) {
        Transcript transcript = new Transcript(model);
        for (int wanted : way) {
            transcript.make(wanted);
        }
        return transcript.lines();
    }
}
