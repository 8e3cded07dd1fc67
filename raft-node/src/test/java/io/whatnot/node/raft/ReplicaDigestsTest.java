package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.Entry;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import io.whatnot.node.raft.v1.RaftMessages.DigestNotice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Who has to stop when replicas differ. */
final class ReplicaDigestsTest {
    private static final State USUAL = state(5);
    private static final State OTHER = state(6);

    private final Map<String, ReplicaDigests> nodes = new TreeMap<>();
    private final Map<String, List<String>> stopped = new TreeMap<>();
    private final List<DigestNotice> told = new ArrayList<>();
    private final List<Runnable> work = new ArrayList<>();

    private static State state(long timeMillis) {
        NamespaceStateMachine machine = new NamespaceStateMachine();
        machine.apply(new Entry(timeMillis, List.of()));
        return machine.state();
    }

    private void begin(String... names) {
        for (String name : names) {
            stopped.put(name, new ArrayList<>());
            nodes.put(
                    name,
                    new ReplicaDigests(
                            name,
                            () -> List.of(names),
                            10,
                            work::add,
                            told::add,
                            why -> stopped.getOrDefault(name, List.of()).add(why)));
        }
    }

    private ReplicaDigests node(String name) {
        return nodes.getOrDefault(name, new ReplicaDigests("", () -> List.of(""), 1, work::add, told::add, why -> {}));
    }

    /** Has all digests made, and told to everybody else. */
    private void settle() {
        List.copyOf(work).forEach(Runnable::run);
        work.clear();
        for (DigestNotice notice : told) {
            nodes.forEach((name, node) -> {
                if (!name.equals(notice.getNode())) {
                    node.handleRequest(new NoContext(), notice);
                }
            });
        }
        told.clear();
    }

    @Test
    void whoeverTellsOfFarIndexesOrByStrangeNamesDrownsNobodyElse() {
        begin("a", "b", "c", "d", "liar");
        for (int i = 0; i < 100; i++) {
            node("b").handleRequest(new NoContext(), notice("liar", Long.MAX_VALUE - i));
            node("b").handleRequest(new NoContext(), notice("stranger" + i, 20));
        }

        List.of("a", "c", "d").forEach(name -> node(name).applied(20, 1, USUAL));
        node("b").applied(20, 1, OTHER);
        settle();

        assertThat(stopped.get("b")).isNotEmpty();
    }

    private static DigestNotice notice(String node, long index) {
        return DigestNotice.newBuilder()
                .setNode(node)
                .setIndex(index)
                .setDigest(ByteString.copyFromUtf8("lies"))
                .build();
    }

    @Test
    void aNodeThatDiffersFromAMajorityStopsAndTheOthersGoOn() {
        begin("a", "b", "c");
        node("a").applied(10, 1, USUAL);
        node("b").applied(10, 1, OTHER);
        node("c").applied(10, 1, USUAL);
        settle();

        assertThat(stopped.get("b"))
                .isNotEmpty()
                .first()
                .asString()
                .contains("after entry 10 the state of this node differs from that of 2 others");
        assertThat(stopped.get("a")).isEmpty();
        assertThat(stopped.get("c")).isEmpty();
    }

    @Test
    void nodesThatAgreeGoOn() {
        begin("a", "b", "c");
        nodes.values().forEach(node -> node.applied(20, 1, USUAL));
        settle();

        assertThat(stopped.values()).allMatch(List::isEmpty);
    }

    @Test
    void aMinorityThatAgreesAndIsHeardFirstStopsNobodyElse() {
        begin("a", "b", "c", "d", "e");
        node("e").applied(10, 1, USUAL);
        node("a").applied(10, 1, OTHER);
        node("b").applied(10, 1, OTHER);
        settle();
        node("c").applied(10, 1, USUAL);
        node("d").applied(10, 1, USUAL);
        settle();

        assertThat(stopped.get("a")).isNotEmpty();
        assertThat(stopped.get("b")).isNotEmpty();
        assertThat(stopped.get("e")).isEmpty();
    }

    @Test
    void ofTwoThatDifferNobodyKnowsWhoIsWrong() {
        begin("a", "b");
        node("a").applied(10, 1, USUAL);
        node("b").applied(10, 1, OTHER);
        settle();

        assertThat(stopped.values()).allMatch(List::isEmpty);
    }

    @Test
    void whereNoMajorityAgreesNobodyKnowsWhoIsWrong() {
        begin("a", "b", "c", "d");
        node("a").applied(10, 1, USUAL);
        node("b").applied(10, 1, USUAL);
        node("c").applied(10, 1, OTHER);
        node("d").applied(10, 1, OTHER);
        settle();

        assertThat(stopped.values()).allMatch(List::isEmpty);
    }

    @Test
    void statesAreComparedAfterTheSameEntryAlone() {
        begin("a", "b", "c");
        node("a").applied(10, 1, USUAL);
        node("b").applied(20, 1, OTHER);
        node("c").applied(10, 1, USUAL);
        node("c").applied(11, 1, OTHER);
        settle();

        assertThat(stopped.values()).allMatch(List::isEmpty);
    }

    @Test
    void whatWasToldOfEntriesThatAreLostIsNotComparedWithThoseUnderTheirIndexesNow() {
        begin("a", "b", "c");
        node("b").applied(10, 1, OTHER);
        node("c").applied(10, 1, OTHER);
        settle();
        node("a").applied(10, 2, USUAL);
        settle();
        assertThat(stopped.values()).allMatch(List::isEmpty);

        node("b").applied(10, 2, OTHER);
        node("c").applied(10, 2, OTHER);
        settle();
        assertThat(stopped.get("a")).isNotEmpty();
    }

    @Test
    void whileADigestIsMadeNoOtherIsBegun() {
        begin("a");
        node("a").applied(10, 1, USUAL);
        node("a").applied(20, 1, USUAL);
        assertThat(work).hasSize(1);
        settle();
        node("a").applied(30, 1, USUAL);
        assertThat(work).hasSize(1);
    }

    @Test
    void equalStatesHaveEqualDigestsAndOthersDont() {
        ByteString digest = ReplicaDigests.digest(USUAL);
        assertThat(ReplicaDigests.digest(state(5))).isEqualTo(digest);
        assertThat(ReplicaDigests.digest(OTHER)).isNotEqualTo(digest);
    }
}
