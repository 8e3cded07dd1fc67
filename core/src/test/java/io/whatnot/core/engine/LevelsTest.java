package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.whatnot.core.engine.ReplicatedLog.NodeLevel;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Value;
import io.whatnot.core.protocol.EntryCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.UnsupportedLevelException;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Wire;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a node does about feature levels. */
final class LevelsTest {
    private static final int NEWEST = FeatureLevel.NEWEST;

    private final ScriptedLog log = new ScriptedLog();
    private final VirtualScheduler scheduler = new VirtualScheduler();

    // ---- the founding

    @Test
    void aClusterIsFoundedAtTheNewestLevelThatAllNodesSupport() {
        Engine leader = leader(NEWEST);
        answer(NodeLevel.of("b", NEWEST + 1), NodeLevel.of("c", 1));
        log.commitAll();
        assertThat(leader.state().isFounded()).isTrue();
        assertThat(leader.state().level()).isEqualTo(1);
    }

    @Test
    void aLeaderThatIsTheOldestFoundsTheClusterAtItsOwn() {
        Engine leader = leader(1);
        answer(NodeLevel.of("b", NEWEST));
        log.commitAll();
        assertThat(leader.state().isFounded()).isTrue();
        assertThat(leader.state().level()).isEqualTo(1);
    }

    @Test
    void aClusterIsNotFoundedBeforeAllNodesHaveSaidWhatTheySupport() {
        Engine leader = leader(NEWEST);
        answer(NodeLevel.of("b", NEWEST), NodeLevel.unknown("c", "it is not there"));
        assertThat(log.all).isEmpty();

        scheduler.pass(Levels.FOUNDING_MILLIS);
        answer(NodeLevel.of("b", NEWEST), NodeLevel.of("c", NEWEST));
        log.commitAll();

        assertThat(leader.state().level()).isEqualTo(NEWEST);
        scheduler.pass(10 * Levels.FOUNDING_MILLIS);
        assertThat(log.askers).as("nobody is asked any more").isEmpty();
    }

    @Test
    void whatWasNotCommittedOfAFoundingIsTriedAgain() {
        Engine leader = leader(NEWEST);
        answer();
        log.failAll();

        scheduler.pass(Levels.FOUNDING_MILLIS);
        answer();
        log.commitAll();

        assertThat(leader.state().level()).isEqualTo(NEWEST);
    }

    @Test
    void whoLeadsNoMoreFoundsNothing() {
        Engine leader = leader(NEWEST);
        leader.following(null);
        answer();
        scheduler.pass(10 * Levels.FOUNDING_MILLIS);
        assertThat(log.all).isEmpty();
        assertThat(log.askers).isEmpty();
    }

    @Test
    void aClusterThatWasFoundedIsNotRaisedByANewLeaderOfNewerSoftware() {
        Engine node = engine(NEWEST);
        log.apply(EntryCodec.encode(1, List.of(), 1));
        node.leading(2, null);
        assertThat(log.askers).isEmpty();
        assertThat(node.state().level()).isEqualTo(1);
    }

    // ---- requests

