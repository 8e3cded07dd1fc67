package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.whatnot.core.model.PathException.Rule;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Each rule of paths, and the position that its exception names. */
class PathRulesTest {
    @Test
    void anAbsolutePathStartsWithASlash() {
        breaks(Rule.ABSOLUTE_STARTS_WITH_SLASH, 0, () -> AbsolutePath.parse("a/b"));
        breaks(Rule.ABSOLUTE_STARTS_WITH_SLASH, 0, () -> AbsolutePath.parse(""));
        breaks(Rule.ABSOLUTE_STARTS_WITH_SLASH, 0, () -> AbsolutePath.parse(" /a"));
    }

    @Test
    void aRelativePathDoesNot() {
        breaks(Rule.RELATIVE_STARTS_WITHOUT_SLASH, 0, () -> RelativePath.parse("/a"));
        breaks(Rule.RELATIVE_STARTS_WITHOUT_SLASH, 0, () -> RelativePath.parse("/"));
    }

    @Test
    void aDoubledSlashIsAnErrorAndNeverRepaired() {
        breaks(Rule.NO_EMPTY_SECTION, 1, () -> AbsolutePath.parse("//"));
        breaks(Rule.NO_EMPTY_SECTION, 3, () -> AbsolutePath.parse("/a//b"));
        breaks(Rule.NO_EMPTY_SECTION, 2, () -> RelativePath.parse("a//b"));
    }

    @Test
    void aTrailingSlashIsAnErrorAndNeverRepaired() {
        breaks(Rule.NO_EMPTY_SECTION, 3, () -> AbsolutePath.parse("/a/"));
        breaks(Rule.NO_EMPTY_SECTION, 4, () -> RelativePath.parse("a/b/"));
    }

    @Test
    void aSectionHasAtLeastOneCharacter() {
        breaks(Rule.NO_EMPTY_SECTION, 0, () -> SubPath.of(""));
        breaks(Rule.NO_EMPTY_SECTION, 0, () -> RelativePath.parse(""));
    }

    @Test
    void aSingleSectionHasNoSlash() {
        breaks(Rule.ONE_SECTION, 1, () -> SubPath.of("a/b"));
        breaks(Rule.ONE_SECTION, 0, () -> SubPath.of("/"));
    }

    @Test
    void nulAndOtherControlCharactersAreRefused() {
        breaks(Rule.NO_CONTROL_CHARACTER, 2, () -> AbsolutePath.parse("/a\0b"));
        breaks(Rule.NO_CONTROL_CHARACTER, 1, () -> AbsolutePath.parse("/\n"));
        breaks(Rule.NO_CONTROL_CHARACTER, 3, () -> RelativePath.parse("a/b\t"));
        breaks(Rule.NO_CONTROL_CHARACTER, 0, () -> SubPath.of("\u007f"));
        breaks(Rule.NO_CONTROL_CHARACTER, 1, () -> SubPath.of("a\u009f"));
    }

    @Test
    void allOtherCharactersWillDo() {
        assertThat(AbsolutePath.parse("/ /a b/\u00a0/ä/日本/😀/*?#%~\\").depth()).isEqualTo(7);
    }

    @Test
    void dotsThatOtherSystemsReadAsHereOrAboveAreRefused() {
        breaks(Rule.NO_DOTS, 1, () -> AbsolutePath.parse("/."));
        breaks(Rule.NO_DOTS, 3, () -> AbsolutePath.parse("/a/../b"));
        breaks(Rule.NO_DOTS, 2, () -> RelativePath.parse("a/."));
        breaks(Rule.NO_DOTS, 0, () -> SubPath.of(".."));
    }

    @Test
    void otherDotsAreCharactersLikeAll() {
        assertThat(AbsolutePath.parse("/.../.a/..b/a./..c.").depth()).isEqualTo(5);
    }

    @Test
    void anUnpairedSurrogateIsNoUnicode() {
        breaks(Rule.VALID_UNICODE, 2, () -> AbsolutePath.parse("/a\ud83d"));
        breaks(Rule.VALID_UNICODE, 1, () -> AbsolutePath.parse("/\ude00a"));
        breaks(Rule.VALID_UNICODE, 1, () -> AbsolutePath.parse("/\ud83d/\ude00"));
        breaks(Rule.VALID_UNICODE, 0, () -> SubPath.of("\ude00\ud83d"));
    }

