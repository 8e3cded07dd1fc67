package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node does between its election and its serving anybody. */
class LeadershipTest {
    private final ScriptedLog log = new ScriptedLog();
    private final VirtualScheduler scheduler = new VirtualScheduler();
    private final Engine engine = new Engine(
            new Engine.Options("test", "here", 500),
            log,
            scheduler,
            Runnable::run,
            Runnable::run,
            Runnable::run,
            new NoPeers());
    private final FakeStream<V1.ControlReply> replies = new FakeStream<>();
    private FrameListener<V1.ControlFrame> client = engine.control(replies);
    private long calls;

    @BeforeEach
    void start() {
        engine.start();
        client.frame(V1.ControlFrame.newBuilder()
                .setHello(V1.Hello.getDefaultInstance())
                .build());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static Request command(ByteString bytes) throws Exception {
        return RequestCodec.decode(bytes);
    }

    private long open(long ttlMillis) {
        calls++;
        Request open = new Request(
                0, 0, 0, List.of(), "", new SessionCommand.Open(new Secret(0, calls), ttlMillis, "somebody"));
        client.frame(V1.ControlFrame.newBuilder()
                .addCalls(V1.Call.newBuilder().setId(calls).setRequest(RequestCodec.encode(open)))
                .build());
        return calls;
    }

    private List<Result> answersTo(long call) {
        return replies.frames.stream()
                .flatMap(frame -> frame.getAnswersList().stream())
                .filter(answer -> answer.getId() == call)
                .map(answer -> ResultCodec.decode(answer.getResult()))
                .toList();
    }

    private boolean isSaidToLead() {
        return replies.frames.stream()
                .filter(V1.ControlReply::hasLeader)
                .reduce((first, last) -> last)
                .map(frame -> frame.getLeader().getHere())
                .orElse(false);
    }

    @Test
    void aLeaderOfAClusterThatReFormsBeginsAnEpochBeforeItServesAnybody() throws Exception {
        engine.leading(7, new ReplicatedLog.Reforming(5_000));
        assertThat(engine.isServing()).isFalse();
        assertThat(isSaidToLead()).isFalse();
        Result.Refused refused = (Result.Refused) answersTo(open(1_000)).get(0);
        assertThat(refused.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(refused.code().isRetryable()).isTrue();
        assertThat(log.underWay).hasSize(1);
        assertThat(command(log.underWay.element().requests().get(0)).command())
                .isEqualTo(new ClusterCommand.Epoch(7, 5_000));
        log.commit();
        assertThat(engine.isServing()).isTrue();
        assertThat(isSaidToLead()).isTrue();
        assertThat(engine.state().epoch()).isEqualTo(7);
        long call = open(1_000);
        log.commitAll();
        assertThat(answersTo(call).get(0)).isInstanceOf(Result.Opened.class);
    }

    @Test
    void toldTwiceItBeginsOneEpoch() {
        engine.leading(7, new ReplicatedLog.Reforming(10_000));
        engine.leading(7, new ReplicatedLog.Reforming(10_000));
        log.commit();
        engine.leading(7, new ReplicatedLog.Reforming(10_000));
        assertThat(log.all).hasSize(1);
        assertThat(engine.isServing()).isTrue();
    }

    @Test
    void anEntryThatFailsWhileItLeadsIsAppendedAgain() {
        engine.leading(7, new ReplicatedLog.Reforming(0));
        log.failAll();
        assertThat(engine.isServing()).isFalse();
        scheduler.pass(50);
        log.commit();
        assertThat(engine.isServing()).isTrue();
    }

    @Test
    void aLeaderThatIsDeposedBeforeItsEpochBeganBeginsNone() {
        engine.leading(7, new ReplicatedLog.Reforming(0));
        engine.following("there");
        log.failAll();
        scheduler.pass(1_000);
        assertThat(log.underWay).isEmpty();
        assertThat(engine.isServing()).isTrue();
        assertThat(isSaidToLead()).isFalse();
    }

    @Test
    void aLeaderThatLostNothingServesAtOnceAndBeginsNoEpoch() {
        engine.leading(3, null);
        assertThat(engine.isServing()).isTrue();
        assertThat(isSaidToLead()).isTrue();
        assertThat(log.all).isEmpty();
    }

    @Test
    void theLongestTtlOfTheStateCountsIfTheDisksKnowOfLess() throws Exception {
        engine.leading(3, null);
        open(60_000);
        log.commitAll();
        engine.following(null);
        engine.leading(7, new ReplicatedLog.Reforming(5_000));
        assertThat(command(log.underWay.element().requests().get(0)).command())
                .isEqualTo(new ClusterCommand.Epoch(7, 65_536));
    }

    @Test
    void whatExceedsTheLongestTtlOnDiskIsProposedOnceTheDiskKnows() {
        log.keepsNotes();
        engine.leading(3, null);
        long first = open(5_000);
        assertThat(log.notes()).containsExactly(8_192L);
        assertThat(log.underWay).isEmpty();
        log.written();
        log.commitAll();
        assertThat(answersTo(first)).hasSize(1);
        long second = open(8_000);
        log.commitAll();
        assertThat(answersTo(second)).as("that is known").hasSize(1);
        assertThat(log.notes()).hasSize(1);
    }

    @Test
    void aFollowerNotesTheLongestTtlOfWhatItApplies() {
        log.keepsNotes();
        engine.leading(3, null);
        open(5_000);
        log.written();
        byte[] entry = log.underWay.element().bytes().toByteArray();
        ScriptedLog another = new ScriptedLog();
        another.keepsNotes();
        try (Engine follower = new Engine(
                new Engine.Options("test", "there", 500),
                another,
                scheduler,
                Runnable::run,
                Runnable::run,
                Runnable::run,
                new NoPeers())) {
            follower.start();
            another.apply(entry);
            assertThat(another.notes()).containsExactly(8_192L);
            another.apply(entry);
            assertThat(another.notes()).hasSize(1);
        }
    }

    @Test
    void aNewLeaderServesOnceItsDiskKnowsOfTheLongestTtl() {
        engine.leading(3, null);
        open(5_000);
        log.commitAll();
        ScriptedLog another = new ScriptedLog();
        another.keepsNotes();
        try (Engine next = new Engine(
                new Engine.Options("test", "there", 500),
                another,
                scheduler,
                Runnable::run,
                Runnable::run,
                Runnable::run,
                new NoPeers())) {
            next.start();
            another.listener().restored(5, engine.state());
            List<Boolean> leads = new ArrayList<>();
            next.leading(4, null);
            leads.add(next.status().getLeader().getHere());
            another.written();
            leads.add(next.status().getLeader().getHere());
            assertThat(leads).containsExactly(false, true);
        }
    }

    /** Nobody to pass anything on to. */
    private static final class NoPeers implements Wire {
        @Override
        public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener) {
            throw new AssertionError("nothing is to be passed on");
        }

        @Override
        public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener) {
            throw new AssertionError("nothing is to be passed on");
        }

        @Override
        public CompletableFuture<V1.StatusReply> status(String endpoint) {
            throw new AssertionError("nothing is to be passed on");
        }

        @Override
        public void close() {}
    }
}
