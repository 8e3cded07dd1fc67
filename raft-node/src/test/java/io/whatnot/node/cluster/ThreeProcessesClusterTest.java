package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.Consistency;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Put;
import io.whatnot.client.WatchListener;
import io.whatnot.client.WatchSubscription;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.v1.V1;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes as processes, which are killed, paused, stopped and started again. */
@Tag("cluster")
@Timeout(120)
final class ThreeProcessesClusterTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private ProcessCluster cluster;

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void whenTheLeaderIsKilledUnderLoadNothingAcknowledgedIsLostAndNothingHeldIsLost() throws Exception {
        cluster = ProcessCluster.start(folder, 3);
        int leader = cluster.awaitLeader();
        try (NamespaceManager holder = cluster.connect("holder");
                NamespaceManager writer = cluster.connect("writer");
                NamespaceManager watcher = cluster.connect("watcher")) {
            LeaseContext held = holder.namespace("shop").lease("/held").acquire();
            Seen seen = new Seen();
            try (WatchSubscription watch =
                    watcher.namespace("shop").watch("/load").recursive().start(seen)) {
                watch.started().get(10, TimeUnit.SECONDS);
                Load load = new Load(writer.namespace("shop"));
                await().until(() -> load.acknowledged.size() >= 200 && load.tokens.size() >= 20);

                cluster.node(leader).kill();
                int before = load.acknowledged.size();
                int tokensBefore = load.tokens.size();
                await().atMost(Duration.ofSeconds(20))
                        .until(() ->
                                load.acknowledged.size() >= before + 200 && load.tokens.size() > tokensBefore + 20);
                load.stop();

                assertThat(held.lost()).isNotDone();
                assertThat(held.isHeld()).isTrue();
                assertThat(writer.namespace("shop").lease("/held").tryAcquire()).isEmpty();
                assertThat(load.tokens).isSorted().doesNotHaveDuplicates();
                List<String> present = Load.paths(writer.namespace("shop").subtree("/load"));
                assertThat(present).containsAll(load.acknowledged);
                await().atMost(Duration.ofSeconds(10)).until(() -> seen.added().containsAll(present));
                assertThat(seen.added()).containsExactlyInAnyOrderElementsOf(present);
                assertThat(seen.revisions).isSorted().doesNotHaveDuplicates();
                assertThat(seen.resynced).isEmpty();
            }
        }
    }

    @Test
    void aFollowerThatWasPausedHoldsUpNobodyAndCatchesUp() throws Exception {
        cluster = ProcessCluster.start(folder, 3);
        int leader = cluster.awaitLeader();
        int paused = (leader + 1) % 3;
        try (NamespaceManager writer = cluster.connect("writer", leader)) {
            Namespace ns = writer.namespace("shop");
            cluster.node(paused).pause();
            for (int i = 0; i < 500; i++) {
                ns.put("/n" + i, Value.of("" + i));
            }
            assertThat(cluster.role(paused)).isEqualTo("silent");
            cluster.node(paused).resume();

            cluster.awaitLeader();
            cluster.awaitCaughtUp(paused, leader);
            try (NamespaceManager reader = cluster.connect("reader", paused)) {
                assertThat(reader.namespace("shop").get("/n499", Consistency.NODE))
                        .isPresent();
                assertThat(reader.namespace("shop").subtree("/")).hasSize(500);
            }
        }
    }

    @Test
    void aLeaderThatWasPausedReadsNothingStaleAndAcknowledgesNothingOfItsOwn() throws Exception {
        cluster = ProcessCluster.start(folder, 3);
        int deposed = cluster.awaitLeader();
        int[] others = IntStream.range(0, 3).filter(i -> i != deposed).toArray();
        try (NamespaceManager stuck = NamespaceManager.builder()
                        .name("stuck")
                        .cluster("test")
                        .followLeader(false) // stays with the node, and learns of no others
                        .connect(cluster.endpoint(deposed));
                NamespaceManager other = cluster.connect("other", others[0])) {
            Namespace stuckNs = stuck.namespace("shop");
            Namespace otherNs = other.namespace("shop");
            long version = stuckNs.put("/x", Value.of("old")).version();
            LeaseContext lease =
                    stuckNs.lease("/mine").ttl(Duration.ofSeconds(1)).acquire();
            otherNs.get("/x");

            cluster.node(deposed).pause();
            // Both wait in the sockets of a process that will still believe to lead when it goes on.
            List<CompletableFuture<Optional<ElementView>>> early = reads(stuckNs);
            CompletableFuture<Result.Written> conditional = stuckNs.putAsync(
                    "/x", Value.of("from the deposed"), Put.with().ifVersion(version));
            cluster.awaitLeader(others);
            otherNs.put("/x", Value.of("new"));
            List<CompletableFuture<Optional<ElementView>>> late = reads(stuckNs);
            await().until(() -> !lease.isHeld());
            LeaseContext next =
                    otherNs.lease("/mine").waitTimeout(Duration.ofSeconds(20)).acquire();
            cluster.node(deposed).resume();

            for (CompletableFuture<Optional<ElementView>> read : late) {
                assertThat(read.get(20, TimeUnit.SECONDS).orElseThrow().value().text())
                        .isEqualTo("new");
            }
            for (CompletableFuture<Optional<ElementView>> read : early) {
                assertThat(read.get(20, TimeUnit.SECONDS).orElseThrow().value().text())
                        .isIn("old", "new");
            }
            assertThatThrownBy(() -> conditional.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(WhatnotException.class)
                    .cause()
                    .extracting(e -> ((WhatnotException) e).code())
                    .isEqualTo(ErrorCode.CONDITION_FAILED);
            assertThat(otherNs.get("/x").orElseThrow().value().text()).isEqualTo("new");
            assertThat(next.isHeld()).isTrue();
            assertThat(next.token().value()).isGreaterThan(lease.token().value());
            cluster.awaitLeader();
        }
    }

    private static List<CompletableFuture<Optional<ElementView>>> reads(Namespace ns) {
        return IntStream.range(0, 20)
                .mapToObj(i -> ns.getAsync("/x", Consistency.LINEARIZABLE))
                .toList();
    }

    @Test
    void aFollowerThatWasKilledIsTakenInAgainFromASnapshotAndServesTheSameState() throws Exception {
        cluster = ProcessCluster.start(folder, 3, "--raft.log=memory", "--raft.snapshotEntries=200");
        int leader = cluster.awaitLeader();
        int forgetful = (leader + 1) % 3;
        int third = (leader + 2) % 3;
        try (NamespaceManager client = cluster.connect("client")) {
            Namespace ns = client.namespace("shop");
            LeaseContext lease = ns.lease("/locked").prefix().acquire();
            writeEntries(ns, "before", 500);
            cluster.node(forgetful).kill();
            writeEntries(ns, "while", 500);

            cluster.restart(forgetful);
            cluster.awaitLeader();
            cluster.awaitCaughtUp(forgetful, leader);

            assertThat(cluster.node(leader).output())
                    .contains(cluster.raftEndpoint(forgetful) + " is back without its memory");
            assertThat(cluster.node(forgetful).output())
                    .contains("restored from a snapshot at entry ")
                    .contains("its votes count again");
            V1.StatusReply back = cluster.status(forgetful).orElseThrow();
            assertThat(back.getAppliedIndex()).isGreaterThan(1_000);
            assertThat(back.getCountersOrThrow("entries_applied"))
                    .as("what came by a snapshot was not applied one by one")
                    .isLessThan(600);
            assertThat(back.getElements()).isEqualTo(1_003); // the root is one
            assertThat(back.getLeases()).isEqualTo(1);
            assertThat(stateOf(forgetful)).isEqualTo(stateOf(third)).hasSize(1_003);

            // With the leader gone, the one that was away has to vote for anything to be written.
            cluster.node(leader).kill();
            ns.put("/after", Value.of("x"));
            assertThat(lease.isHeld()).isTrue();
            cluster.awaitLeader(forgetful, third);
            cluster.awaitCaughtUp(forgetful, third);
            cluster.awaitCaughtUp(third, forgetful);
            assertThat(stateOf(forgetful)).isEqualTo(stateOf(third)).hasSize(1_004);
        }
    }

    private static void writeEntries(Namespace ns, String folder, int count) throws Exception {
        for (int i = 0; i < count; i++) { // one after the other: an entry each
            ns.put("/" + folder + "/" + i, Value.of(folder + i));
        }
    }

    /** What a node has by itself: every element with version, revision and value, and every lock. */
    private List<String> stateOf(int node) throws InterruptedException {
        List<String> state = new ArrayList<>();
        try (NamespaceManager manager = cluster.connect("reader", node)) {
            Namespace ns = manager.namespace("shop");
            for (ElementView element : ns.subtree("/")) {
                state.add(element.path() + " " + element.version() + " " + element.createRevision() + " "
                        + element.modRevision() + " " + element.value().text());
            }
            ns.locks("/", io.whatnot.core.model.Scope.PREFIX)
                    .held()
                    .forEach(blocker ->
                            state.add("lock " + blocker.target() + " " + blocker.holder() + " " + blocker.id()));
        }
        return state;
    }

    @Test
    void whenAMajorityForgetsWhatTheSurvivorHasIsKeptUnderANewEpoch() throws Exception {
        cluster = ProcessCluster.start(folder, 3, "--raft.log=memory");
        int survivor = cluster.awaitLeader();
        int one = (survivor + 1) % 3;
        int two = (survivor + 2) % 3;
        long token;
        try (NamespaceManager client = shortLived("client")) {
            Namespace ns = client.namespace("shop");
            ns.put("/kept", Value.of("x"));
            token = ns.lease("/lock").acquire().token().value();
        }
        cluster.node(one).kill();
        cluster.node(two).kill();
        await().until(() -> !cluster.role(survivor).equals("leader"));
        cluster.restart(one);
        await().atMost(Duration.ofSeconds(20)).until(() -> cluster.role(one).equals("rejoining"));
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(20))
                .until(() -> nobodyLeads(survivor, one)); // the third may have more than the survivor
        try (NamespaceManager client = cluster.connect("archaeologist", survivor)) {
            // What the survivor has is to be seen even now, by who asks for no more than that.
            assertThat(client.namespace("shop").get("/kept", Consistency.NODE)).isPresent();
        }

        cluster.restart(two);

        cluster.awaitLeader();
        try (NamespaceManager client = shortLived("next")) {
            Namespace ns = client.namespace("shop");
            assertThat(ns.get("/kept")).map(element -> element.value().text()).contains("x");
            long next = ns.lease("/lock").acquire().token().value();
            assertThat(Revision.epochOf(next)).isGreaterThan(Revision.epochOf(token));
        }
    }

    private boolean nobodyLeads(int... nodes) {
        return Arrays.stream(nodes).noneMatch(node -> cluster.role(node).equals("leader"));
    }

    /** A client whose session has a short ttl, so that a new epoch is not waited for long. */
    private NamespaceManager shortLived(String name) {
        return NamespaceManager.builder()
                .name(name)
                .cluster("test")
                .sessionTtl(Duration.ofSeconds(1))
                .requestTimeout(Duration.ofSeconds(30))
                .connect(cluster.endpoint(0) + "," + cluster.endpoint(1) + "," + cluster.endpoint(2));
    }

    /**
     * One is paused; the two others go on, and are killed; one of them comes back empty, and the paused one resumes. With
     * the vote of the one that has forgotten it could win, and everything acknowledged meanwhile would be gone without a
     * word. {@code -Damnesia.runs=100} for more than one run.
     */
    @Test
    @Timeout(3_600)
    void whoWasPausedDoesNotWinByTheVoteOfOneThatForgotAndALossIsTold() throws Exception {
        cluster = ProcessCluster.start(folder, 3, "--raft.log=memory");
        int runs = Integer.getInteger("amnesia.runs", 1);
        for (int run = 1; run <= runs; run++) {
            int leader = cluster.awaitLeader();
            int paused = (leader + 1) % 3;
            int other = (leader + 2) % 3;
            long epoch;
            try (NamespaceManager client = shortLived("client")) {
                Namespace ns = client.namespace("shop");
                ns.put("/before/" + run, Value.of("x"));
                cluster.awaitCaughtUp(paused, leader);
                cluster.node(paused).pause();
                for (int i = 0; i < 100; i++) {
                    ns.put("/acknowledged/" + run + "/" + i, Value.of("x"));
                }
                epoch = Revision.epochOf(
                        ns.put("/last/" + run, Value.of("x")).revision().value());
                cluster.node(leader).kill();
                cluster.node(other).kill();
            }
            cluster.restart(other);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> cluster.role(other).equals("rejoining"));
            cluster.node(paused).resume();
            await().during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> nobodyLeads(paused, other));

            cluster.restart(leader); // without its memory: now nobody is left who knows

            cluster.awaitLeader();
            try (NamespaceManager client = shortLived("next")) {
                Namespace ns = client.namespace("shop");
                assertThat(ns.get("/before/" + run)).as("run %d", run).isPresent();
                long now = Revision.epochOf(
                        ns.put("/after/" + run, Value.of("x")).revision().value());
                assertThat(now)
                        .as("run %d: what is gone is gone by a new epoch", run)
                        .isGreaterThan(epoch);
            }
        }
    }

    @Test
    void aLeaderThatIsAskedToStopHandsOverFirstAndEndsWell() throws Exception {
        cluster = ProcessCluster.start(folder, 3);
        int leader = cluster.awaitLeader();
        int[] others = IntStream.range(0, 3).filter(i -> i != leader).toArray();
        try (NamespaceManager client = cluster.connect("client")) {
            Load load = new Load(client.namespace("shop"));
            await().until(() -> load.acknowledged.size() >= 50);

            long term = cluster.status(leader).orElseThrow().getTerm();
            long start = System.nanoTime();
            int code = cluster.node(leader).terminate();
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            assertThat(code).isZero();
            assertThat(took).isLessThan(Duration.ofSeconds(10));
            int before = load.acknowledged.size();
            await().atMost(Duration.ofSeconds(10)).until(() -> load.acknowledged.size() >= before + 50);
            load.stop();
            int next = cluster.awaitLeader(others);
            assertThat(cluster.status(next).orElseThrow().getTerm())
                    .as("handed over, not fought for")
                    .isEqualTo(term + 1);
            assertThat(cluster.node(leader).output()).contains("the node has stopped");
            assertThat(Load.paths(client.namespace("shop").subtree("/load"))).containsAll(load.acknowledged);
        }
    }

    /** What a watch saw. */
    private static final class Seen implements WatchListener {
        final List<WatchEvent> events = new CopyOnWriteArrayList<>();
        final List<Long> revisions = new CopyOnWriteArrayList<>();
        final List<String> resynced = new CopyOnWriteArrayList<>();

        @Override
        public void events(Revision at, List<WatchEvent> more) {
            revisions.add(at.value());
            events.addAll(more);
        }

        @Override
        public void resynced(Revision last, Revision now) {
            resynced.add(last + " to " + now);
        }

        List<String> added() {
            return events.stream()
                    .map(event -> event.change() + " " + event.path())
                    .filter(event -> event.startsWith("ADDED /load/w"))
                    .map(event -> event.substring("ADDED ".length()))
                    .toList();
        }
    }
}
