package io.whatnot.core.state;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What happens when the cluster has lost its memory, wholly or but for an older state, and re-forms. */
class RecoveryTest {
    /** Longer than the ttl of any session here, rounded up. */
    private static final long RECOVERY = 1L << 22;
    /** Of a wait: longer than that. */
    private static final long PATIENT = 2 * RECOVERY;

    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");

    private static Result.Reclaimed reclaimed(Result answer) {
        return answer instanceof Result.Reclaimed reclaimed ? reclaimed : fail("not reclaimed: " + answer);
    }

    private static boolean isKept(Result answer) {
        return reclaimed(answer).leases().get(0).held();
    }

    /** Time passes, and these are kept alive, until the recovery is over and no longer. */
    private void recover(Client... alive) {
        while (machine.state().isRecovering()) {
            for (Client each : alive) {
                machine.send(each.request(0, 1, List.of(), new SessionCommand.Heartbeat()));
            }
            machine.pass(Math.min(1_000_000, machine.state().recoveringUntilMillis() - machine.now()));
        }
    }

    // ---- the epoch

    @Test
    void revisionsGoOnAtTheTermTimesTwoToThe44() {
        machine.reform(7, 0);
        assertThat(machine.revision()).isEqualTo(7L << 44);
        assertThat(machine.state().epoch()).isEqualTo(7);
        Client dan = machine.open("dan");
        assertThat(dan.session()).isEqualTo((7L << 44) + 1);
        assertThat(new Revision(machine.revision()).epoch()).isEqualTo(7);
    }

    @Test
    void anEpochNeverGoesBackAndTheSameAgainChangesNothing() {
        machine.reform(7, 0);
        machine.pass(10);
        long until = machine.state().nextDeadlineMillis();
        refused(ErrorCode.INVALID_ARGUMENT, machine.reform(6, 1L << 40));
        done(machine.reform(7, 1L << 40));
        assertThat(machine.revision()).isEqualTo(7L << 44);
        assertThat(machine.state().nextDeadlineMillis()).isEqualTo(until);
    }

    @Test
    void beyondTheLastEpochWithRevisionsNoneBegins() {
        long last = (1L << 19) - 1;
        refused(ErrorCode.RESOURCE_EXHAUSTED, machine.reform(last + 1, 0));
        refused(ErrorCode.RESOURCE_EXHAUSTED, machine.reform(Long.MAX_VALUE, 0));
        assertThat(machine.state().isRecovering()).isFalse();
        done(machine.reform(last, 0));
        assertThat(machine.revision()).isPositive();
        assertThat(machine.open("dan").session()).isPositive();
    }

    @Test
    void itRecoversForTheLongestTtlOfTheDisksOrOfTheState() {
        machine.reform(3, 10 * RECOVERY);
        machine.pass(10 * RECOVERY);
        assertThat(machine.state().isRecovering()).isTrue();
        machine.pass(16 * RECOVERY - 10 * RECOVERY);
        assertThat(machine.state().isRecovering()).isFalse();

        machine.reform(4, 0);
        machine.pass(16 * RECOVERY - 1);
        assertThat(machine.state().isRecovering()).isTrue();
        machine.pass(1);
        assertThat(machine.state().isRecovering()).isFalse();
    }

    @Test
    void theLongestTtlIsOfWhateverWasAskedForRoundedUpToAPowerOfTwo() {
        assertThat(machine.state().longestTtlMillis()).isEqualTo(RECOVERY);
        Machine other = new Machine();
        Client dan = other.open("dan", 1_000);
        assertThat(other.state().longestTtlMillis()).isEqualTo(1_024);
        LeaseId lease = granted(dan.lockFor(2_049, element("/a"))).id();
        assertThat(other.state().longestTtlMillis()).isEqualTo(4_096);
        dan.renew(lease, 8_192);
        assertThat(other.state().longestTtlMillis()).isEqualTo(8_192);
        dan.release(lease);
        assertThat(other.state().longestTtlMillis()).isEqualTo(8_192);
    }

    // ---- while it recovers

    @Test
    void nothingIsGrantedAndNothingChangedWhileItRecovers() {
        ann.put("/there", "before");
        machine.reform(7, 0);
        reclaimed(ann.reclaim());
        for (Result answer : List.of(
                ann.lock(element("/a")),
                ann.tryLock(prefix("/")),
                ann.put("/there", "now"),
                ann.register("/x"),
                ann.registerUnique("/x", ""),
                ann.delete("/there"),
                ann.in("new").createNamespace(),
                ann.dropNamespace(),
                ann.dropByForce())) {
            Detail.RetryAfter later =
                    (Detail.RetryAfter) refused(ErrorCode.RECOVERING, answer).detail();
            assertThat(later.millis()).isBetween(1L, 1_000L);
        }
        assertThat(ann.read("/there")).isEqualTo("before");
        assertThat(machine.revision()).isEqualTo(7L << 44);
    }

