package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.whatnot.client.Admin;
import io.whatnot.client.Consistency;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WatchSubscription;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.node.raft.ForcedReformingTool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes come, go, and change places, while a client locks and writes. */
@Tag("cluster")
@Timeout(180)
final class MembershipClusterTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @AfterEach
    void stop() {
        cluster.close();
    }

    /** A client that knows the founders alone. */
    private NamespaceManager.Builder client(String name) {
        return NamespaceManager.builder().name(name).cluster("test").requestTimeout(Duration.ofSeconds(60));
    }

    private NamespaceManager connect(String name) {
        return client(name).connect(cluster.endpoint(0) + "," + cluster.endpoint(1) + "," + cluster.endpoint(2));
    }

    private CountingLoad load() {
        return new CountingLoad(connect("load"));
    }

    private static void awaitProgress(CountingLoad load) {
        long before = load.acknowledged();
        await().atMost(Duration.ofSeconds(30)).until(() -> load.acknowledged() >= before + 20);
    }

    private List<String> roles(String role) throws InterruptedException {
        try (NamespaceManager manager = connect("roles")) {
            return manager.admin().members().stream()
                    .filter(member -> member.role().equals(role))
                    .map(Admin.Member::name)
                    .sorted()
                    .toList();
        }
    }

    private void awaitRole(int node, String role) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> cluster.node(node).status().getRole().equals(role));
    }

    private int followerOf(int leader) {
        return IntStream.range(0, 3).filter(node -> node != leader).findFirst().orElseThrow();
    }

    /** It says itself that it was removed, and is stopped as a process would stop itself. */
    private void awaitRemoved(int node) {
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        cluster.fatal(node).stream().anyMatch(why -> why.contains("was removed from the cluster")));
        cluster.stop(node);
    }

    @Test
    void aFourthAndAFifthNodeComeWhileAClientLocksAndWritesAndNothingIsLost() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 5, 0);
        try (CountingLoad load = load();
                NamespaceManager operator = connect("operator")) {
            awaitProgress(load);
            cluster.start(3);
            cluster.start(4);
            awaitRole(3, "joining");

            operator.admin().addMember(cluster.raft(3));
            awaitProgress(load);
            operator.admin().addMember(cluster.raft(4));
            operator.admin().addMember(cluster.raft(4)); // is so already

            awaitProgress(load);
            assertThat(roles("voter")).containsExactly("n1", "n2", "n3", "n4", "n5");
            // Five voters do without two.
            int leader = cluster.awaitLeader();
            int other = followerOf(leader);
            cluster.stop(leader);
            cluster.stop(other);
            cluster.awaitLeader();
            awaitProgress(load);
            load.stopAndCheck();
        }
        cluster.awaitSameState();
    }

    @Test
    void aFollowerThatIsRemovedSaysSoAndStopsAndTheOthersGoOn() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 3, 0);
        int removed = followerOf(cluster.awaitLeader());
        try (CountingLoad load = load();
                NamespaceManager operator = connect("operator")) {
            awaitProgress(load);

            operator.admin().removeMember("n" + (removed + 1));

            awaitRemoved(removed);
            awaitProgress(load);
            assertThat(roles("voter")).hasSize(2).doesNotContain("n" + (removed + 1));
            load.stopAndCheck();
        }
    }

    @Test
    void theLeaderCanBeRemovedAndAnotherLeads() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 3, 0);
        int removed = cluster.awaitLeader();
        try (CountingLoad load = load();
                NamespaceManager operator = connect("operator")) {
            awaitProgress(load);

            operator.admin().removeMember("n" + (removed + 1));

            awaitRemoved(removed);
            assertThat(cluster.awaitLeader()).isNotEqualTo(removed);
            awaitProgress(load);
            load.stopAndCheck();
        }
    }

    @Test
    void aRemovedNodeThatComesBackWithItsOldDiskIsToldAndDisturbsNobody() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 3, 0);
        int removed = followerOf(cluster.awaitLeader());
        try (CountingLoad load = load();
                NamespaceManager operator = connect("operator")) {
            operator.admin().removeMember("n" + (removed + 1));
            awaitRemoved(removed);
            long term = cluster.node(cluster.awaitLeader()).status().getTerm();
            int times = cluster.fatal(removed).size();

            cluster.start(removed);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> cluster.fatal(removed).size() > times
                            && cluster.fatal(removed).get(times).contains("was removed from the cluster"));
            cluster.stop(removed);

            awaitProgress(load);
            assertThat(cluster.node(cluster.awaitLeader()).status().getTerm()).isEqualTo(term);
            load.stopAndCheck();
        }
    }

    @Test
    void aDeadVoterIsReplacedByANewNode() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 4, 0);
        int dead = followerOf(cluster.awaitLeader());
        try (CountingLoad load = load();
                NamespaceManager operator = connect("operator")) {
            awaitProgress(load);
            cluster.stop(dead);
            cluster.start(3);

            operator.admin().replaceMember("n" + (dead + 1), cluster.raft(3));

            assertThat(roles("voter")).hasSize(3).contains("n4").doesNotContain("n" + (dead + 1));
            awaitProgress(load);
            load.stopAndCheck();
        }
        cluster.awaitSameState();
    }

    @Test
    void aLearnerServesClientsAndVotesOnlyWhenItIsPromoted() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 4, 0);
        try (CountingLoad load = load();
                NamespaceManager operator = connect("operator")) {
            awaitProgress(load);
            cluster.start(3);
            operator.admin().addLearner(cluster.raft(3));
            awaitRole(3, "learner");
            assertThat(roles("learner")).containsExactly("n4");
            try (NamespaceManager atLearner =
                    client("at the learner").followLeader(false).connect(cluster.endpoint(3))) {
                atLearner.namespace("there").put("/a", Value.of("written through a learner"));
                assertThat(atLearner.namespace("there").get("/a", Consistency.LINEARIZABLE))
                        .hasValueSatisfying(
                                found -> assertThat(found.value().text()).isEqualTo("written through a learner"));
            }

            operator.admin().promote("n4");

            assertThat(roles("voter")).containsExactly("n1", "n2", "n3", "n4");
            awaitRole(3, "follower");
            load.stopAndCheck();
        }
    }

    @Test
    void leadershipGoesWhereItIsSentWhileAClientLocksAndWrites() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 3, 0);
        try (CountingLoad load = load();
                NamespaceManager operator = connect("operator")) {
            for (int round = 0; round < 6; round++) {
                int to = (cluster.awaitLeader() + 1) % 3;
                awaitProgress(load);

                operator.admin().transferLeadership("n" + (to + 1));

                assertThat(cluster.awaitLeader()).isEqualTo(to);
            }
            awaitProgress(load);
            load.stopAndCheck();
        }
    }

    @Test
    void allFoundersCanBeReplacedAndClientsThatKnewThemAloneFindTheOthers() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 6, 0);
        List<WatchEvent> seen = Collections.synchronizedList(new ArrayList<>());
        try (CountingLoad load = load();
                NamespaceManager operator = connect("operator");
                NamespaceManager onlooker = connect("onlooker"); // has no session
                WatchSubscription watch = onlooker.namespace("watched")
                        .watch("/")
                        .recursive()
                        .start((at, events) -> seen.addAll(events))) {
            watch.started().get(30, TimeUnit.SECONDS);
            awaitProgress(load);
            for (int node = 0; node < 3; node++) {
                cluster.start(3 + node);
                operator.admin().replaceMember("n" + (node + 1), cluster.raft(3 + node));
                awaitRemoved(node);
                awaitProgress(load);
                operator.namespace("watched").put("/" + node, Value.of("there"));
                int told = node + 1;
                await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() == told);
            }
            assertThat(cluster.awaitLeader()).isGreaterThan(2);
            load.stopAndCheck();
        }
        cluster.awaitSameState();
        // A restart of one that came later: what it knows of the others is on its disk.
        cluster.stop(5);
        cluster.start(5);
        cluster.awaitLeader();
        assertThat(cluster.node(5).status().getLeader().getEndpoint()).isNotEmpty();
    }

    @Test
    void nobodyIsChangedWhileAnotherVoterIsAwayAndTheRefusalNamesIt() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 4, 0);
        int leader = cluster.awaitLeader();
        int away = followerOf(leader);
        int third = 3 - leader - away;
        cluster.stop(away);
        cluster.start(3);
        try (NamespaceManager hasty =
                client("hasty").requestTimeout(Duration.ofSeconds(12)).connect(cluster.endpoint(leader))) {
            assertThatThrownBy(() -> hasty.admin().addMember(cluster.raft(3)))
                    .isInstanceOfSatisfying(
                            WhatnotException.class,
                            refused ->
                                    assertThat(refused.explanation()).contains("n" + (away + 1) + " does not answer"));
            // The addition that nobody waits for any more may still be tried for a while.
            await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
                assertThatThrownBy(() -> hasty.admin().removeMember("n" + (third + 1)))
                        .isInstanceOfSatisfying(
                                WhatnotException.class,
                                refused -> assertThat(refused.explanation())
                                        .contains("n" + (away + 1) + " does not answer"));
            });
        }
        try (NamespaceManager patient = connect("patient")) {
            // Nor may the removal: what changes nothing is done when nothing else is under way.
            patient.admin().transferLeadership("n" + (leader + 1));
            cluster.start(away);
            patient.admin().addMember(cluster.raft(3));
        }
        assertThat(roles("voter")).containsExactly("n1", "n2", "n3", "n4");
    }

    @Test
    void whoIsNoNewNodeIsNotAddedAndToldWhy() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 5, 0);
        try (NamespaceManager operator = connect("operator");
                TestCluster strangers = TestCluster.of(folder.resolve("strangers"), 2)) {
            strangers.start(0); // waits to found a cluster of its own, by the name of this one
            refused(() -> operator.admin().addMember(strangers.raft(0)), "n1", "but the member at");
            refused(() -> operator.admin().removeMember("n7"), "\"n7\" is no member; there are [n1, n2, n3]");
            refused(() -> operator.admin().promote("n1x"), "\"n1x\" is no member");
            refused(() -> operator.admin().transferLeadership("127.0.0.1:1"), "is no voter");
            refused(() -> operator.admin().addLearner("n1"), "n1 is a voter");
            assertThat(roles("voter")).containsExactly("n1", "n2", "n3");
        }
    }

    private interface Asking {
        void run() throws InterruptedException;
    }

    private static void refused(Asking asking, String... words) {
        assertThatThrownBy(asking::run).isInstanceOfSatisfying(WhatnotException.class, refused -> {
            assertThat(refused.explanation()).contains(words);
        });
    }

    @Test
    void aVoterWhoseDiskWasEmptiedDoesNotComeBackByJoining() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 3, 0);
        int follower = followerOf(cluster.awaitLeader());
        cluster.stop(follower);
        cluster.emptyDisk(follower);

        cluster.startJoining(follower);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> cluster.fatal(follower).stream()
                        .anyMatch(why ->
                                why.contains("the cluster has a voter at " + cluster.raft(follower) + " already")));
        assertThat(cluster.node(follower).status().getRole()).isEqualTo("joining");
    }

    @Test
    void aFounderDoesNotJoinAndIsToldToStartWithout() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 3, 0);
        int follower = followerOf(cluster.awaitLeader());
        cluster.stop(follower);

        assertThatThrownBy(() -> cluster.startJoining(follower))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("founded its cluster")
                .hasMessageContaining("Start it without --join");
    }

    @Test
    void withADeadVoterAndAMajorityThatForgotAnOperatorHasTheRestGoOnAndNothingThatOneRemembersIsLost()
            throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 3, 0, false); // on disk nobody forgets
        int survivor = cluster.awaitLeader();
        int dead = followerOf(survivor);
        int forgetful = 3 - survivor - dead;
        try (NamespaceManager writer = connect("writer")) {
            writer.namespace("kept").put("/a", Value.of("kept by one"));
        }
        assertThatThrownBy(() -> goOnWithout(survivor, dead)).hasMessageContaining("answers, so it is not dead");
        cluster.stop(dead);
        assertThatThrownBy(() -> goOnWithout(survivor, dead)).hasMessageContaining("knows a leader");
        cluster.stop(forgetful);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !cluster.node(survivor).status().getRole().equals("leader"));
        assertThatThrownBy(() -> goOnWithout(survivor, dead)).hasMessageContaining("does not answer");
        cluster.start(forgetful);
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(10))
                .until(() -> cluster.running().stream()
                        .noneMatch(node -> node.status().getRole().equals("leader")));

        goOnWithout(forgetful, dead);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> cluster.node(survivor).status().getRole().equals("leader"));
        try (NamespaceManager reader = connect("reader")) {
            assertThat(reader.namespace("kept").get("/a", Consistency.LINEARIZABLE))
                    .hasValueSatisfying(
                            found -> assertThat(found.value().text()).isEqualTo("kept by one"));
        }
        assertThat(cluster.node(survivor).engine().state().epoch()).isPositive();
        assertThat(roles("voter")).hasSize(2).doesNotContain("n" + (dead + 1));
        awaitRole(forgetful, "follower");
        // It was not dead after all: it is none of them any more.
        cluster.start(dead);
        awaitRemoved(dead);
    }

    private void goOnWithout(int through, int dead) throws IOException {
        ForcedReformingTool.run("test", cluster.raft(through), List.of("n" + (dead + 1)));
    }

    @Test
    void theAutopilotPutsAWaitingLearnerInThePlaceOfADeadVoter() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 4, 2_000);
        int dead = followerOf(cluster.awaitLeader());
        try (CountingLoad load = load();
                NamespaceManager operator = connect("operator")) {
            cluster.start(3);
            operator.admin().addLearner(cluster.raft(3));
            awaitRole(3, "learner");

            cluster.stop(dead);

            await().atMost(Duration.ofSeconds(40))
                    .until(() -> roles("voter").contains("n4") && roles("voter").size() == 3);
            assertThat(roles("voter")).doesNotContain("n" + (dead + 1));
            awaitProgress(load);
            load.stopAndCheck();
        }
    }

    @Test
    void theAutopilotReplacesNobodyWhereTheRestWouldBeNoQuorum() throws Exception {
        cluster = TestCluster.startToGrow(folder, 3, 4, 1_000);
        int leader = cluster.awaitLeader();
        try (NamespaceManager operator = connect("operator")) {
            cluster.start(3);
            operator.admin().addLearner(cluster.raft(3));
        }
        for (int node = 0; node < 3; node++) {
            if (node != leader) {
                cluster.stop(node);
            }
        }
        // The one that is left steps down, and the learner makes no second.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !cluster.node(leader).status().getRole().equals("leader"));
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(10))
                .until(() -> cluster.node(leader).status().getMembersList().stream()
                                .filter(member -> member.getRole().equals("voter"))
                                .count()
                        == 3);
    }
}
