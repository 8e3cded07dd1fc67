package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.PoolOption;
import io.whatnot.client.Put;
import io.whatnot.client.QueuePosition;
import io.whatnot.client.SemaphoreClaim;
import io.whatnot.client.SemaphorePool;
import io.whatnot.client.WatchSubscription;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.engine.Engine;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.NamespaceStateMachine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Three nodes in this JVM; all of it with the log in memory, and with the log on disk. */
@Tag("cluster")
@Timeout(120)
@ParameterizedClass(name = "log on disk: {0}")
@ValueSource(booleans = {false, true})
final class ThreeNodesClusterTest {
    @Parameter
    boolean logOnDisk;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = TestCluster.of(folder, 3);
        cluster.logOnDisk(logOnDisk);
        cluster.startAll();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void whatIsWrittenThroughOneNodeIsReadThroughAnother() throws Exception {
        for (int writer = 0; writer < 3; writer++) {
            try (NamespaceManager one = NamespaceManager.connect(cluster.endpoint(writer));
                    NamespaceManager another = NamespaceManager.connect(cluster.endpoint((writer + 1) % 3))) {
                one.namespace("shop").put("/a/" + writer, Value.of("x" + writer));
                assertThat(another.namespace("shop")
                                .get("/a/" + writer)
                                .map(e -> e.value().text()))
                        .contains("x" + writer);
            }
        }
        cluster.awaitSameState();
    }

