package io.whatnot.core.state.session;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Limits;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A request takes effect at most once, however often it is sent. Requests here are numbered by hand: {@code
 * send(sequence, mark, command)}, the mark being the lowest sequence without an answer.
 */
class ExactlyOnceTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    // ---- answers

    @Test
    void aRequestSentTwiceIsCarriedOutOnceAndAnsweredAlike() {
        Result first = send(1, 1, put("/a"));
        long before = machine.revision();
        assertThat(send(1, 1, put("/a"))).isEqualTo(first);
        assertThat(machine.events()).isEmpty();
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(ann.get("/a"))
                .hasValueSatisfying(a -> assertThat(a.version()).isEqualTo(1));
    }

    @Test
    void copiesInOneEntryAreCarriedOutOnce() {
        Request put = ann.request(1, 1, List.of(), put("/a"));
        List<Result> answers = machine.together(put, put, put);
        assertThat(answers).hasSize(3).containsOnly(answers.get(0));
        assertThat(machine.events()).containsExactly("ADDED /a by ann");
    }

    @Test
    void aRefusalIsAnAnswerLikeAnyOther() {
        bob.lock(element("/a"));
        Result refusal = refused(ErrorCode.LOCKED, send(1, 1, put("/a")));
        bob.release(bob.last());
        assertThat(send(1, 1, put("/a"))).isEqualTo(refusal);
        written(send(2, 1, put("/a")));
    }

    @Test
    void whatComesUnderTheSameNumberIsTheSameRequestWhateverItAsksFor() {
        Result first = written(send(1, 1, put("/a")));
        assertThat(send(1, 1, put("/b"))).isEqualTo(first);
        assertThat(ann.get("/b")).isEmpty();
    }

    @Test
    void theNumbersOfSessionsHaveNothingToDoWithEachOther() {
        written(send(1, 1, put("/a")));
        assertThat(written(machine.send(bob.request(1, 1, List.of(), put("/a"))))
                        .version())
                .isEqualTo(2);
    }

    @Test
    void requestsMayArriveInAnyOrder() {
        written(send(3, 1, put("/c")));
        written(send(1, 1, put("/a")));
        written(send(2, 1, put("/b")));
    }

    // ---- the mark

    @Test
    void answersFromTheMarkUpAreKeptAndThoseBelowForgotten() {
        for (int sequence = 1; sequence <= 4; sequence++) {
            send(sequence, 1, put("/a"));
        }
        assertThat(session().answers().size()).isEqualTo(4);
        send(5, 3, put("/a"));
        assertThat(session().answers().get(2L)).isNull();
        assertThat(session().answers().get(3L)).isNotNull();
    }

    @Test
    void aRequestBelowTheMarkIsStaleAndHasNoEffect() {
        send(1, 1, put("/a"));
        send(2, 2, put("/a"));
        long before = machine.revision();
        refused(ErrorCode.STALE_REQUEST, send(1, 1, put("/a")));
        refused(ErrorCode.STALE_REQUEST, send(1, 2, put("/a")));
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(session().answers().get(1L)).isNull();
    }

    @Test
    void aRequestBelowTheMarkIsStaleEvenIfItNeverArrivedBefore() {
        send(5, 5, put("/a"));
        refused(ErrorCode.STALE_REQUEST, send(4, 4, put("/b")));
        assertThat(ann.get("/b")).isEmpty();
    }

    @Test
    void theMarkNeverGoesBack() {
        send(1, 1, put("/a"));
        send(2, 2, put("/a"));
        send(3, 1, put("/a"));
        refused(ErrorCode.STALE_REQUEST, send(1, 1, put("/a")));
    }

    @Test
    void aHeartbeatMovesTheMarkToo() {
        send(1, 1, put("/a"));
        machine.send(ann.request(0, 2, List.of(), new SessionCommand.Heartbeat()));
        assertThat(session().answers().isEmpty()).isTrue();
        assertThat(session().answerBytes()).isZero();
    }

    // ---- a request that waits

    @Test
    void aRequestThatWaitsAndIsAskedAgainKeepsItsPlaceAndIsToldIt() {
        LeaseId held = granted(bob.lock(element("/a"))).id();
        assertThat(queued(send(1, 1, lock("/a"))).position()).isEqualTo(1);
        queued(machine.open("cid").lock(element("/a")));
        Result.Queued again = queued(send(1, 1, lock("/a")));
        assertThat(again.position()).isEqualTo(1);
        assertThat(again.blockers()).map(machine.words()::blocker).containsExactly("bob.1 holds /a");
        bob.release(held);
        assertThat(machine.events()).contains("LOCKED /a by ann");
    }

    @Test
    void aRequestThatWaitsDoesNotHoldTheMark() {
        bob.lock(element("/a"));
        queued(send(1, 1, lock("/a")));
        send(2, 2, put("/b"));
        send(3, 3, put("/b"));
        queued(send(1, 1, lock("/a")));
        assertThat(session().answers().size()).isEqualTo(1);
    }

    @Test
    void aRequestThatWasGrantedWhileItsClientWasAwayIsAnsweredWithItsLease() {
        bob.lock(element("/a"));
        queued(send(1, 1, lock("/a")));
        bob.release(bob.last());
        Result.Granted pushed = (Result.Granted) machine.last().pushes().get(0).result();
        assertThat(granted(send(1, 1, lock("/a")))).isEqualTo(pushed);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void aLeaseIsToldWithItsDeadlineAsItIsNow() {
        Command lock = ann.locking(500, 0, element("/a"));
        assertThat(granted(send(1, 1, lock)).deadlineMillis()).isEqualTo(500);
        machine.pass(300);
        send(2, 2, new LeaseCommand.Renew(1, 0));
        assertThat(granted(send(1, 1, lock)).deadlineMillis()).isEqualTo(800);
    }

    @Test
    void aRequestThatFailedWhileItsClientWasAwayIsAnsweredWithTheReason() {
        bob.lock(element("/a"));
        queued(send(1, 1, ann.locking(0, 100, element("/a"))));
        send(2, 2, put("/b"));
        machine.pass(100);
        Result pushed = machine.last().pushes().get(0).result();
        assertThat(refused(ErrorCode.LOCK_TIMEOUT, send(1, 1, lock("/a")))).isEqualTo(pushed);
    }

    @Test
    void aLeaseThatRanOutWhileItsClientWasAwayIsToldLost() {
        granted(send(1, 1, ann.locking(100, 0, element("/a"))));
        send(2, 2, put("/b"));
        machine.pass(100);
        assertThat(refused(ErrorCode.LEASE_LOST, send(1, 1, lock("/a"))).detail())
                .isEqualTo(new Result.Detail.Ended(Cause.EXPIRED));
    }

    // ---- ends and their acknowledgement

    @Test
    void anEndIsKeptUntilItsClientSaysThatItKnows() {
        granted(send(1, 1, ann.locking(100, 0, element("/a"))));
        machine.pass(100);
        send(2, 2, put("/b"));
        assertThat(session().ends().size()).isEqualTo(1);
        machine.send(ann.request(3, 3, List.of(1L), put("/b")));
        assertThat(session().ends().isEmpty()).isTrue();
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
    }

    @Test
    void anEndIsAcknowledgedByAHeartbeatToo() {
        granted(send(1, 1, ann.locking(100, 0, element("/a"))));
        machine.pass(100);
        machine.send(ann.request(0, 2, List.of(1L), new SessionCommand.Heartbeat()));
        assertThat(session().ends().isEmpty()).isTrue();
    }

    @Test
    void anAcknowledgedEndLeavesATombstoneUntilTheMarkHasPassedIt() {
        granted(send(1, 1, ann.locking(100, 0, element("/a"))));
        machine.pass(100);
        machine.send(ann.request(2, 1, List.of(1L), put("/b")));
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
        assertThat(session().ends().size()).isEqualTo(1);
        send(3, 2, put("/b"));
        assertThat(session().ends().isEmpty()).isTrue();
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
    }

    @Test
    void whatHasNotEndedIsNotAcknowledged() {
        bob.lock(element("/b"));
        LeaseId held = granted(send(1, 1, lock("/a"))).id();
        LeaseId waits = queued(send(2, 1, lock("/b"))).id();
        machine.send(ann.request(3, 3, List.of(1L, 2L, 3L, 77L), put("/c")));
        assertThat(ann.holds(held)).isTrue();
        assertThat(ann.waitsWith(waits)).isTrue();
        assertThat(session().ends().isEmpty()).isTrue();
    }

    // ---- copies of an acquire

    @Test
    void aCopyOfAnAcquireThatArrivesAfterTheReleaseIsNotGrantedAgain() {
        granted(send(1, 1, lock("/a")));
        done(send(2, 1, new LeaseCommand.Release(1)));
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
        send(3, 3, put("/b"));
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
        assertThat(machine.state().locks().leaseCount()).isZero();
        assertThat(session().ends().isEmpty()).isTrue();
    }

    @Test
    void aCopyOfAnAcquireThatArrivesAfterItsLeaseWasToldLostAndReleasedIsNotGrantedAgain() {
        granted(send(1, 1, ann.locking(100, 0, element("/a"))));
        machine.pass(100);
        refused(ErrorCode.LEASE_LOST, send(2, 1, new LeaseCommand.Release(1)));
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
        assertThat(machine.state().locks().leaseCount()).isZero();
    }

    @Test
    void aCopyOfAnAcquireThatArrivesAfterItsNamespaceWasDroppedIsNotGrantedAgain() {
        granted(send(1, 1, lock("/a")));
        done(send(2, 1, new NamespaceCommand.Drop("n")));
        refused(ErrorCode.LEASE_LOST, send(1, 1, lock("/a")));
        assertThat(machine.state().elements().hasNamespace("n")).isFalse();
    }

    // ---- cancels

    @Test
    void aCancelWithdrawsWhatWaits() {
        bob.lock(element("/a"));
        LeaseId waits = queued(send(1, 1, lock("/a"))).id();
        long before = machine.revision();
        done(send(2, 1, new LeaseCommand.Cancel(1)));
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(ann.waitsWith(waits)).isFalse();
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
        bob.release(bob.last());
        assertThat(machine.events()).containsExactly("UNLOCKED /a by bob");
    }

    @Test
    void aCancelReleasesWhatWasGranted() {
        granted(send(1, 1, lock("/a")));
        queued(bob.lock(element("/a")));
        done(send(2, 1, new LeaseCommand.Cancel(1)));
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann", "LOCKED /a by bob");
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
    }

    @Test
    void aCancelThatOvertakesItsRequestLeavesATombstoneForIt() {
        done(send(2, 1, new LeaseCommand.Cancel(1)));
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
        assertThat(machine.state().locks().leaseCount()).isZero();
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
    }

    @Test
    void theTombstoneOfACancelIsGoneWhenTheMarkHasPassedIt() {
        done(send(2, 1, new LeaseCommand.Cancel(1)));
        assertThat(session().ends().size()).isEqualTo(1);
        send(3, 3, put("/b"));
        assertThat(session().ends().isEmpty()).isTrue();
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
    }

    @Test
    void aCancelOfWhatTheMarkHasPassedLeavesNoTombstone() {
        bob.lock(element("/a"));
        queued(send(1, 1, lock("/a")));
        send(2, 2, put("/b"));
        done(send(3, 3, new LeaseCommand.Cancel(1)));
        assertThat(session().ends().isEmpty()).isTrue();
        refused(ErrorCode.STALE_REQUEST, send(1, 1, lock("/a")));
    }

    @Test
    void aCancelMayBeRepeated() {
        Result first = done(send(2, 1, new LeaseCommand.Cancel(1)));
        assertThat(send(2, 1, new LeaseCommand.Cancel(1))).isEqualTo(first);
        done(send(3, 1, new LeaseCommand.Cancel(1)));
    }

    @Test
    void aCancelOfAWaitThatFailedForgetsTheReason() {
        bob.lock(element("/a"));
        queued(send(1, 1, ann.locking(0, 100, element("/a"))));
        machine.pass(100);
        done(send(2, 2, new LeaseCommand.Cancel(1)));
        assertThat(session().ends().isEmpty()).isTrue();
    }

    @Test
    void aCancelLeavesTheAnswerOfWhatWasAnsweredAlready() {
        Result answer = written(send(1, 1, put("/a")));
        done(send(2, 1, new LeaseCommand.Cancel(1)));
        assertThat(send(1, 1, put("/a"))).isEqualTo(answer);
    }

    @Test
    void aReleaseOfWhatNeverWasALeaseLeavesItsAnswerToo() {
        Result answer = written(send(1, 1, put("/a")));
        refused(ErrorCode.LEASE_LOST, send(2, 1, new LeaseCommand.Release(1)));
        assertThat(send(1, 1, put("/a"))).isEqualTo(answer);
    }

    // ---- when no more answers can be kept

    @Test
    void aSessionThatAcknowledgesNothingIsRefusedBeforeAnEffectWhenItsAnswersAreTooMany() {
        machine.with(Limits.ANSWERS.max(2));
        send(1, 1, put("/a"));
        send(2, 1, put("/a"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, send(3, 1, put("/b")));
        assertThat(ann.get("/b")).isEmpty();
        assertThat(send(2, 1, put("/a"))).isInstanceOf(Result.Written.class);
    }

    @Test
    void thatRefusalIsNotKeptSoTheRequestIsCarriedOutOnceTheMarkHasMoved() {
        machine.with(Limits.ANSWERS.max(1));
        send(1, 1, put("/a"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, send(2, 1, put("/b")));
        written(send(2, 2, put("/b")));
    }

    @Test
    void theBytesOfKeptAnswersAreLimitedToo() {
        machine.with(Limits.ANSWER_BYTES.max(100));
        written(send(1, 1, put("/a")));
        refused(ErrorCode.NO_SUCH_ELEMENT, send(2, 1, delete("/nothing")));
        refused(ErrorCode.RESOURCE_EXHAUSTED, send(3, 1, put("/b")));
        written(send(3, 3, put("/b")));
    }

    @Test
    void whatMakesRoomIsCarriedOutEvenThen() {
        bob.lock(element("/b"));
        LeaseId held = granted(send(1, 1, lock("/a"))).id();
        LeaseId waits = queued(send(2, 1, lock("/b"))).id();
        machine.with(Limits.ANSWERS.max(1));
        send(3, 1, put("/c"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, send(4, 1, put("/c")));
        done(send(5, 1, new LeaseCommand.Release(held.sequence())));
        done(send(6, 1, new LeaseCommand.Cancel(waits.sequence())));
        assertThat(ann.heartbeat()).isInstanceOf(Result.Alive.class);
        done(send(7, 1, new SessionCommand.Close()));
    }

    @Test
    void unacknowledgedEndsCountTowardsWhatASessionOwns() {
        machine.with(Limits.OWNED.max(2));
        granted(send(1, 1, ann.locking(100, 0, element("/a"))));
        granted(send(2, 1, ann.locking(100, 0, element("/b"))));
        machine.pass(100);
        refused(ErrorCode.RESOURCE_EXHAUSTED, send(3, 3, lock("/a")));
        granted(machine.send(ann.request(4, 4, List.of(1L), lock("/a"))));
    }

    private Result send(long sequence, long mark, Command command) {
        return machine.send(ann.request(sequence, mark, List.of(), command));
    }

    private Command put(String path) {
        return ann.putting(path, "1", 0, false, Condition.NONE);
    }

    private static Command delete(String path) {
        return new ElementCommand.Delete("n", AbsolutePath.parse(path), false, Condition.NONE, 0);
    }

    private Command lock(String path) {
        return ann.locking(0, Client.WAIT, element(path));
    }

    private Session session() {
        Session session = machine.state().sessions().get(ann.session());
        return session == null ? fail("no session") : session;
    }
}
