package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.whatnot.core.model.PathException.Rule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What one can do with paths, and how they sort. */
class PathAlgebraTest {
    private static final AbsolutePath ABC = AbsolutePath.parse("/a/b/c");

    @Test
    void aPathIsWrittenAsItWasRead() {
        for (String text : List.of("/", "/a", "/a/b/c", "/ä/😀/ x")) {
            assertThat(AbsolutePath.parse(text)).hasToString(text);
        }
        assertThat(RelativePath.parse("a/b")).hasToString("a/b");
        assertThat(SubPath.of("a")).hasToString("a");
    }

    @Test
    void theRootHasNoSectionsNoNameAndNoParent() {
        assertThat(AbsolutePath.parse("/")).isSameAs(AbsolutePath.ROOT);
        assertThat(AbsolutePath.ROOT.isRoot()).isTrue();
        assertThat(AbsolutePath.ROOT.depth()).isZero();
        assertThat(AbsolutePath.ROOT.sections()).isEmpty();
        assertThat(AbsolutePath.ROOT.name()).isEmpty();
        assertThat(AbsolutePath.ROOT.parent()).isEmpty();
    }

    @Test
    void sectionsDepthAndNameAreThoseOfTheText() {
        assertThat(ABC.sections()).containsExactly("a", "b", "c");
        assertThat(ABC.depth()).isEqualTo(3);
        assertThat(ABC.name()).isEqualTo("c");
        assertThat(ABC.isRoot()).isFalse();
    }

