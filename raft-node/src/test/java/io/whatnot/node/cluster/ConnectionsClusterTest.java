package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.protocol.v1.WhatnotGrpc;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand connections that say nothing, or half of something, against a node in a process of its own. */
@Tag("cluster")
@Timeout(180)
final class ConnectionsClusterTest {
    private static final int SILENT = 10_000;
    private static final int IDLE = 2_000;
    private static final int TOO_MANY = 200;

    /** Of idle clients, of a client that works, and of whoever asks for the status. */
    private static final int OTHERS = IDLE + 10;

    /** A node's heap in these tests is 256 MiB; besides there are buffers, code and threads. */
    private static final long RESIDENT_MIB_MAX = 600;

    private static final long LIVE_MIB_A_THOUSAND_MAX = 20;
    private static final long LEFT_MIB_MAX = 12;
    private static final int LEFT_DESCRIPTORS_MAX = 40;
    private static final long P99_MILLIS_MAX = 1_000;
    private static final byte[] HALF_A_PREFACE = "PRI * HTTP/2.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final List<SocketChannel> sockets = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();

    @Test
    void tenThousandSilentConnectionsCostLittleHarmNobodyAndAreCutOff(@TempDir Path folder) throws Exception {
        int silent = Math.min(SILENT, descriptorsToSpare() - OTHERS);
        assertThat(silent)
                .as("descriptors that this process may have (ulimit -n)")
                .isGreaterThan(1_000);
        try (ProcessCluster cluster = ProcessCluster.start(folder, 1, "--connectionsMax=" + (silent + OTHERS));
                NamespaceManager whatnot = cluster.connect("worker")) {
            NodeProcess node = cluster.node(0);
            Worker worker = new Worker(whatnot.namespace("shop"));
            await().atMost(Duration.ofSeconds(60)).until(() -> worker.count() > 100);
            long p99Before = worker.p99Millis(0);
            int undisturbed = worker.count();
            int descriptors = node.descriptors();
            long live = node.liveHeapMib();
            System.out.printf(
                    "before: %d descriptors, %d MiB live heap, %d MiB resident, lock p99 %d ms%n",
                    descriptors, live, node.residentMib(), p99Before);

            openIdle(cluster.endpoint(0));
            openSilent(cluster.endpoint(0), silent);
            await().until(() -> node.descriptors() > descriptors + IDLE);
            long begun = System.nanoTime();
            int most = node.descriptors() - descriptors;
            long resident = node.residentMib();
            openSilent(cluster.endpoint(0), TOO_MANY);
            openSilent(cluster.raftEndpoint(0), TOO_MANY);
            long refused = cluster.counter(0, "connections_refused");
            System.out.printf("with all: %d descriptors more, %d MiB resident, %d refused%n", most, resident, refused);
            long liveWithAll = node.liveHeapMib();

            // Cut off after 5 s without a word and 5 s without an answer; the idle ones answer, and stay.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> node.descriptors() < descriptors + IDLE + LEFT_DESCRIPTORS_MAX);
            System.out.printf(
                    "%d s later: %d descriptors more, lock p99 %d ms of %d%n",
                    (System.nanoTime() - begun) / 1_000_000_000,
                    node.descriptors() - descriptors,
                    worker.p99Millis(undisturbed),
                    worker.count() - undisturbed);
            assertThat(channels).allMatch(channel -> channel.getState(false) == ConnectivityState.READY);
            long liveWithIdle = node.liveHeapMib();
            for (int i = 0; i < 10; i++) {
                V1.StatusReply reply = WhatnotGrpc.newBlockingStub(channels.get(i * (IDLE / 10)))
                        .status(V1.StatusRequest.getDefaultInstance());
                assertThat(reply.getRole()).isEqualTo("leader");
            }

            close();
            await().atMost(Duration.ofSeconds(60)).until(() -> node.descriptors() < descriptors + LEFT_DESCRIPTORS_MAX);
            worker.stop();
            await().atMost(Duration.ofSeconds(60)).until(() -> node.liveHeapMib() <= live + LEFT_MIB_MAX);
            System.out.printf(
                    "live heap: %d MiB with all, %d MiB with the idle ones, %d MiB after; after: %d descriptors, %d MiB"
                            + " resident%n",
                    liveWithAll, liveWithIdle, node.liveHeapMib(), node.descriptors(), node.residentMib());

            assertThat(resident).isLessThan(RESIDENT_MIB_MAX);
            assertThat(liveWithAll - live).isLessThan((silent + IDLE) / 1_000 * LIVE_MIB_A_THOUSAND_MAX);
            assertThat(worker.p99Millis(undisturbed)).isLessThan(P99_MILLIS_MAX);
            assertThat(node.isAlive()).isTrue();
        } finally {
            close();
        }
    }

