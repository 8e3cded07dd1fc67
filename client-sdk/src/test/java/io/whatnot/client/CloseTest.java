package io.whatnot.client;

import static io.whatnot.client.FakeCall.anything;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.internal.Simulated;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** After a client is closed nobody waits for it, nobody is called by it, and nothing of it is left. */
final class CloseTest {
    private final FakeCluster cluster = new FakeCluster("a:1", "b:2");
    private final FakeNode a = cluster.node("a:1");
    private final Steps steps = new Steps();
    private final NamespaceManager client = cluster.client();
    private final Namespace ns = client.namespace("shop");

    // ---- who waits

    @Test
    void whoeverWaitsIsTold() {
        cluster.client().namespace("shop").lease("/busy").acquireAsync().join();
        LeaseContext held =
                ns.lease("/x").ttl(Duration.ofSeconds(8)).acquireAsync().join();
        LeaseContext released = ns.lease("/y").acquireAsync().join();
        CompletableFuture<LeaseContext> waiting = ns.lease("/busy").acquireAsync();
        a.saysNothingOfWatches();
        a.every(anything(), FakeCall.requestLost());
        List<CompletableFuture<?>> all = List.of(
                waiting,
                ns.lease("/z").acquireAsync(),
                ns.lease("/z").callAsync(Runnable::run, lease -> "never"),
                ns.lease("/z").composeAsync(lease -> CompletableFuture.completedFuture("never")),
                ns.putAsync("/z", Value.of("1"), Put.with()),
                ns.getAsync("/z", Consistency.LINEARIZABLE),
                ns.registerAsync("/z", Put.with()),
                ns.deleteAsync("/z", Put.with()),
                held.renewAsync(),
                held.lost(),
                released.releaseAsync(),
                ns.watch("/z").start((at, events) -> {}).started());
        assertThat(all).noneMatch(CompletableFuture::isDone);
        CompletableFuture<Void> closed = Simulated.closeAsync(client);
        cluster.clock.passMillis(2_200);
        assertThat(closed).isCompleted();
        assertThat(all).allMatch(CompletableFuture::isDone);
        assertThat(held.lost()).isCompletedWithValue(LossReason.SESSION_ENDED);
        assertThat(held.isHeld()).isFalse();
    }

    @Test
    void itTakesNoLongerThanTwoSecondsWhateverTheNodesDo() {
        ns.lease("/x").acquireAsync().join();
        cluster.nodes().forEach(FakeNode::isNowhere);
        CompletableFuture<Void> closed = Simulated.closeAsync(client);
        cluster.clock.passMillis(1_900);
        assertThat(closed).isNotDone();
        cluster.clock.passMillis(200);
        assertThat(closed).isCompleted();
    }

    // ---- who is called

    @Test
    void noListenerIsCalledAnyMore() {
        NamespaceManager other = cluster.client(cluster.options(), Runnable::run, steps);
        List<String> told = new ArrayList<>();
        other.namespace("shop").watch("/a").after(new Revision(5)).start(new WatchListener() {
            @Override
            public void events(Revision at, List<WatchEvent> events) {
                told.add(at.toString());
            }

            @Override
            public void ended(WhatnotException why) {
                told.add("ended");
            }
        });
        FakeWatch served = a.watch();
        served.events(8, "/a");
        steps.runAll();
        served.events(9, "/a");
        other.close();
        served.events(10, "/a");
        steps.runAll();
        cluster.clock.pass(Duration.ofMinutes(1));
        steps.runAll();
        assertThat(told).containsExactly("8");
    }

    @Test
    void itIsNotHeardOfAnyMore() {
        ns.lease("/x").acquireAsync().join();
        ns.watch("/a").start((at, events) -> {});
        client.close();
        int calls = a.calls().size();
        int connects = a.connects();
        cluster.clock.pass(Duration.ofMinutes(10));
        assertThat(a.calls()).hasSize(calls);
        assertThat(a.connects()).isEqualTo(connects);
        assertThat(a.openLines()).isZero();
        assertThat(cluster.clock.pending()).as("tasks that it left").isZero();
    }

    @Test
    void itMayBeClosedByWhatItCalls() throws Exception {
        NamespaceManager local = NamespaceManager.local();
        CompletableFuture<Void> closed = local.namespace("shop")
                .putAsync("/x", Value.of("1"), Put.with())
                .thenRun(local::close);
        closed.get(10, TimeUnit.SECONDS);
    }

    // ---- what is asked of it then

    @Test
    void whatIsAskedOfItThenIsRefusedAtOnce() throws Exception {
        NamespaceManager local = NamespaceManager.local();
        Namespace shop = local.namespace("shop");
        shop.put("/x", Value.of("1"));
        local.close();
        local.close();
        assertRefused(shop.putAsync("/x", Value.of("1"), Put.with()));
        assertRefused(shop.getAsync("/x", Consistency.LINEARIZABLE));
        assertRefused(shop.lease("/x").acquireAsync());
        assertRefused(shop.watch("/x").start((at, events) -> {}).started());
    }

    private static void assertRefused(CompletableFuture<?> asked) throws Exception {
        try {
            asked.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOfSatisfying(WhatnotException.class, refused -> {
                assertThat(refused.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                assertThat(refused.outcome()).isEqualTo(Outcome.NOT_APPLIED);
            });
            return;
        }
        throw new AssertionError("it was not refused");
    }

    // ---- what is left

    @Test
    void noThreadOfALocalOneIsLeft() throws Exception {
        Set<Thread> before = threads();
        NamespaceManager local = NamespaceManager.local();
        Namespace shop = local.namespace("shop");
        shop.watch("/x").initialState().start((at, events) -> {}).started().get(10, TimeUnit.SECONDS);
        shop.putAsync("/x", Value.of("1"), Put.with()).get(10, TimeUnit.SECONDS);
        assertThat(newThreads(before)).anyMatch(thread -> thread.getName().startsWith("whatnot-"));
        local.close();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(newThreads(before)).isEmpty());
    }

    @Test
    void noThreadIsLeftOfOneThatNeverFoundANode() throws Exception {
        Set<Thread> before = threads();
        NamespaceManager client = NamespaceManager.builder()
                .requestTimeout(Duration.ofMillis(300))
                .connect("127.0.0.1:" + closedPort());
        CompletableFuture<?> put = client.namespace("shop").putAsync("/x", Value.of("1"), Put.with());
        CompletableFuture<?> started =
                client.namespace("shop").watch("/x").start((at, events) -> {}).started();
        assertRefused(put);
        client.close();
        assertRefused(started);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(newThreads(before)).isEmpty());
    }

    /** A port that nobody listens at: the system has just chosen it. */
    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Set<Thread> threads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet());
    }

    /** Those that live now and did not then, but for what the JDK and the test's own tools start for themselves. */
    private static List<Thread> newThreads(Set<Thread> before) {
        return threads().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive())
                .filter(thread -> thread.getName().matches("(whatnot|ForkJoinPool-|grpc|netty).*"))
                .toList();
    }
}
