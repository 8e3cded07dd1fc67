package io.whatnot.core.testing;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks whose message costs nothing while they hold. */
final class Require {
    private Require() {}

    /** Fails with these words unless the condition holds. */
    static void that(boolean holds, @Nullable Object... otherwise) {
        if (!holds) {
            throw new AssertionError(
                    Arrays.stream(otherwise).map(String::valueOf).collect(Collectors.joining(" ")));
        }
    }
}