    @Test
    void theSectionsCantBeChanged() {
        assertThatThrownBy(() -> ABC.sections().set(0, "x")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> RelativePath.parse("a").sections().add("x"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void parentsLeadToTheRoot() {
        assertThat(ABC.parent()).contains(AbsolutePath.parse("/a/b"));
        assertThat(AbsolutePath.parse("/a").parent()).contains(AbsolutePath.ROOT);
    }

    @Test
    void anAncestorHasTheFirstSections() {
        assertThat(ABC.ancestor(0)).isSameAs(AbsolutePath.ROOT);
        assertThat(ABC.ancestor(2)).isEqualTo(AbsolutePath.parse("/a/b"));
        assertThat(ABC.ancestor(3)).isSameAs(ABC);
        assertThatThrownBy(() -> ABC.ancestor(4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aChildIsResolvedByItsName() {
        assertThat(AbsolutePath.ROOT.resolve(SubPath.of("a"))).isEqualTo(AbsolutePath.parse("/a"));
        assertThat(ABC.resolve(SubPath.of("d"))).isEqualTo(AbsolutePath.parse("/a/b/c/d"));
        assertThat(ABC.resolve(SubPath.of("d")).sections()).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aWayDownIsResolvedFromAnyPath() {
        assertThat(ABC.resolve(RelativePath.parse("d/e"))).isEqualTo(AbsolutePath.parse("/a/b/c/d/e"));
        assertThat(AbsolutePath.ROOT.resolve(RelativePath.parse("d/e"))).isEqualTo(AbsolutePath.parse("/d/e"));
        assertThat(ABC.resolve(RelativePath.SELF)).isEqualTo(ABC);
        assertThat(RelativePath.parse("a").resolve(RelativePath.parse("b/c"))).isEqualTo(RelativePath.parse("a/b/c"));
        assertThat(RelativePath.SELF.resolve(RelativePath.parse("b"))).isEqualTo(RelativePath.parse("b"));
        assertThat(RelativePath.parse("b").resolve(RelativePath.SELF)).isEqualTo(RelativePath.parse("b"));
        assertThat(RelativePath.SELF.resolve(RelativePath.SELF)).isEqualTo(RelativePath.SELF);
    }

    @Test
    void theWayDownToAPathResolvesToIt() {
        assertThat(AbsolutePath.parse("/a").relativize(ABC)).isEqualTo(RelativePath.parse("b/c"));
        assertThat(AbsolutePath.ROOT.relativize(ABC)).isEqualTo(RelativePath.parse("a/b/c"));
        assertThat(ABC.relativize(ABC)).isSameAs(RelativePath.SELF);
        for (int depth = 0; depth <= 3; depth++) {
            AbsolutePath above = ABC.ancestor(depth);
            assertThat(above.resolve(above.relativize(ABC))).isEqualTo(ABC);
        }
    }

    @Test
    void thereIsNoWayDownToWhatIsNotBelow() {
        assertThat(brokenBy(() -> ABC.relativize(AbsolutePath.parse("/a/b")))).isEqualTo(Rule.NOT_BELOW);
        assertThat(brokenBy(() -> ABC.relativize(AbsolutePath.parse("/a/b/cc"))))
                .isEqualTo(Rule.NOT_BELOW);
    }

    @Test
    void aPathStartsWithItselfAndAllAboveButNotWithNamesThatMerelyBeginAlike() {
        assertThat(ABC.startsWith(ABC)).isTrue();
        assertThat(ABC.startsWith(AbsolutePath.parse("/a"))).isTrue();
        assertThat(ABC.startsWith(AbsolutePath.ROOT)).isTrue();
        assertThat(ABC.startsWith(AbsolutePath.parse("/a/b/c/d"))).isFalse();
        assertThat(AbsolutePath.parse("/a/bc").startsWith(AbsolutePath.parse("/a/b")))
                .isFalse();
        assertThat(AbsolutePath.parse("/b").startsWith(AbsolutePath.parse("/a")))
                .isFalse();
    }

    @Test
    void theDeepestPathHasNoChildren() {
        AbsolutePath deepest = AbsolutePath.parse("/a".repeat(50));
        assertThat(brokenBy(() -> deepest.resolve(SubPath.of("a")))).isEqualTo(Rule.DEPTH);
        assertThat(brokenBy(() -> deepest.resolve(RelativePath.parse("a")))).isEqualTo(Rule.DEPTH);
        assertThat(deepest.parent().orElseThrow().resolve(SubPath.of("a"))).isEqualTo(deepest);
        RelativePath half = RelativePath.parse("a/".repeat(25) + "a");
        assertThat(brokenBy(() -> half.resolve(half))).isEqualTo(Rule.DEPTH);
    }

    @Test
    void theLongestPathHasNoChildren() {
        AbsolutePath longest = AbsolutePath.parse(("/" + "a".repeat(255)).repeat(16));
        assertThat(brokenBy(() -> longest.resolve(SubPath.of("a")))).isEqualTo(Rule.LENGTH);
        AbsolutePath wide = AbsolutePath.parse(("/" + "ä".repeat(127)).repeat(16));
        assertThat(wide.resolve(SubPath.of("b".repeat(15))).depth()).isEqualTo(17);
        assertThat(brokenBy(() -> wide.resolve(SubPath.of("b".repeat(16))))).isEqualTo(Rule.LENGTH);
        RelativePath way = RelativePath.parse(("a".repeat(255) + "/").repeat(15) + "a".repeat(255));
        assertThat(brokenBy(() -> way.resolve(RelativePath.parse("a")))).isEqualTo(Rule.LENGTH);
        assertThat(brokenBy(() -> AbsolutePath.parse("/b").resolve(way))).isEqualTo(Rule.LENGTH);
    }

    @Test
    void pathsOfTheSameTextAreEqual() {
        AbsolutePath made = AbsolutePath.ROOT
                .resolve(SubPath.of("a"))
                .resolve(RelativePath.parse("b/c/d"))
                .parent()
                .orElseThrow();
        assertThat(made).isEqualTo(ABC).hasSameHashCodeAs(ABC).isEqualByComparingTo(ABC);
        assertThat(AbsolutePath.parse("/a/b")).isNotEqualTo(ABC);
        RelativePath way = AbsolutePath.parse("/x").relativize(AbsolutePath.parse("/x/b/c"));
        assertThat(way).isEqualTo(RelativePath.parse("b/c")).hasSameHashCodeAs(RelativePath.parse("b/c"));
        assertThat((Object) RelativePath.parse("a")).isNotEqualTo(SubPath.of("a"));
    }

    // ---- the order

    @Test
    void aSubtreeIsContiguous() {
        List<String> sorted = List.of("/", "/a", "/a/b", "/a/b/c", "/a/c", "/a-b", "/a.b", "/aa", "/b");
        assertSortsAs(sorted);
    }

    @Test
    void sectionsSortByCodePointAlsoBeyondTheBasicPlane() {
        // U+FFFD sorts below U+1F600 by code point and by UTF-8, but above it by Java's chars.
        assertSortsAs(List.of("/a", "/z", "/ä", "/\ud7ff", "/\ue000", "/\ufffd", "/\ud83d\ude00", "/\ud83d\ude01"));
        assertThat("\ufffd".compareTo("\ud83d\ude00")).isPositive();
    }

    @Test
    void theOrderOfSectionsIsThatOfTheirUtf8Bytes() {
        List<String> names = List.of(
                "a",
                "ab",
                "b",
                "~",
                "\u00a0",
                "\u07ff",
                "\u0800",
                "\ud7ff",
                "\ue000",
                "\uffff",
                "\ud800\udc00",
                "\ud800\udc01",
                "\udbff\udfff",
                "a\uffff",
                "a\ud800\udc00");
        for (String a : names) {
            for (String b : names) {
                int bytes =
                        Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
                assertThat(Integer.signum(SubPath.of(a).compareTo(SubPath.of(b))))
                        .as("%s, %s", a, b)
                        .isEqualTo(Integer.signum(bytes));
                assertThat(SubPath.compareNames(a, b)).isEqualTo(SubPath.of(a).compareTo(SubPath.of(b)));
            }
        }
    }

    private static void assertSortsAs(List<String> sorted) {
        List<AbsolutePath> paths =
                new ArrayList<>(sorted.stream().map(AbsolutePath::parse).toList());
        List<AbsolutePath> expected = List.copyOf(paths);
        Collections.reverse(paths);
        paths.sort(null);
        assertThat(paths).isEqualTo(expected);
        List<RelativePath> ways = new ArrayList<>(expected.stream()
                .filter(path -> !path.isRoot())
                .map(AbsolutePath.ROOT::relativize)
                .toList());
        List<RelativePath> expectedWays = List.copyOf(ways);
        Collections.reverse(ways);
        ways.sort(null);
        assertThat(ways).isEqualTo(expectedWays);
    }

    private static Rule brokenBy(ThrowingCallable what) {
        PathException broken = catchThrowableOfType(PathException.class, what);
        assertThat(broken).isNotNull();
        return broken.rule();
    }
}
