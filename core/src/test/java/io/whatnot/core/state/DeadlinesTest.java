package io.whatnot.core.state;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cluster time, which the entries carry, and what happens when it gets somewhere. */
class DeadlinesTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    @Test
    void timeIsWhatTheEntriesSay() {
        assertThat(machine.apply(123).timeMillis()).isEqualTo(123);
        assertThat(machine.state().timeMillis()).isEqualTo(123);
    }

    @Test
    void timeNeverGoesBack() {
        machine.apply(1_000);
        assertThat(machine.apply(400).timeMillis()).isEqualTo(1_000);
        LeaseId held = granted(ann.lockFor(500, element("/a"))).id();
        machine.apply(0);
        machine.apply(1_499);
        assertThat(ann.holds(held)).isTrue();
        machine.apply(1_500);
        assertThat(ann.holds(held)).isFalse();
    }

    @Test
    void deadlinesFireOnlyInTheLog() {
        ann.putFor(500, "/a", "1");
        State before = machine.state();
        assertThat(before.nextDeadlineMillis()).isEqualTo(500);
        assertThat(ann.read("/a")).isEqualTo("1");
        machine.pass(10_000);
        assertThat(ann.read("/a")).isEqualTo("-");
    }

    @Test
    void whatIsDueFiresBeforeTheCommandsOfItsEntry() {
        ann.lockFor(500, element("/a"));
        machine.apply(500, bob.request(bob.putting("/a", "1", 0, false, Condition.NONE)));
        written(machine.last().results().get(0));
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann, EXPIRED", "ADDED /a by bob");
    }

    @Test
    void deadlinesFireInTheOrderOfTheirTimesHoweverLateTheEntryComes() {
        ann.lockFor(300, element("/3"));
        ann.lockFor(100, element("/1"));
        ann.putFor(200, "/2", "");
        machine.pass(1_000);
        assertThat(machine.revisions())
                .containsExactly(
                        List.of("UNLOCKED /1 by ann, EXPIRED"),
                        List.of("DELETED /2 by ann, EXPIRED"),
                        List.of("UNLOCKED /3 by ann, EXPIRED"));
    }

    @Test
    void atTheSameTimeSessionsEndFirstThenLeasesThenElementsThenWaits() {
        Client cid = machine.open("cid", 1_000);
        ann.lock(element("/held"));
        bob.lockWithin(1_000, element("/held"));
        ann.putFor(1_000, "/element", "");
        ann.lockFor(1_000, element("/lease"));
        cid.lock(element("/session"));
        machine.pass(1_000);
        assertThat(machine.revisions())
                .containsExactly(
                        List.of("UNLOCKED /session by cid, SESSION_ENDED"),
                        List.of("UNLOCKED /lease by ann, EXPIRED"),
                        List.of("DELETED /element by ann, EXPIRED"));
        assertThat(machine.pushes())
                .containsExactly(
                        "cid: SESSION_EXPIRED: SESSION_ENDED",
                        "ann.3: LEASE_LOST: EXPIRED",
                        "bob.1: LOCK_TIMEOUT in place 1: ann.1 holds /held");
    }

    @Test
    void ofOneKindAndTimeTheOrderIsByName() {
        bob.lockFor(1_000, element("/b"));
        ann.lockFor(1_000, element("/a1"));
        ann.lockFor(1_000, element("/a2"));
        bob.putFor(1_000, "/z", "");
        ann.in("m").putFor(1_000, "/z", "");
        ann.putFor(1_000, "/y", "");
        machine.pass(1_000);
        assertThat(machine.revisions())
                .containsExactly(
                        List.of("UNLOCKED /a1 by ann, EXPIRED"),
                        List.of("UNLOCKED /a2 by ann, EXPIRED"),
                        List.of("UNLOCKED /b by bob, EXPIRED"),
                        List.of("DELETED /z by ann, EXPIRED"),
                        List.of("DELETED /y by ann, EXPIRED"),
                        List.of("DELETED /z by bob, EXPIRED"));
    }

    @Test
    void sessionsThatRunOutTogetherEndInTheOrderOfTheirNames() {
        Client dan = machine.open("dan", 1_000);
        Client cid = machine.open("cid", 1_000);
        cid.lock(element("/c"));
        dan.lock(element("/d"));
        machine.pass(1_000);
        assertThat(machine.events())
                .containsExactly("UNLOCKED /d by dan, SESSION_ENDED", "UNLOCKED /c by cid, SESSION_ENDED");
    }

    @Test
    void whoIsGrantedByALateExpiryHasHisWholeTtlFromThenOn() {
        ann.lockFor(100, element("/a"));
        LeaseId next = queued(bob.lockFor(500, element("/a"))).id();
        machine.pass(5_000);
        assertThat(bob.holds(next)).isTrue();
        assertThat(machine.state().nextDeadlineMillis()).isEqualTo(5_500);
    }

    @Test
    void aLeaseThatRanOutServesWhoWouldHaveGivenUpLater() {
        ann.lockFor(100, element("/a"));
        LeaseId next = queued(bob.lockWithin(200, element("/a"))).id();
        machine.pass(5_000);
        assertThat(bob.holds(next)).isTrue();
    }

    @Test
    void whoWouldHaveGivenUpBeforeIsNotGrantedHoweverLateTheEntryComes() {
        ann.lockFor(200, element("/a"));
        LeaseId next = queued(bob.lockWithin(100, element("/a"))).id();
        machine.pass(5_000);
        assertThat(bob.holds(next)).isFalse();
        refused(ErrorCode.LOCK_TIMEOUT, machine.last().pushes().get(0).result());
    }

    @Test
    void theNextDeadlineIsToldSoThatTheLeaderKnowsWhenToTick() {
        assertThat(machine.state().nextDeadlineMillis()).isEqualTo(Machine.SESSION_TTL);
        ann.lockFor(700, element("/a"));
        ann.putFor(500, "/b", "");
        assertThat(machine.state().nextDeadlineMillis()).isEqualTo(500);
        ann.delete("/b");
        assertThat(machine.state().nextDeadlineMillis()).isEqualTo(700);
    }

    @Test
    void eventsBearTheTimeOfTheEntryTheyHappenIn() {
        ann.lockFor(100, element("/a"));
        machine.pass(250);
        assertThat(machine.last().events().get(0).timeMillis()).isEqualTo(250);
    }
}
