package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ValueTest {
    @Test
    void aValueIsACopyOfTheBytesItWasMadeOf() {
        byte[] bytes = {1, 2, 3};
        Value value = Value.of(bytes, "");
        bytes[0] = 9;
        assertThat(value.bytes()).containsExactly(1, 2, 3);
    }

    @Test
    void nobodyChangesAValueThroughItsBytes() {
        Value value = Value.of(new byte[] {1, 2, 3}, "");
        value.bytes()[0] = 9;
        assertThat(value.bytes()).containsExactly(1, 2, 3);
    }

    @Test
    void aTextIsUtf8() {
        Value value = Value.of("grün 😀");
        assertThat(value.text()).isEqualTo("grün 😀");
        assertThat(value.size()).isEqualTo(10);
        assertThat(value.contentType()).isEqualTo("text/plain");
    }

    @Test
    void bytesThatAreNoTextAreShownAsReplacementCharacters() {
        assertThat(Value.of(new byte[] {(byte) 0xff, 'a'}, "").text()).isEqualTo("\ufffda");
    }

    @Test
    void valuesOfTheSameBytesAndTypeAreEqual() {
        assertThat(Value.of("a")).isEqualTo(Value.of("a")).hasSameHashCodeAs(Value.of("a"));
        assertThat(Value.of("a")).isNotEqualTo(Value.of("b"));
        assertThat(Value.of("a")).isNotEqualTo(Value.of(new byte[] {'a'}, "application/json"));
    }

    @Test
    void noBytesOfNoTypeAreNoValue() {
        assertThat(Value.of(new byte[0], "")).isSameAs(Value.NONE);
        assertThat(Value.of("")).isNotEqualTo(Value.NONE);
    }

    @Test
    void aValueHasAtMostAMebibyte() {
        assertThat(Value.of(new byte[1 << 20], "").size()).isEqualTo(1_048_576);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Value.of(new byte[(1 << 20) + 1], ""))
                .withMessageContaining("1048577 bytes")
                .withMessageContaining("1048576");
    }

    @Test
    void aContentTypeIsBoundedAndHasNoControlCharacters() {
        assertThat(Value.of(new byte[0], "x".repeat(255)).contentType()).hasSize(255);
        assertThatIllegalArgumentException().isThrownBy(() -> Value.of(new byte[0], "x".repeat(256)));
        assertThatIllegalArgumentException().isThrownBy(() -> Value.of(new byte[0], "text/plain\r\nX: y"));
    }

    @Test
    void aValueInAMessageTellsSizeAndTypeButNotItsBytes() {
        assertThat(Value.of("secret")).hasToString("6 bytes of text/plain");
        assertThat(Value.NONE).hasToString("0 bytes");
    }
}
