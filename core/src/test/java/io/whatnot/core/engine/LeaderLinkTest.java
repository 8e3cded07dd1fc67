package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a follower passes on to the leader, and back. */
class LeaderLinkTest {
    private final NamespaceStateMachine machine = new NamespaceStateMachine();
    private final Leader leader = new Leader();
    private final LeaderLink link = new LeaderLink("test", machine, leader, new Counters());
    private final List<Answer> answers = new ArrayList<>();

    @BeforeEach
    void follow() {
        link.leaderIs("there");
    }

    private long open() {
        Request open = request(0, new SessionCommand.Open(new Secret(0, 1), 10_000, ""));
        Result result = machine.apply(new Entry(1, List.of(open))).results().get(0);
        return ((Result.Opened) result).session();
    }

    private static Request request(long session, Command command) {
        return new Request(session, 0, 0, List.of(), "", command);
    }

    private static ByteString heartbeat(long session) {
        return RequestCodec.encode(request(session, new SessionCommand.Heartbeat()));
    }

    private Result.Refused refused() {
        assertThat(answers).hasSize(1);
        return (Result.Refused) answers.get(0).result();
    }

    @Test
    void aSessionThatTheFollowerDoesNotKnowYetIsNotSaidToBeGone() {
        link.forward(7, heartbeat(7), true, answers::add);
        assertThat(refused().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(answers.get(0).notProposed()).isTrue();
    }

    @Test
    void aSessionThatMayHaveBeenForgottenIsToBeReclaimed() {
        machine.apply(new Entry(1, List.of(request(0, new ClusterCommand.Epoch(3, 10_000)))));
        link.forward(7, heartbeat(7), true, answers::add);
        assertThat(refused().code()).isEqualTo(ErrorCode.RECOVERING);
    }

    @Test
    void aSessionThatHasEndedIsSaidToBeGone() {
        long session = open();
        machine.apply(new Entry(20_000, List.of()));
        link.forward(session, heartbeat(session), true, answers::add);
        assertThat(refused().code()).isEqualTo(ErrorCode.SESSION_EXPIRED);
    }

    @Test
    void aTimeOfTheSameEpochIsPassedOn() {
        long session = open();
        link.forward(session, heartbeat(session), true, answers::add);
        leader.answer(machine.state().revision() + 5, 4_711);
        assertThat(answers.get(0).timeMillis()).isEqualTo(4_711);
    }

    @Test
    void aTimeOfAnotherEpochIsNotPassedOn() {
        long session = open();
        link.forward(session, heartbeat(session), true, answers::add);
        leader.answer(3L << 44, 4_711);
        assertThat(answers.get(0).result()).isInstanceOf(Result.Alive.class);
        assertThat(answers.get(0).timeMillis()).isZero();
    }

    @Test
    void anOpeningInAnotherEpochIsToBeAskedForAgainForItProvesNoTime() {
        Request open = request(0, new SessionCommand.Open(new Secret(0, 1), 10_000, ""));
        link.forward(0, RequestCodec.encode(open), true, answers::add);
        leader.answer(3L << 44, 4_711, new Result.Opened((3L << 44) + 1, 14_711));
        assertThat(refused().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(answers.get(0).notProposed())
                .as("it is open, and to be found by its secret")
                .isFalse();
    }

    /** Takes what it is sent, and answers the last of it when told. */
    private static final class Leader implements Wire {
        private final FakeStream<V1.ControlFrame> sent = new FakeStream<>();
        private @Nullable FrameListener<V1.ControlReply> listener;

        @Override
        public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> to) {
            listener = to;
            return sent;
        }

        void answer(long revision, long timeMillis) {
            answer(revision, timeMillis, new Result.Alive(9_000, Revision.NONE));
        }

        void answer(long revision, long timeMillis, Result result) {
            List<V1.Call> calls = sent.frames.stream()
                    .flatMap(frame -> frame.getCallsList().stream())
                    .filter(V1.Call::hasRequest)
                    .toList();
            V1.Answer answer = V1.Answer.newBuilder()
                    .setId(calls.get(calls.size() - 1).getId())
                    .setResult(ResultCodec.encode(result))
                    .setTime(timeMillis)
                    .build();
            Objects.requireNonNull(listener)
                    .frame(V1.ControlReply.newBuilder()
                            .setRevision(revision)
                            .addAnswers(answer)
                            .build());
        }

        @Override
        public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> to) {
            throw new AssertionError("a follower watches nothing");
        }

        @Override
        public CompletableFuture<V1.StatusReply> status(String endpoint) {
            throw new AssertionError("a follower asks nothing of the kind");
        }

        @Override
        public void close() {}
    }
}
