package io.whatnot.node.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.Consistency;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.Value;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.junit.jupiter.Testcontainers;

/** Nodes in containers, under load, while some are paused, killed and cut off. */
@Tag("containers")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Testcontainers(disabledWithoutDocker = true)
abstract class ContainersTest {
    private final int size;

    @SuppressWarnings("NullAway.Init")
    private ContainerCluster cluster;

    ContainersTest(int size) {
        this.size = size;
    }

    @BeforeAll
    void start() throws Exception {
        cluster = new ContainerCluster(size);
    }

    @AfterAll
    void remove() {
        cluster.close();
    }

    private List<Integer> allBut(List<Integer> some) {
        return IntStream.range(0, size)
                .filter(node -> !some.contains(node))
                .boxed()
                .toList();
    }

    /** The leader, and as many others as a majority can spare besides. */
    private List<Integer> minorityWithTheLeader() {
        int leader = cluster.awaitLeader();
        return IntStream.range(0, (size - 1) / 2)
                .mapToObj(i -> (leader + i) % size)
                .toList();
    }

    private interface Fault {
        void befall(int node);
    }

    /** The rest goes on without them, and they come back. */
    private void troubleAMinority(Fault fault, Fault mend) throws Exception {
        List<Integer> troubled = minorityWithTheLeader();
        try (Load load = new Load(cluster)) {
            load.awaitTurns(10);
            troubled.forEach(fault::befall);
            cluster.awaitLeader(allBut(troubled));
            load.awaitTurns(10);
            troubled.forEach(mend::befall);
            cluster.awaitLeader();
            load.awaitTurns(10);
            load.stopAndCheck();
        }
        cluster.awaitSame();
    }

    @Test
    void theOthersGoOnWhileAMinorityWithTheLeaderIsPaused() throws Exception {
        troubleAMinority(cluster::pause, cluster::resume);
    }

    @Test
    void theOthersGoOnWhileAMinorityWithTheLeaderIsKilled() throws Exception {
        troubleAMinority(cluster::kill, cluster::start);
    }

    @Test
    void theOthersGoOnWhileAMinorityWithTheLeaderIsCutOffFromTheNetwork() throws Exception {
        troubleAMinority(cluster::cutOff, cluster::reconnect);
    }

    @Test
    void oneSurvivorKeepsTheState() throws Exception {
        int survivor = (cluster.awaitLeader() + 1) % size;
        List<Integer> killed = allBut(List.of(survivor));
        try (NamespaceManager client = cluster.connect("survivor's", survivor)) {
            client.namespace("kept").put("/a", Value.of("kept"));
            long token;
            try (LeaseContext lease = client.namespace("kept").lease("/a").acquire()) {
                token = lease.token().value();
            }
            cluster.awaitSame();

            killed.forEach(cluster::kill);
            killed.forEach(cluster::start);
            cluster.awaitLeader();

            for (int node = 0; node < size; node++) {
                try (NamespaceManager reader = cluster.connect("reader", node)) {
                    assertThat(reader.namespace("kept")
                                    .get("/a", Consistency.LINEARIZABLE)
                                    .orElseThrow()
                                    .value())
                            .isEqualTo(Value.of("kept"));
                }
            }
            try (LeaseContext lease = client.namespace("kept").lease("/a").acquire()) {
                assertThat(lease.token().value()).isGreaterThan(token);
            }
        }
    }
}
