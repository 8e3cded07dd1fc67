package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Value;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A namespace written down and read back. */
@Timeout(60)
final class TransferTest {
    private final NamespaceManager whatnot = NamespaceManager.local();
    private final Namespace from = whatnot.namespace("from");
    private final Namespace to = whatnot.namespace("to");

    @AfterEach
    void close() {
        whatnot.close();
    }

    private static String exported(Namespace namespace) throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long count = namespace.exportTo(out);
        String lines = out.toString(StandardCharsets.UTF_8);
        assertThat(lines.lines().count()).isEqualTo(count);
        return lines;
    }

    private static long imported(Namespace namespace, String lines) throws IOException, InterruptedException {
        return namespace.importFrom(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatIsReadBackIsWhatWasWrittenDown() throws Exception {
        from.put("/", Value.of("root"));
        from.put("/a/b", Value.of("two\nlines \"quoted\" é😀\u0001"));
        from.put("/a/bytes", Value.of(new byte[] {(byte) 0xff, 0, 1}, "application/x"));
        from.put("/a/empty", Value.of(new byte[0], "text/plain"));
        from.put("/a/untyped", Value.of("x".getBytes(StandardCharsets.UTF_8), ""));
        from.put("/a/passing", Value.of("soon"), Put.with().ttl(Duration.ofHours(1)));
        from.register("/only/registered");

        String lines = exported(from);
        assertThat(imported(to, lines)).isEqualTo(9);

        assertThat(exported(to)).isEqualTo(lines);
        assertThat(told(to)).isEqualTo(told(from));
        assertThat(to.get("/").orElseThrow().value()).isEqualTo(Value.of("root"));
    }

    private static List<List<Object>> told(Namespace namespace) throws InterruptedException {
        return namespace.subtree("/").stream()
                .map((ElementView element) -> List.<Object>of(element.path(), element.value(), element.ttlMillis()))
                .toList();
    }

    @Test
    void ephemeralElementsAndLocksStay() throws Exception {
        from.put("/here", Value.of("x"), Put.with().ephemeral());
        from.put("/there", Value.of("x"));
        try (LeaseContext lease = from.lease("/locked").acquire()) {
            assertThat(lease.isHeld()).isTrue();
            assertThat(exported(from))
                    .isEqualTo("{\"path\":\"/there\",\"text\":\"x\",\"contentType\":\"text/plain\"}\n");
        }
    }

    @Test
    void moreThanAPageIsWrittenDownAndReadBackWhole() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 2_500; i++) {
            lines.append("{\"path\":\"/many/")
                    .append(i)
                    .append("\",\"text\":\"")
                    .append(i)
                    .append("\"}\n");
        }
        assertThat(imported(from, lines.toString())).isEqualTo(2_500);
        assertThat(exported(from).lines().count()).isEqualTo(2_501);
        assertThat(from.get("/many/2499").orElseThrow().value().text()).isEqualTo("2499");
    }

    @Test
    void aLineThatCanNotBeReadIsNamedWithWhatIsWrong() {
        for (List<String> wrong : List.of(
                List.of("{\"path\":\"/b", "no JSON"),
                List.of("[]", "a JSON object was expected"),
                List.of("{\"text\":\"x\"}", "there is no path"),
                List.of("{\"path\":\"/b\",\"colour\":\"red\"}", "unknown property colour"),
                List.of("{\"path\":\"/b\",\"text\":\"x\",\"base64\":\"eA==\"}", "both text and base64"),
                List.of("{\"path\":\"/b\",\"ttl\":\"1\"}", "ttl is no whole number"),
                List.of("{\"path\":\"/b\",\"path\":\"/c\"}", "no JSON"),
                List.of("{\"path\":\"/b\"} x", "no JSON"),
                List.of("{\"path\":\"b\"}", "\"b\""))) {
            assertThatThrownBy(() -> imported(to, "{\"path\":\"/a\"}\n\n" + wrong.get(0) + "\n"))
                    .as(wrong.get(0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("line 3")
                    .hasMessageContaining(wrong.get(1));
        }
    }

    @Test
    void aLineThatIsRefusedIsNamedWithItsPathAndWhy() throws Exception {
        to.put("/passing", Value.of("x"), Put.with().ttl(Duration.ofHours(1)));

        assertThatThrownBy(() -> imported(to, "{\"path\":\"/a\"}\n{\"path\":\"/passing/b\"}\n{\"path\":\"/c\"}\n"))
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HAS_CHILDREN))
                .message()
                .startsWith("HAS_CHILDREN: line 2, /passing/b: ")
                .containsOnlyOnce("HAS_CHILDREN");
    }

    @Test
    void theFirstOfTwoWrongLinesIsNamed() throws Exception {
        to.put("/passing", Value.of("x"), Put.with().ttl(Duration.ofHours(1)));

        assertThatThrownBy(() -> imported(to, "{\"path\":\"/passing/b\"}\nnonsense\n"))
                .hasMessageContaining("line 1, /passing/b");
    }
}
