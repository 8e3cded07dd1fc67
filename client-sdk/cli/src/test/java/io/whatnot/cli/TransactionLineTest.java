package io.whatnot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.client.NamespaceManager;
import io.whatnot.client.TransactionRequest;
import io.whatnot.core.model.Result;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lines of a transaction, done by a cluster of one in this process. */
final class TransactionLineTest {
    private final NamespaceManager whatnot = NamespaceManager.local();

    @AfterEach
    void close() {
        whatnot.close();
    }

    private Result.Transacted transact(String... lines) throws InterruptedException {
        TransactionRequest request = whatnot.namespace("n").transact();
        List.of(lines).forEach(line -> TransactionLine.parse(line).addTo(request));
        return request.commit();
    }

    private String read(String path) throws InterruptedException {
        return whatnot.namespace("n").get(path).map(e -> e.value().text()).orElse("-");
    }

    @Test
    void eachKindOfLineDoesWhatItSays() throws Exception {
        Result.Transacted done = transact(
                "# first",
                "",
                "when absent /a",
                "when version /a 0",
                "when modrevision /a 0",
                "  then put /a one",
                "then put --ttl 60000 --if-absent /b \"two words\"",
                "then register /c",
                "then unique /q",
                "then unique /q \"a \\\"quoted\\\" \\\\ one\"",
                "then get /a",
                "else rm /a");
        assertThat(done.succeeded()).isTrue();
        assertThat(done.results()).hasSize(6);
        assertThat(read("/a")).isEqualTo("one");
        assertThat(read("/b")).isEqualTo("two words");
        assertThat(read(done.result(4, Result.Registered.class).path().toString()))
                .isEqualTo("a \"quoted\" \\ one");
        assertThat(transact("when value /a two", "then rm -r /q", "else rm /c", "else put --if-version 1 /a two")
                        .succeeded())
                .isFalse();
        assertThat(read("/a")).isEqualTo("two");
        assertThat(transact("when exists /a", "when value /a two", "then rm -r /q")
                        .succeeded())
                .isTrue();
        assertThat(read("/q")).isEqualTo("-");
        assertThat(transact("when held 1.1").succeeded()).isFalse();
    }

    @Test
    void aLineThatCanNotBeReadIsToldWithWhatIsWrong() {
        wrong("if version /a 1", "it begins with \"if\", and should with when, then or else");
        wrong("when", "it ends where what is compared should come");
        wrong("when size /a 1", "\"size\" can't be compared");
        wrong("when version /a", "it ends where a number should come");
        wrong("when version /a x", "\"x\" is no number");
        wrong("when held 7", "\"7\" is no lease");
        wrong("then move /a /b", "\"move\" is no operation");
        wrong("then put /a", "it ends where a text should come");
        wrong("then put /a one two", "\"two\" is too much");
        wrong("then put --for 1 /a one", "--for is no option of put");
        wrong("then put /a \"one", "a double quote is not closed");
        wrong("then put /a \"o\\ne\"", "a backslash in double quotes");
        wrong("then get a", "a");
    }

    private static void wrong(String line, String why) {
        assertThatThrownBy(() -> TransactionLine.parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }
}
