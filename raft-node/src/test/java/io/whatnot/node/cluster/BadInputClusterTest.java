package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Value;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.protocol.v1.WhatnotGrpc;
import io.whatnot.core.wire.StreamFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a client sends to a real cluster, it is refused with a code or cut off, that is counted, and somebody else's
 * operations, which go on all the while, are none the slower for it.
 */
@Tag("cluster")
@Timeout(90)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputClusterTest {
    private static final Duration BYSTANDER_MAX = Duration.ofSeconds(5);

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @SuppressWarnings("NullAway.Init")
    private Bystander bystander;

    private int leader;
    private int follower;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        cluster = TestCluster.start(folder, 3);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void letABystanderWork() {
        leader = cluster.awaitLeader();
        follower = (leader + 1) % 3;
        bystander = new Bystander(cluster.connect("bystander"));
    }

    @AfterEach
    void theBystanderNoticedNothing() throws Exception {
        bystander.stop();
        assertThat(bystander.operations).isGreaterThan(20);
        assertThat(bystander.longest).isLessThan(BYSTANDER_MAX);
        cluster.awaitSameState();
    }

    // ---- requests

    @Test
    void pathsThatBreakARuleAreRefusedOnLeaderAndFollowerAndCounted() throws Exception {
        List<String> wrong = List.of(
                "",
                "a/b",
                "/a/",
                "/a//b",
                "/a/./b",
                "/a/../b",
                "/a\0b",
                "/a\u0007",
                "/" + "x".repeat(256),
                "/a".repeat(51),
                ("/" + "x".repeat(200)).repeat(21));
        for (int node : List.of(leader, follower)) {
            long before = counted(node, "refused_invalid_path");
            try (RawClient client = RawClient.withSession(cluster.endpoint(node))) {
                for (String path : wrong) {
                    assertRefused(client, put(path), ErrorCode.INVALID_PATH);
                    assertRefused(
                            client,
                            request -> request.setAcquire(V1.Acquire.newBuilder()
                                    .setNamespace("shop")
                                    .addTargets(V1.Target.newBuilder().setPath(path))),
                            ErrorCode.INVALID_PATH);
                    assertReadRefused(
                            client,
                            V1.Read.newBuilder()
                                    .setGet(V1.Get.newBuilder()
                                            .setNamespace("shop")
                                            .setPath(path)),
                            ErrorCode.INVALID_PATH);
                }
                assertWorks(client);
            }
            assertThat(counted(node, "refused_invalid_path") - before).isEqualTo(3L * wrong.size());
        }
    }

    @Test
    void numbersAndNamesOutOfRangeAreRefusedAndCounted() throws Exception {
        long before = counted(follower, "refused_invalid_argument");
        try (RawClient client = RawClient.withSession(cluster.endpoint(follower))) {
            List<UnaryOperator<V1.Request.Builder>> wrong = new ArrayList<>();
            for (long ttl : List.of(1L, 99L, 86_400_001L, -1L)) {
                wrong.add(acquire("/a", acquire -> acquire.setTtl(ttl)));
            }
            for (long wait : List.of(86_400_001L, -1L)) {
                wrong.add(acquire("/a", acquire -> acquire.setWait(wait)));
            }
            wrong.add(acquire("/a", acquire -> acquire.setLabel("x".repeat(257))));
            wrong.add(acquire("/a", V1.Acquire.Builder::clearTargets));
            wrong.add(acquire("/a", acquire -> acquire.addTargets(acquire.getTargets(0))));
            wrong.add(acquire("/a", acquire -> {
                for (int i = 0; i < 16; i++) {
                    acquire.addTargets(V1.Target.newBuilder().setPath("/b" + i));
                }
                return acquire;
            }));
            wrong.add(request -> request.setPut(V1.Put.newBuilder()
                    .setNamespace("shop")
                    .setPath("/a")
                    .setTtl(99)
                    .setValue(V1.Value.getDefaultInstance())));
            for (String namespace : List.of("", "Shop", "a b", "-a", "x".repeat(65))) {
                wrong.add(request -> request.setCreateNamespace(
                        V1.CreateNamespace.newBuilder().setNamespace(namespace)));
            }
            for (UnaryOperator<V1.Request.Builder> request : wrong) {
                assertRefused(client, request, ErrorCode.INVALID_ARGUMENT);
            }
            for (long ttl : List.of(0L, 999L, 3_600_001L)) {
                V1.Answer answer = client.answer(client.send(V1.Request.newBuilder()
                        .setOpenSession(V1.OpenSession.newBuilder().setTtl(ttl))));
                assertThat(code(answer)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            }
            assertWorks(client);
            assertThat(counted(follower, "refused_invalid_argument") - before).isEqualTo(wrong.size() + 3);
        }
    }

    @Test
    void valuesThatAreTooLargeAreRefusedAndCounted() throws Exception {
        try (RawClient client = RawClient.withSession(cluster.endpoint(follower))) {
            long before = counted(follower, "refused_invalid_argument");
            for (int bytes : List.of((1 << 20) + 1, 3 << 20)) {
                assertRefused(client, value(bytes), ErrorCode.INVALID_ARGUMENT);
            }
            assertThat(counted(follower, "refused_invalid_argument") - before).isEqualTo(2);
            // Beyond what may be set, it is a matter of the cluster's settings.
            assertRefused(client, value((64 << 10) + 1), ErrorCode.RESOURCE_EXHAUSTED);
            assertThat(counted(follower, "refused_resource_exhausted")).isPositive();
            assertThat(client.answer(client.send(value(64 << 10).apply(client.request())))
                            .getResult()
                            .hasWritten())
                    .isTrue();
        }
    }

    @Test
    void whatIsNotThereIsSaidNotToBeThere() throws Exception {
        try (RawClient client = RawClient.withSession(cluster.endpoint(follower))) {
            assertReadRefused(
                    client,
                    V1.Read.newBuilder()
                            .setGet(V1.Get.newBuilder().setNamespace("nowhere").setPath("/a")),
                    ErrorCode.NO_SUCH_NAMESPACE);
            assertRefused(
                    client,
                    request -> request.setDropNamespace(
                            V1.DropNamespace.newBuilder().setNamespace("nowhere")),
                    ErrorCode.NO_SUCH_NAMESPACE);
            assertWorks(client);
            assertRefused(
                    client,
                    request -> request.setDelete(
                            V1.Delete.newBuilder().setNamespace("shop").setPath("/nowhere")),
                    ErrorCode.NO_SUCH_ELEMENT);
        }
    }

    @Test
    void leasesThatAreNotHeldOrNotOnesOwnGiveNoRights() throws Exception {
        try (RawClient one = RawClient.withSession(cluster.endpoint(follower));
                RawClient another = RawClient.withSession(cluster.endpoint(leader))) {
            long lease = granted(one, "/mine");

            assertRefused(another, put("/mine"), ErrorCode.LOCKED);
            // A lease is named within one's own session: the number of another's names nothing there.
            assertRefused(another, with(put("/mine"), lease), ErrorCode.STALE_TOKEN);
            // On behalf of a session that the connection is not attached to, nothing is done at all.
            V1.Answer asIfOne = another.answer(another.send(V1.Request.newBuilder()
                    .setSession(one.session())
                    .setSequence(1_000)
                    .setMark(1_000)
                    .setRelease(V1.Release.newBuilder().setLease(lease))));
            assertThat(code(asIfOne)).isEqualTo(ErrorCode.UNAUTHENTICATED);
            V1.Answer guessed = another.answer(another.call(V1.Call.newBuilder()
                    .setAttach(V1.Attach.newBuilder()
                            .setSession(one.session())
                            .setSecret(V1.Secret.newBuilder().setHigh(7).setLow(7)))));
            assertThat(code(guessed)).isEqualTo(ErrorCode.UNAUTHENTICATED);
            assertThat(one.answer(one.send(with(put("/mine"), lease).apply(one.request())))
                            .getResult()
                            .hasWritten())
                    .isTrue();

            UnaryOperator<V1.Request.Builder> release =
                    request -> request.setRelease(V1.Release.newBuilder().setLease(lease));
            assertThat(one.answer(one.send(release.apply(one.request())))
                            .getResult()
                            .hasDone())
                    .isTrue();
            assertRefused(one, release, ErrorCode.LEASE_LOST);
            assertRefused(one, with(put("/mine"), lease), ErrorCode.STALE_TOKEN);
            assertRefused(
                    one, request -> request.setRenew(V1.Renew.newBuilder().setLease(lease)), ErrorCode.LEASE_LOST);
            V1.Request.Builder late = one.request();
            assertWorks(one);
            assertThat(code(one.answer(one.send(put("/late").apply(late))))).isEqualTo(ErrorCode.STALE_REQUEST);
            assertThat(counted(leader, "refused_unauthenticated")).isPositive();
        }
    }

    @Test
    void aLeaseThatRanOutGivesNoRightsEitherThroughTheSdk() throws Exception {
        try (NamespaceManager whatnot = cluster.connect("holder")) {
            Namespace ns = whatnot.namespace("shop");
            LeaseContext lease = ns.lease("/short").ttl(Duration.ofMillis(200)).acquire();
            lease.lost().get(10, TimeUnit.SECONDS);
            ns.lease("/short").acquire().close(); // so it has ended on the servers, too
            assertThatThrownBy(() -> ns.put("/short", Value.of("x"), Put.with().lease(lease)))
                    .isInstanceOfSatisfying(
                            WhatnotException.class,
                            e -> assertThat(e.code()).isIn(ErrorCode.STALE_TOKEN, ErrorCode.LEASE_LOST));
            assertThat(ns.exists("/short")).isFalse();
            lease.close();
        }
    }

    // ---- bytes

    @Test
    void bytesThatAreNoRequestAreRefusedAndTheStreamGoesOn() throws Exception {
        Random random = new Random(1);
        try (RawClient client = RawClient.withSession(cluster.endpoint(follower))) {
            ByteString good = put("/a").apply(client.request()).build().toByteString();
            List<ByteString> bad = new ArrayList<>();
            for (int length = 1; length < good.size(); length++) {
                bad.add(good.substring(0, length));
            }
            for (int i = 0; i < 500; i++) {
                byte[] bytes = new byte[random.nextInt(100)];
                random.nextBytes(bytes);
                bad.add(ByteString.copyFrom(bytes));
            }
            bad.add(ByteString.EMPTY);
            long before = counted(follower, "malformed_calls");
            List<CompletableFuture<V1.Answer>> answers =
                    bad.stream().map(client::send).toList();
            for (CompletableFuture<V1.Answer> answer : answers) {
                V1.Answer refused = client.answer(answer);
                assertThat(refused.getResult().hasRefused())
                        .as(refused.toString())
                        .isTrue();
                assertThat(refused.getNotProposed()).isTrue();
            }
            V1.Answer empty = client.answer(client.call(V1.Call.newBuilder()));
            assertThat(code(empty)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            assertThat(counted(follower, "malformed_calls") - before).isGreaterThan(400);
            assertWorks(client);
        }
    }

    @Test
    void aStreamWithoutAGreetingOrOfAnotherClusterIsRefusedAndCounted() throws Exception {
        long before = counted(follower, "connections_refused");
        try (RawClient rude = RawClient.silent(cluster.endpoint(follower));
                RawClient astray = RawClient.silent(cluster.endpoint(follower))) {
            CompletableFuture<V1.Answer> call = rude.call(V1.Call.newBuilder());
            assertThat(rude.awaitEnd())
                    .isEqualTo(new StreamFailure(StreamFailure.Kind.PROTOCOL, "the first frame has no hello"));
            assertThat(call).isCompletedExceptionally();
            astray.hello("another");
            assertThat(astray.awaitEnd().kind()).isEqualTo(StreamFailure.Kind.REFUSED);
            assertThat(astray.awaitEnd().message()).contains("another", "test");
        }
        assertThat(counted(follower, "connections_refused") - before).isEqualTo(2);
    }

    @Test
    void aFrameThatIsTooLargeEndsItsStreamAndIsCounted() throws Exception {
        long before = counted(follower, "streams_broken");
        try (RawClient client = RawClient.withSession(cluster.endpoint(follower))) {
            client.send(ByteString.copyFrom(new byte[5 << 20]));
            assertThat(client.awaitEnd().kind()).isNotEqualTo(StreamFailure.Kind.CLOSED);
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> counted(follower, "streams_broken") == before + 1);
    }

    @Test
    void aFrameThatIsNoMessageEndsItsStreamAloneAndIsCounted() throws Exception {
        long before = counted(follower, "streams_broken");
        ManagedChannel channel = RawClient.channel(cluster.endpoint(follower));
        try {
            for (MethodDescriptor<?, ?> method :
                    List.of(WhatnotGrpc.getControlMethod(), WhatnotGrpc.getWatchMethod())) {
                CompletableFuture<Status> end = sendBytes(channel, method, "garbage".getBytes(StandardCharsets.UTF_8));
                assertThat(end.get(10, TimeUnit.SECONDS).isOk()).isFalse();
            }
            // The connection they came by is as good as before.
            assertThat(WhatnotGrpc.newBlockingStub(channel)
                            .status(V1.StatusRequest.getDefaultInstance())
                            .getCluster())
                    .isEqualTo("test");
        } finally {
            channel.shutdownNow();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> counted(follower, "streams_broken") == before + 2);
    }

    private static CompletableFuture<Status> sendBytes(
            ManagedChannel channel, MethodDescriptor<?, ?> method, byte[] bytes) {
        MethodDescriptor<byte[], byte[]> raw = MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(method.getType())
                .setFullMethodName(method.getFullMethodName())
                .build();
        ClientCall<byte[], byte[]> call = channel.newCall(raw, CallOptions.DEFAULT);
        CompletableFuture<Status> end = new CompletableFuture<>();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        call.request(Integer.MAX_VALUE);
        call.sendMessage(bytes);
        return end;
    }

    @Test
    void bytesThatAreNoProtocolAtAllCloseTheirConnection() throws Exception {
        Random random = new Random(2);
        byte[] noise = new byte[64 << 10];
        random.nextBytes(noise);
        byte[] http1 = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] brokenAfterThePreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\377\377\377\377\377\377\377\377\377\377"
                .getBytes(StandardCharsets.ISO_8859_1);
        NamedPorts ports = NamedPorts.of(cluster, follower);
        for (int port : List.of(ports.client, ports.raft)) {
            for (byte[] bytes : List.of(noise, http1, brokenAfterThePreface)) {
                try (Socket socket = connect(port)) {
                    assertThat(sendUntilClosed(socket, bytes)).isTrue();
                }
            }
        }
    }

    /** Whether the other end closed the connection. */
    private static boolean sendUntilClosed(Socket socket, byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException closed) {
            return true;
        }
        return isClosed(socket, 10_000);
    }

    private static boolean isClosed(Socket socket, int waitMillis) throws IOException {
        socket.setSoTimeout(waitMillis);
        InputStream in = socket.getInputStream();
        try {
            while (in.read() >= 0) {
                // what it said before
            }
            return true;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (SocketException closed) {
            return true;
        }
    }

    @Test
    void connectionsThatAreHalfOpenCostNobodyAnythingAndAreClosed() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                Socket mute = connect(NamedPorts.of(cluster, i % 3).client);
                sockets.add(mute);
                if (i % 2 == 0) {
                    // A client that has greeted on HTTP/2's level, and then its machine is gone.
                    mute.getOutputStream()
                            .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                                    .getBytes(StandardCharsets.ISO_8859_1));
                }
            }
            for (Socket socket : sockets) {
                assertThat(isClosed(socket, 30_000)).isTrue();
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    // ---- those who do not read

    @Test
    void aClientThatNeverReadsItsAnswersIsCutOffAndCounted() throws Exception {
        try (NamespaceManager whatnot = cluster.connect("writer")) {
            for (int i = 0; i < 20; i++) {
                whatnot.namespace("shop").put("/large/" + i, Value.of("x".repeat(60_000)));
            }
        }
        await().until(() -> cluster.node(follower).status().getElements() >= 20);
        long before = counted(follower, "connections_cut_off");
        ManagedChannel channel = RawClient.channel(cluster.endpoint(follower));
        try {
            ClientCall<V1.ControlFrame, V1.ControlReply> call =
                    channel.newCall(WhatnotGrpc.getControlMethod(), CallOptions.DEFAULT);
            call.start(new ClientCall.Listener<>() {}, new Metadata());
            V1.ControlFrame.Builder frame = V1.ControlFrame.newBuilder()
                    .setHello(V1.Hello.newBuilder().setClient("deaf").setCluster("test"));
            long id = 0;
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
            while (counted(follower, "connections_cut_off") == before && System.nanoTime() - end < 0) {
                if (!call.isReady()) {
                    Thread.onSpinWait();
                    continue;
                }
                for (int i = 0; i < 100; i++) {
                    frame.addCalls(V1.Call.newBuilder()
                            .setId(++id)
                            .setRead(V1.Read.newBuilder()
                                    .setConsistency(V1.Consistency.CONSISTENCY_NODE)
                                    .setList(V1.List.newBuilder()
                                            .setNamespace("shop")
                                            .setPath("/large")
                                            .setValues(true))));
                }
                call.sendMessage(frame.build());
                frame = V1.ControlFrame.newBuilder();
            }
            assertThat(counted(follower, "connections_cut_off")).isEqualTo(before + 1);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aWatcherThatNeverReadsHoldsUpNobodyAndMissesNothingWhenItDoes() throws Exception {
        ManagedChannel channel = RawClient.channel(cluster.endpoint(follower));
        List<V1.WatchReply> replies = java.util.Collections.synchronizedList(new ArrayList<>());
        try (NamespaceManager whatnot = cluster.connect("writer")) {
            Namespace ns = whatnot.namespace("watched");
            ns.register("/");
            ns.register("/first");
            cluster.awaitNamespace("watched");
            ClientCall<V1.WatchFrame, V1.WatchReply> call =
                    channel.newCall(WhatnotGrpc.getWatchMethod(), CallOptions.DEFAULT);
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onMessage(V1.WatchReply reply) {
                            replies.add(reply);
                        }
                    },
                    new Metadata());
            call.sendMessage(V1.WatchFrame.newBuilder()
                    .setHello(V1.Hello.newBuilder().setClient("deaf").setCluster("test"))
                    .addCalls(V1.WatchCall.newBuilder()
                            .setWatch(1)
                            .setStart(V1.StartWatch.newBuilder()
                                    .setNamespace("watched")
                                    .setPath("/")
                                    .setRecursive(true)
                                    .setCredit(1L << 40)))
                    .build());
            call.request(1); // that it has started, and no more
            await().until(() -> !replies.isEmpty());
            assertThat(replies.get(0).hasStarted()).isTrue();

            List<CompletableFuture<?>> writes = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                writes.add(ns.putAsync("/n" + i, Value.of("x".repeat(20_000)), Put.with()));
            }
            CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);

            call.request(Integer.MAX_VALUE);
            await().atMost(Duration.ofSeconds(20)).until(() -> addedIn(replies).size() >= 400);
            assertThat(addedIn(replies)).hasSize(400).doesNotHaveDuplicates();
        } finally {
            channel.shutdownNow();
        }
    }

    private static List<String> addedIn(List<V1.WatchReply> replies) {
        return List.copyOf(replies).stream()
                .flatMap(reply -> reply.getEvents().getEventsList().stream())
                .filter(event -> event.getChange() == V1.Change.CHANGE_ADDED)
                .map(V1.Event::getPath)
                .toList();
    }

    // ---- words of the stories above

    private static UnaryOperator<V1.Request.Builder> put(String path) {
        return request -> request.setPut(V1.Put.newBuilder()
                .setNamespace("shop")
                .setPath(path)
                .setValue(V1.Value.newBuilder().setBytes(ByteString.copyFromUtf8("x"))));
    }

    private static UnaryOperator<V1.Request.Builder> with(UnaryOperator<V1.Request.Builder> put, long lease) {
        return request -> {
            put.apply(request).getPutBuilder().setLease(lease);
            return request;
        };
    }

    private static UnaryOperator<V1.Request.Builder> value(int bytes) {
        return request -> request.setPut(V1.Put.newBuilder()
                .setNamespace("shop")
                .setPath("/a")
                .setValue(V1.Value.newBuilder().setBytes(ByteString.copyFrom(new byte[bytes]))));
    }

    private static UnaryOperator<V1.Request.Builder> acquire(String path, UnaryOperator<V1.Acquire.Builder> how) {
        return request -> request.setAcquire(how.apply(V1.Acquire.newBuilder()
                .setNamespace("shop")
                .addTargets(V1.Target.newBuilder().setPath(path))));
    }

    /** The number of a lease that was granted at once. */
    private static long granted(RawClient client, String path) throws Exception {
        V1.Answer answer = client.answer(client.send(acquire(path, how -> how).apply(client.request())));
        assertThat(answer.getResult().hasGranted()).as(answer.toString()).isTrue();
        return answer.getResult().getGranted().getSequence();
    }

    private static void assertRefused(RawClient client, UnaryOperator<V1.Request.Builder> request, ErrorCode code)
            throws Exception {
        assertThat(code(client.answer(client.send(request.apply(client.request())))))
                .isEqualTo(code);
    }

    private static void assertReadRefused(RawClient client, V1.Read.Builder read, ErrorCode code) throws Exception {
        assertThat(code(client.answer(client.call(V1.Call.newBuilder().setRead(read)))))
                .isEqualTo(code);
    }

    /** What the answer refuses the call with; null if it doesn't. Whatever is refused says why. */
    private static @Nullable ErrorCode code(V1.Answer answer) {
        if (!answer.getResult().hasRefused()) {
            return null;
        }
        assertThat(answer.getResult().getRefused().getMessage()).isNotBlank();
        return ErrorCode.valueOf(answer.getResult().getRefused().getCode().name());
    }

    private static void assertWorks(RawClient client) throws Exception {
        V1.Answer answer = client.answer(client.send(put("/works").apply(client.request())));
        assertThat(answer.getResult().hasWritten()).as(answer.toString()).isTrue();
    }

    private long counted(int node, String name) {
        Map<String, Long> counters = cluster.node(node).status().getCountersMap();
        return counters.getOrDefault(name, 0L);
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        return socket;
    }

    private record NamedPorts(int client, int raft) {
        static NamedPorts of(TestCluster cluster, int node) {
            return new NamedPorts(
                    port(cluster.endpoint(node)), port(cluster.config(node).listenRaft()));
        }

        private static int port(String endpoint) {
            return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
        }
    }

    /** Bytes as they are. */
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new java.io.ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** A client that behaves: it puts and gets, the next when the last is done, and notes how long the longest took. */
    private static final class Bystander {
        private final NamespaceManager whatnot;
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private volatile boolean stopped;
        volatile int operations;
        volatile Duration longest = Duration.ZERO;

        Bystander(NamespaceManager whatnot) {
            this.whatnot = whatnot;
            Namespace ns = whatnot.namespace("bystander");
            Thread thread = new Thread(() -> work(ns), "bystander");
            thread.setDaemon(true);
            thread.start();
        }

        private void work(Namespace ns) {
            try {
                for (int i = 1; !stopped || i <= 21; i++) {
                    String text = "" + i;
                    long start = System.nanoTime();
                    ns.put("/mine", Value.of(text));
                    assertThat(ns.get("/mine").map(element -> element.value().text()))
                            .contains(text);
                    Duration took = Duration.ofNanos(System.nanoTime() - start);
                    longest = took.compareTo(longest) > 0 ? took : longest;
                    operations = i;
                }
                end.complete(null);
            } catch (InterruptedException | RuntimeException | AssertionError e) {
                end.completeExceptionally(e);
            }
        }

        void stop() throws Exception {
            stopped = true;
            end.get(20, TimeUnit.SECONDS);
            whatnot.close();
        }
    }
}
