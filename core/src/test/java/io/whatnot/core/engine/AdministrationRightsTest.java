package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Origin;
import io.whatnot.core.wire.Wire;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom a node lets administer. */
final class AdministrationRightsTest {
    private final Engine engine = new Engine(
            new Engine.Options("test", "here", 500),
            new DirectLog(),
            new VirtualScheduler(),
            Runnable::run,
            Runnable::run,
            Runnable::run,
            new NoPeers());

    private long callers;

    @BeforeEach
    void start() {
        engine.start();
    }

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void whoIsOnTheNodesMachineMayAdminister() {
        assertThat(new Caller(Origin.HERE, false).send(setting())).isInstanceOf(Result.Done.class);
        assertThat(engine.state().settings().elementsMax()).isEqualTo(7);
    }

    @Test
    void whoComesFromElsewhereMayNotAndIsToldTheWayOut() {
        Result.Refused refused = (Result.Refused) new Caller(Origin.ELSEWHERE, false).send(setting());

        assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
        assertThat(refused.message()).contains("from the machine of a node");
        assertThat(engine.state().settings().elementsMax()).isNotEqualTo(7);
    }

    @Test
    void noCommandOfOperatorsIsTakenFromElsewhere() {
        Caller stranger = new Caller(Origin.ELSEWHERE, false);
        List<AdminCommand> commands = List.of(
                setting(),
                new AdminCommand.Revoke(new LeaseId(1, 1)),
                new AdminCommand.EndSession(1),
                new AdminCommand.DropNamespace("n"),
                new AdminCommand.RaiseLevel(2),
                new AdminCommand.SwitchDeadlockBreak("n", false),
                new AdminCommand.ChangeMembers(AdminCommand.MemberAction.REMOVE, "n2", ""));
        assertThat(commands)
                .extracting(command -> (Object) command.getClass())
                .containsAll(Stream.of(AdminCommand.class.getPermittedSubclasses())
                        .filter(Command.class::isAssignableFrom)
                        .toList());
        for (AdminCommand command : commands) {
            assertThat(((Result.Refused) stranger.send(command)).code())
                    .as("%s", command)
                    .isEqualTo(ErrorCode.PERMISSION_DENIED);
        }
    }

    @Test
    void aCommandOfTheNodesThemselvesIsTakenFromNobody() {
        long revision = engine.state().revision();
        List<ClusterCommand> commands = List.of(new ClusterCommand.Epoch(7, 0), new ClusterCommand.Rejoined("n", 1, 1));
        assertThat(commands)
                .extracting(command -> (Object) command.getClass())
                .containsAll(
                        Stream.of(ClusterCommand.class.getPermittedSubclasses()).toList());
        int seen = 0;
        for (ClusterCommand command : commands) {
            for (Caller caller : List.of(
                    new Caller(Origin.HERE, false),
                    new Caller(Origin.NODE, true),
                    new Caller(Origin.NODE, false),
                    new Caller(Origin.ELSEWHERE, true))) {
                seen++;
                assertThat(((Result.Refused) caller.call(new Request(0, 0, 0, List.of(), "", command))).code())
                        .as("%s", command)
                        .isEqualTo(ErrorCode.PERMISSION_DENIED);
            }
        }
        assertThat(engine.state().epoch()).isZero();
        assertThat(engine.state().revision()).as("but for the sessions").isEqualTo(revision + seen);
    }

    @Test
    void whoOnlySaysThatItForwardsMayNot() {
        assertThat(((Result.Refused) new Caller(Origin.ELSEWHERE, true).send(setting())).code())
                .isEqualTo(ErrorCode.PERMISSION_DENIED);
    }

    @Test
    void aNodeMayPassOnWhatItsOperatorAskedForButNoOtherClientOfItsMachineMayComeFromThere() {
        assertThat(new Caller(Origin.NODE, true).send(setting())).isInstanceOf(Result.Done.class);
        assertThat(((Result.Refused) new Caller(Origin.NODE, false).send(setting())).code())
                .isEqualTo(ErrorCode.PERMISSION_DENIED);
    }

    @Test
    void whoMayNotAdministerMayDoEverythingElse() {
        assertThat(new Caller(Origin.ELSEWHERE, false)
                        .send(new ElementCommand.Register("n", AbsolutePath.parse("/a"), 0)))
                .isInstanceOf(Result.Done.class);
    }

    private static AdminCommand setting() {
        return new AdminCommand.ChangeSettings(List.of(new AdminCommand.Setting("elementsMax", 7)));
    }

    /** A client with a session. */
    private final class Caller {
        private final FakeStream<V1.ControlReply> replies = new FakeStream<>();
        private final FrameListener<V1.ControlFrame> node;
        private final long session;
        private long sequence;
        private long callsMade;

        Caller(Origin origin, boolean forwards) {
            node = engine.control(replies, origin);
            node.frame(V1.ControlFrame.newBuilder()
                    .setHello(V1.Hello.newBuilder().setForwards(forwards))
                    .build());
            session = ((Result.Opened) call(new Request(
                            0, 0, 0, List.of(), "", new SessionCommand.Open(new Secret(1, ++callers), 5_000, ""))))
                    .session();
        }

        Result send(Command command) {
            sequence++;
            return call(new Request(session, sequence, sequence, List.of(), "", command));
        }

        private Result call(Request request) {
            callsMade++;
            node.frame(V1.ControlFrame.newBuilder()
                    .addCalls(V1.Call.newBuilder().setId(callsMade).setRequest(RequestCodec.encode(request)))
                    .build());
            return replies.frames.stream()
                    .flatMap(frame -> frame.getAnswersList().stream())
                    .filter(answer -> answer.getId() == callsMade)
                    .map(answer -> ResultCodec.decode(answer.getResult()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Nobody to pass anything on to: this node leads. */
    private static final class NoPeers implements Wire {
        @Override
        public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener) {
            throw new AssertionError("this node leads");
        }

        @Override
        public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener) {
            throw new AssertionError("this node leads");
        }

        @Override
        public CompletableFuture<V1.StatusReply> status(String endpoint) {
            throw new AssertionError("this node leads");
        }

        @Override
        public void close() {}
    }
}
