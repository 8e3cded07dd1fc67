package io.whatnot.node.rpc;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.whatnot.core.engine.Engine;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.protocol.v1.WhatnotGrpc;
import io.whatnot.core.wire.GrpcStreams;
import io.whatnot.core.wire.Origin;
import io.whatnot.node.net.BoundedListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Serves the protocol of docs/protocol.md to clients. Frames are dealt with on the event loops, which never block. */
public final class ClientServer implements AutoCloseable {
    /** The largest frame that is taken from a client. */
    public static final int FRAME_BYTES_MAX = 4 << 20;

    private static final int STREAMS_MAX = 64;
    private static final long CLOSE_MILLIS = 500;

    /**
     * How many may be connected, and how long for nothing.
     *
     * @param connectionsMax the most connections at once
     * @param idleMillis a connection without a call for so long is closed; its client opens another when it has one
     */
    public record Limits(int connectionsMax, long idleMillis) {
        private static final long IDLE_MILLIS = 60_000;

        /** With so many connections, and a minute. */
        public static Limits of(int connectionsMax) {
            return new Limits(connectionsMax, IDLE_MILLIS);
        }
    }

    private final BoundedListener listener;
    private final Server server;

    /**
     * Begins to listen.
     *
     * @param nodes the machines whose nodes may pass on what operators ask of them
     * @param status makes the answer to a request for the node's status
     * @throws IOException if the address can't be listened at, usually because the port is taken
     */
    public ClientServer(
            InetSocketAddress address, Limits limits, Engine engine, NodeHosts nodes, Supplier<V1.StatusReply> status)
            throws IOException {
        listener = new BoundedListener("clients", limits.connectionsMax, engine::connectionRefused);
        NettyServerBuilder builder = listener.listen(NettyServerBuilder.forAddress(address))
                .directExecutor()
                .maxInboundMessageSize(FRAME_BYTES_MAX)
                .maxConcurrentCallsPerConnection(STREAMS_MAX)
                .maxConnectionIdle(limits.idleMillis, TimeUnit.MILLISECONDS)
                .addStreamTracerFactory(new BrokenStreams(engine))
                .intercept(new Origins(nodes))
                .addService(new Service(engine, status));
        try {
            server = builder.build().start();
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /** The port it listens at. */
    public int port() {
        return server.getPort();
    }

    /** Stops; open streams end. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        listener.close();
    }

    /** Counts the streams that gRPC ends before anybody here has seen what was sent. */
    private static final class BrokenStreams extends ServerStreamTracer.Factory {
        private final Engine engine;

        BrokenStreams(Engine engine) {
            this.engine = engine;
        }

        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            return new ServerStreamTracer() {
                @Override
                public void streamClosed(Status status) {
                    switch (status.getCode()) {
                        case RESOURCE_EXHAUSTED, INTERNAL, UNKNOWN -> engine.streamBroken();
                        default -> {} // it ended well, or is counted by who ended it
                    }
                }
            };
        }
    }

    private static final class Service extends WhatnotGrpc.WhatnotImplBase {
        private final Engine engine;
        private final Supplier<V1.StatusReply> status;

        Service(Engine engine, Supplier<V1.StatusReply> status) {
            this.engine = engine;
            this.status = status;
        }

        @Override
        public StreamObserver<V1.ControlFrame> control(StreamObserver<V1.ControlReply> replies) {
            Origin origin = Origins.current();
            return GrpcStreams.server(replies, stream -> engine.control(stream, origin));
        }

        @Override
        public StreamObserver<V1.WatchFrame> watch(StreamObserver<V1.WatchReply> replies) {
            return GrpcStreams.server(replies, engine::watch);
        }

        @Override
        public void status(V1.StatusRequest request, StreamObserver<V1.StatusReply> reply) {
            reply.onNext(status.get());
            reply.onCompleted();
        }
    }
}