    /** How many sockets this process can open; the node, which is its child, may have as many. */
    private static int descriptorsToSpare() {
        UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return (int) Math.min(100_000, system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount()) - 500;
    }

    /** Connections that gRPC has made for good, without a call on them. */
    private void openIdle(String endpoint) {
        InetSocketAddress address = address(endpoint);
        for (int i = 0; i < IDLE; i++) {
            ManagedChannel channel = NettyChannelBuilder.forAddress(address)
                    .usePlaintext()
                    .directExecutor()
                    .build();
            channels.add(channel);
            channel.getState(true);
        }
        await().atMost(Duration.ofSeconds(60))
                .until(() -> channels.stream().allMatch(channel -> channel.getState(true) == ConnectivityState.READY));
    }

    /** From several addresses, lest ports run out; every second one sends half a preface. */
    private void openSilent(String endpoint, int count) {
        ConcurrentLinkedQueue<SocketChannel> opened = new ConcurrentLinkedQueue<>();
        CompletableFuture<?>[] parts = new CompletableFuture<?>[4];
        for (int part = 0; part < parts.length; part++) {
            String from = "127.0.0." + (2 + part);
            parts[part] = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < count / parts.length; i++) {
                        SocketChannel socket = SocketChannel.open();
                        opened.add(socket);
                        socket.bind(new InetSocketAddress(from, 0));
                        socket.connect(address(endpoint));
                        if (i % 2 == 0) {
                            sendHalf(socket);
                        }
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        }
        CompletableFuture.allOf(parts).join();
        sockets.addAll(opened);
    }

    private static void sendHalf(SocketChannel socket) {
        try {
            socket.write(ByteBuffer.wrap(HALF_A_PREFACE));
        } catch (IOException refused) {
            assertThat(refused).hasMessageMatching("Broken pipe|Connection reset.*");
        }
    }

    private static InetSocketAddress address(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        return new InetSocketAddress(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
    }

    private void close() throws IOException {
        channels.forEach(ManagedChannel::shutdownNow);
        channels.clear();
        for (SocketChannel socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    /** Takes a lock and gives it back, fifty times a second, and notes how long that takes. */
    private static final class Worker {
        private static final long PERIOD_MILLIS = 20;

        private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        private final Namespace namespace;
        private final List<Long> nanos = new ArrayList<>();
        private final ScheduledFuture<?> work;

        Worker(Namespace namespace) {
            this.namespace = namespace;
            this.work = thread.scheduleAtFixedRate(this::lock, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void lock() {
            long begun = System.nanoTime();
            try {
                namespace.lease("/work").acquire().close();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            note(System.nanoTime() - begun);
        }

        private synchronized void note(long taken) {
            nanos.add(taken);
        }

        void stop() {
            assertThat(work.isDone()).as("something went wrong").isFalse();
            thread.shutdownNow();
        }

        synchronized int count() {
            return nanos.size();
        }

        /** Of what was done from then on, the first being 0. */
        synchronized long p99Millis(int from) {
            long[] sorted = nanos.stream().skip(from).mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            return sorted[sorted.length * 99 / 100] / 1_000_000;
        }
    }
}
