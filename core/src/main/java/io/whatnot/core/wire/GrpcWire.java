package io.whatnot.core.wire;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.protocol.v1.WhatnotGrpc;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A wire over gRPC: one channel for each endpoint, made by whoever knows how to. */
public final class GrpcWire implements Wire {
    private static final long STATUS_MILLIS = 3_000;

    private final Function<String, ManagedChannel> connect;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    /** A wire whose channels are made by {@code connect}, on which gRPC must call back without changing threads. */
    public GrpcWire(Function<String, ManagedChannel> connect) {
        this.connect = connect;
    }

    @Override
    public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener) {
        return GrpcStreams.client(stub(endpoint)::control, listener);
    }

    @Override
    public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener) {
        return GrpcStreams.client(stub(endpoint)::watch, listener);
    }

    @Override
    public CompletableFuture<V1.StatusReply> status(String endpoint) {
        CompletableFuture<V1.StatusReply> reply = new CompletableFuture<>();
        stub(endpoint)
                .withDeadlineAfter(STATUS_MILLIS, TimeUnit.MILLISECONDS)
                .status(V1.StatusRequest.getDefaultInstance(), new StreamObserver<>() {
                    @Override
                    public void onNext(V1.StatusReply value) {
                        reply.complete(value);
                    }

                    @Override
                    public void onError(Throwable error) {
                        reply.completeExceptionally(error);
                    }

                    @Override
                    public void onCompleted() {
                        reply.completeExceptionally(new IllegalStateException("no status came"));
                    }
                });
        return reply;
    }

    private WhatnotGrpc.WhatnotStub stub(String endpoint) {
        ManagedChannel channel = channels.computeIfAbsent(endpoint, connect);
        // Whoever opens a stream has decided to try now; gRPC's own pause between attempts is not for us.
        channel.resetConnectBackoff();
        return WhatnotGrpc.newStub(channel);
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
    }
}
