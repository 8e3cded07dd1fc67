package io.whatnot.core.model;

/** A path breaks a rule. Names the rule, the path as it was given, and the position (a char index) where it breaks. */
public final class PathException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The rules of paths, each with the sentence that an error shows. */
    public enum Rule {
        ABSOLUTE_STARTS_WITH_SLASH("an absolute path starts with '/'"),
        RELATIVE_STARTS_WITHOUT_SLASH("a relative path does not start with '/'"),
        NO_EMPTY_SECTION("a section has at least one character: no doubled slash, none at the end"),
        ONE_SECTION("a single section has no '/'"),
        NO_CONTROL_CHARACTER("no NUL or other control character"),
        NO_DOTS("a section is neither '.' nor '..'"),
        VALID_UNICODE("valid Unicode: no unpaired surrogate"),
        SECTION_LENGTH("a section has at most " + SubPath.BYTES_MAX + " bytes of UTF-8"),
        DEPTH("at most " + AbsolutePath.DEPTH_MAX + " sections"),
        LENGTH("at most " + AbsolutePath.BYTES_MAX + " bytes of UTF-8 in all"),
        NOT_BELOW("the other path is not at or below this one");

        private final String sentence;

        Rule(String sentence) {
            this.sentence = sentence;
        }

        /** The rule in words. */
        public String sentence() {
            return sentence;
        }
    }

    private final Rule rule;
    private final String path;
    private final int position;

    /** Made where a rule is found broken. */
    public PathException(Rule rule, String path, int position) {
        super("path \"" + shown(path) + "\" breaks a rule at position " + position + ": " + rule.sentence());
        this.rule = rule;
        this.path = path;
        this.position = position;
    }

    /** The rule that is broken. */
    public Rule rule() {
        return rule;
    }

    /** The path as it was given. */
    public String path() {
        return path;
    }

    /** Where in {@link #path()}, as a char index. */
    public int position() {
        return position;
    }

    private static String shown(String path) {
        StringBuilder shown = new StringBuilder();
        path.chars().limit(200).forEach(c -> {
            if (Character.isISOControl(c) || Character.isSurrogate((char) c)) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.append((char) c);
            }
        });
        return path.length() > 200 ? shown + "…" : shown.toString();
    }
}
