package io.whatnot.core.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.EventCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.testing.Invariants;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.Wire;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Frames of a client into an engine over a log of its own, all on one thread and with a clock that moves when told.
 * Beside the client whose frames are made up there is another, who must not notice.
 */
public final class EngineTargets {
    private static final int FRAMES_MAX = 64;
    /** After so long what waits for something that does not come is told so. */
    private static final long GIVEN_UP_MILLIS = 10_000;

    private EngineTargets() {}

    /** Control frames, each behind its length. A session has been opened before them, which is session 2. */
    public static void control(byte[] input) throws IOException {
        List<V1.ControlFrame> frames = frames(input, V1.ControlFrame.parser());
        Node node = new Node();
        FakeStream<V1.ControlReply> stream = new FakeStream<>();
        FrameListener<V1.ControlFrame> client = node.engine.control(stream);
        stream.listener = client;
        client.frame(V1.ControlFrame.newBuilder()
                .setHello(V1.Hello.getDefaultInstance())
                .addCalls(V1.Call.newBuilder().setId(0).setRequest(RequestCodec.encode(open(1))))
                .build());
        node.settle(7);
        Set<Long> asked = new HashSet<>();
        for (V1.ControlFrame frame : frames) {
            client.frame(frame);
            frame.getCallsList().forEach(call -> asked.add(call.getId()));
            node.settle(7);
        }
        if (!answered(stream).containsAll(asked)) {
            node.settle(GIVEN_UP_MILLIS);
        }
        require(stream.end == null, "the stream was ended: " + stream.end);
        asked.removeAll(answered(stream));
        require(asked.isEmpty(), "calls that were never answered: " + asked);
        node.requireBystanderServed();
        client.closed(StreamFailure.CLOSED);
        node.requireNobodyConnectedBut(1);
    }

    /** The calls that were answered, all of which can be read. */
    private static Set<Long> answered(FakeStream<V1.ControlReply> stream) {
        Set<Long> answered = new HashSet<>();
        for (V1.ControlReply reply : stream.frames) {
            for (V1.Answer answer : reply.getAnswersList()) {
                answered.add(answer.getId());
                if (!answer.getResult().hasAttached()) {
                    ResultCodec.decode(answer.getResult());
                }
            }
            reply.getPushesList().forEach(push -> ResultCodec.decode(push.getResult()));
        }
        return answered;
    }

    /** Watch frames, each behind its length, with something happening and time passing between them. */
    public static void watch(byte[] input) throws IOException {
        List<V1.WatchFrame> frames = frames(input, V1.WatchFrame.parser());
        Node node = new Node();
        FakeStream<V1.WatchReply> stream = new FakeStream<>();
        FrameListener<V1.WatchFrame> client = node.engine.watch(stream);
        stream.listener = client;
        client.frame(V1.WatchFrame.newBuilder()
                .setHello(V1.Hello.getDefaultInstance())
                .build());
        for (V1.WatchFrame frame : frames) {
            client.frame(frame);
            node.bystander.put();
            node.settle(600);
        }
        StreamFailure end = stream.end;
        require(end == null || end.kind() == StreamFailure.Kind.PROTOCOL, "the stream was ended: " + end);
        for (V1.WatchReply reply : stream.frames) {
            reply.getEvents()
                    .getEventsList()
                    .forEach(event -> EventCodec.decode(
                            "n", new Revision(reply.getEvents().getRevision()), event));
            reply.getState().getElementsList().forEach(CommonCodec::decode);
        }
        node.requireBystanderServed();
        client.closed(StreamFailure.CLOSED);
        node.settle(600);
        require(node.engine.status().getWatches() == 0, "watches are left of a stream that is gone");
    }

    /** The frames that there are before the first that is none; gRPC lets nothing else through. */
    private static <T extends Message> List<T> frames(byte[] input, Parser<T> parser) throws IOException {
        List<T> frames = new ArrayList<>();
        ByteArrayInputStream in = new ByteArrayInputStream(input);
        while (frames.size() < FRAMES_MAX) {
            try {
                T frame = parser.parseDelimitedFrom(in);
                if (frame == null) {
                    return frames;
                }
                frames.add(frame);
            } catch (InvalidProtocolBufferException garbage) {
                return frames;
            }
        }
        return frames;
    }

    private static Request open(long secret) {
        return new Request(
                0, 0, 0, List.of(), "", new SessionCommand.Open(new Secret(0, secret), 3_600_000, "somebody"));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** The engine, and the other client. */
    private static final class Node {
        final VirtualScheduler scheduler = new VirtualScheduler();
        private final ManualExecutor executor = new ManualExecutor();
        final Engine engine = new Engine(
                new Engine.Options("test", "here:1", 500),
                new DirectLog(),
                scheduler,
                executor,
                executor,
                executor,
                new Nowhere());
        final Bystander bystander;

        Node() {
            engine.start();
            bystander = new Bystander(this);
        }

        void settle(long millis) {
            executor.runAll();
            scheduler.pass(millis);
            executor.runAll();
        }

        void requireBystanderServed() {
            for (int i = 0; i < 3; i++) {
                int before = bystander.answers();
                bystander.put();
                settle(7);
                require(bystander.answers() == before + 1, "somebody else is not answered any more");
            }
            require(bystander.stream.end == null, "somebody else was cut off");
            Invariants.check(engine.state());
        }

        void requireNobodyConnectedBut(int others) {
            require(engine.status().getConnections() == others, "a connection is left of a stream that is gone");
        }
    }

    /** A client that behaves, in a namespace of its own. */
    private static final class Bystander {
        final FakeStream<V1.ControlReply> stream = new FakeStream<>();
        private final FrameListener<V1.ControlFrame> node;
        private final long session;
        private long sequence;

        Bystander(Node at) {
            node = at.engine.control(stream);
            stream.listener = node;
            node.frame(V1.ControlFrame.newBuilder()
                    .setHello(V1.Hello.getDefaultInstance())
                    .addCalls(V1.Call.newBuilder().setId(1).setRequest(RequestCodec.encode(open(2))))
                    .build());
            at.settle(0);
            session = stream.frames.stream()
                    .flatMap(reply -> reply.getAnswersList().stream())
                    .map(answer -> answer.getResult().getOpened().getSession())
                    .findFirst()
                    .orElseThrow();
        }

        void put() {
            sequence++;
            node.frame(V1.ControlFrame.newBuilder()
                    .addCalls(V1.Call.newBuilder()
                            .setId(1 + sequence)
                            .setRequest(V1.Request.newBuilder()
                                    .setSession(session)
                                    .setSequence(sequence)
                                    .setMark(sequence)
                                    .setPut(V1.Put.newBuilder()
                                            .setNamespace("n")
                                            .setPath("/a")
                                            .setValue(V1.Value.getDefaultInstance()))
                                    .build()
                                    .toByteString()))
                    .build());
        }

        int answers() {
            return stream.frames.stream()
                    .mapToInt(V1.ControlReply::getAnswersCount)
                    .sum();
        }
    }

    /** There are no other nodes. */
    static final class Nowhere implements Wire {
        @Override
        public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener) {
            throw new AssertionError("nobody is to be connected to");
        }

        @Override
        public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener) {
            throw new AssertionError("nobody is to be connected to");
        }

        @Override
        public CompletableFuture<V1.StatusReply> status(String endpoint) {
            throw new AssertionError("nobody is to be asked");
        }

        @Override
        public void close() {}
    }
}
