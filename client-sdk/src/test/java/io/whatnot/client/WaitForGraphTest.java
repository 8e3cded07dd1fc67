package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.core.model.Scope;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for whom, as data and as a picture. */
@Timeout(60)
final class WaitForGraphTest {
    private final NamespaceManager whatnot =
            NamespaceManager.builder().name("graph").local();
    private final Namespace ns = whatnot.namespace("shop");

    @AfterEach
    void close() {
        whatnot.close();
    }

    private void wait(String path, String owner, int count) {
        ns.lease(path).owner(owner).acquireAsync();
        await().until(() -> ns.locks("/", Scope.PREFIX).waiting().size() == count);
    }

    @Test
    void eachRequestThatWaitsPointsToWhatIsInItsWay() throws Exception {
        LeaseContext held = ns.lease("/a").owner("one").label("says \"stop\"").acquire();
        wait("/a", "two", 1);
        wait("/a", "three", 2);

        WaitForGraph graph = ns.waitForGraph("/a", Scope.ELEMENT);

        assertThat(graph.edges())
                .extracting(edge -> edge.request().owner() + " -> "
                        + edge.blocker().owner() + " " + edge.blocker().waiting())
                .containsExactly("two -> one false", "three -> one false", "three -> two true");
        long session = held.id().session();
        assertThat(graph.toDot().lines())
                .hasSize(9)
                .startsWith("digraph waits {", "  node [shape=box];")
                .contains(
                        "  \"" + session + "/one\" [label=\"graph (" + session + ") one: says \\\"stop\\\"\"];",
                        "  \"" + session + "/three\" -> \"" + session
                                + "/two\" [label=\"/a behind /a\", style=dashed];")
                .endsWith("}");
    }

    @Test
    void whereNobodyWaitsThereIsNothingInIt() throws Exception {
        ns.lease("/a").acquire();
        assertThat(ns.waitForGraph("/", Scope.PREFIX).edges()).isEqualTo(List.of());
        assertThat(ns.waitForGraph("/", Scope.PREFIX).toDot()).isEqualTo("digraph waits {\n  node [shape=box];\n}\n");
    }
}
