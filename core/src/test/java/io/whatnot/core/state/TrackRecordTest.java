package io.whatnot.core.state;

import static io.whatnot.core.state.Conversation.acquire;
import static io.whatnot.core.state.Conversation.delete;
import static io.whatnot.core.state.Conversation.put;
import static io.whatnot.core.state.Conversation.register;
import static io.whatnot.core.state.Conversation.tryToAcquire;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Target;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bugs that were found once, each as a small example; docs/track-record.md tells how they were found. */
class TrackRecordTest {
    private static final Target A = Target.element("/a");

    private final Conversation talk = new Conversation(Settings.DEFAULT);
    private final long alice = talk.open();
    private final long bob = talk.open();

    @Test
    void releasingARequestThatStillWaitsIsRefusedAndDoesNotSayThatItEnded() {
        talk.ask(alice, acquire(A));
        talk.send(bob, 1, "", acquire(A));

        assertThat(code(talk.ask(bob, new LeaseCommand.Release(1)))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(talk.send(bob, 1, "", acquire(A))).isInstanceOf(Result.Queued.class);
        assertThat(SessionExecutor.require(talk.machine.state(), bob).ends()).isEmpty();
    }

    @Test
    void aLeaseThatTwoOthersOfItsOwnerCoverHasTheHigherOfTheirTokens() {
        talk.ask(alice, "x", acquire(A));
        long onAllBelow = token(talk.ask(alice, "x", acquire(Target.prefix("/a"))));

        assertThat(token(talk.ask(alice, "x", acquire(A)))).isEqualTo(onAllBelow);
    }

    @Test
    void aBlockerThatIsDueItselfHasNoTimeLeftRatherThanLessThanNone() {
        talk.ask(alice, new LeaseCommand.Acquire(Conversation.NAMESPACE, List.of(A), 200, 0, ""));
        talk.ask(bob, new LeaseCommand.Acquire(Conversation.NAMESPACE, List.of(A), 0, 300, ""));
        long carol = talk.open();
        talk.ask(carol, new LeaseCommand.Acquire(Conversation.NAMESPACE, List.of(A), 0, 100, ""));
        talk.pass(1_000);

        Refused timeout = (Refused) talk.pushes().stream()
                .filter(push -> push.id().session() == carol)
                .map(Applied.Push::result)
                .findFirst()
                .orElseThrow();
        assertThat(((Detail.Blocked) timeout.detail()).blockers())
                .extracting(Blocker::remainingMillis)
                .containsExactly(0L, 0L);
    }

    @Test
    void aLeaseThatADropEndedIsNotGrantedAgainWhenItsRequestIsResent() {
        talk.send(alice, 1, "", acquire(A));
        talk.send(alice, 2, "", new NamespaceCommand.Drop(Conversation.NAMESPACE));

        Refused lost = (Refused) talk.send(alice, 1, "", acquire(A));
        assertThat(lost.code()).isEqualTo(ErrorCode.LEASE_LOST);
        assertThat(lost.detail()).isEqualTo(new Detail.Ended(Cause.REQUEST));
        assertThat(talk.machine.state().elements().namespaces()).isEmpty();
        assertThat(talk.pushes()).containsExactly(new Applied.Push(new LeaseId(alice, 1), lost));
    }

    @Test
    void anOwnerThatWaitsIsNotHeldUpByThoseInLineBehindIt() {
        Target b = Target.element("/b");
        talk.ask(alice, acquire(A));
        talk.ask(bob, "x", acquire(A));
        talk.ask(talk.open(), acquire(A, b));

        assertThat(talk.ask(bob, "x", tryToAcquire(b))).isInstanceOf(Result.Granted.class);
    }

    @Test
    void aDeleteIsRefusedByTheEventsItWouldMakeNeitherOneMoreNorOneLess() {
        Settings settings = new Settings(9, 99, 99, 99, 99, 99, 99, 99_999, 2, 300, 1L << 30, true);
        Conversation few = new Conversation(settings);
        long session = few.open();
        few.ask(session, register("/a"));
        few.ask(session, register("/b"));
        Result all = few.ask(session, delete("/"));
        few.ask(session, register("/a/b"));
        few.ask(session, put("/a", "a value of some bytes, so that the two are too large"));

        assertThat(all).isInstanceOf(Result.Deleted.class);
        assertThat(code(few.ask(session, delete("/a")))).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    }

    @Test
    void anAnswerNamesEightOfThoseInTheWayHoweverManyTargetsItIsAbout() {
        for (int i = 0; i < 8; i++) {
            talk.ask(alice, acquire(A.shared()));
        }
        talk.ask(alice, acquire(Target.element("/b")));
        Refused refused = (Refused) talk.ask(bob, tryToAcquire(A, Target.element("/b")));

        assertThat(((Detail.Blocked) refused.detail()).blockers()).hasSize(8);
    }

    @Test
    void aRequestIsGrantedWhenAnEndElsewhereMakesTheOneBeforeItWaitForItsOwner() {
        talk.ask(alice, "one", acquire(Target.element("/held by one")));
        talk.ask(alice, "two", acquire(Target.element("/held by two")));
        talk.ask(alice, "three", acquire(Target.element("/held by three")));
        talk.ask(alice, "four", acquire(Target.element("/held by four")));
        talk.ask(bob, acquire(Target.element("/held by two"), Target.element("/held by three"), A));
        talk.send(alice, 10, "three", acquire(Target.element("/held by one")));
        // Does not wait for bob's, which waits for three, which waits for one.
        talk.ask(alice, "one", acquire(Target.element("/held by four"), A, Target.element("/b")));
        talk.send(alice, 20, "two", acquire(Target.element("/b")));

        // Now it does wait for bob's, and thereby for two.
        talk.ask(alice, new LeaseCommand.Cancel(10));

        assertThat(talk.pushes()).extracting(Applied.Push::id).containsExactly(new LeaseId(alice, 20));
    }

    @Test
    void anOwnerPassesAllThoseWhoWaitForItHoweverManyTheyAre() {
        Target b = Target.element("/b");
        talk.ask(alice, "holder", acquire(A));
        for (int i = 0; i < 500; i++) {
            talk.ask(bob, acquire(A, b));
        }

        assertThat(talk.ask(alice, "holder", tryToAcquire(b))).isInstanceOf(Result.Granted.class);
    }

    @Test
    void anOwnerPassesAllThoseWhoWaitForItThroughOthersInLine() {
        Target b = Target.element("/b");
        Target c = Target.element("/c");
        talk.ask(alice, "holder", acquire(A));
        talk.ask(alice, "another", acquire(Target.element("/d")));
        talk.ask(bob, acquire(A, b));
        for (int i = 0; i < 200; i++) {
            talk.ask(bob, acquire(b, c, Target.element("/d")));
        }

        assertThat(talk.ask(alice, "holder", tryToAcquire(c))).isInstanceOf(Result.Granted.class);
    }

    private static long token(Result result) {
        return ((Result.Granted) result).token().value();
    }

    private static ErrorCode code(Result result) {
        return ((Refused) result).code();
    }
}
