package io.whatnot.node.raft;

import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequestHeader;
import com.alipay.sofa.jraft.rpc.RpcServer;
import com.alipay.sofa.jraft.rpc.impl.ConnectionClosedEventListener;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.GrpcStreams;
import io.whatnot.core.wire.Outbox;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.node.net.BoundedListener;
import io.whatnot.node.raft.v1.RaftGrpc;
import io.whatnot.node.raft.v1.RaftMessages;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's end of the streams of the others. Requests of a stream are handed to JRaft's processors in their order. When a
 * node opens a stream anew, its old one is ended first: JRaft keeps the order of appends by connection, and must not have
 * it confused by the end of one that is history.
 */
final class RaftRpcServer implements RpcServer {
    private static final Logger LOG = LoggerFactory.getLogger(RaftRpcServer.class);

    private static final long CLOSE_MILLIS = 500;

    /** A node that asks and does not read the answers is cut off with more than that many bytes of them on their way. */
    private static final long UNREAD_BYTES_MAX = 64L << 20;

    /** Each of the others has two, and some more while it opens them anew. */
    private static final int CONNECTIONS_MAX = 1_000;

    private final String cluster;
    private final InetSocketAddress address;
    private final Executor executor;
    private final Map<String, RpcProcessor<?>> processors = new ConcurrentHashMap<>();
    private final List<ConnectionClosedEventListener> closedListeners = new CopyOnWriteArrayList<>();
    /** The latest stream of each node and lane. */
    private final Map<String, Stream> streams = new ConcurrentHashMap<>();

    private @Nullable BoundedListener listener;
    private @Nullable Server server;

    RaftRpcServer(String cluster, InetSocketAddress address, Executor executor) {
        this.cluster = cluster;
        this.address = address;
        this.executor = executor;
    }

    /** Begins to listen.
     *
     * @throws IOException if it can't, usually because the port is taken */
    void listen() throws IOException {
        BoundedListener bounded = new BoundedListener("nodes", CONNECTIONS_MAX, () -> {});
        listener = bounded;
        server = bounded.listen(NettyServerBuilder.forAddress(address))
                .directExecutor()
                .maxInboundMessageSize(RaftRpcClient.FRAME_BYTES_MAX)
                .flowControlWindow(4 << 20)
                .addService(new RaftGrpc.RaftImplBase() {
                    @Override
                    public StreamObserver<RaftMessages.Frame> exchange(StreamObserver<RaftMessages.Frame> responses) {
                        return GrpcStreams.server(responses, RaftRpcServer.this::open);
                    }
                })
                .build()
                .start();
    }

    /** Another node has opened a stream. */
    FrameListener<RaftMessages.Frame> open(FrameStream<RaftMessages.Frame> stream) {
        return new Stream(stream);
    }

    @Override
    public boolean init(Void options) {
        return isStarted();
    }

