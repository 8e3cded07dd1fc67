package io.whatnot.node.cluster;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.protocol.v1.WhatnotGrpc;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.GrpcStreams;
import io.whatnot.core.wire.StreamFailure;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A client without the SDK, which sends whatever it is told to, well formed or not, on one control stream. */
final class RawClient implements FrameListener<V1.ControlReply>, AutoCloseable {
    private static final V1.Secret SECRET =
            V1.Secret.newBuilder().setHigh(1).setLow(2).build();

    final CompletableFuture<StreamFailure> end = new CompletableFuture<>();
    private final ManagedChannel channel;
    private final FrameStream<V1.ControlFrame> stream;
    private final Map<Long, CompletableFuture<V1.Answer>> calls = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong sequences = new AtomicLong();
    private long session;

    private RawClient(String endpoint) {
        channel = channel(endpoint);
        stream = GrpcStreams.client(WhatnotGrpc.newStub(channel)::control, this);
    }

    static ManagedChannel channel(String endpoint) {
        return NettyChannelBuilder.forTarget("dns:///" + endpoint)
                .negotiationType(NegotiationType.PLAINTEXT)
                .directExecutor()
                .build();
    }

    /** A stream on which nothing was sent yet. */
    static RawClient silent(String endpoint) {
        return new RawClient(endpoint);
    }

    /** A stream that has been greeted. */
    static RawClient greeted(String endpoint) {
        RawClient client = new RawClient(endpoint);
        client.hello("test");
        return client;
    }

    /** A stream with a session of its own. */
    static RawClient withSession(String endpoint) throws Exception {
        RawClient client = greeted(endpoint);
        V1.Request open = V1.Request.newBuilder()
                .setOpenSession(V1.OpenSession.newBuilder()
                        .setSecret(SECRET.toBuilder().setLow(System.nanoTime()))
                        .setTtl(60_000)
                        .setName("raw"))
                .build();
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            V1.Result opened = client.answer(client.send(open.toByteString())).getResult();
            // While the leader changes nobody can open one.
            if (!opened.hasOpened() && opened.getRefused().getCode() != V1.ErrorCode.UNAVAILABLE) {
                throw new AssertionError("no session: " + opened);
            }
            client.session = opened.getOpened().getSession();
            return opened.hasOpened();
        });
        return client;
    }

    long session() {
        return session;
    }

    void hello(String cluster) {
        stream.send(V1.ControlFrame.newBuilder()
                .setHello(V1.Hello.newBuilder().setClient("raw").setCluster(cluster))
                .build());
    }

    /** A request of the session's with its next sequence. */
    V1.Request.Builder request() {
        long sequence = sequences.incrementAndGet();
        return V1.Request.newBuilder().setSession(session).setSequence(sequence).setMark(sequence);
    }

    CompletableFuture<V1.Answer> send(V1.Request.Builder request) {
        return send(request.build().toByteString());
    }

    CompletableFuture<V1.Answer> send(ByteString request) {
        return call(V1.Call.newBuilder().setRequest(request));
    }

    CompletableFuture<V1.Answer> call(V1.Call.Builder call) {
        long id = ids.incrementAndGet();
        CompletableFuture<V1.Answer> answer = new CompletableFuture<>();
        calls.put(id, answer);
        stream.send(V1.ControlFrame.newBuilder().addCalls(call.setId(id)).build());
        return answer;
    }

    V1.Answer answer(CompletableFuture<V1.Answer> call) throws Exception {
        return call.get(10, TimeUnit.SECONDS);
    }

    /** Why the stream ended. */
    StreamFailure awaitEnd() throws Exception {
        return end.get(10, TimeUnit.SECONDS);
    }

    @Override
    @SuppressWarnings("NullAway") // each answer is one to a call
    public void frame(V1.ControlReply frame) {
        frame.getAnswersList().forEach(answer -> calls.remove(answer.getId()).complete(answer));
    }

    @Override
    public void ready() {}

    @Override
    public void closed(StreamFailure why) {
        end.complete(why);
        calls.values().forEach(call -> call.completeExceptionally(new IllegalStateException(why.message())));
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
