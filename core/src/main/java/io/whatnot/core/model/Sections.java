package io.whatnot.core.model;

import io.whatnot.core.model.PathException.Rule;
import java.util.ArrayList;
import java.util.List;

/** The rules of sections, in one place for all kinds of path, and the order in which they sort. */
final class Sections {
    private Sections() {}

    /**
     * Splits {@code text} from {@code start} at slashes and checks every section, the depth and the length of the
     * whole.
     */
    static List<String> split(String text, int start) {
        List<String> sections = new ArrayList<>();
        int bytes = start;
        for (int begin = start; begin <= text.length(); ) {
            int end = text.indexOf('/', begin);
            end = end < 0 ? text.length() : end;
            if (sections.size() == AbsolutePath.DEPTH_MAX) {
                throw new PathException(Rule.DEPTH, text, begin);
            }
            bytes += check(text, begin, end) + 1;
            if (bytes - 1 > AbsolutePath.BYTES_MAX) {
                throw new PathException(Rule.LENGTH, text, begin);
            }
            sections.add(text.substring(begin, end));
            begin = end + 1;
        }
        return sections;
    }

    /** Checks one section, {@code text[begin, end)}, and tells its length in bytes of UTF-8. */
    static int check(String text, int begin, int end) {
        if (begin == end) {
            throw new PathException(Rule.NO_EMPTY_SECTION, text, begin);
        }
        if (text.charAt(begin) == '.' && (end - begin == 1 || (end - begin == 2 && text.charAt(begin + 1) == '.'))) {
            throw new PathException(Rule.NO_DOTS, text, begin);
        }
        int bytes = 0;
        for (int i = begin; i < end; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes += 1;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(c) && i + 1 < end && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                throw new PathException(Rule.VALID_UNICODE, text, i);
            }
            if (Character.isISOControl(c)) {
                throw new PathException(Rule.NO_CONTROL_CHARACTER, text, i);
            }
            if (bytes > SubPath.BYTES_MAX) {
                throw new PathException(Rule.SECTION_LENGTH, text, Character.isSurrogate(c) ? i - 1 : i);
            }
        }
        return bytes;
    }

    /** Orders sections by code point, which is the order of their UTF-8 bytes, so that all languages sort alike. */
    static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return Character.compare(rank(x), rank(y));
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** UTF-16 puts surrogates below U+E000..U+FFFF, UTF-8 above them. */
    private static char rank(char c) {
        if (c < Character.MIN_SURROGATE) {
            return c;
        }
        return (char) (Character.isSurrogate(c) ? c + 0x2000 : c - 0x800);
    }

    static int compare(List<String> a, List<String> b) {
        int common = Math.min(a.size(), b.size());
        for (int i = 0; i < common; i++) {
            int order = compare(a.get(i), b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }
}
