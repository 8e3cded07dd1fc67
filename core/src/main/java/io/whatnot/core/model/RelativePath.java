package io.whatnot.core.model;

import io.whatnot.core.model.PathException.Rule;
import java.util.List;

/**
 * A way down from some element: {@code a/b}, or nothing at all ({@link #SELF}). Immutable; sorts section by section.
 */
public final class RelativePath implements Comparable<RelativePath> {
    /** The way from an element to itself: no sections, the empty text. */
    public static final RelativePath SELF = new RelativePath(List.of());

    private final List<String> sections;

    private RelativePath(List<String> sections) {
        this.sections = sections;
    }

    /** Reads {@code a/b/c}.
     *
     * @throws PathException if a rule is broken; the empty text is one, {@link #SELF} is never parsed */
    public static RelativePath parse(String text) {
        if (text.startsWith("/")) {
            throw new PathException(Rule.RELATIVE_STARTS_WITHOUT_SLASH, text, 0);
        }
        return new RelativePath(List.copyOf(Sections.split(text, 0)));
    }

    static RelativePath ofChecked(List<String> sections) {
        return sections.isEmpty() ? SELF : new RelativePath(List.copyOf(sections));
    }

    /** The sections, first to last. */
    public List<String> sections() {
        return sections;
    }

    /** How many sections. */
    public int depth() {
        return sections.size();
    }

    /** This way and then that one.
     *
     * @throws PathException if the whole breaks a rule of depth or length */
    public RelativePath resolve(RelativePath below) {
        if (below.sections.isEmpty() || sections.isEmpty()) {
            return sections.isEmpty() ? below : this;
        }
        return parse(this + "/" + below);
    }

    @Override
    public int compareTo(RelativePath other) {
        return Sections.compare(sections, other.sections);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RelativePath path && path.sections.equals(sections);
    }

    @Override
    public int hashCode() {
        return sections.hashCode();
    }

    @Override
    public String toString() {
        return String.join("/", sections);
    }
}
