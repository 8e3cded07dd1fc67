package io.whatnot.node.raft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.entity.PeerId;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.time.SystemScheduler;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.node.raft.v1.RaftMessages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What other nodes send, and the file of what this one has promised them. */
public final class RaftTargets {
    private static final Server SERVER = Server.open();
    private static final Path FOLDER = folder();

    private RaftTargets() {}

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("fuzz-raft");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** An envelope with a message of any type in it. */
    public static void message(byte[] input) throws InvalidProtocolBufferException {
        Message message;
        try {
            message = RaftMessageCodec.decode(RaftMessages.Message.parseFrom(input));
        } catch (InvalidProtocolBufferException refused) {
            require(!String.valueOf(refused.getMessage()).isBlank(), "refused without a word");
            return;
        }
        require(
                RaftMessageCodec.decode(RaftMessageCodec.encode(7, true, message))
                        .equals(message),
                "came back otherwise");
    }

    /**
     * Frames, each behind its length, to a server with all its processors and a node that has not started yet. Each request
     * is answered, or its stream is ended; a stream after it is served.
     */
    public static void stream(byte[] input) throws IOException {
        Kept stream = new Kept();
        FrameListener<RaftMessages.Frame> listener = SERVER.open(stream);
        listener.frame(hello("fuzz"));
        Set<Long> asked = new HashSet<>();
        ByteArrayInputStream in = new ByteArrayInputStream(input);
        for (RaftMessages.Frame frame = next(in); frame != null && stream.end == null; frame = next(in)) {
            listener.frame(frame);
            frame.getMessagesList().forEach(message -> asked.add(message.getId()));
        }
        StreamFailure end = stream.end;
        if (end == null) {
            asked.removeAll(stream.answered());
            require(asked.isEmpty(), "requests that were not answered: " + asked);
        } else {
            require(end.kind() == StreamFailure.Kind.PROTOCOL, "ended: " + end);
        }
        listener.closed(StreamFailure.CLOSED);
        Kept after = new Kept();
        FrameListener<RaftMessages.Frame> bystander = SERVER.open(after);
        bystander.frame(hello("bystander").toBuilder()
                .addMessages(RaftMessageCodec.encode(
                        1,
                        false,
                        RaftMessages.RejoinRequest.newBuilder()
                                .setNode("127.0.0.1:1")
                                .build()))
                .build());
        require(after.answered().contains(1L), "somebody else is not answered any more");
        bystander.closed(StreamFailure.CLOSED);
    }

    private static RaftMessages.Frame hello(String node) {
        return RaftMessages.Frame.newBuilder()
                .setHello(RaftMessages.Hello.newBuilder()
                        .setCluster("c")
                        .setNode(node)
                        .setLane("log"))
                .build();
    }

    private static RaftMessages.@Nullable Frame next(ByteArrayInputStream in) throws IOException {
        try {
            return RaftMessages.Frame.parseDelimitedFrom(in);
        } catch (InvalidProtocolBufferException garbage) {
            return null;
        }
    }

    /** The file but for its checksum, which is put behind it, or altered bytes would get nowhere. */
    public static void metadata(byte[] input) throws IOException {
        MetadataFile file = new MetadataFile(FOLDER);
        byte[] text = new String(input, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        CRC32C checksum = new CRC32C();
        checksum.update(text);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(text);
        whole.writeBytes(("crc32c=" + Long.toHexString(checksum.getValue()) + "\n").getBytes(StandardCharsets.UTF_8));
        Files.write(file.path(), whole.toByteArray());
        file.path().toFile().deleteOnExit();
        Optional<RaftMetadata> metadata;
        try {
            metadata = file.read();
        } catch (IOException refused) {
            require(String.valueOf(refused.getMessage()).contains("damaged"), "not said to be damaged: " + refused);
            return;
        }
        file.write(metadata.orElseThrow());
        require(file.read().equals(metadata), "came back otherwise: " + metadata);
    }

    /** A node's server, with nothing to it but that it answers on the thread that asks. */
    private record Server(RaftRpcServer server) {
        /** Of a node that takes no part. */
        private static final class NoLog implements RaftMembership.Log {
            @Override
            public @Nullable Node node() {
                return null;
            }

            @Override
            public boolean serves() {
                return false;
            }

            @Override
            public long appliedIndex() {
                return 0;
            }

            @Override
            public void members(List<String> clients) {}
        }

        private static String freeEndpoint() throws IOException {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return "127.0.0.1:" + free.getLocalPort();
            }
        }

        static Server open() {
            try {
                String endpoint = freeEndpoint();
                Path folder = Files.createTempDirectory("fuzz-node");
                RaftLogOptions options = new RaftLogOptions(
                        "c",
                        "n1",
                        endpoint,
                        endpoint,
                        List.of(new RaftMember("n1", "127.0.0.1:1", endpoint)),
                        folder,
                        500,
                        200,
                        1_000,
                        1 << 20,
                        8 << 20,
                        false,
                        1_000,
                        FeatureLevel.NEWEST,
                        false,
                        false,
                        0);
                RaftLog log = new RaftLog(options, why -> {
                    throw new AssertionError(why);
                });
                FatalError fatal = why -> {
                    throw new AssertionError(why);
                };
                RaftMetadata blank = RaftMetadata.blank("c", "n1", 1);
                MetadataStorage metadata = new MetadataStorage(new MetadataFile(folder), blank, fatal);
                SystemScheduler scheduler = new SystemScheduler("fuzz");
                Amnesia amnesia = new Amnesia(blank, 1, false, scheduler, 0);
                List<String> voters = List.of(endpoint);
                RaftRpcClient client = new RaftRpcClient();
                PeerId self = RaftLog.peer(endpoint);
                RaftRpcServer server =
                        new RaftRpcServer("c", new InetSocketAddress(self.getIp(), self.getPort()), Runnable::run);
                RaftProcessors.register(
                        server,
                        Runnable::run,
                        amnesia,
                        new Elections(endpoint, metadata, amnesia),
                        () -> true,
                        List.of(
                                new Founding(endpoint, voters, metadata, client, scheduler, fatal),
                                new Rejoin(log, amnesia, endpoint, () -> true, () -> voters, client, scheduler, fatal),
                                new ReplicaDigests(endpoint, () -> voters, 1_000, Runnable::run, notice -> {}, fatal),
                                new NodeLevels("n1", FeatureLevel.NEWEST, List::of, client),
                                new Members(
                                        new RaftMember("n1", "127.0.0.1:1", endpoint),
                                        List.of(),
                                        metadata,
                                        client,
                                        scheduler,
                                        fatal,
                                        new RaftMembership(endpoint, metadata, amnesia, new NoLog()))));
                return new Server(server);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        FrameListener<RaftMessages.Frame> open(FrameStream<RaftMessages.Frame> stream) {
            return server.open(stream);
        }
    }

    /** Keeps what it is sent. */
    private static final class Kept implements FrameStream<RaftMessages.Frame> {
        private final List<RaftMessages.Frame> frames = new ArrayList<>();

        @Nullable
        StreamFailure end;

        Set<Long> answered() {
            Set<Long> answered = new HashSet<>();
            frames.forEach(frame -> frame.getMessagesList().forEach(message -> answered.add(message.getId())));
            return answered;
        }

        @Override
        public boolean isReady() {
            return end == null;
        }

        @Override
        public void send(RaftMessages.Frame frame) {
            frames.add(frame);
        }

        @Override
        public void close() {
            fail(StreamFailure.CLOSED);
        }

        @Override
        public void fail(StreamFailure why) {
            end = end == null ? why : end;
        }
    }
}
