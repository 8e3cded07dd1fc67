package io.whatnot.core.state.session;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.opened;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Limits;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private static final Secret SECRET = new Secret(1, 2);

    private final Machine machine = new Machine();

    // ---- opening

    @Test
    void aSessionIsNamedByTheRevisionItWasOpenedAtAndEndsATtlFromNow() {
        machine.pass(50);
        Result.Opened opened = opened(machine.open(SECRET, 10_000, "ann"));
        assertThat(opened.session()).isEqualTo(machine.revision());
        assertThat(opened.deadlineMillis()).isEqualTo(10_050);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void openingTwiceWithTheSameSecretOpensOneSession() {
        Result.Opened first = opened(machine.open(SECRET, 10_000, "ann"));
        long before = machine.revision();
        machine.pass(100);
        assertThat(opened(machine.open(SECRET, 10_000, "ann"))).isEqualTo(first);
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(machine.state().sessions().count()).isEqualTo(1);
    }

    @Test
    void openingAgainTellsTheDeadlineAsItIsNowAndDoesNotMoveIt() {
        long session = opened(machine.open(SECRET, 10_000, "ann")).session();
        machine.pass(4_000);
        heartbeat(session);
        machine.pass(4_000);
        assertThat(opened(machine.open(SECRET, 10_000, "ann")).deadlineMillis()).isEqualTo(14_000);
        machine.pass(6_000);
        refused(ErrorCode.SESSION_EXPIRED, heartbeat(session));
    }

    @Test
    void anotherSecretOpensAnotherSession() {
        long first = opened(machine.open(SECRET, 10_000, "ann")).session();
        assertThat(opened(machine.open(new Secret(1, 3), 10_000, "ann")).session())
                .isNotEqualTo(first);
        assertThat(opened(machine.open(new Secret(2, 2), 10_000, "ann")).session())
                .isNotEqualTo(first);
        assertThat(machine.state().sessions().count()).isEqualTo(3);
    }

    @Test
    void onceASessionHasEndedItsSecretOpensANewOne() {
        long first = opened(machine.open(SECRET, 1_000, "ann")).session();
        machine.pass(1_000);
        assertThat(opened(machine.open(SECRET, 1_000, "ann")).session()).isGreaterThan(first);
    }

    @Test
    void thereAreOnlySoManySessions() {
        machine.with(Limits.SESSIONS.max(1));
        Client ann = machine.open("ann");
        refused(ErrorCode.RESOURCE_EXHAUSTED, machine.open(SECRET, 1_000, "bob"));
        ann.close();
        opened(machine.open(SECRET, 1_000, "bob"));
    }

    // ---- staying alive

    @Test
    void aHeartbeatMovesTheDeadlineToATtlFromNow() {
        Client ann = machine.open("ann", 1_000);
        machine.pass(900);
        assertThat(ann.heartbeat()).isEqualTo(new Result.Alive(1_900, new Revision(1)));
        machine.pass(999);
        assertThat(ann.heartbeat()).isEqualTo(new Result.Alive(2_899, new Revision(1)));
    }

    @Test
    void aHeartbeatTakesNoRevision() {
        Client ann = machine.open("ann", 1_000);
        long before = machine.revision();
        ann.heartbeat();
        assertThat(machine.revision()).isEqualTo(before);
    }

    @Test
    void aHeartbeatThatComesAtTheDeadlineIsTooLate() {
        Client ann = machine.open("ann", 1_000);
        machine.apply(1_000, ann.request(0, new SessionCommand.Heartbeat()));
        refused(ErrorCode.SESSION_EXPIRED, machine.last().results().get(0));
    }

    @Test
    void nothingButAHeartbeatMovesTheDeadline() {
        Client ann = machine.open("ann", 1_000);
        machine.pass(900);
        written(ann.put("/a", ""));
        granted(ann.lock(element("/a")));
        machine.pass(100);
        refused(ErrorCode.SESSION_EXPIRED, ann.put("/a", ""));
    }

    // ---- ending

    @Test
    void aSessionThatRunsOutIsToldSo() {
        Client ann = machine.open("ann", 1_000);
        machine.pass(999);
        assertThat(machine.pushes()).isEmpty();
        machine.pass(1);
        assertThat(machine.pushes()).containsExactly("ann: SESSION_EXPIRED: SESSION_ENDED");
        assertThat(machine.last().pushes().get(0).id()).isEqualTo(new LeaseId(ann.session(), 0));
    }

    @Test
    void everythingThatIsSentInAnEndedSessionIsRefused() {
        Client ann = machine.open("ann", 1_000);
        machine.pass(1_000);
        refused(ErrorCode.SESSION_EXPIRED, ann.heartbeat());
        refused(ErrorCode.SESSION_EXPIRED, ann.put("/a", ""));
        refused(ErrorCode.SESSION_EXPIRED, ann.lock(element("/a")));
        refused(ErrorCode.SESSION_EXPIRED, ann.close());
        refused(ErrorCode.SESSION_EXPIRED, ann.createNamespace());
        assertThat(machine.state().elements().namespaces()).isEmpty();
    }

    @Test
    void aSessionThatNeverWasIsRefusedLikeOneThatEnded() {
        refused(ErrorCode.SESSION_EXPIRED, heartbeat(77));
    }

    @Test
    void aClosedSessionHasEnded() {
        Client ann = machine.open("ann");
        assertThat(done(ann.close()).revision().value()).isEqualTo(machine.revision());
        refused(ErrorCode.SESSION_EXPIRED, ann.close());
        assertThat(machine.state().sessions().count()).isZero();
    }

    @Test
    void everythingOfASessionEndsInOneRevisionFirstItsLeasesThenItsElementsThenOthersAreGranted() {
        Client ann = machine.open("ann");
        Client bob = machine.open("bob");
        Client cid = machine.open("cid");
        ann.putEphemeral("/x", "");
        ann.putEphemeral("/a/y", "");
        ann.lock(element("/l/2"));
        ann.lockFor(500, element("/l/1"), element("/l/3"));
        cid.lock(element("/l/1"));
        bob.lock(prefix("/l"));
        ann.close();
        assertThat(machine.revisions())
                .containsExactly(List.of(
                        "UNLOCKED /l/2 by ann, SESSION_ENDED",
                        "UNLOCKED /l/1 by ann, SESSION_ENDED",
                        "UNLOCKED /l/3 by ann, SESSION_ENDED",
                        "DELETED /a/y by ann, SESSION_ENDED",
                        "DELETED /x by ann, SESSION_ENDED",
                        "LOCKED /l/1 by cid"));
        assertThat(machine.pushes())
                .containsExactly(
                        "ann: SESSION_EXPIRED: SESSION_ENDED", "cid.1: granted cid.1 with token " + machine.revision());
    }

    @Test
    void expiryEndsASessionAsCloseDoes() {
        Client ann = machine.open("ann", 1_000);
        Client bob = machine.open("bob");
        ann.putEphemeral("/x", "");
        ann.lock(element("/l"));
        bob.lock(element("/l"));
        machine.pass(1_000);
        assertThat(machine.revisions())
                .containsExactly(List.of(
                        "UNLOCKED /l by ann, SESSION_ENDED", "DELETED /x by ann, SESSION_ENDED", "LOCKED /l by bob"));
    }

    @Test
    void noRequestThatWaitsOutlivesItsSession() {
        Client ann = machine.open("ann");
        Client bob = machine.open("bob", 1_000);
        Client cid = machine.open("cid");
        LeaseId held = granted(ann.lock(element("/a"))).id();
        LeaseId waits = queued(bob.lock(element("/a"))).id();
        queued(cid.lock(element("/a")));
        machine.pass(1_000);
        assertThat(bob.waitsWith(waits)).isFalse();
        ann.release(held);
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann", "LOCKED /a by cid");
    }

    @Test
    void theEndOfOneWhoWaitsLetsThoseBehindHimPass() {
        Client ann = machine.open("ann");
        Client bob = machine.open("bob", 1_000);
        Client cid = machine.open("cid");
        granted(ann.lock(element("/a").shared()));
        queued(bob.lock(element("/a")));
        queued(cid.lock(element("/a").shared()));
        machine.pass(1_000);
        assertThat(machine.events()).containsExactly("LOCKED /a (shared) by cid");
    }

    @Test
    void aSessionsEndGrantsItNothing() {
        Client ann = machine.open("ann");
        granted(ann.as("one").lock(element("/a")));
        queued(ann.as("two").lock(element("/a")));
        ann.close();
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann, SESSION_ENDED");
    }

    @Test
    void allSessionsClosedLeaveNothing() {
        Client ann = machine.open("ann");
        Client bob = machine.open("bob");
        ann.lock(prefix("/a"));
        ann.lockFor(500, element("/b"));
        bob.lock(element("/a/x"), element("/c"));
        bob.putEphemeral("/e", "");
        ann.close();
        bob.close();
        assertThat(machine.state().sessions().count()).isZero();
        assertThat(machine.state().locks().leaseCount()).isZero();
        assertThat(machine.state().locks().waitingCount()).isZero();
        assertThat(machine.state().nextDeadlineMillis()).isEqualTo(Long.MAX_VALUE);
        assertThat(machine.state().elements().count("n")).isEqualTo(1);
    }

    @Test
    void onlyTheSessionThatRunsOutEnds() {
        Client ann = machine.open("ann", 1_000);
        Client bob = machine.open("bob", 2_000);
        machine.pass(1_000);
        refused(ErrorCode.SESSION_EXPIRED, ann.heartbeat());
        assertThat(bob.heartbeat()).isEqualTo(new Result.Alive(3_000, new Revision(3)));
    }

    @Test
    void whoEndedForAClientIsToldAsTheCause() {
        Client ann = machine.open("ann", 1_000);
        machine.pass(1_000);
        assertThat(machine.last().pushes().get(0).result())
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused ->
                                assertThat(refused.detail()).isEqualTo(new Result.Detail.Ended(Cause.SESSION_ENDED)));
        assertThat(ann.heartbeat()).isInstanceOf(Result.Refused.class);
    }

    private Result heartbeat(long session) {
        return machine.send(new Request(session, 0, 0, List.of(), "", new SessionCommand.Heartbeat()));
    }
}
