package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client leaves a node that has not got where the leader was more than a second ago, if another may be better. */
final class LagTest {
    private static final long HEARTBEAT_MILLIS = 3_333;

    private final FakeCluster cluster = new FakeCluster("a:1", "b:2", "c:3");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final FakeNode c = cluster.node("c:3");
    private final List<String> seen = new ArrayList<>();

    /** A client that watches at a, and has its session by way of b, which leads. */
    private Namespace watching() {
        Namespace ns = cluster.client().namespace("shop");
        putSome(ns);
        ns.watch("/a").recursive().after(new Revision(2)).start(new WatchListener() {
            @Override
            public void events(Revision at, List<WatchEvent> events) {
                seen.add(at.toString());
            }

            @Override
            public void resynced(Revision last, Revision now) {
                seen.add("resynced " + last);
            }
        });
        cluster.lead("b:2");
        return ns;
    }

    private static void putSome(Namespace ns) {
        for (int i = 0; i < 10; i++) {
            ns.putAsync("/x" + i, Value.of("1"), Put.with()).join();
        }
    }

    /** Time passes, and this node tells twice a second that it is at that revision. */
    private void pass(long millis, FakeNode node, long revision) {
        for (long left = millis; left > 0; left -= 500) {
            cluster.clock.passMillis(Math.min(left, 500));
            node.progress(revision);
        }
    }

    // ---- watches

    @Test
    void aNodeThatIsNotWhereTheLeaderWasASecondAgoLosesItsWatches() {
        watching();
        long behind = cluster.state().revision() - 1;
        pass(HEARTBEAT_MILLIS, a, behind);
        assertThat(b.calls(FakeCall.of(SessionCommand.Heartbeat.class))).hasSize(1);
        pass(1_000, a, behind);
        assertThat(b.watches()).as("it has a second to get there").isEmpty();
        pass(500, a, behind);
        assertThat(a.watch().isOver()).isTrue();
        assertThat(b.watch().start().getAfter()).isEqualTo(behind);
        b.watch().events(behind + 1, "/a/1");
        assertThat(seen).containsExactly(String.valueOf(behind + 1));
    }

    @Test
    void aNodeThatGetsThereInTimeKeepsItsWatches() {
        Namespace ns = watching();
        for (int i = 0; i < 20; i++) {
            long before = cluster.state().revision();
            ns.putAsync("/y", Value.of("1"), Put.with()).join();
            pass(500, a, before);
            pass(500, a, before + 1);
        }
        assertThat(b.watches()).isEmpty();
        assertThat(c.watches()).isEmpty();
    }

    @Test
    void whenAllNodesLagItSeldomGoesFromOneToAnother() {
        watching();
        long behind = cluster.state().revision() - 1;
        for (int i = 0; i < 1_200; i++) {
            cluster.clock.passMillis(500);
            cluster.nodes().forEach(node -> node.progress(behind));
        }
        int starts = a.watches().size() + b.watches().size() + c.watches().size();
        assertThat(starts).as("places in ten minutes").isBetween(4, 45);
    }

    @Test
    void aWatchStaysAtANodeThatLagsWhenTheOthersHaveForgottenWhatItNeeds() {
        watching();
        a.watch().ended(ErrorCode.COMPACTED);
        b.watch().ended(ErrorCode.COMPACTED);
        pass(20_000, c, 0);
        assertThat(c.watches()).hasSize(1);
        assertThat(c.watch().isOver()).isFalse();
        assertThat(seen).isEmpty();
    }

    @Test
    void aNodeThatLagsIsAskedForWhatTheOthersHaveForgottenBeforeItIsToldAfresh() {
        watching();
        pass(HEARTBEAT_MILLIS + 1_500, a, cluster.state().revision() - 1);
        b.watch().ended(ErrorCode.COMPACTED);
        c.watch().ended(ErrorCode.COMPACTED);
        assertThat(a.watches()).hasSize(2);
        assertThat(a.watch().start().getInitialState()).isFalse();
        a.watch().ended(ErrorCode.COMPACTED);
        assertThat(b.watch().start().getInitialState())
                .as("nobody remembers; and the one that lags is left to the last")
                .isTrue();
    }

    // ---- commands and reads

    private Namespace at(FakeNode node) {
        ClientOptions usual = cluster.options();
        List<String> endpoints = new ArrayList<>(usual.endpoints());
        endpoints.remove(node.endpoint());
        endpoints.add(0, node.endpoint());
        return cluster.client(new ClientOptions(endpoints, "ann", "", 10_000, 5_000, 0.01, false))
                .namespace("shop");
    }

    @Test
    void aNodeThatStillIsNotThereASecondAfterAHeartbeatIsLeftThoughNobodyAsksAnything() {
        c.lagBehind(3);
        putSome(at(c));
        cluster.clock.passMillis(HEARTBEAT_MILLIS + 900);
        assertThat(c.openLines()).isEqualTo(1);
        cluster.clock.passMillis(200);
        assertThat(c.openLines()).isZero();
        assertThat(a.openLines() + b.openLines()).isEqualTo(1);
        cluster.clock.pass(Duration.ofMinutes(1));
        assertThat(cluster.state().sessions().count()).isEqualTo(1);
    }

    @Test
    void aNodeThatHasCaughtUpASecondLaterIsNotLeft() {
        c.lagBehind(3);
        putSome(at(c));
        cluster.clock.passMillis(HEARTBEAT_MILLIS + 900);
        c.lagBehind(0);
        cluster.clock.pass(Duration.ofMinutes(1));
        assertThat(a.connects() + b.connects()).isZero();
        assertThat(c.calls(FakeCall.aRead())).as("asked once how far it is").hasSize(1);
    }

    @Test
    void whatIsUnderWayAtANodeThatIsLeftIsCarriedOutOnce() {
        Namespace ns = at(c);
        c.lagBehind(3);
        putSome(ns);
        c.every(FakeCall.aCommand(), FakeCall.answerLost());
        cluster.clock.passMillis(HEARTBEAT_MILLIS);
        var put = ns.putAsync("/y", Value.of("1"), Put.with());
        assertThat(put).isNotDone();
        cluster.clock.passMillis(1_200);
        assertThat(put).isCompleted();
        assertThat(put.join().version()).isEqualTo(1);
    }

    @Test
    void whenAllNodesLagCommandsGoOnBeingSentAndSeldomElsewhere() {
        cluster.nodes().forEach(node -> node.lagBehind(3));
        Namespace ns = at(c);
        putSome(ns);
        for (int i = 0; i < 600; i++) {
            cluster.clock.passMillis(1_000);
            assertThat(ns.putAsync("/y", Value.of("1"), Put.with())).isCompleted();
        }
        int connects = cluster.nodes().stream().mapToInt(FakeNode::connects).sum();
        assertThat(connects).as("places in ten minutes").isBetween(4, 45);
    }
}
