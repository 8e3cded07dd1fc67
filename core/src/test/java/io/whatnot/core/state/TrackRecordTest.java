package io.whatnot.core.state;

import static io.whatnot.core.state.Conversation.acquire;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Target;
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

    private static long token(Result result) {
        return ((Result.Granted) result).token().value();
    }

    private static ErrorCode code(Result result) {
        return ((Refused) result).code();
    }
}
