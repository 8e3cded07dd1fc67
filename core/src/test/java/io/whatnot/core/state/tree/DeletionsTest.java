package io.whatnot.core.state.tree;

import static io.whatnot.core.state.Answers.deleted;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Limits;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeletionsTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    @Test
    void aDeletedElementIsRegisteredNoMoreButItsParentsAre() {
        ann.register("/a/b");
        assertThat(deleted(bob.delete("/a/b")).revision().value()).isEqualTo(machine.revision());
        assertThat(machine.events()).containsExactly("DELETED /a/b by bob");
        assertThat(ann.get("/a/b")).isEmpty();
        assertThat(ann.get("/a")).isPresent();
    }

    @Test
    void theEventTellsWhatWasDeleted() {
        ann.put("/a", "1");
        ann.put("/a", "2");
        ann.delete("/a");
        WatchEvent event = machine.last().events().get(0);
        assertThat(event.value()).isNull();
        assertThat(event.previous()).isEqualTo(Value.of("2"));
        assertThat(event.version()).isEqualTo(2);
    }

    @Test
    void whatIsNotRegisteredCantBeDeleted() {
        ann.register("/a");
        refused(ErrorCode.NO_SUCH_ELEMENT, ann.delete("/b"));
        refused(ErrorCode.NO_SUCH_ELEMENT, ann.delete("/a/b"));
        refused(ErrorCode.NO_SUCH_ELEMENT, ann.deleteAll("/b"));
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void anElementWithChildrenIsNotDeletedByMistake() {
        ann.register("/a/b");
        assertThat(refused(ErrorCode.HAS_CHILDREN, ann.delete("/a")).message()).contains("1 elements below");
        assertThat(ann.get("/a/b")).isPresent();
    }

    @Test
    void aRecursiveDeleteTakesTheSubtreeDeepestFirstInOneRevision() {
        ann.register("/a/b/c");
        ann.register("/a/a");
        ann.register("/a-b");
        assertThat(deleted(ann.deleteAll("/a")).count()).isEqualTo(4);
        assertThat(machine.revisions())
                .containsExactly(List.of(
                        "DELETED /a/b/c by ann", "DELETED /a/a by ann", "DELETED /a/b by ann", "DELETED /a by ann"));
        assertThat(ann.get("/a-b")).isPresent();
    }

    @Test
    void aRecursiveDeleteOfALeafIsADelete() {
        ann.register("/a");
        assertThat(deleted(ann.deleteAll("/a")).count()).isEqualTo(1);
    }

    @Test
    void theRootStaysWhenEverythingBelowItIsDeleted() {
        ann.put("/", "root");
        ann.register("/a/b");
        assertThat(deleted(ann.deleteAll("/")).count()).isEqualTo(2);
        assertThat(machine.events()).containsExactly("DELETED /a/b by ann", "DELETED /a by ann");
        assertThat(ann.read("/")).isEqualTo("root");
    }

    @Test
    void whereNothingIsBelowTheRootNothingHappens() {
        ann.createNamespace();
        long before = machine.revision();
        assertThat(deleted(ann.deleteAll("/")).count()).isZero();
        assertThat(machine.revision()).isEqualTo(before);
    }

    @Test
    void aDeleteOfMoreThanARevisionCanTellIsRefusedBeforeItHasAnEffect() {
        machine.with(Limits.EVENTS.max(3));
        ann.register("/a/b/c");
        ann.register("/a/d");
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.deleteAll("/a"));
        assertThat(machine.events()).isEmpty();
        assertThat(ann.get("/a/b/c")).isPresent();
        assertThat(deleted(ann.deleteAll("/a/b")).count()).isEqualTo(2);
        assertThat(deleted(ann.deleteAll("/a")).count()).isEqualTo(2);
    }

    @Test
    void theValuesThatAreDeletedCountTowardsTheSizeOfARevision() {
        machine.with(Limits.EVENT_BYTES.max(1_000));
        ann.put("/a/b", "x".repeat(500));
        ann.put("/a/c", "x".repeat(500));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.deleteAll("/a"));
        ann.delete("/a/b");
        assertThat(deleted(ann.deleteAll("/a")).count()).isEqualTo(2);
    }
}
