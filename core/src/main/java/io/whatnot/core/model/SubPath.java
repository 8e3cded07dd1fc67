package io.whatnot.core.model;

import io.whatnot.core.model.PathException.Rule;

/**
 * One section of a path: 1 to 255 bytes of valid UTF-8 without {@code /} or control characters, neither {@code .} nor
 * {@code ..}. Sections sort by code point.
 *
 * @param name the section itself
 */
public record SubPath(String name) implements Comparable<SubPath> {
    /** The longest section, in bytes of UTF-8. */
    public static final int BYTES_MAX = 255;

    /** Checks the rules.
     *
     * @throws PathException if one is broken */
    public SubPath {
        int slash = name.indexOf('/');
        if (slash >= 0) {
            throw new PathException(Rule.ONE_SECTION, name, slash);
        }
        Sections.check(name, 0, name.length());
    }

    /** The section of that name.
     *
     * @throws PathException if it breaks a rule */
    public static SubPath of(String name) {
        return new SubPath(name);
    }

    /** The order of sections everywhere: by code point, as of their UTF-8 bytes. */
    public static int compareNames(String a, String b) {
        return Sections.compare(a, b);
    }

    @Override
    public int compareTo(SubPath other) {
        return Sections.compare(name, other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
