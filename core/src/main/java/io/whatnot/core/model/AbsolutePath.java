package io.whatnot.core.model;

import io.whatnot.core.model.PathException.Rule;
import java.util.List;
import java.util.Optional;

/**
 * The name of an element in its namespace: {@code /} or {@code /a/b/c}. At most 50 sections (see {@link SubPath}) and
 * 4,096 bytes of UTF-8. A doubled or trailing slash is an error, never repaired.
 *
 * <p>Immutable. Paths sort section by section, so a subtree is contiguous: {@code /a}, {@code /a/x}, {@code /a-b}.
 */
public final class AbsolutePath implements Comparable<AbsolutePath> {
    /** The most sections. */
    public static final int DEPTH_MAX = 50;
    /** The longest path, in bytes of UTF-8. */
    public static final int BYTES_MAX = 4096;
    /** The root of every namespace, which always exists. */
    public static final AbsolutePath ROOT = new AbsolutePath("/", List.of());

    private final String text;
    private final List<String> sections;

    private AbsolutePath(String text, List<String> sections) {
        this.text = text;
        this.sections = sections;
    }

    /** Reads {@code /a/b/c}.
     *
     * @throws PathException if a rule is broken */
    public static AbsolutePath parse(String text) {
        if (!text.startsWith("/")) {
            throw new PathException(Rule.ABSOLUTE_STARTS_WITH_SLASH, text, 0);
        }
        return text.length() == 1 ? ROOT : new AbsolutePath(text, List.copyOf(Sections.split(text, 1)));
    }

    private static AbsolutePath ofChecked(List<String> sections) {
        return sections.isEmpty() ? ROOT : new AbsolutePath("/" + String.join("/", sections), sections);
    }

    /** The sections from the root down; empty for the root. */
    public List<String> sections() {
        return sections;
    }

    /** How many sections; 0 for the root. */
    public int depth() {
        return sections.size();
    }

    /** Whether this is {@link #ROOT}. */
    public boolean isRoot() {
        return sections.isEmpty();
    }

    /** The last section, or the empty text for the root. */
    public String name() {
        return sections.isEmpty() ? "" : sections.get(sections.size() - 1);
    }

    /** The element above; nothing above the root. */
    public Optional<AbsolutePath> parent() {
        return isRoot() ? Optional.empty() : Optional.of(ancestor(depth() - 1));
    }

    /** The first {@code depth} sections of this path.
     *
     * @throws IndexOutOfBoundsException if this path has fewer */
    public AbsolutePath ancestor(int depth) {
        return depth == depth() ? this : ofChecked(sections.subList(0, depth));
    }

    /** The child of that name.
     *
     * @throws PathException if the whole breaks a rule of depth or length */
    public AbsolutePath resolve(SubPath child) {
        String whole = isRoot() ? "/" + child : text + "/" + child;
        if (whole.length() > BYTES_MAX / 3 || depth() == DEPTH_MAX) {
            return parse(whole);
        }
        String[] longer = sections.toArray(new String[depth() + 1]);
        longer[depth()] = child.name();
        return new AbsolutePath(whole, List.of(longer));
    }

    /** The element that many sections below.
     *
     * @throws PathException if the whole breaks a rule of depth or length */
    public AbsolutePath resolve(RelativePath below) {
        if (below.sections().isEmpty()) {
            return this;
        }
        return parse(isRoot() ? "/" + below : text + "/" + below);
    }

    /** The way from here down to {@code below}; {@link RelativePath#SELF} if they are the same.
     *
     * @throws PathException if {@code below} is not at or below this path */
    public RelativePath relativize(AbsolutePath below) {
        if (!below.startsWith(this)) {
            throw new PathException(Rule.NOT_BELOW, below.text, 0);
        }
        return RelativePath.ofChecked(below.sections.subList(depth(), below.depth()));
    }

    /** Whether this path is {@code other} or below it. */
    public boolean startsWith(AbsolutePath other) {
        return depth() >= other.depth() && sections.subList(0, other.depth()).equals(other.sections);
    }

    @Override
    public int compareTo(AbsolutePath other) {
        return Sections.compare(sections, other.sections);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AbsolutePath path && path.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The path as it is written, {@code /a/b/c}. */
    @Override
    public String toString() {
        return text;
    }
}
