package io.whatnot.core.fuzz;

/**
 * Where Jazzer comes in: it calls {@link #fuzzerTestOneInput} with what it makes up, guided by the branches it sees taken.
 * The target is named by {@code -Dfuzz.target}; scripts/fuzz does all that.
 */
public final class JazzerEntry {
    private static final FuzzTarget TARGET = target(System.getProperty("fuzz.target", ""));

    private JazzerEntry() {}

    private static FuzzTarget target(String name) {
        FuzzTarget target = FuzzTargets.all().get(name);
        if (target == null) {
            throw new IllegalArgumentException("there is no target \"" + name + "\"; there are "
                    + FuzzTargets.all().keySet());
        }
        return new Limited(target);
    }

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.take(input);
    }
}
