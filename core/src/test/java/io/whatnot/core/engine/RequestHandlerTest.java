package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node does with the calls of its clients, and what it tells them unasked. */
final class RequestHandlerTest {
    private final ScriptedLog log = new ScriptedLog();
    private final Peer leader = new Peer();
    private final Engine engine = new Engine(
            new Engine.Options("test", "here:1", 500),
            log,
            new VirtualScheduler(),
            Runnable::run,
            Runnable::run,
            Runnable::run,
            leader);

    private final Caller ann = new Caller(1);
    private final Caller bob = new Caller(2);

    @BeforeEach
    void lead() {
        engine.start();
        log.listener().leading(1, null);
    }

    // ---- sessions and connections

    @Test
    void onlyWhoShowsTheSecretOfASessionMaySendInIt() {
        ann.open();
        Caller stranger = new Caller(1);
        stranger.session = ann.session;
        stranger.connect();
        assertThat(refusal(stranger.ask(register()))).isEqualTo(ErrorCode.UNAUTHENTICATED);

        assertThat(refusal(stranger.attach(new Secret(0, 77)))).isEqualTo(ErrorCode.UNAUTHENTICATED);
        assertThat(refusal(stranger.ask(register()))).isEqualTo(ErrorCode.UNAUTHENTICATED);

        assertThat(stranger.attach(ann.secret).getResult().hasAttached()).isTrue();
        assertThat(ResultCodec.decode(stranger.ask(register()).getResult())).isInstanceOf(Result.Done.class);
    }

    @Test
    void theFirstAnswersOfANewClusterProveATimeToo() {
        ann.open();
        assertThat(ann.ask(register()).getTime()).isPositive();
    }

    @Test
    void aGrantIsPushedWhereTheSessionIsAttachedLast() {
        LeaseId waits = annHoldsAndBobWaits();
        Caller moved = new Caller(2);
        moved.session = bob.session;
        moved.connect();
        moved.attach(bob.secret);
        moved.replies.frames.clear();
        bob.replies.frames.clear();

        ann.ask(new LeaseCommand.Release(1));

        assertThat(bob.pushes()).isEmpty();
        assertThat(moved.pushes())
                .singleElement()
                .isInstanceOfSatisfying(
                        Result.Granted.class,
                        granted -> assertThat(granted.id()).isEqualTo(waits));
    }

    @Test
    void whoWaitsHereIsToldByASnapshotWhatBecameOfIt() {
        LeaseId waits = annHoldsAndBobWaits();
        bob.replies.frames.clear();
        State elsewhere = after(new Request(ann.session, 2, 2, List.of(), "main", new LeaseCommand.Release(1)));

        log.listener().restored(9, elsewhere);

        assertThat(bob.pushes())
                .singleElement()
                .isInstanceOfSatisfying(
                        Result.Granted.class,
                        granted -> assertThat(granted.id()).isEqualTo(waits));
    }

    @Test
    void whoWaitsHereAndStillWaitsInASnapshotIsToldSo() {
        annHoldsAndBobWaits();
        bob.replies.frames.clear();
        State elsewhere = after(new Request(ann.session, 2, 2, List.of(), "main", register()));

        log.listener().restored(9, elsewhere);

        assertThat(bob.pushes()).singleElement().isInstanceOf(Result.Queued.class);
    }

    private LeaseId annHoldsAndBobWaits() {
        ann.open();
        bob.open();
        ann.ask(acquire());
        return ((Result.Queued) ResultCodec.decode(bob.ask(acquire()).getResult())).id();
    }

    /** The state once that was carried out elsewhere. */
    private State after(Request request) {
        NamespaceStateMachine other = new NamespaceStateMachine();
        other.restore(engine.image());
        other.apply(new Entry(engine.image().timeMillis(), List.of(request)));
        return other.state();
    }

    // ---- what is under way

    @Test
    void aConnectionHasOnlySoManyCallsWithoutAnAnswer() {
        ann.open();
        for (int i = 0; i < ControlHub.IN_FLIGHT_MAX; i++) {
            ann.send(register());
        }
        assertThat(ann.answers()).isEmpty();

        assertThat(refusal(ann.ask(register(), false))).isEqualTo(ErrorCode.RATE_LIMITED);
    }

    @Test
    void whatMakesRoomIsTakenThoughAConnectionHasTooManyCallsWithoutAnAnswer() {
        ann.open();
        for (int i = 0; i <= ControlHub.IN_FLIGHT_MAX; i++) {
            ann.send(register());
        }
        ann.replies.frames.clear();

        ann.send(new SessionCommand.Heartbeat());
        ann.send(new LeaseCommand.Release(1));
        ann.send(new LeaseCommand.Cancel(1));
        ann.send(new SessionCommand.Close());

        assertThat(ann.answers()).isEmpty();
        while (!log.underWay.isEmpty()) {
            log.commitAll();
        }
        assertThat(ann.answers())
                .noneMatch(answer -> answer.getResult().hasRefused()
                        && answer.getResult().getRefused().getCode() == V1.ErrorCode.RATE_LIMITED);
        assertThat(engine.state().sessions().get(ann.session))
                .as("it was closed")
                .isNull();
    }

    // ---- a follower

