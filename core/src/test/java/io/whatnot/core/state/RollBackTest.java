package io.whatnot.core.state;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Value;
import io.whatnot.core.state.tree.Element;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Commands and deadlines that throw. The bugs are planted: a session is said to own an ephemeral element that is not
 * there, so its end throws, but only after it has ended leases and told of it; a deadline is noted for a lease that
 * nobody holds.
 */
class RollBackTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    // ---- a request that can't be read

    @Test
    void aRequestThatCantBeReadIsAnsweredInternalAndTheOthersGoOn() {
        List<Result> results = machine.together(put(ann, "/a"), null, put(ann, "/b"));
        written(results.get(0));
        assertThat(refused(ErrorCode.INTERNAL, results.get(1)).message())
                .contains("bug " + machine.state().entries() + "-1", "can't be read");
        written(results.get(2));
        assertThat(machine.events()).containsExactly("ADDED /a by ann", "ADDED /b by ann");
    }

    // ---- a sweep that throws

    @Test
    void aSweepThatThrowsIsTakenOutAndTheOthersGoOn() {
        Machine newer = new Machine().found(FeatureLevel.PRUNING);
        Client cid = newer.open("cid");
        cid.register("/p");
        cid.prunePolicy("/p", 1_000);
        Deadline ofNoPolicy = Deadline.ofSweep(1_000, "n", AbsolutePath.parse("/a"));
        newer.plant(state -> state.addDeadline(ofNoPolicy));
        newer.pass(1_000);
        assertThat(newer.events()).hasSize(1);
        assertThat(newer.state().isBroken(ofNoPolicy)).isTrue();
    }

    // ---- a command that throws

    @Test
    void aCommandThatThrowsIsAnsweredInternalWithTheNameOfItsEntryAndPlace() {
        ann.lock(element("/l"));
        plantBugIn(ann);
        List<Result> results = machine.together(put(bob, "/a"), close(ann));
        assertThat(refused(ErrorCode.INTERNAL, results.get(1)).message())
                .isEqualTo("bug " + machine.state().entries()
                        + "-1: the request was rolled back on all nodes; their logs have that id");
    }

    @Test
    void nothingIsLeftOfACommandThatThrows() {
        LeaseId held = granted(ann.lock(element("/l"))).id();
        LeaseId waits = queued(bob.lock(element("/l"))).id();
        plantBugIn(ann);
        long before = machine.revision();
        refused(ErrorCode.INTERNAL, ann.close());
        assertThat(machine.events()).isEmpty();
        assertThat(machine.pushes()).isEmpty();
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(ann.holds(held)).isTrue();
        assertThat(bob.waitsWith(waits)).isTrue();
        written(ann.put("/l", ""));
    }

    @Test
    void noClientIsToldOfWhatACommandThatThrowsHasRolledBack() {
        ann.lock(element("/l"));
        LeaseId waits = queued(bob.lock(element("/l"))).id();
        // The drop tells bob that what he waits for is gone, and then fails over an element of a session that never
        // was.
        machine.plant(state -> state.elements.put(
                "n", AbsolutePath.parse("/e"), new Element(Value.NONE, 1, 1, 1, Actor.CLUSTER, 0, 0, 77)));
        refused(ErrorCode.INTERNAL, ann.dropNamespace());
        assertThat(machine.pushes()).isEmpty();
        assertThat(machine.last().dropped()).isEmpty();
        assertThat(bob.waitsWith(waits)).isTrue();
    }

    @Test
    void theOthersOfItsEntryGoOnAndAreCarriedOutOnce() {
        plantBugIn(ann);
        List<Result> results = machine.together(put(bob, "/a"), close(ann), put(bob, "/b"), put(ann, "/c"));
        assertThat(results.stream().map(machine.words()::answer))
                .containsExactly(
                        "written at revision 3 as version 1",
                        "INTERNAL",
                        "written at revision 4 as version 1",
                        "written at revision 5 as version 1");
        assertThat(machine.revisions())
                .containsExactly(List.of("ADDED /a by bob"), List.of("ADDED /b by bob"), List.of("ADDED /c by ann"));
    }

    @Test
    void theDeadlinesOfItsEntryFireOnce() {
        bob.lockFor(100, element("/l"));
        plantBugIn(ann);
        machine.apply(100, close(ann), put(bob, "/l"));
        assertThat(machine.revisions())
                .containsExactly(List.of("UNLOCKED /l by bob, EXPIRED"), List.of("ADDED /l by bob"));
    }

    @Test
    void severalMayThrowInOneEntry() {
        plantBugIn(ann);
        plantBugIn(bob);
        List<Result> results = machine.together(close(ann), close(bob), put(ann, "/a"));
        assertThat(results.stream().map(machine.words()::answer))
                .containsExactly("INTERNAL", "INTERNAL", "written at revision 3 as version 1");
    }

    @Test
    void whatThrewIsNotTriedAgainUnderTheSameNumber() {
        plantBugIn(ann);
        Request close = close(ann);
        Result internal = refused(ErrorCode.INTERNAL, machine.send(close));
        assertThat(machine.send(close)).isEqualTo(internal);
    }

    @Test
    void theNextEntryIsAppliedAsEver() {
        plantBugIn(ann);
        ann.close();
        written(ann.put("/a", "1"));
        assertThat(machine.events()).containsExactly("ADDED /a by ann");
    }

    @Test
    void machinesThatMeetTheSameBugAgree() {
        Machine other = new Machine();
        for (Machine each : List.of(machine, other)) {
            Client dan = each.open("dan");
            dan.lock(element("/l"));
            plantBugIn(each, dan);
            each.together(
                    dan.request(new SessionCommand.Close()),
                    dan.request(new LeaseCommand.Release(1)),
                    dan.request(dan.putting("/a", "1", 0, false, Condition.NONE)));
        }
        assertThat(machine.events()).isEqualTo(other.events()).hasSize(2);
        assertThat(machine.revision() - 2).isEqualTo(other.revision());
    }

    // ---- a deadline that throws

    @Test
    void aDeadlineThatThrowsIsTakenOutAndNotTriedAgain() {
        Deadline bad = Deadline.ofLease(100, ann.session(), 77);
        machine.plant(state -> state.addDeadline(bad));
        long before = machine.revision();
        machine.pass(100);
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(machine.state().nextDeadlineMillis()).isEqualTo(Machine.SESSION_TTL);
        assertThat(machine.state().broken.containsKey(bad)).isTrue();
    }

    @Test
    void theOtherDeadlinesOfItsEntryFireAndItsCommandsAreCarriedOut() {
        ann.lockFor(199, element("/before"));
        ann.lockFor(200, element("/beside"));
        machine.plant(state -> state.addDeadline(Deadline.ofWait(200, ann.session(), 77)));
        ann.lockFor(201, element("/after"));
        machine.apply(300, put(ann, "/a"));
        assertThat(machine.revisions())
                .containsExactly(
                        List.of("UNLOCKED /before by ann, EXPIRED"),
                        List.of("UNLOCKED /beside by ann, EXPIRED"),
                        List.of("UNLOCKED /after by ann, EXPIRED"),
                        List.of("ADDED /a by ann"));
    }

    @Test
    void nothingIsLeftOfADeadlineThatThrows() {
        Client cid = machine.open("cid", 1_000);
        LeaseId held = granted(cid.lock(element("/l"))).id();
        plantBugIn(cid);
        machine.pass(1_000);
        assertThat(machine.events()).isEmpty();
        assertThat(machine.pushes()).isEmpty();
        assertThat(cid.holds(held)).isTrue();
        assertThat(machine.state().broken.size()).isEqualTo(1);
    }

    @Test
    void aSessionThatCouldNotEndGoesOnAfterAHeartbeat() {
        Client cid = machine.open("cid", 1_000);
        plantBugIn(cid);
        machine.pass(1_000);
        assertThat(cid.heartbeat())
                .isEqualTo(new Result.Alive(2_000, new Revision(machine.state().revision())));
        assertThat(machine.state().broken.isEmpty()).isTrue();
        assertThat(machine.state().nextDeadlineMillis()).isEqualTo(2_000);
    }

    private void plantBugIn(Client client) {
        plantBugIn(machine, client);
    }

    private static void plantBugIn(Machine machine, Client client) {
        machine.plant(state -> state.sessions.addEphemeral(client.session(), "n", AbsolutePath.parse("/not/there")));
    }

    private static Request close(Client client) {
        return client.request(new SessionCommand.Close());
    }

    private static Request put(Client client, String path) {
        Command put = client.putting(path, "", 0, false, Condition.NONE);
        return client.request(put);
    }
}