    @Test
    void aLeaseStopsTheWritesOfAClientOfAnotherNode() throws Exception {
        try (NamespaceManager one = NamespaceManager.connect(cluster.endpoint(0));
                NamespaceManager another = NamespaceManager.connect(cluster.endpoint(1));
                LeaseContext lease =
                        one.namespace("shop").lease("/orders").prefix().acquire()) {
            assertThat(lease.isHeld()).isTrue();
            assertThatThrownBy(() -> another.namespace("shop").put("/orders/1", Value.of("x")))
                    .isInstanceOfSatisfying(
                            WhatnotException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOCKED));
        }
    }

    @Test
    void whenTheLeaderStopsEverythingGoesOn() throws Exception {
        try (NamespaceManager holder = cluster.connect("holder");
                NamespaceManager waiter = cluster.connect("waiter")) {
            Namespace ns = holder.namespace("shop");
            LeaseContext lease = ns.lease("/a").acquire();
            CompletableFuture<QueuePosition> queued = new CompletableFuture<>();
            CompletableFuture<LeaseContext> waiting = waiter.namespace("shop")
                    .lease("/a")
                    .onQueued(queued::complete)
                    .acquireAsync();
            queued.get(10, TimeUnit.SECONDS);
            List<WatchEvent> seen = Collections.synchronizedList(new ArrayList<>());
            try (WatchSubscription watch =
                    waiter.namespace("shop").watch("/").recursive().start((at, events) -> seen.addAll(events))) {
                watch.started().get(10, TimeUnit.SECONDS);

                cluster.stop(cluster.awaitLeader());
                for (int i = 0; i < 20; i++) {
                    ns.put("/n/" + i, Value.of("" + i));
                }

                assertThat(lease.isHeld()).isTrue();
                assertThat(waiting).isNotDone();
                lease.close();
                LeaseContext next = waiting.get(10, TimeUnit.SECONDS);
                assertThat(next.token().value()).isGreaterThan(lease.token().value());
                next.close();
                await().atMost(Duration.ofSeconds(10)).until(() -> seen.size() >= 24);
                assertThat(seen.stream().map(e -> e.change() + " " + e.path()))
                        .startsWith("ADDED /n", "ADDED /n/0", "ADDED /n/1")
                        .endsWith("ADDED /n/19", "UNLOCKED /a", "LOCKED /a", "UNLOCKED /a");
            }
        }
    }

    @Test
    void whenTheLeaderStopsWhileAClaimWaitsItIsGrantedByTheNext() throws Exception {
        try (NamespaceManager holder = cluster.connect("holder");
                NamespaceManager waiter = cluster.connect("waiter")) {
            await().until(() -> cluster.node(0).engine().state().isFounded());
            SemaphorePool pool = holder.namespace("shop").pool("/quota");
            pool.create(3, PoolOption.PREFIX);
            SemaphoreClaim held = pool.claim(2).acquire();
            CompletableFuture<QueuePosition> queued = new CompletableFuture<>();
            CompletableFuture<SemaphoreClaim> large = waiter.namespace("shop")
                    .pool("/quota/pdf")
                    .claim(3)
                    .onQueued(queued::complete)
                    .acquireAsync();
            queued.get(10, TimeUnit.SECONDS);

            cluster.stop(cluster.awaitLeader());

            assertThat(pool.claim(1).owner("late").tryAcquire())
                    .as("it would overtake the large one")
                    .isEmpty();
            assertThat(held.isHeld()).isTrue();
            assertThat(large).isNotDone();
            held.close();
            try (SemaphoreClaim granted = large.get(10, TimeUnit.SECONDS)) {
                assertThat(granted.token().value()).isGreaterThan(held.token().value());
                assertThat(pool.describe().pool().orElseThrow().used()).isEqualTo(3);
            }
            assertThat(pool.describe().pool().orElseThrow().used()).isZero();
        }
    }

    @Test
    void whenALeaderHasStoppedInGoodOrderAnotherLeadsAlready() throws Exception {
        int rounds = 6;
        int leaderless = 0;
        try (NamespaceManager writer = cluster.connect("writer")) {
            Namespace ns = writer.namespace("shop");
            for (int round = 0; round < rounds; round++) {
                int leader = cluster.awaitLeader();
                List<CompletableFuture<?>> puts = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    puts.add(ns.putAsync("/n/" + i, Value.of("" + round), Put.with()));
                }
                cluster.stop(leader); // while the others have yet to get some of that
                if (cluster.running().stream()
                        .noneMatch(node -> node.status().getRole().equals("leader"))) {
                    leaderless++;
                }
                for (CompletableFuture<?> put : puts) {
                    put.get(20, TimeUnit.SECONDS);
                }
                cluster.start(leader);
            }
        }
        // A machine that is busy with other things may keep the next from taking over in time.
        assertThat(leaderless).isLessThanOrEqualTo(1);
    }

    @Test
    void aNodeThatComesBackIsTakenInAgainAndVotes() throws Exception {
        try (NamespaceManager client = cluster.connect("client")) {
            Namespace ns = client.namespace("shop");
            ns.put("/a", Value.of("before"));
            int leader = cluster.awaitLeader();
            int forgetful = (leader + 1) % 3;
            cluster.stop(forgetful);
            ns.put("/b", Value.of("while it was away"));
            cluster.start(forgetful);
            cluster.awaitLeader();
            cluster.awaitSameState();

            // With the leader gone, the one that was away has to vote for anything to be written.
            cluster.stop(cluster.awaitLeader());
            ns.put("/c", Value.of("after"), Put.with());
            assertThat(ns.subtree("/"))
                    .extracting(e -> e.value().text())
                    .containsExactly("before", "while it was away", "after");
        }
    }

    @Test
    void aNodeThatComesBackToAClusterInWhichNobodyWritesIsTakenInAgain() throws Exception {
        for (int i = 0; i < 3; i++) {
            int follower = (cluster.awaitLeader() + 1) % 3;
            cluster.stop(follower);
            cluster.start(follower);
            cluster.awaitLeader();
        }
        cluster.awaitSameState();
    }

    @Test
    void aReplicaThatHasBecomeAnotherStopsAndComesBackRight() throws Exception {
        int leader = cluster.awaitLeader();
        int wrong = (leader + 1) % 3;
        try (NamespaceManager whatnot = cluster.connect("writer")) {
            Namespace shop = whatnot.namespace("shop");
            shop.put("/a", Value.of("right"));
            cluster.awaitSameState();
            falsify(cluster.node(wrong).engine());

            for (int i = 0; i < 2 * TestCluster.DIGEST_ENTRIES; i++) {
                shop.put("/b", Value.of("" + i));
            }

            await().untilAsserted(() -> assertThat(cluster.fatal(wrong)).isNotEmpty());
            assertThat(cluster.fatal(wrong).get(0)).contains("differs from that of 2 others, which agree");
            assertThat(cluster.fatal(leader)).isEmpty();
            assertThat(cluster.fatal((leader + 2) % 3)).isEmpty();

            if (logOnDisk) {
                assertThat(cluster.data(wrong).resolve("raft-log").resolve("owner"))
                        .as("what is on disk may be as wrong, and is not to be its memory")
                        .content()
                        .contains("whole=false");
            }
            cluster.stop(wrong);
            shop.put("/c", Value.of("two are enough"));
            cluster.start(wrong);
            cluster.awaitLeader();
            cluster.awaitSameState();
        }
    }

    /** Lets a replica be ahead in time, as a bug or bad memory might. */
    private static void falsify(Engine engine) {
        NamespaceStateMachine machine = new NamespaceStateMachine();
        machine.restore(engine.state());
        machine.apply(new Entry(engine.state().timeMillis() + 1, List.of()));
        engine.restored(engine.status().getAppliedIndex(), machine.state());
    }
}
