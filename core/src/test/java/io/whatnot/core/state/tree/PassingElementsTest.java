package io.whatnot.core.state.tree;

import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Limits;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Elements that end by themselves: with a ttl, or with a session. */
class PassingElementsTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    // ---- with a ttl

    @Test
    void anElementWithATtlIsDeletedWhenItIsNotPutAgainInTime() {
        ann.putFor(500, "/a", "1");
        machine.pass(499);
        assertThat(ann.read("/a")).isEqualTo("1");
        machine.pass(1);
        assertThat(machine.events()).containsExactly("DELETED /a by ann, EXPIRED");
        assertThat(ann.get("/a")).isEmpty();
    }

    @Test
    void anotherPutStartsTheTtlAnew() {
        ann.putFor(500, "/a", "1");
        machine.pass(400);
        ann.putFor(500, "/a", "2");
        machine.pass(400);
        assertThat(ann.read("/a")).isEqualTo("2");
        machine.pass(100);
        assertThat(ann.get("/a")).isEmpty();
    }

    @Test
    void anotherPutMayShortenTheTtl() {
        ann.putFor(500, "/a", "1");
        ann.putFor(100, "/a", "2");
        machine.pass(100);
        assertThat(ann.get("/a")).isEmpty();
        machine.pass(400);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void aPutWithoutATtlMakesTheElementStay() {
        ann.putFor(500, "/a", "1");
        ann.put("/a", "2");
        machine.pass(10_000);
        assertThat(ann.read("/a")).isEqualTo("2");
    }

    @Test
    void registeringItAgainDoesNotStartTheTtlAnew() {
        ann.putFor(500, "/a", "1");
        machine.pass(400);
        done(bob.register("/a"));
        machine.pass(100);
        assertThat(ann.get("/a")).isEmpty();
    }

    @Test
    void whatIsDeletedByHandDoesNotExpireAsWell() {
        ann.putFor(500, "/a", "1");
        ann.delete("/a");
        ann.put("/a", "another");
        machine.pass(500);
        assertThat(machine.events()).isEmpty();
        assertThat(ann.read("/a")).isEqualTo("another");
    }

    @Test
    void theParentsOfWhatExpiresStay() {
        ann.putFor(500, "/a/b", "1");
        machine.pass(500);
        assertThat(machine.events()).containsExactly("DELETED /a/b by ann, EXPIRED");
        assertThat(ann.get("/a")).isPresent();
    }

    @Test
    void theEndByTtlPassesALock() {
        ann.putFor(500, "/a", "1");
        bob.lock(Target.prefix("/"));
        machine.pass(500);
        assertThat(machine.events()).containsExactly("DELETED /a by ann, EXPIRED");
    }

    // ---- with a session

    @Test
    void anEphemeralElementIsDeletedWhenItsSessionIsClosed() {
        ann.putEphemeral("/a", "1");
        assertThat(ann.get("/a"))
                .hasValueSatisfying(
                        element -> assertThat(element.ephemeralSession()).isEqualTo(ann.session()));
        ann.close();
        assertThat(machine.events()).containsExactly("DELETED /a by ann, SESSION_ENDED");
    }

    @Test
    void anEphemeralElementIsDeletedWhenItsSessionRunsOut() {
        Client cid = machine.open("cid", 1_000);
        cid.putEphemeral("/a", "1");
        machine.pass(1_000);
        assertThat(machine.events()).containsExactly("DELETED /a by cid, SESSION_ENDED");
        assertThat(ann.get("/a")).isEmpty();
    }

    @Test
    void whatAnotherSessionMadeItsOwnStaysWithThatOne() {
        ann.putEphemeral("/a", "1");
        bob.putEphemeral("/a", "2");
        ann.close();
        assertThat(bob.read("/a")).isEqualTo("2");
        bob.close();
        assertThat(machine.events()).containsExactly("DELETED /a by bob, SESSION_ENDED");
    }

    @Test
    void aPlainPutMakesAnEphemeralElementStay() {
        ann.putEphemeral("/a", "1");
        bob.put("/a", "2");
        ann.close();
        assertThat(machine.events()).isEmpty();
        assertThat(bob.read("/a")).isEqualTo("2");
    }

    @Test
    void ephemeralWithATtlEndsWithWhicheverComesFirst() {
        ann.send(ann.putting("/a", "", 500, true, Condition.NONE));
        bob.send(bob.putting("/b", "", 500, true, Condition.NONE));
        bob.close();
        assertThat(machine.events()).containsExactly("DELETED /b by bob, SESSION_ENDED");
        machine.pass(500);
        assertThat(machine.events()).containsExactly("DELETED /a by ann, EXPIRED");
        ann.close();
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void ephemeralElementsGoDeepestFirstInOneRevision() {
        ann.putEphemeral("/b", "");
        ann.putEphemeral("/a/y", "");
        ann.putEphemeral("/a/x", "");
        ann.in("m").putEphemeral("/z/z", "");
        ann.close();
        assertThat(machine.revisions())
                .containsExactly(List.of(
                        "DELETED /z/z by ann, SESSION_ENDED",
                        "DELETED /a/x by ann, SESSION_ENDED",
                        "DELETED /a/y by ann, SESSION_ENDED",
                        "DELETED /b by ann, SESSION_ENDED"));
    }

    @Test
    void theEndWithASessionPassesALock() {
        ann.putEphemeral("/a", "1");
        bob.lock(Target.element("/a"));
        ann.close();
        assertThat(machine.events()).containsExactly("DELETED /a by ann, SESSION_ENDED");
    }

    @Test
    void ephemeralElementsCountTowardsWhatASessionOwns() {
        machine.with(Limits.OWNED.max(1));
        written(ann.putEphemeral("/a", "1"));
        written(ann.putEphemeral("/a", "2"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.putEphemeral("/b", ""));
        bob.delete("/a");
        written(ann.putEphemeral("/b", ""));
    }

    // ---- no children, both ways

    @Test
    void whatEndsByItselfHasNoChildren() {
        ann.putFor(500, "/a", "");
        ann.putEphemeral("/b", "");
        refused(ErrorCode.HAS_CHILDREN, ann.register("/a/x"));
        refused(ErrorCode.HAS_CHILDREN, ann.put("/a/x/y", ""));
        refused(ErrorCode.HAS_CHILDREN, ann.put("/b/x", ""));
        refused(ErrorCode.HAS_CHILDREN, bob.putEphemeral("/b/x", ""));
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void whatHasChildrenDoesNotEndByItself() {
        ann.register("/a/x");
        refused(ErrorCode.HAS_CHILDREN, ann.putFor(500, "/a", ""));
        refused(ErrorCode.HAS_CHILDREN, ann.putEphemeral("/a", ""));
        ann.delete("/a/x");
        written(ann.putEphemeral("/a", ""));
    }

    @Test
    void whatStaysAfterAllMayHaveChildren() {
        ann.putFor(500, "/a", "");
        ann.put("/a", "");
        done(ann.register("/a/x"));
    }

    @Test
    void theRootNeverEndsByItself() {
        refused(ErrorCode.INVALID_ARGUMENT, ann.putFor(500, "/", ""));
        refused(ErrorCode.INVALID_ARGUMENT, ann.putEphemeral("/", ""));
    }
}