    @Test
    void aSectionHasAtMost255BytesOfUtf8() {
        assertThat(SubPath.of("a".repeat(255)).name()).hasSize(255);
        assertThat(SubPath.of("ä".repeat(127) + "a").name()).hasSize(128);
        assertThat(SubPath.of("日".repeat(85)).name()).hasSize(85);
        assertThat(SubPath.of("😀".repeat(63) + "abc").name()).hasSize(129);
        breaks(Rule.SECTION_LENGTH, 255, () -> SubPath.of("a".repeat(256)));
        breaks(Rule.SECTION_LENGTH, 127, () -> SubPath.of("ä".repeat(128)));
        breaks(Rule.SECTION_LENGTH, 3 + 85, () -> AbsolutePath.parse("/a/" + "日".repeat(86)));
    }

    @Test
    void theCharacterThatMakesASectionTooLongIsPointedAtWhereItBegins() {
        breaks(Rule.SECTION_LENGTH, 126, () -> SubPath.of("😀".repeat(64)));
    }

    @Test
    void aPathHasAtMost50Sections() {
        assertThat(AbsolutePath.parse("/a".repeat(50)).depth()).isEqualTo(50);
        assertThat(RelativePath.parse("a/".repeat(49) + "a").depth()).isEqualTo(50);
        breaks(Rule.DEPTH, 101, () -> AbsolutePath.parse("/a".repeat(51)));
        breaks(Rule.DEPTH, 100, () -> RelativePath.parse("a/".repeat(50) + "a"));
    }

    @Test
    void aPathHasAtMost4096BytesOfUtf8() {
        String longest = ("/" + "a".repeat(255)).repeat(16);
        assertThat(AbsolutePath.parse(longest).toString()).hasSize(4096);
        breaks(Rule.LENGTH, 4097, () -> AbsolutePath.parse(longest + "/a"));
        String wide = ("/" + "ä".repeat(127)).repeat(16) + "/";
        assertThat(AbsolutePath.parse(wide + "b".repeat(15)).depth()).isEqualTo(17);
        breaks(Rule.LENGTH, 16 * 128 + 1, () -> AbsolutePath.parse(wide + "b".repeat(16)));
    }

    @Test
    void theFirstRuleThatIsBrokenIsTold() {
        breaks(Rule.NO_EMPTY_SECTION, 1, () -> AbsolutePath.parse("//.."));
        breaks(Rule.NO_DOTS, 1, () -> AbsolutePath.parse("/..//"));
    }

    @Test
    void theExceptionNamesRulePathAndPosition() {
        PathException broken = breaks(Rule.NO_DOTS, 3, () -> AbsolutePath.parse("/a/.."));
        assertThat(broken.path()).isEqualTo("/a/..");
        assertThat(broken)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("path \"/a/..\" breaks a rule at position 3: a section is neither '.' nor '..'");
    }

    @Test
    void theMessageShowsNeitherControlCharactersNorEndlessPaths() {
        PathException broken = breaks(Rule.NO_CONTROL_CHARACTER, 1, () -> AbsolutePath.parse("/\u001b[2J\n"));
        assertThat(broken.getMessage()).contains("/\\u001b[2J\\u000a").doesNotContain("\u001b", "\n");
        PathException endless = breaks(Rule.SECTION_LENGTH, 256, () -> AbsolutePath.parse("/" + "a".repeat(100_000)));
        assertThat(endless.getMessage()).hasSizeLessThan(400).contains("aaa…");
    }

    private static PathException breaks(Rule rule, int position, ThrowingCallable what) {
        PathException broken = catchThrowableOfType(PathException.class, what);
        assertThat(broken).as("no exception; expected %s", rule).isNotNull();
        assertThat(broken.rule()).isEqualTo(rule);
        assertThat(broken.position()).isEqualTo(position);
        return broken;
    }
}