    @Test
    void whatNeedsAHigherLevelThanTheClusterHasIsRefusedBeforeTheLog() {
        Caller caller = new Caller(leader(NEWEST));
        int appended = log.all.size();

        V1.Answer answer = caller.send(ifPresent()).orElseThrow();

        Result.Refused refused = (Result.Refused) ResultCodec.decode(answer.getResult());
        assertThat(refused.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(refused.message()).contains("feature level 2", "is at 1", "whatnot admin level 2");
        assertThat(answer.getNotProposed()).isTrue();
        assertThat(log.all).as("what was appended").hasSize(appended);
    }

    @Test
    void whatItsSoftwareDoesNotKnowANodeDoesNotTake() {
        Caller caller = new Caller(leader(1));
        int appended = log.all.size();

        Result.Refused refused = caller.refused(ifPresent());

        assertThat(refused.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(refused.message()).contains("needs feature level 2", "supports levels up to 1");
        assertThat(log.all).as("what was appended").hasSize(appended);
    }

    @Test
    void anEntryThatANodesSoftwareDoesNotKnowIsNotAppliedAndSaysWhatIsNeeded() {
        Engine node = engine(1);
        long before = node.state().entries();
        byte[] unknown = V1.Request.newBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                999,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())
                .build()
                .toByteArray();

        assertThatThrownBy(() -> log.apply(EntryCodec.encode(1, List.of(ByteString.copyFrom(unknown)))))
                .isInstanceOf(UnsupportedLevelException.class)
                .hasMessageContaining("entry 1 of the log is a newer version's")
                .hasMessageContaining("start the node with a newer version");
        assertThat(node.state().entries()).isEqualTo(before);
    }

    // ---- raising it

    @Test
    void theLevelIsRaisedWhenAllNodesSupportIt() {
        Engine leader = leader(NEWEST);
        Caller caller = new Caller(leader);
        assertThat(caller.send(new AdminCommand.RaiseLevel(2))).isEmpty();
        answerLast(NodeLevel.of("b", 2), NodeLevel.of("c", 3));
        log.commitAll();

        assertThat(caller.last()).isInstanceOf(Result.Done.class);
        assertThat(leader.state().level()).isEqualTo(2);
        assertThat(leader.status().getFeatureLevel()).isEqualTo(2);
        assertThat(leader.status().getFeatureLevelMax()).isEqualTo(NEWEST);
    }

    @Test
    void theLevelIsNotRaisedWhileANodeIsOlderOrSilentAndTheyAreNamed() {
        Engine leader = leader(NEWEST);
        Caller caller = new Caller(leader);
        int appended = log.all.size();
        caller.send(new AdminCommand.RaiseLevel(2));
        answerLast(NodeLevel.of("old", 1), NodeLevel.unknown("silent", "it is not there"), NodeLevel.of("new", 2));

        Result.Refused refused = (Result.Refused) caller.last();
        assertThat(refused.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(refused.message())
                .contains(
                        "the cluster stays at feature level 1",
                        "old supports levels up to 1",
                        "silent does not say what it supports: it is not there",
                        "then raise the level again")
                .doesNotContain("new supports");
        assertThat(log.all).as("what was appended").hasSize(appended);
        assertThat(leader.state().level()).isEqualTo(1);
    }

    @Test
    void theLevelIsNotRaisedBeyondWhatTheLeaderSupports() {
        Caller caller = new Caller(leader(1));
        caller.send(new AdminCommand.RaiseLevel(2));
        answerLast(NodeLevel.of("new", 2));

        assertThat(((Result.Refused) caller.last()).message()).contains("the leader, here, supports levels up to 1");
    }

    @Test
    void nobodyIsAskedAboutALevelThatTheClusterHas() {
        Engine leader = leader(NEWEST);
        Caller caller = new Caller(leader);
        log.askers.clear();
        caller.send(new AdminCommand.RaiseLevel(1));
        assertThat(log.askers).isEmpty();
        log.commitAll();
        assertThat(caller.last()).isInstanceOf(Result.Done.class);
    }

    // ---- how it is told

    private Engine engine(int levelMax) {
        Engine engine = new Engine(
                new Engine.Options("test", "here", 500).withLevelMax(levelMax),
                log,
                scheduler,
                Runnable::run,
                Runnable::run,
                Runnable::run,
                new NoPeers());
        engine.start();
        return engine;
    }

    private Engine leader(int levelMax) {
        Engine engine = engine(levelMax);
        engine.leading(1, null);
        return engine;
    }

    /** To whoever asked first. */
    private void answer(NodeLevel... levels) {
        log.askers.removeFirst().accept(List.of(levels));
    }

    private void answerLast(NodeLevel... levels) {
        log.askers.removeLast().accept(List.of(levels));
    }

    private static Command ifPresent() {
        return new ElementCommand.Put("n", AbsolutePath.parse("/a"), Value.of("x"), 0, false, Condition.PRESENT, 0);
    }

    /** A client with a session. */
    private final class Caller {
        private final FakeStream<V1.ControlReply> replies = new FakeStream<>();
        private final FrameListener<V1.ControlFrame> node;
        private final long session;
        private long sequence;

        Caller(Engine engine) {
            node = engine.control(replies);
            node.frame(V1.ControlFrame.newBuilder()
                    .setHello(V1.Hello.getDefaultInstance())
                    .build());
            call(new Request(0, 0, 0, List.of(), "", new SessionCommand.Open(new Secret(1, 1), 5_000, "")));
            log.commitAll();
            session = ((Result.Opened) last()).session();
        }

        /** The answer, if there is one yet. */
        Optional<V1.Answer> send(Command command) {
            sequence++;
            call(new Request(session, sequence, sequence, List.of(), "", command));
            return answer();
        }

        Result.Refused refused(Command command) {
            return (Result.Refused)
                    ResultCodec.decode(send(command).orElseThrow().getResult());
        }

        Result last() {
            return ResultCodec.decode(answer().orElseThrow().getResult());
        }

        private void call(Request request) {
            node.frame(V1.ControlFrame.newBuilder()
                    .addCalls(V1.Call.newBuilder().setId(sequence + 1).setRequest(RequestCodec.encode(request)))
                    .build());
        }

        private Optional<V1.Answer> answer() {
            return replies.frames.stream()
                    .flatMap(frame -> frame.getAnswersList().stream())
                    .filter(answer -> answer.getId() == sequence + 1)
                    .findFirst();
        }
    }

    /** This node leads. */
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
