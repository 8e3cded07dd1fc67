package io.whatnot.core.state.lock;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.blocked;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Limits;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests in line: what they are told, and how their waiting ends. */
class WaitingTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");
    private final Client dan = machine.open("dan");

    @Test
    void whoDoesNotWantToWaitIsRefusedAtOnceAndToldWhoBlocks() {
        ann.lock(element("/a"));
        long before = machine.revision();
        Result.Detail.Blocked blocked = blocked(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a")));
        assertThat(blocked.position()).isEqualTo(1);
        assertThat(words(blocked.blockers())).containsExactly("ann.1 holds /a");
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(machine.state().locks().waitingCount()).isZero();
    }

    @Test
    void waitingTakesNoRevisionAndHasNoEvents() {
        ann.lock(element("/a"));
        long before = machine.revision();
        queued(bob.lock(element("/a")));
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void whoWaitsIsToldHisPlaceAndWhoBlocksHim() {
        ann.lock(element("/a"));
        Result.Queued second = queued(bob.lock(element("/a")));
        assertThat(second.position()).isEqualTo(1);
        assertThat(words(second.blockers())).containsExactly("ann.1 holds /a");
        Result.Queued third = queued(cid.lock(prefix("/a")));
        assertThat(third.position()).isEqualTo(2);
        assertThat(words(third.blockers())).containsExactly("ann.1 holds /a", "bob.1 waits for /a");
    }

    @Test
    void whoBlocksIsToldWithOwnerLabelSinceWhenAndForHowLong() {
        machine.pass(100);
        ann.as("thread-1").send(new LeaseCommand.Acquire("n", List.of(prefix("/a")), 5_000, 0, "nightly run"));
        machine.pass(1_000);
        Result.Detail.Blocked blocked = blocked(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a/x")));
        assertThat(blocked.blockers())
                .containsExactly(new Blocker(
                        ann.last(),
                        false,
                        prefix("/a"),
                        new Actor("ann", ann.session()),
                        "thread-1",
                        "nightly run",
                        100,
                        4_000));
    }

    @Test
    void ofALeaseThatLivesWithItsSessionTheSessionsTimeIsTold() {
        Client eve = machine.open("eve", 10_000);
        eve.lock(element("/a"));
        machine.pass(4_000);
        assertThat(blocked(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a"))).blockers())
                .map(Blocker::remainingMillis)
                .containsExactly(6_000L);
    }

    @Test
    void ofALeaseThatOutlivesItsSessionTheSessionsTimeIsTold() {
        Client eve = machine.open("eve", 10_000);
        eve.lockFor(60_000, element("/a"));
        assertThat(blocked(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a"))).blockers())
                .map(Blocker::remainingMillis)
                .containsExactly(10_000L);
    }

    @Test
    void ofOneWhoWaitsItIsToldWhenHeGivesUp() {
        ann.lock(element("/a"));
        machine.pass(100);
        bob.lockWithin(2_000, element("/a"));
        machine.pass(500);
        Blocker waits = queued(cid.lock(element("/a"))).blockers().get(1);
        assertThat(waits.waiting()).isTrue();
        assertThat(waits.sinceMillis()).isEqualTo(100);
        assertThat(waits.remainingMillis()).isEqualTo(1_500);
    }

    @Test
    void onlyTheFirstFewOfManyBlockersAreTold() {
        for (int i = 0; i < 20; i++) {
            granted(machine.open("c" + i).lock(element("/a").shared()));
        }
        assertThat(queued(bob.lock(element("/a"))).blockers()).hasSize(8);
    }

    @Test
    void anotherTargetInTheWayMakesNoSecondBlockerOfALease() {
        ann.lock(element("/a"), element("/b"));
        assertThat(queued(bob.lock(element("/a"), element("/b"))).blockers()).hasSize(1);
    }

    // ---- granted

    @Test
    void whoWaitedIsToldOfHisGrantWithTokenAndDeadline() {
        ann.lock(element("/a"));
        LeaseId waits = queued(bob.lockFor(500, element("/a"))).id();
        ann.release(ann.last());
        assertThat(machine.pushes())
                .containsExactly("bob.1: granted bob.1 with token " + machine.revision() + " until 500");
        assertThat(bob.holds(waits)).isTrue();
    }

    @Test
    void aGrantEndsTheWaitAndItsDeadline() {
        ann.lock(element("/a"));
        LeaseId waits = queued(bob.lockWithin(500, element("/a"))).id();
        ann.release(ann.last());
        machine.pass(500);
        assertThat(machine.pushes()).isEmpty();
        assertThat(bob.holds(waits)).isTrue();
    }

    @Test
    void aLeaseThatRunsOutAtTheLastMomentOfAWaitStillServesIt() {
        ann.lockFor(500, element("/a"));
        LeaseId waits = queued(bob.lockWithin(500, element("/a"))).id();
        machine.pass(500);
        assertThat(bob.holds(waits)).isTrue();
    }

    // ---- given up

    @Test
    void whoHasWaitedAsLongAsHeWouldIsToldPlaceAndBlockersAsTheyAreThen() {
        ann.lock(element("/a"));
        bob.lock(element("/a"));
        LeaseId waits = queued(cid.lockWithin(500, element("/a"))).id();
        machine.pass(499);
        assertThat(cid.waitsWith(waits)).isTrue();
        machine.pass(1);
        assertThat(machine.pushes())
                .containsExactly("cid.1: LOCK_TIMEOUT in place 2: ann.1 holds /a, bob.1 waits for /a");
        assertThat(machine.events()).isEmpty();
        assertThat(cid.waitsWith(waits)).isFalse();
    }

    @Test
    void whoGivesUpLetsThoseBehindHimPass() {
        ann.lock(element("/a").shared());
        bob.lockWithin(500, element("/a"));
        LeaseId waits = queued(cid.lock(element("/a").shared())).id();
        machine.pass(500);
        assertThat(machine.events()).containsExactly("LOCKED /a (shared) by cid");
        assertThat(cid.holds(waits)).isTrue();
    }

    @Test
    void whoIsCancelledLetsThoseBehindHimPass() {
        ann.lock(element("/a").shared());
        LeaseId first = queued(bob.lock(element("/a"))).id();
        queued(cid.lock(element("/a").shared()));
        queued(dan.lock(prefix("/a").shared()));
        bob.cancel(first);
        assertThat(machine.revisions())
                .containsExactly(List.of("LOCKED /a (shared) by cid", "LOCKED /a/** (shared) by dan"));
    }

    @Test
    void whoGivesUpIsNeverGranted() {
        ann.lock(element("/a"));
        bob.lockWithin(500, element("/a"));
        machine.pass(500);
        ann.release(ann.last());
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann");
    }

    @Test
    void anotherRequestOfOneWhoGaveUpWaitsAtTheEnd() {
        ann.lock(element("/a"));
        bob.lockWithin(500, element("/a"));
        cid.lock(element("/a"));
        machine.pass(500);
        assertThat(queued(bob.lock(element("/a"))).position()).isEqualTo(2);
    }

    // ---- limits

    @Test
    void onlySoManyWaitAtAPath() {
        machine.with(Limits.WAITERS.max(2));
        ann.lock(prefix("/a"));
        queued(bob.lock(element("/a")));
        LeaseId second = queued(cid.lock(prefix("/a"))).id();
        refused(ErrorCode.TOO_MANY_WAITERS, dan.lock(element("/a")));
        queued(dan.lock(element("/a/x")));
        cid.cancel(second);
        queued(machine.open("eve").lock(element("/a")));
    }

    @Test
    void whoNeedNotWaitIsGrantedHoweverManyWait() {
        machine.with(Limits.WAITERS.max(1));
        ann.lock(element("/a"), element("/b"));
        queued(bob.lock(element("/a")));
        granted(ann.lock(element("/a")));
        refused(ErrorCode.TOO_MANY_WAITERS, dan.lock(element("/a")));
    }

    private List<String> words(List<Blocker> blockers) {
        return blockers.stream().map(machine.words()::blocker).toList();
    }
}
