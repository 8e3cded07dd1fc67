package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What targets have to do with each other, against the plain meaning of scope: the set of paths that are locked. */
class TargetTest {
    /** All paths of a small world; a prefix locks what is below in it, and that stands for what may come to be. */
    private static final List<AbsolutePath> WORLD = world();

    private static List<AbsolutePath> world() {
        List<AbsolutePath> paths = new ArrayList<>(List.of(AbsolutePath.ROOT));
        for (int from = 0, depth = 0; depth < 3; depth++) {
            int to = paths.size();
            for (AbsolutePath parent : List.copyOf(paths.subList(from, to))) {
                for (String name : List.of("a", "ab", "b")) {
                    paths.add(parent.resolve(SubPath.of(name)));
                }
            }
            from = to;
        }
        return List.copyOf(paths);
    }

    /** Those whose children are in the world too. */
    private static List<Target> targets() {
        List<Target> targets = new ArrayList<>();
        for (AbsolutePath path : WORLD) {
            if (path.depth() < 3) {
                for (Scope scope : Scope.values()) {
                    for (Mode mode : Mode.values()) {
                        targets.add(new Target(path, scope, mode));
                    }
                }
            }
        }
        return targets;
    }

    private static Set<AbsolutePath> locked(Target target) {
        Set<AbsolutePath> locked = new TreeSet<>(List.of(target.path()));
        if (target.scope() == Scope.PREFIX) {
            for (AbsolutePath path : WORLD) {
                boolean below = target.path().isRoot() || path.toString().startsWith(target.path() + "/");
                if (below) {
                    locked.add(path);
                }
            }
        }
        return locked;
    }

    @Test
    void targetsOverlapWhereSomePathIsLockedByBoth() {
        forAllPairs((a, b) -> assertThat(a.overlaps(b))
                .as("%s overlaps %s", a, b)
                .isEqualTo(locked(a).stream().anyMatch(locked(b)::contains)));
    }

    @Test
    void targetsConflictWhereTheyOverlapUnlessBothAreShared() {
        forAllPairs((a, b) -> assertThat(a.conflictsWith(b))
                .as("%s conflicts with %s", a, b)
                .isEqualTo(a.overlaps(b) && !(a.mode() == Mode.SHARED && b.mode() == Mode.SHARED)));
    }

    @Test
    void conflictIsMutual() {
        forAllPairs((a, b) -> assertThat(a.conflictsWith(b)).isEqualTo(b.conflictsWith(a)));
    }

    @Test
    void aTargetCoversWhatItLocksWhollyInTheSameOrAStrongerMode() {
        forAllPairs((a, b) -> assertThat(a.covers(b))
                .as("%s covers %s", a, b)
                .isEqualTo(
                        locked(a).containsAll(locked(b)) && (a.mode() == Mode.EXCLUSIVE || b.mode() == Mode.SHARED)));
    }

    @Test
    void whateverConflictsWithWhatIsCoveredConflictsWithWhatCoversIt() {
        List<Target> targets = targets();
        forAllPairs((a, b) -> {
            if (a.covers(b)) {
                assertThat(targets).allMatch(c -> !c.conflictsWith(b) || c.conflictsWith(a), a + " covers " + b);
            }
        });
    }

    @Test
    void modesExcludeEachOtherUnlessBothAreShared() {
        assertThat(Mode.EXCLUSIVE.conflictsWith(Mode.EXCLUSIVE)).isTrue();
        assertThat(Mode.EXCLUSIVE.conflictsWith(Mode.SHARED)).isTrue();
        assertThat(Mode.SHARED.conflictsWith(Mode.EXCLUSIVE)).isTrue();
        assertThat(Mode.SHARED.conflictsWith(Mode.SHARED)).isFalse();
        assertThat(Mode.EXCLUSIVE.covers(Mode.SHARED)).isTrue();
        assertThat(Mode.SHARED.covers(Mode.SHARED)).isTrue();
        assertThat(Mode.SHARED.covers(Mode.EXCLUSIVE)).isFalse();
    }

    @Test
    void aTargetIsWrittenWithItsReachAndMode() {
        assertThat(Target.element("/a")).hasToString("/a");
        assertThat(Target.prefix("/a")).hasToString("/a/**");
        assertThat(Target.prefix("/")).hasToString("/**");
        assertThat(Target.prefix("/a").shared()).hasToString("/a/** (shared)");
    }

    private interface Check {
        void check(Target a, Target b);
    }

    private static void forAllPairs(Check check) {
        List<Target> targets = targets();
        for (Target a : targets) {
            for (Target b : targets) {
                check.check(a, b);
            }
        }
    }
}