    @Override
    public void shutdown() {
        Server running = server;
        if (running != null) {
            running.shutdownNow();
            try {
                running.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        BoundedListener bounded = listener;
        if (bounded != null) {
            bounded.close();
        }
    }

    @Override
    public void registerConnectionClosedEventListener(ConnectionClosedEventListener listener) {
        closedListeners.add(listener);
    }

    @Override
    public void registerProcessor(RpcProcessor<?> processor) {
        processors.put(processor.interest(), processor);
    }

    @Override
    public int boundPort() {
        Server running = server;
        return running == null ? address.getPort() : running.getPort();
    }

    @Override
    public boolean isStarted() {
        Server running = server;
        return running != null && !running.isShutdown();
    }

    /** One stream of another node. */
    private final class Stream implements FrameListener<RaftMessages.Frame>, Connection {
        private final FrameStream<RaftMessages.Frame> stream;
        private final Outbox<RaftMessages.Message, RaftMessages.Frame> outbox;
        private final Map<String, Object> attributes = new ConcurrentHashMap<>();
        private String remote = "";
        private String lane = "";
        private boolean greeted;
        private boolean over;
        private volatile boolean failed;

        Stream(FrameStream<RaftMessages.Frame> stream) {
            this.stream = stream;
            this.outbox = new Outbox<>(
                    stream,
                    messages -> RaftMessages.Frame.newBuilder()
                            .addAllMessages(messages)
                            .build(),
                    RaftMessages.Message::getSerializedSize,
                    64,
                    Runnable::run);
        }

        @Override
        public void frame(RaftMessages.Frame frame) {
            if (!greeted && !greet(frame)) {
                return;
            }
            for (RaftMessages.Message message : frame.getMessagesList()) {
                if (!failed) {
                    handle(message);
                }
            }
        }

        private boolean greet(RaftMessages.Frame frame) {
            if (!frame.hasHello() || !frame.getHello().getCluster().equals(cluster)) {
                String theirs = frame.getHello().getCluster();
                LOG.warn("a node of cluster \"{}\" was turned away; this one is of \"{}\"", theirs, cluster);
                stream.fail(new StreamFailure(
                        StreamFailure.Kind.REFUSED, "this is cluster \"" + cluster + "\", not \"" + theirs + "\""));
                return false;
            }
            remote = frame.getHello().getNode();
            lane = frame.getHello().getLane();
            greeted = true;
            Stream old = streams.put(lane + " of " + remote, this);
            if (old != null) {
                old.close();
                old.end();
            }
            return true;
        }

        private void handle(RaftMessages.Message envelope) {
            Message request;
            try {
                request = RaftMessageCodec.decode(envelope);
            } catch (InvalidProtocolBufferException e) {
                LOG.warn("{} sent what can't be read: {}", remote, e.getMessage());
                fail(StreamFailure.Kind.PROTOCOL, String.valueOf(e.getMessage()));
                return;
            }
            RpcProcessor<?> processor = processors.get(request.getClass().getName());
            if (processor == null) {
                fail(StreamFailure.Kind.PROTOCOL, "nobody here answers " + envelope.getType());
                return;
            }
            dispatch(processor, request, envelope.getId());
        }

        private void answer(long id, Message response) {
            outbox.add(RaftMessageCodec.encode(id, true, response));
            if (outbox.bytes() > UNREAD_BYTES_MAX && !failed) {
                LOG.warn("{} does not read what it is answered; its stream is cut off", remote);
                fail(StreamFailure.Kind.TOO_SLOW, "what was answered is not read");
            }
        }

        private void fail(StreamFailure.Kind kind, String why) {
            failed = true;
            stream.fail(new StreamFailure(kind, why));
        }

        /** What JRaft wants to know to choose the thread that does the appends of one node in order. */
        private static Object header(Message request) {
            return request instanceof AppendEntriesRequest append
                    ? AppendEntriesRequestHeader.newBuilder()
                            .setGroupId(append.getGroupId())
                            .setServerId(append.getServerId())
                            .setPeerId(append.getPeerId())
                            .build()
                    : request;
        }

        @SuppressWarnings("unchecked") // a processor is registered under the class of its requests
        private <T> void dispatch(RpcProcessor<T> processor, Message request, long id) {
            RpcContext context = new RpcContext() {
                @Override
                public void sendResponse(Object response) {
                    answer(id, (Message) response);
                }

                @Override
                public Connection getConnection() {
                    return Stream.this;
                }

                @Override
                public String getRemoteAddress() {
                    return remote;
                }
            };
            Executor chosen = processor.executorSelector() == null
                    ? processor.executor()
                    : processor.executorSelector().select(request.getClass().getName(), header(request));
            (chosen == null ? executor : chosen).execute(() -> processor.handleRequest(context, (T) request));
        }

        @Override
        public void ready() {
            outbox.send();
        }

        @Override
        public void closed(StreamFailure why) {
            outbox.close();
            streams.remove(lane + " of " + remote, this);
            end();
        }

        private synchronized void end() {
            if (!over) {
                over = true;
                closedListeners.forEach(listener -> listener.onClosed(remote, this));
            }
        }

        // ---- as JRaft sees it

        @Override
        public @Nullable Object getAttribute(String key) {
            return attributes.get(key);
        }

        @Override
        public void setAttribute(String key, Object value) {
            attributes.put(key, value);
        }

        @Override
        public @Nullable Object setAttributeIfAbsent(String key, Object value) {
            return attributes.putIfAbsent(key, value);
        }

        @Override
        public void close() {
            fail(StreamFailure.Kind.CLOSED, "the connection is closed");
        }
    }
}
