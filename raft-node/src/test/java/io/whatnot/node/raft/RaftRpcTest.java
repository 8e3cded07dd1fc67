package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.PingRequest;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.whatnot.node.raft.v1.RaftGrpc;
import io.whatnot.node.raft.v1.RaftMessages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests between nodes: they get there in order, once, and are answered or fail, whatever the other end does. */
@Timeout(60)
final class RaftRpcTest {
    /** Long enough that what fails did not fail for want of time. */
    private static final long PATIENT = 50_000;

    private final ExecutorService threads = Executors.newCachedThreadPool(Threads.named("test-rpc-"));
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Connection> closed = new CopyOnWriteArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private RaftRpcServer server;

    @SuppressWarnings("NullAway.Init")
    private RaftRpcClient client;

    @BeforeEach
    void start() throws IOException {
        server = server(0);
        client = client("test");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        threads.shutdownNow();
    }

    private RaftRpcServer server(int port) throws IOException {
        RaftRpcServer made =
                new RaftRpcServer("test", new InetSocketAddress(InetAddress.getLoopbackAddress(), port), threads);
        made.registerConnectionClosedEventListener((remote, connection) -> closed.add(connection));
        made.listen();
        open.add(made::shutdown);
        return made;
    }

    private RaftRpcClient client(String cluster) {
        RaftRpcClient made = new RaftRpcClient();
        made.configure(new RaftNodeOptions(cluster, "n1", null));
        open.add(made::shutdown);
        return made;
    }

    private Endpoint peer() {
        return new Endpoint("127.0.0.1", server.boundPort());
    }

    // ---- what is asked and answered

    /** Has pings handled, in their order. */
    private void onPing(BiConsumer<RpcContext, PingRequest> handler) {
        on(PingRequest.class, handler);
    }

    private <T> void on(Class<T> kind, BiConsumer<RpcContext, T> handler) {
        server.registerProcessor(new RpcProcessor<T>() {
            @Override
            public void handleRequest(RpcContext context, T request) {
                handler.accept(context, request);
            }

            @Override
            public String interest() {
                return kind.getName();
            }

            @Override
            public java.util.concurrent.Executor executor() {
                return Runnable::run;
            }
        });
    }

    private void answerPings() {
        onPing((context, ping) -> context.sendResponse(pong(ping)));
    }

    private static PingRequest ping(long number) {
        return PingRequest.newBuilder().setSendTimestamp(number).build();
    }

    private static ErrorResponse pong(PingRequest ping) {
        return ErrorResponse.newBuilder()
                .setErrorCode((int) ping.getSendTimestamp())
                .build();
    }

    private CompletableFuture<Object> ask(RaftRpcClient from, Endpoint to, Message request, long timeoutMillis)
            throws RemotingException {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        from.invokeAsync(
                to,
                request,
                new InvokeContext(),
                (result, failure) -> {
                    if (failure == null) {
                        answer.complete(result);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                },
                timeoutMillis);
        return answer;
    }

    private CompletableFuture<Object> ask(long number) throws RemotingException {
        return ask(client, peer(), ping(number), PATIENT);
    }

    private static void assertAnswered(CompletableFuture<Object> answer, long number) throws Exception {
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(pong(ping(number)));
    }

    private static void assertFails(CompletableFuture<Object> answer, Class<? extends Throwable> how) {
        assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(how);
    }

    @Test
    void aRequestIsAnsweredByWhoeverAnswersItsKind() throws Exception {
        answerPings();

        assertThat(client.invokeSync(peer(), ping(5), new InvokeContext(), PATIENT))
                .isEqualTo(pong(ping(5)));
    }

    @Test
    void requestsAreHandledInTheOrderInWhichTheyWereMadeAndEachIsGivenItsAnswer() throws Exception {
        List<Long> seen = new CopyOnWriteArrayList<>();
        onPing((context, ping) -> {
            seen.add(ping.getSendTimestamp());
            context.sendResponse(pong(ping));
        });

        List<CompletableFuture<Object>> answers = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            answers.add(ask(i));
        }

        for (int i = 0; i < 2_000; i++) {
            assertAnswered(answers.get(i), i);
        }
        assertThat(seen).hasSize(2_000).isSorted();
    }

