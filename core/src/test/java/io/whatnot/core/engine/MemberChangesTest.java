package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.engine.ReplicatedLog.MemberChange;
import io.whatnot.core.engine.ReplicatedLog.MemberOutcome;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.AdminCommand.MemberAction;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand.Open;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Wire;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a node does when it is asked to change who the members are, and what it tells clients of them. */
final class MemberChangesTest {
    private static final AdminCommand.ChangeMembers REMOVAL =
            new AdminCommand.ChangeMembers(MemberAction.REMOVE, "n2", "");

    private final ScriptedLog log = new ScriptedLog();
    private final Engine engine = new Engine(
            new Engine.Options("test", "here", 500),
            log,
            new VirtualScheduler(),
            Runnable::run,
            Runnable::run,
            Runnable::run,
            new NoPeers());
    private final FakeStream<V1.ControlReply> replies = new FakeStream<>();

    private V1.Answer ask(MemberOutcome outcome) {
        log.changed = outcome;
        engine.start();
        engine.leading(1, null);
        FrameListener<V1.ControlFrame> node = engine.control(replies);
        node.frame(V1.ControlFrame.newBuilder()
                .setHello(V1.Hello.getDefaultInstance())
                .addCalls(call(6, new Request(0, 0, 0, List.of(), "", new Open(new Secret(1, 1), 5_000, ""))))
                .build());
        log.commitAll();
        long session = ((Result.Opened) ResultCodec.decode(answer(6).getResult())).session();
        int appended = log.all.size();
        node.frame(V1.ControlFrame.newBuilder()
                .addCalls(call(7, new Request(session, 1, 1, List.of(), "", REMOVAL)))
                .build());
        assertThat(log.changes).containsExactly(new MemberChange(MemberChange.Action.REMOVE, "n2", ""));
        assertThat(log.all).as("it is not for the log").hasSize(appended);
        return answer(7);
    }

    private static V1.Call call(long id, Request request) {
        return V1.Call.newBuilder()
                .setId(id)
                .setRequest(RequestCodec.encode(request))
                .build();
    }

    private V1.Answer answer(long id) {
        return replies.frames.stream()
                .flatMap(frame -> frame.getAnswersList().stream())
                .filter(answer -> answer.getId() == id)
                .findFirst()
                .orElseThrow();
    }

    private static MemberOutcome outcome(MemberOutcome.Kind kind) {
        return new MemberOutcome(kind, "why");
    }

    @Test
    void theLeaderHasItsLogCarryItOutAndAppendsNothing() {
        assertThat(ResultCodec.decode(ask(MemberOutcome.DONE).getResult())).isInstanceOf(Result.Done.class);
    }

    @Test
    void whatIsRefusedNowIsWorthAnotherTryAndSurelyWasNotDone() {
        V1.Answer answer = ask(outcome(MemberOutcome.Kind.NOT_NOW));
        assertThat(answer.getNotProposed()).isTrue();
        assertThat(code(answer)).isEqualTo(ErrorCode.RATE_LIMITED);
    }

    @Test
    void whatIsWrongIsRefusedForGood() {
        V1.Answer answer = ask(outcome(MemberOutcome.Kind.WRONG));
        assertThat(answer.getNotProposed()).isTrue();
        assertThat(code(answer)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }

    @Test
    void asManyAsMayBeIsALimit() {
        assertThat(code(ask(outcome(MemberOutcome.Kind.TOO_MANY)))).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    }

    @Test
    void whatWasBrokenOffMayHaveBeenDone() {
        V1.Answer answer = ask(outcome(MemberOutcome.Kind.UNKNOWN));
        assertThat(answer.getNotProposed()).isFalse();
        assertThat(code(answer)).isEqualTo(ErrorCode.TIMEOUT);
    }

    private static ErrorCode code(V1.Answer answer) {
        return ((Result.Refused) ResultCodec.decode(answer.getResult())).code();
    }

    @Test
    void clientsAreToldWhereTheMembersAreAndAgainWhenThatChanges() {
        engine.start();
        engine.members(List.of("a:1", "b:1"));
        FrameListener<V1.ControlFrame> node = engine.control(replies);
        node.frame(V1.ControlFrame.newBuilder()
                .setHello(V1.Hello.getDefaultInstance())
                .build());
        assertThat(last().getMembersList()).containsExactly("a:1", "b:1");

        engine.following("b:1");
        assertThat(last().getEndpoint()).isEqualTo("b:1");
        assertThat(last().getMembersList()).containsExactly("a:1", "b:1");

        engine.members(List.of("b:1", "c:1"));
        assertThat(last().getEndpoint()).isEqualTo("b:1");
        assertThat(last().getMembersList()).containsExactly("b:1", "c:1");
    }

    private V1.Leader last() {
        return replies.frames.stream()
                .filter(V1.ControlReply::hasLeader)
                .reduce((first, second) -> second)
                .orElseThrow()
                .getLeader();
    }

    /** Nobody is asked elsewhere. */
    private static final class NoPeers implements Wire {
        @Override
        public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener) {
            throw new AssertionError("nothing is passed on");
        }

        @Override
        public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener) {
            throw new AssertionError("nothing is passed on");
        }

        @Override
        public CompletableFuture<V1.StatusReply> status(String endpoint) {
            throw new AssertionError("nothing is passed on");
        }

        @Override
        public void close() {}
    }
}
