package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is to be told of what happens at a path, and what it costs to find out. */
final class WatchIndexTest {
    private static final int TRIES = 20_000;

    private static AbsolutePath path(String text) {
        return AbsolutePath.parse(text);
    }

    private static List<String> matching(WatchIndex<String> index, String path) {
        List<String> found = new ArrayList<>();
        index.matching("n", path(path), found::add);
        return found;
    }

    @Test
    void thoseOfThePathItselfAndTheRecursiveOnesAtOrAboveItAreFoundAndNoOthers() {
        WatchIndex<String> index = new WatchIndex<>();
        index.add("n", path("/"), true, "all");
        index.add("n", path("/"), false, "root");
        index.add("n", path("/a"), true, "below a");
        index.add("n", path("/a"), false, "a");
        index.add("n", path("/a/b"), false, "b");
        index.add("n", path("/a/b/c"), true, "below c");
        index.add("m", path("/a/b"), true, "elsewhere");

        assertThat(matching(index, "/a/b")).containsExactlyInAnyOrder("all", "below a", "b");
        assertThat(matching(index, "/a")).containsExactlyInAnyOrder("all", "below a", "a");
        assertThat(matching(index, "/x/y")).containsExactly("all");

        index.remove("n", path("/a"), true, "below a");
        assertThat(matching(index, "/a/b")).containsExactlyInAnyOrder("all", "b");
    }

    @Test
    void findingThemDoesNotGrowWithTheWatchesOfOtherPaths() {
        long few = cpuNanos(10);
        long many = cpuNanos(100_000);
        // Were they looked at one by one it would be thousands of times as much.
        assertThat(many).isLessThan(20 * few + 100_000_000);
    }

    /** The least that so many searches took, of a few times. */
    private static long cpuNanos(int others) {
        WatchIndex<String> index = new WatchIndex<>();
        index.add("n", path("/a/b"), true, "wanted");
        for (int i = 0; i < others; i++) {
            index.add("n", path("/a/o" + i), true, "other");
            index.add("n", path("/a/b/below/o" + i), false, "other");
        }
        AbsolutePath changed = path("/a/b/c");
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            int[] found = {0};
            long begun = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            for (int i = 0; i < TRIES; i++) {
                index.matching("n", changed, watch -> found[0]++);
            }
            least = Math.min(least, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begun);
            assertThat(found[0]).isEqualTo(TRIES);
        }
        return least;
    }
}