    @Test
    void answersThatComeInAnotherOrderFindTheirRequests() throws Exception {
        Deque<Runnable> answering = new ArrayDeque<>();
        onPing((context, ping) -> {
            answering.push(() -> context.sendResponse(pong(ping)));
            if (answering.size() == 100) {
                answering.forEach(Runnable::run);
            }
        });

        List<CompletableFuture<Object>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(ask(i));
        }

        for (int i = 0; i < 100; i++) {
            assertAnswered(answers.get(i), i);
        }
    }

    @Test
    void partsOfSnapshotsTravelInAStreamOfTheirOwn() throws Exception {
        List<Connection> connections = new CopyOnWriteArrayList<>();
        onPing((context, ping) -> {
            connections.add(context.getConnection());
            context.sendResponse(pong(ping));
        });
        on(GetFileRequest.class, (context, request) -> {
            connections.add(context.getConnection());
            context.sendResponse(GetFileResponse.newBuilder()
                    .setEof(true)
                    .setData(ByteString.EMPTY)
                    .build());
        });
        GetFileRequest part = GetFileRequest.newBuilder()
                .setReaderId(1)
                .setFilename("image")
                .setCount(1)
                .setOffset(0)
                .build();

        assertAnswered(ask(1), 1);
        ask(client, peer(), part, PATIENT).get(20, TimeUnit.SECONDS);
        assertAnswered(ask(2), 2);

        assertThat(connections).hasSize(3);
        assertThat(connections.get(0)).isSameAs(connections.get(2)).isNotSameAs(connections.get(1));
    }

    // ---- the other end is not there, or does not answer

    @Test
    void whereNobodyListensARequestFailsSoon() throws Exception {
        Endpoint nobody = peer();
        server.shutdown();

        assertFails(ask(client, nobody, ping(1), PATIENT), RemotingException.class);
        assertThatThrownBy(() -> client.invokeSync(nobody, ping(1), new InvokeContext(), PATIENT))
                .isInstanceOf(RemotingException.class);
    }

    @Test
    void whenTheOtherEndDiesAllThatWaitsFailsAndWhenItIsBackItIsAskedAgain() throws Exception {
        CompletableFuture<Boolean> arrived = new CompletableFuture<>();
        onPing((context, ping) -> arrived.complete(true)); // and never answers
        int port = server.boundPort();
        CompletableFuture<Object> one = ask(1);
        CompletableFuture<Object> two = ask(2);
        arrived.get(20, TimeUnit.SECONDS);

        server.shutdown();

        assertFails(one, RemotingException.class);
        assertFails(two, RemotingException.class);
        server = server(port);
        answerPings();
        await().ignoreExceptions().until(() -> ask(3).get(20, TimeUnit.SECONDS).equals(pong(ping(3))));
    }

    @Test
    void aRequestThatIsNotAnsweredInTimeFailsAloneAndItsLateAnswerDoesNoHarm() throws Exception {
        CompletableFuture<Runnable> late = new CompletableFuture<>();
        onPing((context, ping) -> {
            if (ping.getSendTimestamp() == 1) {
                late.complete(() -> context.sendResponse(pong(ping)));
            } else {
                context.sendResponse(pong(ping));
            }
        });

        CompletableFuture<Object> waiting = ask(client, peer(), ping(1), 50);
        assertFails(waiting, InvokeTimeoutException.class);

        late.get(20, TimeUnit.SECONDS).run();
        assertAnswered(ask(2), 2);
        assertThat(closed).as("it is still the same stream").isEmpty();
    }

    @Test
    void anAnswerThatIsNoneFailsItsRequestAlone() throws Exception {
        Endpoint strange = serve(responses -> new StreamObserver<>() {
            @Override
            public void onNext(RaftMessages.Frame frame) {
                for (RaftMessages.Message message : frame.getMessagesList()) {
                    RaftMessages.Message.Builder answer = RaftMessages.Message.newBuilder()
                            .setId(message.getId())
                            .setResponse(true);
                    RaftMessages.Frame.Builder answers = RaftMessages.Frame.newBuilder();
                    if (message.getId() == 1) {
                        answers.addMessages(answer.setType("io.nobody.Knows"));
                    } else if (message.getId() == 2) {
                        answers.addMessages(
                                answer.setType("jraft.ErrorResponse").setBody(ByteString.copyFromUtf8("???")));
                    } else {
                        answers.addMessages(RaftMessageCodec.encode(999_999, true, pong(ping(0)))); // asked by nobody
                        answers.addMessages(RaftMessageCodec.encode(message.getId(), true, pong(ping(3))));
                    }
                    responses.onNext(answers.build());
                }
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
        });

        assertFails(ask(client, strange, ping(1), PATIENT), RemotingException.class);
        assertFails(ask(client, strange, ping(2), PATIENT), RemotingException.class);
        assertAnswered(ask(client, strange, ping(3), PATIENT), 3);
    }

    @Test
    void aPeerThatTakesNothingIsGivenUpOnBeforeItFillsTheMemory() throws Exception {
        Endpoint stuck = serve(responses -> {
            ((ServerCallStreamObserver<RaftMessages.Frame>) responses).disableAutoRequest();
            return new StreamObserver<>() {
                @Override
                public void onNext(RaftMessages.Frame frame) {}

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {}
            };
        });
        GetFileRequest large = GetFileRequest.newBuilder()
                .setReaderId(1)
                .setFilename("x".repeat(1 << 20))
                .setCount(1)
                .setOffset(0)
                .build();

        List<CompletableFuture<Object>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(ask(client, stuck, large, PATIENT));
        }

        assertFails(answers.get(0), RemotingException.class);
        assertThatThrownBy(() -> answers.get(0).get()).hasMessageContaining("the other node takes nothing");
    }

    // ---- this end stops, or may not ask

    @Test
    void whenTheClientIsShutDownAllThatWaitsFailsAndNothingIsAskedAnyMore() throws Exception {
        CompletableFuture<Boolean> arrived = new CompletableFuture<>();
        onPing((context, ping) -> arrived.complete(true));
        CompletableFuture<Object> waiting = ask(1);
        arrived.get(20, TimeUnit.SECONDS);

        client.shutdown();

        assertFails(waiting, RemotingException.class);
        assertThat(client.checkConnection(peer())).isFalse();
        assertThatThrownBy(() -> ask(2)).isInstanceOf(RemotingException.class).hasMessage("this node is stopping");
    }

    @Test
    void aConnectionThatIsClosedFailsWhatWaitsAndIsOpenedAnewWhenItIsNeeded() throws Exception {
        CompletableFuture<Boolean> arrived = new CompletableFuture<>();
        onPing((context, ping) -> arrived.complete(true));
        CompletableFuture<Object> waiting = ask(1);
        arrived.get(20, TimeUnit.SECONDS);

        client.closeConnection(peer());

        assertFails(waiting, RemotingException.class);
        answerPings();
        assertAnswered(ask(2), 2);
    }

    // ---- who is let in

    @Test
    void aNodeOfAnotherClusterIsTurnedAway() throws Exception {
        answerPings();

        CompletableFuture<Object> answer = ask(client("other"), peer(), ping(1), PATIENT);

        assertFails(answer, RemotingException.class);
        assertThatThrownBy(answer::get).hasMessageContaining("this is cluster \"test\", not \"other\"");
    }

    @Test
    void aStreamThatDoesNotSayHelloIsTurnedAwayAndNothingOfItHandled() throws Exception {
        List<PingRequest> seen = new CopyOnWriteArrayList<>();
        onPing((context, ping) -> seen.add(ping));
        RawStream raw = new RawStream();

        raw.send(RaftMessageCodec.encode(1, false, ping(1)));

        raw.assertEnds(Status.Code.FAILED_PRECONDITION);
        assertThat(seen).isEmpty();
    }

    @Test
    void aNewerStreamOfANodeTakesThePlaceOfTheOlderAndJRaftIsToldOfItsEndFirst() throws Exception {
        List<Connection> connections = new CopyOnWriteArrayList<>();
        List<Integer> closedBefore = new CopyOnWriteArrayList<>();
        onPing((context, ping) -> {
            connections.add(context.getConnection());
            closedBefore.add(closed.size());
            context.sendResponse(pong(ping));
        });
        RawStream first = new RawStream().hello("n1", RaftStream.LOG_LANE);
        first.send(RaftMessageCodec.encode(1, false, ping(1)));
        first.await(1);
        RawStream otherLane = new RawStream().hello("n1", RaftStream.FILE_LANE);
        otherLane.send(RaftMessageCodec.encode(1, false, ping(2)));
        otherLane.await(1);

        RawStream second = new RawStream().hello("n1", RaftStream.LOG_LANE);
        second.send(RaftMessageCodec.encode(1, false, ping(3)));
        second.await(1);

        first.assertEnds(Status.Code.UNAVAILABLE);
        assertThat(closed).containsExactly(connections.get(0));
        assertThat(closedBefore).containsExactly(0, 0, 1);
        assertThat(otherLane.end).isNotDone();
    }

    @Test
    void whenAStreamEndsJRaftIsToldOnce() throws Exception {
        List<Connection> connections = new CopyOnWriteArrayList<>();
        onPing((context, ping) -> {
            connections.add(context.getConnection());
            context.sendResponse(pong(ping));
        });
        RawStream halfOpen = new RawStream().hello("n1", RaftStream.LOG_LANE);
        halfOpen.send(RaftMessageCodec.encode(1, false, ping(1)));
        halfOpen.await(1);
        RawStream gone = new RawStream().hello("n2", RaftStream.LOG_LANE);
        gone.send(RaftMessageCodec.encode(1, false, ping(2)));
        gone.await(1);

        halfOpen.requests.onCompleted();
        halfOpen.assertEnds(Status.Code.OK);
        gone.channel.shutdownNow();

        await().until(() -> closed.size() == 2);
        assertThat(closed).containsExactlyElementsOf(connections);
    }

    // ---- garbage

    @Test
    void whatCannotBeReadEndsItsStreamAndNoOther() throws Exception {
        answerPings();
        assertAnswered(ask(1), 1);

        assertEnds(RaftMessages.Message.newBuilder()
                .setId(1)
                .setType("no.such.Thing")
                .build());
        assertEnds(RaftMessages.Message.newBuilder().setId(1).build());
        assertEnds(RaftMessages.Message.newBuilder()
                .setId(1)
                .setType("jraft.PingRequest")
                .setBody(ByteString.copyFromUtf8("???"))
                .build());
        assertEnds(RaftMessageCodec.encode(1, false, RaftMessages.RejoinRequest.getDefaultInstance()).toBuilder()
                .setBody(ByteString.copyFromUtf8("???"))
                .build());
        assertEnds(RaftMessageCodec.encode(1, false, pong(ping(1)))); // nobody answers answers

        assertAnswered(ask(2), 2);
        assertThat(closed).hasSize(5);
    }

    private void assertEnds(RaftMessages.Message message) throws Exception {
        RawStream raw = new RawStream().hello("strange", RaftStream.LOG_LANE);
        raw.send(message);
        raw.assertEnds(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void whatComesBehindGarbageIsNotHandled() throws Exception {
        List<PingRequest> seen = new CopyOnWriteArrayList<>();
        onPing((context, ping) -> seen.add(ping));
        RawStream raw = new RawStream().hello("strange", RaftStream.LOG_LANE);

        raw.send(
                RaftMessages.Message.newBuilder()
                        .setId(1)
                        .setType("no.such.Thing")
                        .build(),
                RaftMessageCodec.encode(2, false, ping(2)));

        raw.assertEnds(Status.Code.INVALID_ARGUMENT);
        assertThat(seen).isEmpty();
    }

    @Test
    void aFrameThatIsTooLargeEndsItsStreamAndNoOther() throws Exception {
        answerPings();
        assertAnswered(ask(1), 1);
        RawStream raw = new RawStream().hello("large", RaftStream.LOG_LANE);

        raw.send(RaftMessages.Message.newBuilder()
                .setId(1)
                .setType("jraft.PingRequest")
                .setBody(ByteString.copyFrom(new byte[RaftRpcClient.FRAME_BYTES_MAX]))
                .build());

        raw.assertEnds(Status.Code.RESOURCE_EXHAUSTED);
        assertAnswered(ask(2), 2);
        await().until(() -> closed.size() == 1);
    }

    @Test
    void whoDoesNotSpeakHttpIsHungUpOn() throws Exception {
        answerPings();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.boundPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("bolt or something\r\n\r\n".repeat(20).getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();

            assertThat(endOf(socket)).isTrue();
        }
        assertAnswered(ask(1), 1);
    }

    private static boolean endOf(Socket socket) throws IOException {
        byte[] buffer = new byte[1_024];
        try {
            while (socket.getInputStream().read(buffer) >= 0) {
                // settings and a good-bye
            }
        } catch (java.net.SocketException e) {
            return true; // reset
        }
        return true;
    }

    @Test
    void aClientThatAsksAndNeverReadsIsCutOffBeforeItFillsTheMemory() throws Exception {
        ByteString large = ByteString.copyFrom(new byte[4 << 20]);
        on(
                GetFileRequest.class,
                (context, request) -> context.sendResponse(GetFileResponse.newBuilder()
                        .setEof(false)
                        .setData(large)
                        .build()));
        GetFileRequest part = GetFileRequest.newBuilder()
                .setReaderId(1)
                .setFilename("image")
                .setCount(1)
                .setOffset(0)
                .build();
        RawStream raw = new RawStream(false).hello("deaf", RaftStream.FILE_LANE);

        for (int i = 1; i <= 40; i++) {
            raw.send(RaftMessageCodec.encode(i, false, part));
        }

        await().until(() -> closed.size() == 1);
        answerPings();
        assertAnswered(ask(1), 1);
    }

    // ---- other ends that do as a test wants

    private Endpoint serve(
            java.util.function.Function<StreamObserver<RaftMessages.Frame>, StreamObserver<RaftMessages.Frame>> answer)
            throws IOException {
        Server strange = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .addService(new RaftGrpc.RaftImplBase() {
                    @Override
                    public StreamObserver<RaftMessages.Frame> exchange(StreamObserver<RaftMessages.Frame> responses) {
                        return answer.apply(responses);
                    }
                })
                .build()
                .start();
        open.add(strange::shutdownNow);
        return new Endpoint("127.0.0.1", strange.getPort());
    }

    /** A client's stream into which anything can be sent. */
    private final class RawStream implements ClientResponseObserver<RaftMessages.Frame, RaftMessages.Frame> {
        private final ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.boundPort())
                .usePlaintext()
                .directExecutor()
                .build();
        private final boolean reads;
        private final List<RaftMessages.Message> responses = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Status.Code> end = new CompletableFuture<>();
        private final StreamObserver<RaftMessages.Frame> requests;

        RawStream() {
            this(true);
        }

        RawStream(boolean reads) {
            this.reads = reads;
            open.add(channel::shutdownNow);
            requests = RaftGrpc.newStub(channel).exchange(this);
        }

        RawStream hello(String node, String lane) {
            requests.onNext(RaftMessages.Frame.newBuilder()
                    .setHello(RaftMessages.Hello.newBuilder()
                            .setCluster("test")
                            .setNode(node)
                            .setLane(lane))
                    .build());
            return this;
        }

        void send(RaftMessages.Message... messages) {
            requests.onNext(RaftMessages.Frame.newBuilder()
                    .addAllMessages(List.of(messages))
                    .build());
        }

        void await(int answers) {
            org.awaitility.Awaitility.await().until(() -> responses.size() == answers);
        }

        void assertEnds(Status.Code how) throws Exception {
            assertThat(end.get(20, TimeUnit.SECONDS)).isEqualTo(how);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<RaftMessages.Frame> call) {
            if (!reads) {
                call.disableAutoRequestWithInitial(0);
            }
        }

        @Override
        public void onNext(RaftMessages.Frame frame) {
            responses.addAll(frame.getMessagesList());
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
}
