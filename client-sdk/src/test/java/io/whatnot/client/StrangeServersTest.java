package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.protocol.v1.WhatnotGrpc;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Over the real transport, to servers that are not what they should be. */
final class StrangeServersTest {
    private static final Logger LOG = LoggerFactory.getLogger(StrangeServersTest.class);

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(4);
    /** Far longer than any of it may take, and shorter than for ever. */
    private static final long SECONDS = 30;

    private final Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
    private final AtomicInteger connections = new AtomicInteger();

    private NamespaceManager client = NamespaceManager.local();

    @AfterEach
    void noThreadOfTheClientsIsLeft() {
        client.close();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .filteredOn(thread -> !before.contains(thread) && thread.isAlive())
                        .extracting(Thread::getName)
                        .filteredOn(name -> name.matches("(whatnot|ForkJoinPool-|grpc|netty).*"))
                        .isEmpty());
    }

    // ---- no servers of ours

    @Test
    void aServerOfAnotherProtocolIsSaidToBeUnreachableInTime() throws Exception {
        try (ServerSocket server = listen(socket -> {
            try (OutputStream out = socket.getOutputStream()) {
                out.write("SSH-2.0-nonsense\r\n\u0000\u0001\u0002".getBytes(StandardCharsets.ISO_8859_1));
            }
        })) {
            assertUnavailable(server.getLocalPort());
            assertThat(connections.get()).as("not without pause").isBetween(1, 60);
        }
    }

    @Test
    void aServerThatHangsUpAtOnceIsSaidToBeUnreachableInTime() throws Exception {
        try (ServerSocket server = listen(Socket::close)) {
            assertUnavailable(server.getLocalPort());
        }
    }

    @Test
    void aServerThatSaysNothingIsSaidToBeUnreachableInTime() throws Exception {
        try (ServerSocket server = listen(socket -> {})) {
            assertUnavailable(server.getLocalPort());
        }
    }

    @Test
    void aServerWithoutOurServiceRefusesAtOnce() throws Exception {
        Server server = NettyServerBuilder.forAddress(loopback()).build().start();
        try {
            assertThat(failure(server.getPort())).hasMessageContaining("refuses this client");
        } finally {
            stop(server);
        }
    }

    // ---- servers that do wrong

    @Test
    void aServerOfAnotherClusterIsSaidToBeOne() throws Exception {
        Server server = serve(out -> out.onError(Status.FAILED_PRECONDITION
                .withDescription("this node is of cluster \"blue\", not \"green\"")
                .asRuntimeException()));
        try {
            WhatnotException failure = failure(server.getPort());
            assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
            assertThat(failure).hasMessageContaining("refuses this client").hasMessageContaining("\"blue\"");
            assertThatThrownBy(() -> client.namespace("shop")
                            .watch("/x")
                            .start((at, events) -> {})
                            .started()
                            .get(SECONDS, TimeUnit.SECONDS))
                    .hasMessageContaining("\"blue\"");
        } finally {
            stop(server);
        }
    }

    @Test
    void aFrameThatIsTooLargeEndsItsLineAndIsNotAskedForWithoutPause() throws Exception {
        V1.ControlReply tooLarge = V1.ControlReply.newBuilder()
                .setLeader(V1.Leader.newBuilder().setEndpoint("x".repeat(17 << 20)))
                .build();
        Server server = serve(out -> out.onNext(tooLarge));
        try {
            WhatnotException failure = failure(server.getPort());
            assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(failure).hasMessageContaining("exceeds maximum size");
            assertThat(connections.get()).isBetween(1, 60);
        } finally {
            stop(server);
        }
    }

    @Test
    void aHintToWhatIsNoEndpointDoesNoHarm() throws Exception {
        Server server = serve(out -> out.onNext(V1.ControlReply.newBuilder()
                .setLeader(V1.Leader.newBuilder().setEndpoint("no such: thing//\u0007"))
                .build()));
        try {
            assertThat(failure(server.getPort()).code()).isIn(ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT);
        } finally {
            stop(server);
        }
    }

    @Test
    void theStatusOfAServerThatHasNoneSaysWhy() throws Exception {
        Server server = serve(out -> {});
        try {
            client.close();
            client = NamespaceManager.connect("127.0.0.1:" + server.getPort());
            List<NodeStatus> all = client.nodes();
            assertThat(all).hasSize(1);
            assertThat(all.get(0).problem()).isPresent();
        } finally {
            stop(server);
        }
    }

    // ----

    private void assertUnavailable(int port) throws Exception {
        WhatnotException failure = failure(port);
        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
        assertThat(failure).hasMessageContaining("127.0.0.1:" + port);
        CompletableFuture<Revision> watch =
                client.namespace("shop").watch("/x").start((at, events) -> {}).started();
        assertThat(watch).isNotDone();
    }

    /** What comes of a put. */
    private WhatnotException failure(int port) throws Exception {
        client.close();
        client = NamespaceManager.builder().requestTimeout(REQUEST_TIMEOUT).connect("127.0.0.1:" + port);
        CompletableFuture<?> put = client.namespace("shop").putAsync("/x", Value.of("1"), Put.with());
        try {
            throw new AssertionError("it was answered: " + put.get(SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WhatnotException failure) {
                return failure;
            }
            throw new AssertionError("not as it should fail", e);
        }
    }

    private interface Talk {
        void with(Socket socket) throws IOException;
    }

    /** A server that does that with whoever connects. */
    private ServerSocket listen(Talk talk) throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(loopback());
        Thread thread = new Thread(
                () -> {
                    while (!server.isClosed()) {
                        try {
                            Socket socket = server.accept();
                            connections.incrementAndGet();
                            talk.with(socket);
                        } catch (IOException e) {
                            LOG.debug("hung up, or the test is over", e);
                        }
                    }
                },
                "strange-server");
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    private interface Answer {
        void to(StreamObserver<V1.ControlReply> out);
    }

    /** A server of our protocol that answers the first frame of a control stream like that. */
    private Server serve(Answer answer) throws IOException {
        return NettyServerBuilder.forAddress(loopback())
                .addService(new WhatnotGrpc.WhatnotImplBase() {
                    @Override
                    public StreamObserver<V1.ControlFrame> control(StreamObserver<V1.ControlReply> out) {
                        connections.incrementAndGet();
                        return first(() -> answer.to(out));
                    }

                    @Override
                    public StreamObserver<V1.WatchFrame> watch(StreamObserver<V1.WatchReply> out) {
                        return first(() -> out.onError(Status.FAILED_PRECONDITION
                                .withDescription("this node is of cluster \"blue\", not \"green\"")
                                .asRuntimeException()));
                    }
                })
                .build()
                .start();
    }

    private static <T> StreamObserver<T> first(Runnable action) {
        return new StreamObserver<>() {
            private boolean done;

            @Override
            public void onNext(T frame) {
                if (!done) {
                    done = true;
                    action.run();
                }
            }

            @Override
            public void onError(Throwable error) {
                done = true;
            }

            @Override
            public void onCompleted() {
                done = true;
            }
        };
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static void stop(Server server) throws InterruptedException {
        assertThat(server.shutdownNow().awaitTermination(SECONDS, TimeUnit.SECONDS))
                .isTrue();
    }
}
