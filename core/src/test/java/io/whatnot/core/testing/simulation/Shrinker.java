package io.whatnot.core.testing.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Leaves steps out of a list, as long as what is left still fails (Zeller's delta debugging). */
public final class Shrinker {
    private Shrinker() {}

    /**
     * A shorter list that fails, and of which nothing more could be left out within so many tries.
     *
     * @param fails whether a list fails in the same way
     */
    public static <S> List<S> shrink(List<S> steps, int triesMax, Predicate<List<S>> fails) {
        List<S> failing = steps;
        int tries = 0;
        int parts = 2;
        while (failing.size() > 1 && tries < triesMax) {
            int size = (failing.size() + parts - 1) / parts;
            boolean shorter = false;
            for (int from = 0; from < failing.size() && tries < triesMax; from += size) {
                List<S> without = new ArrayList<>(failing.subList(0, from));
                without.addAll(failing.subList(Math.min(failing.size(), from + size), failing.size()));
                tries++;
                if (fails.test(without)) {
                    failing = without;
                    parts = Math.max(2, parts - 1);
                    shorter = true;
                    break;
                }
            }
            if (!shorter) {
                if (size == 1) {
                    break;
                }
                parts = Math.min(failing.size(), parts * 2);
            }
        }
        return failing;
    }
}
