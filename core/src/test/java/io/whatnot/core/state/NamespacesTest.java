package io.whatnot.core.state;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.state.Answers.blocked;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamespacesTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    @Test
    void aNamespaceIsMadeByCommandOnce() {
        assertThat(done(ann.createNamespace()).revision().value()).isEqualTo(machine.revision());
        refused(ErrorCode.NAMESPACE_EXISTS, ann.createNamespace());
        assertThat(names()).containsExactly("n");
    }

    @Test
    void aNamespaceIsMadeByItsFirstUse() {
        ann.in("a").register("/x");
        ann.in("b").put("/x", "");
        ann.in("c").tryLock(element("/x"));
        assertThat(names()).containsExactly("a", "b", "c");
    }

    @Test
    void theFirstUseAndWhatItDoesAreOneRevision() {
        long before = machine.revision();
        ann.put("/x", "1");
        assertThat(machine.revision()).isEqualTo(before + 1);
        assertThat(machine.events()).containsExactly("ADDED /x by ann");
    }

    @Test
    void whereTheSettingsSayNoNamespaceIsMadeByUse() {
        machine.with(Limits.namespacesByCommandAlone());
        refused(ErrorCode.NO_SUCH_NAMESPACE, ann.register("/x"));
        refused(ErrorCode.NO_SUCH_NAMESPACE, ann.put("/x", ""));
        refused(ErrorCode.NO_SUCH_NAMESPACE, ann.tryLock(element("/x")));
        assertThat(names()).isEmpty();
        ann.createNamespace();
        written(ann.put("/x", ""));
    }

    @Test
    void neitherADeleteNorAReadNorARefusalMakesANamespace() {
        refused(ErrorCode.NO_SUCH_NAMESPACE, ann.delete("/x"));
        refused(ErrorCode.NO_SUCH_NAMESPACE, machine.ask(new Query.Get("n", AbsolutePath.ROOT)));
        refused(ErrorCode.CONDITION_FAILED, ann.put("/x", "", new Condition(false, 1, 0)));
        assertThat(names()).isEmpty();
    }

    @Test
    void theRootOfANamespaceIsRegisteredWithItByTheCluster() {
        ann.createNamespace();
        assertThat(machine.events()).isEmpty();
        assertThat(ann.get("/")).hasValueSatisfying(root -> {
            assertThat(root.version()).isEqualTo(1);
            assertThat(root.createRevision().value()).isEqualTo(machine.revision());
            assertThat(root.actor()).isEqualTo(Actor.CLUSTER);
        });
    }

    @Test
    void namespacesAreListedByNameWithTheirElements() {
        ann.in("b").register("/x/y");
        ann.in("a").createNamespace();
        assertThat(machine.words().answer(machine.ask(new Query.Namespaces())))
                .isEqualTo("a with 1 elements\nb with 3 elements");
    }

    @Test
    void namespacesHaveNothingToDoWithEachOther() {
        ann.in("a").put("/x", "a");
        ann.in("b").put("/x", "b");
        granted(ann.in("a").tryLock(element("/x")));
        granted(bob.in("b").tryLock(element("/x")));
        written(bob.in("b").put("/x", "c"));
        assertThat(ann.in("a").read("/x")).isEqualTo("a");
    }

    @Test
    void thereAreOnlySoManyNamespaces() {
        machine.with(Limits.NAMESPACES.max(1));
        ann.in("a").createNamespace();
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.in("b").createNamespace());
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.in("b").put("/x", ""));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.in("b").tryLock(element("/x")));
        ann.in("a").dropNamespace();
        done(ann.in("b").createNamespace());
    }

    // ---- dropping

    @Test
    void whatIsDroppedIsGoneDeepestFirstInOneRevision() {
        ann.register("/a/x");
        ann.register("/b");
        done(bob.dropNamespace());
        assertThat(machine.revisions())
                .containsExactly(List.of("DELETED /a/x by bob", "DELETED /a by bob", "DELETED /b by bob"));
        assertThat(machine.last().dropped()).containsExactly(new Applied.Dropped("n", machine.revision()));
        assertThat(names()).isEmpty();
        refused(ErrorCode.NO_SUCH_NAMESPACE, bob.dropNamespace());
    }

    @Test
    void aNamespaceIsNotDroppedWhileAnotherSessionHoldsALockInIt() {
        granted(ann.lock(element("/a")));
        Result.Detail.Blocked blocked = blocked(ErrorCode.LOCKED, bob.dropNamespace());
        assertThat(blocked.blockers()).map(machine.words()::blocker).containsExactly("ann.1 holds /a");
        ann.release(ann.last());
        done(bob.dropNamespace());
    }

    @Test
    void whoDropsANamespaceLosesTheLeasesHeHoldsInIt() {
        LeaseId here = granted(ann.lock(element("/a"))).id();
        LeaseId elsewhere = granted(ann.in("other").lock(element("/a"))).id();
        done(ann.dropNamespace());
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann");
        assertThat(ann.holds(here)).isFalse();
        assertThat(ann.holds(elsewhere)).isTrue();
    }

    @Test
    void whoeverHoldsOrWaitsInADroppedNamespaceIsToldSo() {
        ann.lock(element("/a"));
        LeaseId waits = queued(bob.lock(element("/a"))).id();
        ann.dropNamespace();
        assertThat(machine.pushes()).containsExactly("ann.1: LEASE_LOST: REQUEST", "bob.1: NO_SUCH_NAMESPACE");
        assertThat(bob.waitsWith(waits)).isFalse();
        assertThat(machine.state().nextDeadlineMillis()).isEqualTo(Machine.SESSION_TTL);
    }

    @Test
    void theEphemeralElementsOfADroppedNamespaceAreOffTheirSessionsHands() {
        bob.putEphemeral("/here", "bob");
        ann.dropNamespace();
        done(bob.close());
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void aNamespaceWithTooManyElementsIsNotDroppedAtOnce() {
        machine.with(Limits.EVENTS.max(2));
        ann.register("/a/b/c");
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.dropNamespace());
        ann.deleteAll("/a/b");
        done(ann.dropNamespace());
    }

    @Test
    void aNamespaceMadeAnewStartsEmptyAndItsTokensGoOn() {
        ann.put("/a", "old");
        long before = granted(ann.lock(element("/a"))).token().value();
        ann.dropNamespace();
        assertThat(written(ann.put("/a", "new")).version()).isEqualTo(1);
        assertThat(granted(ann.lock(element("/a"))).token().value()).isGreaterThan(before);
    }

    private List<String> names() {
        return machine.state().elements().namespaces();
    }
}
