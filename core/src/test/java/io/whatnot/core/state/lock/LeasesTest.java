package io.whatnot.core.state.lock;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.renewed;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Token;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Limits;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The life of a lease: granted, renewed, and how it ends. */
class LeasesTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");

    // ---- granted

    @Test
    void aLeaseIsNamedBySessionAndRequestAndItsTokenIsTheRevisionOfItsGrant() {
        Result.Granted granted = granted(ann.lock(element("/a")));
        assertThat(granted.id()).isEqualTo(new LeaseId(ann.session(), 1));
        assertThat(granted.token()).isEqualTo(new Token(machine.revision()));
        assertThat(granted.deadlineMillis()).isZero();
    }

    @Test
    void theEventOfAGrantBearsTokenTargetAndLabel() {
        ann.send(new LeaseCommand.Acquire("n", List.of(prefix("/a")), 0, 0, "nightly run"));
        WatchEvent locked = machine.last().events().get(0);
        assertThat(locked.change()).isEqualTo(Change.LOCKED);
        assertThat(locked.cause()).isEqualTo(Cause.REQUEST);
        assertThat(locked.path()).hasToString("/a");
        assertThat(locked.target()).isEqualTo(prefix("/a"));
        assertThat(locked.token()).isEqualTo(new Token(machine.revision()));
        assertThat(locked.note()).isEqualTo("nightly run");
        assertThat(locked.version()).isZero();
        assertThat(locked.value()).isNull();
    }

    @Test
    void eachTargetHasItsEventAllInOneRevision() {
        ann.lock(element("/b"), prefix("/a").shared());
        assertThat(machine.revisions()).containsExactly(List.of("LOCKED /b by ann", "LOCKED /a/** (shared) by ann"));
        ann.release(ann.last());
        assertThat(machine.revisions())
                .containsExactly(List.of("UNLOCKED /b by ann", "UNLOCKED /a/** (shared) by ann"));
    }

    @Test
    void theTokensOfAPathGrow() {
        long last = 0;
        for (Client client : List.of(ann, bob, ann, cid)) {
            Result.Granted granted = granted(client.lock(element("/a")));
            assertThat(granted.token().value()).isGreaterThan(last);
            last = granted.token().value();
            client.release(granted.id());
        }
    }

    @Test
    void aLockRegistersNothing() {
        granted(ann.lock(element("/a/b")));
        assertThat(ann.get("/a")).isEmpty();
        assertThat(ann.get("/a/b")).isEmpty();
    }

    @Test
    void whatNobodyRegisteredIsForgottenWithTheLastLockOrRequestOnIt() {
        LeaseId held = granted(ann.lock(element("/a/b/c"))).id();
        LeaseId waits = queued(bob.lock(prefix("/a/b"))).id();
        bob.cancel(waits);
        ann.release(held);
        assertThat(machine.events()).containsExactly("UNLOCKED /a/b/c by ann");
        assertThat(machine.state().locks().tree("n")).isNull();
    }

    @Test
    void whatWasLockedIsFreeToOthersOnceItIsReleased() {
        LeaseId held = granted(ann.lock(prefix("/a"))).id();
        refused(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a/x")));
        assertThat(done(ann.release(held)).revision().value()).isEqualTo(machine.revision());
        assertThat(machine.events()).containsExactly("UNLOCKED /a/** by ann");
        granted(bob.tryLock(element("/a/x")));
    }

    // ---- renewed

    @Test
    void aLeaseWithATtlEndsAfterItAndNotBefore() {
        LeaseId held = granted(ann.lockFor(500, element("/a"))).id();
        machine.pass(499);
        assertThat(ann.holds(held)).isTrue();
        refused(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a")));
        machine.pass(1);
        assertThat(ann.holds(held)).isFalse();
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann, EXPIRED");
    }

    @Test
    void theTtlStartsAtTheGrantAndNotWhenItWasAskedFor() {
        LeaseId first = granted(ann.lock(element("/a"))).id();
        queued(bob.lockFor(500, element("/a")));
        machine.pass(10_000);
        ann.release(first);
        assertThat(machine.pushes())
                .containsExactly("bob.1: granted bob.1 with token " + machine.revision() + " until 10500");
    }

    @Test
    void renewingMovesTheDeadlineToATtlFromNow() {
        LeaseId held = granted(ann.lockFor(500, element("/a"))).id();
        machine.pass(400);
        assertThat(renewed(ann.renew(held)).deadlineMillis()).isEqualTo(900);
        machine.pass(400);
        assertThat(ann.holds(held)).isTrue();
        machine.pass(100);
        assertThat(ann.holds(held)).isFalse();
    }

    @Test
    void aNewTtlHoldsFromThenOnAndMayBeShorter() {
        LeaseId held = granted(ann.lockFor(5_000, element("/a"))).id();
        assertThat(renewed(ann.renew(held, 300)).deadlineMillis()).isEqualTo(300);
        machine.pass(200);
        assertThat(renewed(ann.renew(held)).deadlineMillis()).isEqualTo(500);
        machine.pass(300);
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann, EXPIRED");
        machine.pass(5_000);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void renewingTakesNoRevisionAndKeepsTheToken() {
        Result.Granted granted = granted(ann.lockFor(500, element("/a")));
        long before = machine.revision();
        ann.renew(granted.id());
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(machine.events()).isEmpty();
        assertThat(machine.state().locks().lease(granted.id()))
                .isNotNull()
                .satisfies(lease ->
                        assertThat(lease.token()).isEqualTo(granted.token().value()));
    }

    @Test
    void onlyRenewingMovesTheDeadlineOfALeaseWithATtl() {
        LeaseId held = granted(ann.lockFor(500, element("/a"))).id();
        machine.pass(400);
        ann.heartbeat();
        ann.under(held).put("/a", "");
        machine.pass(100);
        assertThat(ann.holds(held)).isFalse();
    }

    @Test
    void aLeaseWithoutATtlLivesAsLongAsItsSessionAndCantBeGivenOne() {
        LeaseId held = granted(ann.lock(element("/a"))).id();
        assertThat(renewed(ann.renew(held)).deadlineMillis()).isZero();
        refused(ErrorCode.INVALID_ARGUMENT, ann.renew(held, 500));
        machine.pass(Machine.SESSION_TTL - 1);
        assertThat(ann.holds(held)).isTrue();
    }

    @Test
    void whatWaitsCantBeRenewed() {
        ann.lock(element("/a"));
        LeaseId waits = queued(bob.lockFor(500, element("/a"))).id();
        refused(ErrorCode.INVALID_ARGUMENT, bob.renew(waits));
        assertThat(bob.waitsWith(waits)).isTrue();
    }

    @Test
    void whatHasEndedIsNeverRevived() {
        LeaseId held = granted(ann.lockFor(500, element("/a"))).id();
        machine.pass(500);
        assertThat(refused(ErrorCode.LEASE_LOST, ann.renew(held)).detail())
                .isEqualTo(new Result.Detail.Ended(Cause.EXPIRED));
        LeaseId released = granted(ann.lockFor(500, element("/a"))).id();
        ann.release(released);
        refused(ErrorCode.LEASE_LOST, ann.renew(released));
        granted(bob.tryLock(element("/a")));
    }

    // ---- ended

    @Test
    void expiredLeaseHandsTheLockToTheNextInLine() {
        ann.lockFor(500, element("/a"));
        queued(bob.lock(element("/a")));
        machine.pass(500);
        assertThat(machine.revisions()).containsExactly(List.of("UNLOCKED /a by ann, EXPIRED", "LOCKED /a by bob"));
    }

    @Test
    void theHolderOfAnExpiredLeaseIsToldAndSoIsTheNext() {
        ann.lockFor(500, element("/a"));
        queued(bob.lock(element("/a")));
        machine.pass(500);
        assertThat(machine.pushes())
                .containsExactly("ann.1: LEASE_LOST: EXPIRED", "bob.1: granted bob.1 with token " + machine.revision());
    }

    @Test
    void whoReleasesIsNotToldBesides() {
        ann.lock(element("/a"));
        ann.release(ann.last());
        assertThat(machine.pushes()).isEmpty();
    }

    @Test
    void aLeaseWithATtlEndsWithItsSessionIfThatIsEarlier() {
        Client dan = machine.open("dan", 1_000);
        dan.lockFor(60_000, element("/a"));
        machine.pass(1_000);
        assertThat(machine.events()).containsExactly("UNLOCKED /a by dan, SESSION_ENDED");
        machine.pass(59_000);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void whatWasReleasedDoesNotExpireAsWell() {
        ann.lockFor(500, element("/a"));
        ann.release(ann.last());
        ann.lock(element("/a"));
        machine.pass(500);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void aSecondReleaseIsToldThatTheLeaseIsLost() {
        LeaseId held = granted(ann.lock(element("/a"))).id();
        done(ann.release(held));
        long before = machine.revision();
        refused(ErrorCode.LEASE_LOST, ann.release(held));
        assertThat(machine.revision()).isEqualTo(before);
    }

    @Test
    void theReleaseOfAnExpiredLeaseIsToldTheCause() {
        LeaseId held = granted(ann.lockFor(500, element("/a"))).id();
        machine.pass(500);
        assertThat(refused(ErrorCode.LEASE_LOST, ann.release(held)).detail())
                .isEqualTo(new Result.Detail.Ended(Cause.EXPIRED));
        assertThat(refused(ErrorCode.LEASE_LOST, ann.release(held)).detail()).isEqualTo(Result.Detail.NONE);
    }

    @Test
    void nobodyReleasesTheLeaseOfAnotherSession() {
        LeaseId anns = granted(ann.lock(element("/a"))).id();
        bob.heartbeat();
        bob.put("/x", "");
        refused(ErrorCode.LEASE_LOST, bob.release(anns));
        refused(ErrorCode.LEASE_LOST, bob.renew(anns));
        assertThat(ann.holds(anns)).isTrue();
    }

    @Test
    void anyOwnerOfTheSessionMayRenewAndReleaseIt() {
        LeaseId held = granted(ann.as("one").lockFor(500, element("/a"))).id();
        renewed(ann.as("two").renew(held));
        done(ann.as("two").release(held));
        granted(bob.tryLock(element("/a")));
    }

    @Test
    void aReleaseDoesNotReachWhatStillWaits() {
        ann.lock(element("/a"));
        LeaseId waits = queued(bob.lock(element("/a"))).id();
        refused(ErrorCode.INVALID_ARGUMENT, bob.release(waits));
        assertThat(bob.waitsWith(waits)).isTrue();
        ann.release(ann.last());
        assertThat(bob.holds(waits)).isTrue();
    }

    @Test
    void deletingAnElementEndsNoLockOnItsPath() {
        ann.put("/a", "");
        LeaseId held = granted(ann.lock(element("/a"))).id();
        LeaseId waits = queued(bob.lock(element("/a"))).id();
        ann.delete("/a");
        assertThat(machine.events()).containsExactly("DELETED /a by ann");
        assertThat(ann.holds(held)).isTrue();
        assertThat(bob.waitsWith(waits)).isTrue();
    }

    // ---- counted

    @Test
    void aSessionOwnsOnlySoMuchALeaseCountedOnceATarget() {
        machine.with(Limits.OWNED.max(3));
        LeaseId held = granted(ann.lock(element("/a"), element("/b"))).id();
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.lock(element("/c"), element("/d")));
        granted(ann.lock(element("/c")));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.lock(element("/d")));
        ann.release(held);
        granted(ann.lock(element("/d"), element("/e")));
        granted(bob.lock(element("/a"), element("/b"), element("/x")));
    }

    @Test
    void whatWaitsIsOwnedToo() {
        machine.with(Limits.OWNED.max(2));
        ann.lock(element("/a"));
        LeaseId waits = queued(bob.lock(element("/a"), element("/b"))).id();
        refused(ErrorCode.RESOURCE_EXHAUSTED, bob.lock(element("/c")));
        bob.cancel(waits);
        granted(bob.lock(element("/c")));
    }

    @Test
    void whatIsGrantedFromTheLineIsOwnedOnce() {
        machine.with(Limits.OWNED.max(2));
        ann.lock(element("/a"));
        LeaseId waits = queued(bob.lock(element("/a"))).id();
        ann.release(ann.last());
        granted(bob.lock(element("/b")));
        refused(ErrorCode.RESOURCE_EXHAUSTED, bob.lock(element("/c")));
        bob.release(waits);
        granted(bob.lock(element("/c")));
    }
}
