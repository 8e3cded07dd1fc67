package io.whatnot.core.state.tree;

import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Actor;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Limits;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegisteringTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    @Test
    void anElementIsRegisteredWithAllItsMissingParentsFromTheTopInOneRevision() {
        ann.register("/a");
        done(ann.register("/a/b/c"));
        assertThat(machine.revisions()).containsExactly(List.of("ADDED /a/b by ann", "ADDED /a/b/c by ann"));
        assertThat(ann.get("/a/b")).isPresent();
    }

    @Test
    void whatWasOnlyRegisteredHoldsNothing() {
        ann.register("/a");
        assertThat(ann.get("/a")).hasValueSatisfying(element -> {
            assertThat(element.value()).isEqualTo(Value.NONE);
            assertThat(element.version()).isEqualTo(1);
            assertThat(element.createRevision().value()).isEqualTo(machine.revision());
            assertThat(element.modRevision().value()).isEqualTo(machine.revision());
            assertThat(element.actor()).isEqualTo(new Actor("ann", ann.session()));
            assertThat(element.ttlMillis()).isZero();
            assertThat(element.ephemeralSession()).isZero();
        });
    }

    @Test
    void registeringWhatIsRegisteredDoesNothing() {
        ann.put("/a", "1");
        long before = machine.revision();
        assertThat(done(bob.register("/a")).revision()).isEqualTo(new Revision(before));
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(machine.events()).isEmpty();
        assertThat(ann.read("/a")).isEqualTo("1");
    }

    @Test
    void aPutRegistersTheElementAndItsMissingParents() {
        assertThat(written(ann.put("/a/b", "1")).version()).isEqualTo(1);
        assertThat(machine.revisions()).containsExactly(List.of("ADDED /a by ann", "ADDED /a/b by ann"));
        assertThat(machine.last().events()).map(WatchEvent::value).containsExactly(Value.NONE, Value.of("1"));
    }

    @Test
    void anotherPutEditsTheElement() {
        long created = written(ann.put("/a", "1")).revision().value();
        assertThat(written(bob.put("/a", "2")).version()).isEqualTo(2);
        assertThat(machine.events()).containsExactly("EDITED /a by bob");
        assertThat(ann.get("/a")).hasValueSatisfying(element -> {
            assertThat(element.value()).isEqualTo(Value.of("2"));
            assertThat(element.version()).isEqualTo(2);
            assertThat(element.createRevision().value()).isEqualTo(created);
            assertThat(element.modRevision().value()).isEqualTo(created + 1);
            assertThat(element.actor().name()).isEqualTo("bob");
        });
    }

    @Test
    void aPutOfTheSameValueIsAChangeToo() {
        ann.put("/a", "1");
        assertThat(written(ann.put("/a", "1")).version()).isEqualTo(2);
        assertThat(machine.events()).containsExactly("EDITED /a by ann");
    }

    @Test
    void aPutLeavesParentsThatAreThereAsTheyAre() {
        ann.put("/a", "1");
        long before = machine.revision();
        ann.put("/a/b", "2");
        assertThat(ann.get("/a")).hasValueSatisfying(parent -> {
            assertThat(parent.version()).isEqualTo(1);
            assertThat(parent.modRevision().value()).isEqualTo(before);
        });
    }

    @Test
    void anEventTellsTheNewValueTheOneBeforeAndTheVersion() {
        ann.put("/a", "1");
        ann.put("/a", "2");
        WatchEvent edited = machine.last().events().get(0);
        assertThat(edited.value()).isEqualTo(Value.of("2"));
        assertThat(edited.previous()).isEqualTo(Value.of("1"));
        assertThat(edited.version()).isEqualTo(2);
        assertThat(edited.namespace()).isEqualTo("n");
        assertThat(edited.timeMillis()).isEqualTo(machine.now());
        assertThat(edited.token()).isNull();
    }

    @Test
    void whatIsRegisteredAnewStartsAtVersion1() {
        ann.put("/a", "1");
        ann.put("/a", "2");
        ann.delete("/a");
        assertThat(written(ann.put("/a", "3")).version()).isEqualTo(1);
        assertThat(machine.events()).containsExactly("ADDED /a by ann");
        assertThat(ann.get("/a"))
                .hasValueSatisfying(
                        element -> assertThat(element.createRevision()).isEqualTo(element.modRevision()));
    }

    @Test
    void theRootHoldsAValueLikeAnyElement() {
        assertThat(written(ann.put("/", "1")).version()).isEqualTo(2);
        assertThat(machine.events()).containsExactly("EDITED / by ann");
        assertThat(ann.read("/")).isEqualTo("1");
    }

    @Test
    void aValueIsNoLargerThanTheSettingsAllow() {
        machine.with(Limits.VALUE_BYTES.max(3));
        written(ann.put("/a", "123"));
        assertThat(refused(ErrorCode.RESOURCE_EXHAUSTED, ann.put("/a", "1234")).message())
                .contains("4 bytes", "at most 3", "valueBytesMax");
        assertThat(ann.read("/a")).isEqualTo("123");
    }

    @Test
    void aNamespaceHasOnlySoManyElementsTheRootAmongThem() {
        machine.with(Limits.ELEMENTS.max(3));
        ann.register("/a");
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.register("/b/c"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.put("/b/c", ""));
        assertThat(ann.get("/b")).isEmpty();
        written(ann.put("/b", ""));
        written(ann.put("/b", "again"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.put("/c", ""));
        done(ann.in("other").register("/c"));
    }

    @Test
    void whatIsRefusedHasNoEffect() {
        ann.put("/a", "1");
        long before = machine.revision();
        machine.with(Limits.VALUE_BYTES.max(1));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.put("/b/c", "12"));
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(machine.events()).isEmpty();
        assertThat(ann.get("/b")).isEmpty();
    }
}