    @Test
    void whatIsRefusedForNowIsCarriedOutUnderTheSameNumberLater() {
        machine.reform(7, 0);
        reclaimed(ann.reclaim());
        Request put =
                ann.request(ann.putting("/a", "x", 0, false, io.whatnot.core.model.ElementCommand.Condition.NONE));
        refused(ErrorCode.RECOVERING, machine.send(put));
        machine.pass(3_000_000);
        machine.send(ann.request(0, 1, List.of(), new SessionCommand.Heartbeat()));
        refused(ErrorCode.RECOVERING, machine.send(put));
        machine.pass(RECOVERY - 3_000_000);
        written(machine.send(put));
        assertThat(ann.read("/a")).isEqualTo("x");
    }

    @Test
    void sessionsAreOpenedAndKeptAliveAndOperatorsHeardWhileItRecovers() {
        LeaseId lease = granted(bob.lock(element("/b"))).id();
        machine.reform(7, 0);
        Client dan = machine.open("dan");
        assertThat(dan.heartbeat()).isInstanceOf(Result.Alive.class);
        assertThat(ann.heartbeat()).isInstanceOf(Result.Alive.class);
        done(dan.revoke(lease));
        done(dan.set("elementsMax", 10));
        done(dan.endSession(bob));
        done(cid.close());
        done(dan.close());
    }

    @Test
    void aReclaimedLeaseIsRenewedAndReleasedAndOneThatIsNotCanNotBeRenewed() {
        Result.Granted lease = granted(ann.lockFor(5_000, element("/a")));
        machine.reform(7, 0);
        refused(ErrorCode.RECOVERING, ann.renew(lease.id()));
        assertThat(isKept(ann.reclaim(ann.held(lease, 5_000, element("/a"))))).isTrue();
        machine.pass(4_000);
        Answers.renewed(ann.renew(lease.id()));
        machine.pass(4_000);
        assertThat(ann.holds(lease.id())).isTrue();
        done(ann.release(lease.id()));
    }

    @Test
    void changesUnderAReclaimedLeaseAreMade() {
        Result.Granted lease = granted(ann.lock(prefix("/a")));
        machine.reform(7, 0);
        refused(ErrorCode.RECOVERING, ann.put("/a/x", "1"));
        assertThat(isKept(ann.reclaim(ann.held(lease, 0, prefix("/a"))))).isTrue();
        written(ann.put("/a/x", "1"));
        written(ann.as("other").under(lease.id()).put("/a/y", "2"));
        refused(ErrorCode.RECOVERING, ann.as("other").put("/a/z", "3"));
        refused(ErrorCode.RECOVERING, ann.put("/b", "4"));
        done(ann.release(lease.id()));
        refused(ErrorCode.RECOVERING, ann.put("/a/x", "5"));
        refused(ErrorCode.STALE_TOKEN, ann.under(lease.id()).put("/a/x", "6"));
    }

    @Test
    void whoWaitsStaysInLineAndAllThatCanBeIsGrantedAtTheEndInOneRevision() {
        Result.Granted held = granted(ann.lock(element("/a")));
        LeaseId first = queued(bob.lockWithin(PATIENT, element("/a"))).id();
        LeaseId shared = queued(cid.lockWithin(PATIENT, prefix("/").shared())).id();
        queued(ann.as("other").lockWithin(PATIENT, element("/a")));
        machine.reform(7, 0);
        reclaimed(ann.reclaim(7, List.of(), List.of(ann.last().sequence()), false));
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann");
        assertThat(ann.holds(held.id())).isFalse();
        reclaimed(bob.reclaim(7, List.of(), List.of(first.sequence()), false));
        reclaimed(cid.reclaim(7, List.of(), List.of(shared.sequence()), false));
        assertThat(bob.waitsWith(first)).isTrue();
        machine.pass(1_000_000);
        assertThat(bob.waitsWith(first)).isTrue();
        assertThat(machine.events()).isEmpty();
        recover(ann, bob, cid);
        assertThat(machine.revisions()).containsExactly(List.of("LOCKED /a by bob"));
        bob.release(first);
        assertThat(machine.events()).containsExactly("UNLOCKED /a by bob", "LOCKED /** (shared) by cid");
    }

