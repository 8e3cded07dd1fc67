package io.whatnot.core.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What an element holds: bytes, and a word on what they are. Immutable.
 */
public final class Value {
    /** No bytes and no content type: what an element holds that was only registered. */
    public static final Value NONE = new Value(new byte[0], "");
    /** The longest content type, in characters. */
    public static final int CONTENT_TYPE_MAX = 255;

    private final byte[] bytes;
    private final String contentType;

    private Value(byte[] bytes, String contentType) {
        this.bytes = bytes;
        this.contentType = contentType;
    }

    /** A value of these bytes, which are copied.
     *
     * @throws IllegalArgumentException if there are more than 1 MiB, or the content type is malformed */
    public static Value of(byte[] bytes, String contentType) {
        Rules.text("content type", contentType, CONTENT_TYPE_MAX);
        if (bytes.length > ElementCommand.VALUE_BYTES_MAX) {
            throw new IllegalArgumentException("value has " + bytes.length + " bytes, but may never have more than "
                    + ElementCommand.VALUE_BYTES_MAX);
        }
        return bytes.length == 0 && contentType.isEmpty() ? NONE : new Value(bytes.clone(), contentType);
    }

    /** A text, as UTF-8, of content type {@code text/plain}. */
    public static Value of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8), "text/plain");
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** How many bytes. */
    public int size() {
        return bytes.length;
    }

    /** The bytes as UTF-8 text; malformed parts are replaced by U+FFFD. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** What the bytes are, such as {@code application/json}; empty if unsaid. */
    public String contentType() {
        return contentType;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Value value
                && Arrays.equals(value.bytes, bytes)
                && value.contentType.equals(contentType);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return bytes.length + " bytes" + (contentType.isEmpty() ? "" : " of " + contentType);
    }
}
