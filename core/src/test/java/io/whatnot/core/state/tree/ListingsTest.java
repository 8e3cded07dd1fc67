package io.whatnot.core.state.tree;

import static io.whatnot.core.state.Answers.found;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import io.whatnot.core.state.Queries;
import io.whatnot.core.state.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListingsTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");

    @Test
    void theClosestElementIsTheDeepestRegisteredOnTheWay() {
        ann.register("/a/b");
        assertThat(closest("/a/b")).isEqualTo("/a/b");
        assertThat(closest("/a/b/c/d")).isEqualTo("/a/b");
        assertThat(closest("/a/x")).isEqualTo("/a");
        assertThat(closest("/a-b")).isEqualTo("/");
        assertThat(closest("/")).isEqualTo("/");
    }

    @Test
    void theChildrenAreListedInOrderWithoutWhatIsBelowThem() {
        ann.register("/a/y/z");
        ann.register("/a/x");
        ann.register("/a/\ufffd");
        ann.register("/a/😀");
        ann.register("/b");
        assertThat(paths(list("/a", false, 100))).containsExactly("/a/x", "/a/y", "/a/\ufffd", "/a/😀");
    }

    @Test
    void aSubtreeIsListedInTheOrderOfPathsWithoutItsTop() {
        ann.register("/a/b/c");
        ann.register("/a/b-c");
        ann.register("/a/a");
        assertThat(paths(list("/a", true, 100))).containsExactly("/a/a", "/a/b", "/a/b/c", "/a/b-c");
        assertThat(paths(list("/", true, 100))).containsExactly("/a", "/a/a", "/a/b", "/a/b/c", "/a/b-c");
    }

    @Test
    void pagesPutTogetherAreTheWholeListing() {
        for (String path : List.of("/a/a/a", "/a/b", "/a/c/d/e", "/a/c/f", "/b")) {
            ann.register(path);
        }
        for (boolean recursive : new boolean[] {true, false}) {
            List<String> whole = paths(list("/a", recursive, 100));
            for (int limit = 1; limit <= whole.size(); limit++) {
                assertThat(byPages("/a", recursive, limit)).isEqualTo(whole);
            }
        }
    }

    @Test
    void aPageSaysWhetherThereIsAnother() {
        ann.register("/a/x");
        ann.register("/a/y");
        assertThat(list("/a", true, 1).more()).isTrue();
        assertThat(list("/a", true, 2).more()).isFalse();
        assertThat(list("/a/x", true, 2).more()).isFalse();
    }

    @Test
    void aListingGoesOnBehindWhatIsNotThereAnyMore() {
        ann.register("/a/b/c");
        ann.register("/a/d");
        assertThat(paths(page("/a", true, "/a/b/x", 100))).containsExactly("/a/d");
        assertThat(paths(page("/a", true, "/a/b/c/x/y", 100))).containsExactly("/a/d");
        assertThat(paths(page("/a", true, "/a/aa", 100))).containsExactly("/a/b", "/a/b/c", "/a/d");
        assertThat(paths(page("/a", false, "/a/b/c", 100))).containsExactly("/a/d");
    }

    @Test
    void allPagesAreOfOneRevisionIfTheyAreAskedOfOneState() {
        ann.put("/a/x", "1");
        ann.put("/a/y", "1");
        State held = machine.state();
        ann.put("/a/y", "2");
        ann.register("/a/z");
        ann.delete("/a/x");
        Result.Page rest =
                (Result.Page) Queries.answer(held, new Query.List("n", path("/a"), true, true, path("/a/x"), 10, 0));
        assertThat(rest.elements()).map(element -> element.value().text()).containsExactly("1");
        assertThat(rest.revision().value()).isEqualTo(held.revision());
    }

    @Test
    void valuesAreLeftOutIfTheyAreNotAskedFor() {
        ann.put("/a", "1");
        Result.Page page = (Result.Page)
                machine.ask(new Query.List("n", AbsolutePath.ROOT, true, false, AbsolutePath.ROOT, 10, 0));
        assertThat(page.elements()).map(ElementView::value).containsExactly(Value.NONE);
        assertThat(page.elements()).map(ElementView::version).containsExactly(1L);
    }

    @Test
    void largeValuesMakeAPageShorter() {
        for (int i = 10; i < 40; i++) {
            ann.put("/a/" + i, "x".repeat(65_536));
        }
        Result.Page first = list("/a", true, 1_000);
        assertThat(first.elements()).hasSize(16);
        assertThat(first.more()).isTrue();
        assertThat(byPages("/a", true, 1_000)).hasSize(30);
    }

    @Test
    void whatIsNotRegisteredHasNothingBelowIt() {
        ann.createNamespace();
        assertThat(list("/a", true, 10).elements()).isEmpty();
        assertThat(list("/", true, 10).elements()).isEmpty();
    }

    @Test
    void whatIsOnlyLockedIsNotListed() {
        ann.lock(Target.element("/a/b"));
        assertThat(list("/", true, 10).elements()).isEmpty();
        assertThat(ann.get("/a/b")).isEmpty();
    }

    private List<String> byPages(String path, boolean recursive, int limit) {
        List<String> all = new ArrayList<>();
        String after = path;
        while (true) {
            Result.Page page = page(path, recursive, after, limit);
            assertThat(paths(page)).as("the page goes on").isNotEmpty().noneMatch(all::contains);
            all.addAll(paths(page));
            if (!page.more()) {
                return all;
            }
            after = all.get(all.size() - 1);
        }
    }

    private String closest(String path) {
        return found(machine.ask(new Query.Closest("n", path(path))))
                .orElseThrow()
                .path()
                .toString();
    }

    private Result.Page list(String path, boolean recursive, int limit) {
        return page(path, recursive, path, limit);
    }

    private Result.Page page(String path, boolean recursive, String after, int limit) {
        Result answer = machine.ask(new Query.List("n", path(path), recursive, true, path(after), limit, 0));
        return answer instanceof Result.Page page ? page : fail("no page: " + answer);
    }

    private static List<String> paths(Result.Page page) {
        return page.elements().stream()
                .map(element -> element.path().toString())
                .toList();
    }

    private static AbsolutePath path(String path) {
        return AbsolutePath.parse(path);
    }
}