    @Test
    void aSessionThatNeverReclaimedEndsWithTheRecoveryAndWhatItLeftIsGranted() {
        LeaseId ghost = granted(ann.lock(element("/a"))).id();
        LeaseId waits = queued(bob.lock(1_000, PATIENT, element("/a"))).id();
        machine.reform(7, 0);
        reclaimed(bob.reclaim(7, List.of(), List.of(waits.sequence()), false));
        Client dan = machine.open("dan");
        recover(ann, bob, dan);
        assertThat(machine.revisions())
                .containsExactly(List.of("UNLOCKED /a by ann, SESSION_ENDED"), List.of("LOCKED /a by bob"));
        assertThat(ann.holds(ghost)).isFalse();
        refused(ErrorCode.SESSION_EXPIRED, ann.heartbeat());
        assertThat(dan.heartbeat()).isInstanceOf(Result.Alive.class);
    }

    // ---- everything is lost

    @Test
    void whoReclaimsHoldsOnWithTheSameTokenThoughEverythingWasLost() {
        Result.Granted lease = granted(ann.lock(prefix("/a")));
        Result.Granted timed = granted(ann.as("b").lockFor(5_000, element("/b")));
        machine.forget().reform(7, RECOVERY);
        refused(ErrorCode.RECOVERING, ann.heartbeat());
        refused(ErrorCode.RECOVERING, ann.put("/a", "x"));
        Result.Reclaimed answer = reclaimed(
                ann.reclaim(ann.held(lease, 0, prefix("/a")), ann.as("b").held(timed, 5_000, element("/b"))));
        assertThat(answer)
                .isEqualTo(new Result.Reclaimed(
                        Machine.SESSION_TTL,
                        List.of(
                                new Result.ReclaimedLease(lease.id().sequence(), true, 0),
                                new Result.ReclaimedLease(timed.id().sequence(), true, 5_000))));
        assertThat(machine.events()).containsExactly("LOCKED /a/** by ann", "LOCKED /b by ann");
        assertThat(machine.last().events().get(0).token()).isEqualTo(lease.token());
        written(ann.under(lease.id()).put("/a/x", "1"));
        assertThat(ann.heartbeat()).isInstanceOf(Result.Alive.class);
    }

    @Test
    void whatIsGrantedAfterwardsHasAGreaterToken() {
        Result.Granted lease = granted(ann.lock(element("/a")));
        machine.forget().reform(7, RECOVERY);
        reclaimed(ann.reclaim(ann.held(lease, 0, element("/a"))));
        machine.pass(1_000);
        reclaimed(bob.reclaim());
        recover(ann, bob, cid);
        assertThat(ann.holds(lease.id())).isTrue();
        queued(bob.lockWithin(PATIENT, element("/a")));
        ann.release(lease.id());
        assertThat(machine.last().pushes().get(0).result())
                .isInstanceOfSatisfying(
                        Result.Granted.class, next -> assertThat(next.token()).isGreaterThan(lease.token()));
    }

