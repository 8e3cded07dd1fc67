package io.whatnot.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"localhost:1", "127.0.0.1:7400", "n1.example.com:65535", "[::1]:7400", "[fe80::1%1]:80", "a-b:80"
            })
    void hostAndPortAreAnEndpoint(String endpoint) {
        assertThat(Endpoints.checked(endpoint)).isEqualTo(endpoint);
    }

    /** gRPC would find out only when it has taken threads for the connection, which it then keeps. */
    @ParameterizedTest
    @ValueSource(strings = {"a_b:80", "a..b:80", ".a:80", "-a:80", "a.1:80", "10.0.0.300:80", "[:]:80", "[::1%]:80"})
    void aNameThatTheTransportCouldNotReadIsNoEndpoint(String wrong) {
        assertThatThrownBy(() -> Endpoints.checked(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + wrong + "\" is no endpoint");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host",
                "host:",
                ":80",
                "host:0",
                "host:65536",
                "host:-1",
                "a b:80",
                "a/b:80",
                "a,b:80",
                "u@h:80"
            })
    void whatIsNotHostAndPortIsNone(String wrong) {
        assertThat(Endpoints.isOne(wrong)).isFalse();
    }

    @Test
    void aPortIsWrittenInPlainDigits() {
        assertThat(Endpoints.isOne("host:٨٠")).isFalse();
    }
}
