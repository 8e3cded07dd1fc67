package io.whatnot.node.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.engine.DirectLog;
import io.whatnot.core.engine.Engine;
import io.whatnot.core.model.Value;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.protocol.v1.WhatnotGrpc;
import io.whatnot.core.time.SystemScheduler;
import io.whatnot.core.wire.GrpcWire;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a client sends or does not read, it is answered, refused or cut off, counted, and nobody else notices. */
@Timeout(60)
final class ClientServerTest {
    private static final int CONNECTIONS_MAX = 20;
    private static final long IDLE_MILLIS = 1_000;

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final ExecutorService watches = Executors.newSingleThreadExecutor();
    private final SystemScheduler scheduler = new SystemScheduler("test-ticker");
    private final List<ManagedChannel> channels = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    @SuppressWarnings("NullAway.Init")
    private ClientServer server;

    @BeforeEach
    void start() throws Exception {
        engine = new Engine(
                new Engine.Options("test", "here", 500),
                new DirectLog(),
                scheduler,
                threads,
                threads,
                watches,
                new GrpcWire(PeerChannels::open));
        server = new ClientServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new ClientServer.Limits(CONNECTIONS_MAX, IDLE_MILLIS),
                engine,
                new NodeHosts(List::of, threads),
                () -> engine.status().build());
        engine.start();
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        engine.close();
        server.close();
        scheduler.close();
        threads.shutdownNow();
        watches.shutdownNow();
    }

    private ManagedChannel channel() {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .directExecutor()
                .build();
        channels.add(channel);
        return channel;
    }

    private long count(String counter) {
        return engine.status().getCountersMap().getOrDefault(counter, 0L);
    }

    private void awaitConnections(long count) {
        await().until(() -> engine.status().getConnections() == count);
    }

    /** Others are served as if nothing had been. */
    private void assertServes() throws Exception {
        try (NamespaceManager other = NamespaceManager.connect("127.0.0.1:" + server.port())) {
            Namespace ns = other.namespace("others");
            ns.put("/a", Value.of("x"));
            assertThat(ns.get("/a")).isPresent();
        }
    }

    /** A client's stream. */
    private final class Client<Q, P> implements ClientResponseObserver<Q, P> {
        final List<P> replies = new CopyOnWriteArrayList<>();
        final CompletableFuture<Status.Code> end = new CompletableFuture<>();
        final ManagedChannel channel = channel();
        private final boolean reads;
        private final List<ClientCallStreamObserver<Q>> calls = new ArrayList<>();
        final StreamObserver<Q> requests;

        Client(boolean reads, Function<ManagedChannel, Function<StreamObserver<P>, StreamObserver<Q>>> method) {
            this.reads = reads;
            this.requests = method.apply(channel).apply(this);
        }

        void send(Q frame) {
            requests.onNext(frame);
        }

        /** It begins to read. */
        void read() {
            calls.get(0).request(Integer.MAX_VALUE);
        }

        void assertEnds(Status.Code... how) throws Exception {
            assertThat(end.get(20, TimeUnit.SECONDS)).isIn((Object[]) how);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> call) {
            calls.add(call);
            if (!reads) {
                call.disableAutoRequestWithInitial(0);
            }
        }

        @Override
        public void onNext(P reply) {
            replies.add(reply);
        }

        @Override
        public void onError(Throwable error) {
            end.complete(Status.fromThrowable(error).getCode());
        }

        @Override
        public void onCompleted() {
            end.complete(Status.Code.OK);
        }
    }

    private Client<V1.ControlFrame, V1.ControlReply> control(boolean reads) {
        return new Client<>(reads, channel -> WhatnotGrpc.newStub(channel)::control);
    }

    private Client<V1.WatchFrame, V1.WatchReply> watch(boolean reads) {
        return new Client<>(reads, channel -> WhatnotGrpc.newStub(channel)::watch);
    }

    /** A control stream into which any bytes may be sent as a frame. */
    private Client<byte[], byte[]> bytes() {
        MethodDescriptor.Marshaller<byte[]> asTheyAre = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                return new byte[0];
            }
        };
        MethodDescriptor<byte[], byte[]> method =
                WhatnotGrpc.getControlMethod().toBuilder(asTheyAre, asTheyAre).build();
        return new Client<>(
                true,
                channel -> replies ->
                        ClientCalls.asyncBidiStreamingCall(channel.newCall(method, CallOptions.DEFAULT), replies));
    }

    private static V1.ControlFrame.Builder hello() {
        return V1.ControlFrame.newBuilder().setHello(V1.Hello.newBuilder().setCluster("test"));
    }

    private static V1.WatchFrame.Builder watchHello() {
        return V1.WatchFrame.newBuilder().setHello(V1.Hello.newBuilder().setCluster("test"));
    }

    private static V1.WatchCall startWatch(long id) {
        return V1.WatchCall.newBuilder()
                .setWatch(id)
                .setStart(V1.StartWatch.newBuilder()
                        .setNamespace("shop")
                        .setPath("/")
                        .setRecursive(true)
                        .setCredit(1L << 30))
                .build();
    }

    // ---- who is let in

    @Test
    void whoSaysHelloIsToldWhoLeads() {
        Client<V1.ControlFrame, V1.ControlReply> client = control(true);

        client.send(hello().build());

        await().until(() -> !client.replies.isEmpty());
        assertThat(client.replies.get(0).getLeader().getHere()).isTrue();
        assertThat(engine.status().getConnections()).isEqualTo(1);
    }

    @Test
    void whoWantsAnotherClusterIsTurnedAwayAndCounted() throws Exception {
        Client<V1.ControlFrame, V1.ControlReply> control = control(true);
        control.send(V1.ControlFrame.newBuilder()
                .setHello(V1.Hello.newBuilder().setCluster("other"))
                .build());
        Client<V1.WatchFrame, V1.WatchReply> watch = watch(true);
        watch.send(V1.WatchFrame.newBuilder()
                .setHello(V1.Hello.newBuilder().setCluster("other"))
                .build());

        control.assertEnds(Status.Code.FAILED_PRECONDITION);
        watch.assertEnds(Status.Code.FAILED_PRECONDITION);
        assertThat(count("connections_refused")).isEqualTo(2);
        awaitConnections(0);
    }

    // ---- garbage

    @Test
    void aFrameThatIsNoMessageEndsItsStreamAndNoOther() throws Exception {
        Client<V1.ControlFrame, V1.ControlReply> other = control(true);
        other.send(hello().build());
        Client<byte[], byte[]> client = bytes();

        client.send("this is no protobuf".getBytes(StandardCharsets.US_ASCII));

        client.assertEnds(Status.Code.CANCELLED, Status.Code.INTERNAL, Status.Code.UNKNOWN);
        awaitConnections(1);
        assertThat(other.end).isNotDone();
        assertServes();
    }

    @Test
    void aFrameThatIsCutAnywhereDoesNoHarm() throws Exception {
        byte[] whole = hello().addCalls(V1.Call.newBuilder()
                        .setId(7)
                        .setRead(V1.Read.newBuilder()
                                .setGet(V1.Get.newBuilder().setNamespace("shop").setPath("/a"))))
                .build()
                .toByteArray();
        for (int length = 0; length < whole.length; length++) {
            Client<byte[], byte[]> client = bytes();
            client.send(Arrays.copyOf(whole, length));
            client.requests.onCompleted();
            client.end.get(20, TimeUnit.SECONDS);
            client.channel.shutdownNow();
        }

        awaitConnections(0);
        assertServes();
    }

    @Test
    void callsThatAreNoneAreAnsweredAndCountedAndTheStreamGoesOn() throws Exception {
        Client<V1.ControlFrame, V1.ControlReply> client = control(true);

        client.send(hello().addCalls(V1.Call.newBuilder().setId(1).setRequest(ByteString.copyFromUtf8("garbage")))
                .addCalls(V1.Call.newBuilder().setId(2))
                .addCalls(V1.Call.newBuilder().setId(3).setRead(V1.Read.getDefaultInstance()))
                .build());

        await().until(() -> client.replies.stream()
                        .mapToInt(V1.ControlReply::getAnswersCount)
                        .sum()
                == 3);
        assertThat(client.replies.stream().flatMap(reply -> reply.getAnswersList().stream()))
                .allSatisfy(
                        answer -> assertThat(answer.getResult().hasRefused()).isTrue());
        assertThat(count("malformed_calls")).isEqualTo(3);
        assertThat(client.end).isNotDone();
        assertServes();
    }

    @Test
    void aFrameThatIsTooLargeEndsItsStreamAndNoOther() throws Exception {
        Client<V1.ControlFrame, V1.ControlReply> other = control(true);
        other.send(hello().build());
        Client<V1.ControlFrame, V1.ControlReply> client = control(true);

        client.send(hello().addCalls(V1.Call.newBuilder()
                        .setId(1)
                        .setRequest(ByteString.copyFrom(new byte[ClientServer.FRAME_BYTES_MAX])))
                .build());

        client.assertEnds(Status.Code.RESOURCE_EXHAUSTED);
        awaitConnections(1);
        assertThat(other.end).isNotDone();
        assertServes();
    }

    @Test
    void bytesThatAreNoHttpOrEndInTheMiddleDoNoHarm() throws Exception {
        byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] halfAFrame = {0, 0, 100, 1, 4, 0, 0, 0, 1, 2, 3};
        byte[] begun = Arrays.copyOf(preface, preface.length + halfAFrame.length);
        System.arraycopy(halfAFrame, 0, begun, preface.length, halfAFrame.length);
        for (byte[] bytes : List.of(
                "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII), new byte[1_000], preface, begun)) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.getOutputStream().write(bytes);
                socket.getOutputStream().flush();
            }
        }

        assertServes();
        awaitConnections(0);
    }

    // ---- half-open streams

    @Test
    void aClientThatSendsNothingMoreIsLetGoInGoodOrder() throws Exception {
        Client<V1.ControlFrame, V1.ControlReply> control = control(true);
        control.send(hello().build());
        Client<V1.WatchFrame, V1.WatchReply> watch = watch(true);
        watch.send(watchHello().addCalls(startWatch(1)).build());
        await().until(() -> engine.status().getWatches() == 1);

        control.requests.onCompleted();
        watch.requests.onCompleted();

        control.assertEnds(Status.Code.OK);
        watch.assertEnds(Status.Code.OK);
        awaitConnections(0);
        await().until(() -> engine.status().getWatches() == 0);
    }

    @Test
    void ofAClientThatIsGoneWithoutAWordNothingIsLeft() {
        Client<V1.ControlFrame, V1.ControlReply> control = control(true);
        control.send(hello().build());
        Client<V1.WatchFrame, V1.WatchReply> watch = watch(true);
        watch.send(watchHello().addCalls(startWatch(1)).build());
        await().until(() -> engine.status().getWatches() == 1);
        awaitConnections(1);

        control.channel.shutdownNow();
        watch.channel.shutdownNow();

        awaitConnections(0);
        await().until(() -> engine.status().getWatches() == 0);
        assertThat(count("connections_cut_off")).isZero();
    }

    @Test
    void aStreamThatNeverSaysAnythingTakesNothingFromOthers() throws Exception {
        List<Client<V1.ControlFrame, V1.ControlReply>> silent = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            silent.add(control(true));
        }
        awaitConnections(20);

        assertServes();

        assertThat(silent).allSatisfy(each -> assertThat(each.replies).isEmpty());
    }

    // ---- clients that don't read

    @Test
    void aClientThatAsksAndNeverReadsIsCutOffAndCountedAndForgottenAtOnce() throws Exception {
        Client<V1.ControlFrame, V1.ControlReply> client = control(false);
        client.send(hello().build());
        V1.ControlFrame many = V1.ControlFrame.newBuilder()
                .addAllCalls(Collections.nCopies(
                        10_000, V1.Call.newBuilder().setId(1).build()))
                .build();

        for (int i = 0; i < 100 && count("connections_cut_off") == 0; i++) {
            client.send(many);
        }

        await().until(() -> count("connections_cut_off") == 1);
        awaitConnections(0);
        assertServes();
        assertThat(client.end).isNotDone();
        client.read();
        client.assertEnds(Status.Code.ABORTED);
    }

    @Test
    void aWatcherThatDoesNotReadIsNotCutOffAndSeesItAllLater() throws Exception {
        Client<V1.WatchFrame, V1.WatchReply> client = watch(false);
        client.send(watchHello().addCalls(startWatch(1)).build());
        await().until(() -> engine.status().getWatches() == 1);

        putMuch();
        assertThat(count("connections_cut_off")).isZero();
        client.read();

        await().until(() -> client.replies.stream()
                        .mapToInt(reply -> reply.getEvents().getEventsCount())
                        .sum()
                == 100);
    }

    @Test
    void ofAWatchStreamThatIsCutOffNothingIsLeftThoughItsClientNeverReads() throws Exception {
        Client<V1.WatchFrame, V1.WatchReply> client = watch(false);
        client.send(watchHello().addCalls(startWatch(1)).addCalls(startWatch(2)).build());
        await().until(() -> engine.status().getWatches() == 2);
        putMuch();

        client.send(V1.WatchFrame.newBuilder().addCalls(startWatch(1)).build()); // twice: not of this protocol

        await().until(() -> count("connections_cut_off") == 1);
        await().until(() -> engine.status().getWatches() == 0);
        assertThat(client.end).isNotDone();
        assertServes();
    }

    /** 100 changes of 60 KB each: more than a stream takes that nobody reads. */
    private void putMuch() throws Exception {
        try (NamespaceManager other = NamespaceManager.connect("127.0.0.1:" + server.port())) {
            Namespace ns = other.namespace("shop");
            for (int i = 0; i < 100; i++) {
                ns.put("/n" + i, Value.of("x".repeat(60_000)));
            }
        }
    }

    // ---- connections

    @Test
    void connectionsBeyondTheLimitAreClosedAtOnceAndThoseThatAreThereNoticeNothing() throws Exception {
        try (NamespaceManager there = NamespaceManager.connect("127.0.0.1:" + server.port())) {
            Namespace ns = there.namespace("others");
            ns.put("/a", Value.of("x"));
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 2 * CONNECTIONS_MAX; i++) {
                    sockets.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
                }
                await().until(() -> count("connections_refused") > CONNECTIONS_MAX);
                int closed = 0;
                for (Socket socket : sockets) {
                    socket.setSoTimeout(100);
                    closed += isClosed(socket) ? 1 : 0;
                }
                assertThat(closed).isEqualTo((int) count("connections_refused"));
                ns.put("/a", Value.of("y"));
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            long before = count("connections_refused");
            await().untilAsserted(this::assertServes);
            assertThat(ns.get("/a")).isPresent();
            assertThat(count("connections_refused")).isGreaterThanOrEqualTo(before);
        }
    }

    /** Whether the server has ended it; one that it keeps is greeted with its settings, and then there is silence. */
    private static boolean isClosed(Socket socket) throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // the greeting
            }
            return true;
        } catch (SocketTimeoutException silence) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void aConnectionWithoutACallIsClosedAndItsClientOpensAnotherWhenItHasOne() {
        ManagedChannel channel = channel();
        V1.StatusRequest request = V1.StatusRequest.getDefaultInstance();
        WhatnotGrpc.newBlockingStub(channel).status(request);

        await().atMost(Duration.ofSeconds(20)).until(() -> channel.getState(false) == ConnectivityState.IDLE);

        assertThat(WhatnotGrpc.newBlockingStub(channel).status(request).getRole())
                .isEqualTo("leader");
    }
}