    @Test
    void reclaimingTwiceIsReclaimingOnce() {
        Result.Granted lease = granted(ann.lock(element("/a")));
        machine.forget().reform(7, RECOVERY);
        Result first = ann.reclaim(ann.held(lease, 0, element("/a")));
        long revision = machine.revision();
        assertThat(ann.reclaim(ann.held(lease, 0, element("/a")))).isEqualTo(first);
        assertThat(machine.revision()).isEqualTo(revision);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void aLateCopyOfAReclaimBringsNothingBackThatHasEndedSince() {
        Result.Granted lease = granted(ann.lock(element("/a")));
        Result.Granted other = granted(ann.lock(element("/b")));
        machine.forget().reform(7, RECOVERY);
        SessionCommand.Held[] all = {ann.held(lease, 0, element("/a")), ann.held(other, 0, element("/b"))};
        reclaimed(ann.reclaim(all));
        done(ann.release(lease.id()));
        Result.Reclaimed again = reclaimed(ann.reclaim(all));
        assertThat(again.leases().get(0).held()).isFalse();
        assertThat(again.leases().get(1).held()).isTrue();
        assertThat(ann.holds(lease.id())).isFalse();

        done(ann.close());
        refused(ErrorCode.SESSION_EXPIRED, ann.reclaim(all));
        assertThat(ann.holds(other.id())).isFalse();
    }

    @Test
    void aReclaimOfAnotherEpochDoesNothing() {
        Result.Granted lease = granted(ann.lock(element("/a")));
        machine.forget().reform(7, RECOVERY);
        machine.reform(9, 0);
        refused(ErrorCode.RECOVERING, ann.reclaim(7, List.of(ann.held(lease, 0, element("/a"))), List.of(), false));
        assertThat(machine.state().sessions().count()).isZero();
        assertThat(isKept(ann.reclaim(ann.held(lease, 0, element("/a"))))).isTrue();
    }

    @Test
    void ofTwoWhoClaimTheSameTheFirstKeepsItAndTheOtherIsToldItIsLost() {
        Result.Granted lease = granted(ann.lock(prefix("/a")));
        Result.Granted claimed = new Result.Granted(new LeaseId(bob.session(), 1), lease.token(), 0);
        machine.forget().reform(7, RECOVERY);
        assertThat(isKept(ann.reclaim(ann.held(lease, 0, prefix("/a"))))).isTrue();
        assertThat(isKept(bob.reclaim(bob.held(claimed, 0, element("/a/x"))))).isFalse();
        assertThat(ann.holds(lease.id())).isTrue();
    }

    @Test
    void aTokenThatThisEpochMayYetGiveIsNoProof() {
        machine.forget().reform(7, RECOVERY);
        Result.Granted invented =
                new Result.Granted(new LeaseId(ann.session(), 1), new io.whatnot.core.model.Token((7L << 44) + 5), 0);
        assertThat(isKept(ann.reclaim(ann.held(invented, 0, element("/a"))))).isFalse();
    }

    @Test
    void onlyTheRightSecretReclaimsASession() {
        machine.reform(7, 0);
        SessionCommand.Reclaim forged = new SessionCommand.Reclaim(
                new Secret(9, 9), ann.session(), 7, 10_000, "eve", 1, List.of(), List.of(), false);
        refused(ErrorCode.UNAUTHENTICATED, machine.send(new Request(0, 0, 0, List.of(), "", forged)));
    }

    @Test
    void whenItIsOverAForgottenSessionIsGoneAndOneThatIsThereIsToldWhatItHolds() {
        Result.Granted lease = granted(ann.lock(element("/a")));
        assertThat(isKept(ann.reclaim(1, List.of(ann.held(lease, 0, element("/a"))), List.of(), false)))
                .isTrue();
        ann.release(lease.id());
        assertThat(isKept(ann.reclaim(1, List.of(ann.held(lease, 0, element("/a"))), List.of(), false)))
                .isFalse();
        machine.forget().reform(7, 1_000);
        machine.pass(1_024);
        refused(ErrorCode.SESSION_EXPIRED, ann.reclaim(ann.held(lease, 0, element("/a"))));
    }

    @Test
    void aRequestAcknowledgedBeforeTheLossIsNotCarriedOutAgain() {
        Request old =
                ann.request(ann.putting("/a", "old", 0, false, io.whatnot.core.model.ElementCommand.Condition.NONE));
        written(machine.send(old));
        ann.put("/a", "new");
        machine.forget().reform(7, RECOVERY);
        reclaimed(ann.reclaim());
        refused(ErrorCode.STALE_REQUEST, machine.send(old));
    }

    @Test
    void whatIsHeldIsSaidInPartsAndOnlyAfterTheLastTheRestIsGivenUp() {
        Result.Granted first = granted(ann.lock(element("/a")));
        Result.Granted second = granted(ann.lock(element("/b")));
        LeaseId third = granted(ann.lock(element("/c"))).id();
        machine.reform(7, 0);
        reclaimed(ann.reclaim(7, List.of(ann.held(first, 0, element("/a"))), List.of(), true));
        refused(ErrorCode.RECOVERING, ann.put("/a", "x"));
        assertThat(ann.holds(third)).isTrue();
        reclaimed(ann.reclaim(7, List.of(ann.held(second, 0, element("/b"))), List.of(), false));
        assertThat(machine.events()).containsExactly("UNLOCKED /c by ann");
        written(ann.put("/a", "x"));
        written(ann.put("/b", "x"));
    }

    // ---- an older state survives

    @Test
    void aLeaseOfAForgottenGrantTakesThePlaceOfTheStaleOneItFollowed() {
        LeaseId stale = granted(ann.lock(element("/a"))).id();
        State survivor = machine.state();
        ann.release(stale);
        Result.Granted lease = granted(bob.lock(element("/a")));
        machine.fallBackTo(survivor).reform(7, 0);
        assertThat(isKept(bob.reclaim(bob.held(lease, 0, element("/a"))))).isTrue();
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann, EXPIRED", "LOCKED /a by bob");
        reclaimed(ann.reclaim());
        assertThat(bob.holds(lease.id())).isTrue();
    }

    @Test
    void aGrantNobodyHasHeardOfIsToldNobodyUntilTheRecoveryIsOver() {
        LeaseId unheard = granted(ann.lock(element("/a"))).id();
        State survivor = machine.state();
        machine.fallBackTo(survivor).reform(7, 0);
        reclaimed(ann.reclaim(7, List.of(), List.of(unheard.sequence()), false));
        Request again = ann.request(unheard.sequence(), 1, List.of(), ann.locking(0, Client.WAIT, element("/a")));
        refused(ErrorCode.RECOVERING, machine.send(again));
        assertThat(Outcomes.of(machine.state(), ann.session())).isEmpty();
        recover(ann, bob, cid);
        assertThat(granted(machine.send(again)).id()).isEqualTo(unheard);
    }

    @Test
    void aRequestThatWaitsInTheSurvivorAndWasGrantedSinceIsHeldOn() {
        LeaseId before = granted(ann.lock(element("/a"))).id();
        LeaseId waits = queued(bob.lockWithin(PATIENT, element("/a"))).id();
        State survivor = machine.state();
        ann.release(before);
        Result.Granted lease = (Result.Granted) machine.last().pushes().get(0).result();
        machine.fallBackTo(survivor).reform(7, 0);
        assertThat(isKept(bob.reclaim(bob.held(lease, 0, element("/a"))))).isTrue();
        assertThat(bob.waitsWith(waits)).isFalse();
        assertThat(bob.holds(waits)).isTrue();
        reclaimed(ann.reclaim());
    }

    @Test
    void leasesThatRanOutInTheSurvivorOnlyAreHeldOn() {
        Result.Granted lease = granted(ann.lockFor(1_000, element("/a")));
        machine.pass(900);
        State survivor = machine.state();
        Answers.renewed(ann.renew(lease.id()));
        machine.fallBackTo(survivor).reform(7, 0);
        machine.pass(500);
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann, EXPIRED");
        assertThat(isKept(ann.reclaim(ann.held(lease, 1_000, element("/a"))))).isTrue();
        assertThat(machine.events()).containsExactly("LOCKED /a by ann");
    }

    @Test
    void whatWasRevokedIsNotReclaimed() {
        Result.Granted lease = granted(ann.lock(element("/a")));
        done(bob.revoke(lease.id()));
        machine.reform(7, 0);
        assertThat(isKept(ann.reclaim(ann.held(lease, 0, element("/a"))))).isFalse();
        assertThat(ann.holds(lease.id())).isFalse();
    }

    @Test
    void sessionsGetTheirWholeTimeToReclaim() {
        Client dan = machine.open("dan", 1_000);
        machine.pass(999);
        machine.reform(7, 0);
        machine.pass(999);
        assertThat(dan.heartbeat()).isInstanceOf(Result.Alive.class);
    }

    // ---- bugs

    @Test
    void aSessionThatCanNotEndDoesNotKeepTheClusterRecovering() {
        LeaseId held = granted(ann.lock(element("/a"))).id();
        LeaseId waits = queued(bob.lockWithin(PATIENT, element("/a"))).id();
        machine.plant(state -> state.sessions.addEphemeral(cid.session(), "n", AbsolutePath.parse("/not/there")));
        machine.reform(7, 0);
        reclaimed(bob.reclaim(7, List.of(), List.of(waits.sequence()), false));
        recover(bob);
        assertThat(machine.state().isRecovering()).isFalse();
        assertThat(ann.holds(held)).isFalse();
        assertThat(bob.holds(waits)).isTrue();
    }

    // ---- voters

    @Test
    void ofEachVoterWhereItLostItsMemoryLastIsKnownAndTakesNoRevision() {
        long revision = machine.revision();
        rejoined("a:1", 3, 5);
        rejoined("b:1", 1, 6);
        rejoined("a:1", 4, 7);
        assertThat(machine.state().rejoined("a:1")).isEqualTo(new State.Rejoined(4, 7));
        assertThat(machine.state().rejoined("b:1")).isEqualTo(new State.Rejoined(1, 6));
        assertThat(machine.state().rejoined("c:1")).isNull();
        assertThat(machine.revision()).isEqualTo(revision);
    }

    @Test
    void sixtyFourVotersAreRememberedAndTheOldestTermGoesFirst() {
        rejoined("first", 1, 2);
        rejoined("oldest", 1, 1);
        for (int i = 0; i < 63; i++) {
            rejoined("v" + i, 1, 10 + i);
        }
        assertThat(machine.state().rejoined("oldest")).isNull();
        assertThat(machine.state().rejoined("first")).isNotNull();
        assertThat(machine.state().rejoined("v0")).isNotNull();
    }

    private void rejoined(String voter, long incarnation, long term) {
        done(machine.send(new Request(0, 0, 0, List.of(), "", new ClusterCommand.Rejoined(voter, incarnation, term))));
    }
}