    @Test
    void aFollowerPassesOnTheAnswerOfTheLeaderWithItsTimeUnchanged() {
        ann.open();
        log.listener().following("leader:1");
        ann.send(register());

        leader.answer(new Result.Done(new Revision(9)), 123_456);

        assertThat(ann.answers()).singleElement().satisfies(answer -> {
            assertThat(answer.getTime()).isEqualTo(123_456);
            assertThat(answer.getNotProposed()).isFalse();
            assertThat(ResultCodec.decode(answer.getResult())).isInstanceOf(Result.Done.class);
        });
    }

    @Test
    void anAnswerOfTheLeaderThatCannotBeReadLeavesTheOutcomeUnknown() {
        ann.open();
        log.listener().following("leader:1");
        ann.send(register());

        leader.answer(V1.Result.getDefaultInstance(), 123_456);

        assertThat(ann.answers()).singleElement().satisfies(answer -> {
            assertThat(refusal(answer)).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(answer.getNotProposed()).isFalse();
            assertThat(answer.getTime()).isZero();
        });
    }

    // ---- who takes part

    private static ErrorCode refusal(V1.Answer answer) {
        return ((Result.Refused) ResultCodec.decode(answer.getResult())).code();
    }

    private static Command register() {
        return new ElementCommand.Register("n", AbsolutePath.parse("/a"), 0);
    }

    private static Command acquire() {
        return new LeaseCommand.Acquire("n", List.of(Target.element("/l")), 0, 60_000, "");
    }

    /** A client. */
    private final class Caller {
        final Secret secret;
        FakeStream<V1.ControlReply> replies = new FakeStream<>();
        private @Nullable FrameListener<V1.ControlFrame> node;
        long session;
        private long sequence;
        private long lastCall;

        Caller(long secret) {
            this.secret = new Secret(0, secret);
        }

        void connect() {
            node = engine.control(replies);
            Objects.requireNonNull(node)
                    .frame(V1.ControlFrame.newBuilder()
                            .setHello(V1.Hello.getDefaultInstance())
                            .build());
        }

        void open() {
            connect();
            V1.Answer opened = call(
                    V1.Call.newBuilder()
                            .setRequest(RequestCodec.encode(new Request(
                                    0, 0, 0, List.of(), "", new SessionCommand.Open(secret, 3_600_000, "")))),
                    true);
            session = opened.getResult().getOpened().getSession();
            replies.frames.clear();
        }

        V1.Answer attach(Secret shown) {
            return call(
                    V1.Call.newBuilder()
                            .setAttach(
                                    V1.Attach.newBuilder().setSession(session).setSecret(CommonCodec.encode(shown))),
                    true);
        }

        /** Sends a command and has it carried out. */
        V1.Answer ask(Command command) {
            return ask(command, true);
        }

        V1.Answer ask(Command command, boolean commit) {
            return call(V1.Call.newBuilder().setRequest(encoded(command)), commit);
        }

        /** Sends a command. */
        void send(Command command) {
            frame(V1.Call.newBuilder().setRequest(encoded(command)));
        }

        private ByteString encoded(Command command) {
            long number = command instanceof SessionCommand.Heartbeat ? 0 : ++sequence;
            return RequestCodec.encode(new Request(session, number, 1, List.of(), "main", command));
        }

        private V1.Answer call(V1.Call.Builder call, boolean commit) {
            long id = frame(call);
            if (commit) {
                log.commitAll();
            }
            return answers().stream()
                    .filter(answer -> answer.getId() == id)
                    .findFirst()
                    .orElseThrow();
        }

        private long frame(V1.Call.Builder call) {
            Objects.requireNonNull(node)
                    .frame(V1.ControlFrame.newBuilder()
                            .addCalls(call.setId(++lastCall))
                            .build());
            return lastCall;
        }

        List<V1.Answer> answers() {
            return replies.frames.stream()
                    .flatMap(frame -> frame.getAnswersList().stream())
                    .toList();
        }

        List<Result> pushes() {
            return replies.frames.stream()
                    .flatMap(frame -> frame.getPushesList().stream())
                    .map(push -> ResultCodec.decode(push.getResult()))
                    .toList();
        }
    }

    /** The leader, if it is another node. */
    private static final class Peer implements Wire {
        private final List<V1.Call> calls = new ArrayList<>();
        private @Nullable FrameListener<V1.ControlReply> listener;

        void answer(Result result, long timeMillis) {
            answer(ResultCodec.encode(result), timeMillis);
        }

        /** Answers the request that came last. */
        void answer(V1.Result result, long timeMillis) {
            Objects.requireNonNull(listener)
                    .frame(V1.ControlReply.newBuilder()
                            .addAnswers(V1.Answer.newBuilder()
                                    .setId(calls.get(calls.size() - 1).getId())
                                    .setResult(result)
                                    .setTime(timeMillis))
                            .build());
        }

        @Override
        public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> told) {
            listener = told;
            FakeStream<V1.ControlFrame> stream = new FakeStream<>();
            stream.onSend = frame -> calls.addAll(frame.getCallsList());
            return stream;
        }

        @Override
        public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> told) {
            throw new AssertionError("nodes watch nothing");
        }

        @Override
        public CompletableFuture<V1.StatusReply> status(String endpoint) {
            throw new AssertionError("nobody is asked");
        }

        @Override
        public void close() {
            FrameListener<V1.ControlReply> told = listener;
            if (told != null) {
                told.closed(StreamFailure.CLOSED);
            }
        }
    }
}
