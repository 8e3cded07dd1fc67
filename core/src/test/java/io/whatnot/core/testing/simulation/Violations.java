package io.whatnot.core.testing.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What checkers have found: noted, not thrown, for much of what they check from would swallow it. */
public final class Violations {
    private static final int KEPT = 20;

    private final Simulation simulation;
    private final List<String> found = new ArrayList<>();

    /** None so far. */
    public Violations(Simulation simulation) {
        this.simulation = simulation;
    }

    /** Something holds, or else the guarantee of that name is broken, and these are the words. */
    public void require(boolean holds, String guarantee, Supplier<String> otherwise) {
        if (!holds) {
            add(guarantee, otherwise.get());
        }
    }

    /** A guarantee is broken. */
    public void add(String guarantee, String words) {
        if (found.size() < KEPT) {
            String line = guarantee + " at " + simulation.millis() + " ms: " + words;
            found.add(line);
            simulation.say(() -> "VIOLATION " + line);
        }
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** All of them. */
    public List<String> all() {
        return List.copyOf(found);
    }
}
