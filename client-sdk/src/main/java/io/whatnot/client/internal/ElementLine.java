package io.whatnot.client.internal;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Value;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * An element as a JSON object: {@code path}; {@code text}, or {@code base64} where the bytes are no text, or neither where
 * there is no value; {@code contentType}, {@code ttl} in milliseconds.
 *
 * @param path where
 * @param value what it holds
 * @param ttlMillis after so long without a put it is deleted; 0 for never
 */
record ElementLine(AbsolutePath path, Value value, long ttlMillis) {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    String toJson() {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
            json.writeStartObject();
            json.writeStringProperty("path", path.toString());
            if (!value.equals(Value.NONE)) {
                String text = textOrNull(value.bytes());
                if (text == null) {
                    json.writeName("base64");
                    json.writeBinary(value.bytes());
                } else {
                    json.writeStringProperty("text", text);
                }
                if (!value.contentType().isEmpty()) {
                    json.writeStringProperty("contentType", value.contentType());
                }
            }
            if (ttlMillis != 0) {
                json.writeNumberProperty("ttl", ttlMillis);
            }
            json.writeEndObject();
        }
        return line.toString();
    }

    private static @Nullable String textOrNull(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** The element in a line.
     *
     * @throws IllegalArgumentException if it is none */
    static ElementLine parse(String line) {
        String path = null;
        byte[] bytes = null;
        String contentType = null;
        long ttlMillis = 0;
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("a JSON object was expected");
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                JsonToken token = json.nextToken();
                boolean number = name.equals("ttl");
                if (token != (number ? JsonToken.VALUE_NUMBER_INT : JsonToken.VALUE_STRING)) {
                    throw new IllegalArgumentException(name + (number ? " is no whole number" : " is no text"));
                }
                if (bytes != null && (name.equals("text") || name.equals("base64"))) {
                    throw new IllegalArgumentException("there are both text and base64; one of them, please");
                }
                switch (name) {
                    case "path" -> path = json.getString();
                    case "text" -> bytes = json.getString().getBytes(StandardCharsets.UTF_8);
                    case "base64" -> bytes = json.getBinaryValue();
                    case "contentType" -> contentType = json.getString();
                    case "ttl" -> ttlMillis = json.getLongValue();
                    default ->
                        throw new IllegalArgumentException(
                                "unknown property " + name + "; there are path, text, base64, contentType, ttl");
                }
            }
            if (json.nextToken() != null) {
                throw new IllegalArgumentException("something follows the object");
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
        }
        if (path == null) {
            throw new IllegalArgumentException("there is no path");
        }
        if (ttlMillis < 0) {
            throw new IllegalArgumentException("ttl is negative");
        }
        Value value = bytes == null && contentType == null
                ? Value.NONE
                : Value.of(bytes == null ? new byte[0] : bytes, contentType == null ? "" : contentType);
        return new ElementLine(AbsolutePath.parse(path), value, ttlMillis);
    }
}
