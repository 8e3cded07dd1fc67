package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What a watcher that does not keep up is told, and what it costs the others. */
class WatchCatchUpTest {
    private static final Histories.Bounds SMALL = new Histories.Bounds(50, 1 << 20, 4 << 20);

    private final HubNode node = new HubNode();
    private final WatchClient client = node.connect();

    private static List<String> edits(long first, int count) {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(first + i + " EDITED /a=" + i);
        }
        return events;
    }

    // ---- slow connections

    @Test
    void aStreamThatIsNotReadIsServedFromTheHistoryWhenItIsReadAgain() {
        node.put("/a", "first");
        client.start(1);
        node.settle();
        client.stream.ready = false;
        long first = node.revision() + 1;
        for (int i = 0; i < 1_000; i++) {
            node.put("/a", "" + i);
            node.settle();
        }
        assertThat(client.events(1)).isEmpty();
        client.stream.readAgain();
        node.settle();
        assertThat(client.events(1)).isEqualTo(edits(first, 1_000));
    }

    @Test
    void whatWaitsForAStreamThatIsNotReadIsBounded() {
        String large = "x".repeat(60_000);
        client.start(1);
        node.settle();
        client.stream.ready = false;
        for (int i = 0; i < 200; i++) {
            node.put("/a", large + i);
            node.settle();
        }
        long waited = waiting(client);
        assertThat(waited).isBetween(WatchConnection.ROOM_BYTES, WatchConnection.ROOM_BYTES + 200_000);
    }

    /** How much waited: what goes out at once when the client reads again, before the hub can do anything. */
    private long waiting(WatchClient slow) {
        slow.stream.ready = true;
        int before = slow.stream.frames.size();
        slow.ready();
        return slow.stream.frames.subList(before, slow.stream.frames.size()).stream()
                .mapToLong(V1.WatchReply::getSerializedSize)
                .sum();
    }

    @Test
    void aSlowConnectionHoldsUpNobodyElse() {
        WatchClient slow = node.connect();
        slow.start(1);
        client.start(1);
        node.settle();
        slow.stream.ready = false;
        node.put("/a", "first");
        long first = node.revision() + 1;
        for (int i = 0; i < 500; i++) {
            node.put("/a", "" + i);
            node.settle();
            assertThat(client.events(1)).hasSize(i + 2);
        }
        assertThat(client.events(1).subList(1, 501)).isEqualTo(edits(first, 500));
    }

    // ---- credit

    @Test
    void aWatchWithoutCreditWaitsAndItsNeighboursDoNot() {
        node.put("/a", "first");
        client.start(1, WatchClient.watching("/").setCredit(1));
        client.start(2);
        node.settle();
        long first = node.revision() + 1;
        for (int i = 0; i < 10; i++) {
            node.put("/a", "" + i);
        }
        node.settle();
        assertThat(client.events(1)).as("one revision overdraws it").isEqualTo(edits(first, 1));
        assertThat(client.events(2)).isEqualTo(edits(first, 10));
        client.credit(1, WatchClient.PLENTY);
        node.settle();
        assertThat(client.events(1)).isEqualTo(edits(first, 10));
    }

    @Test
    void creditInSmallAmountsBringsEverythingOnceAndInOrder() {
        node.put("/a", "first");
        client.start(1, WatchClient.watching("/").setCredit(1));
        node.settle();
        long first = node.revision() + 1;
        for (int i = 0; i < 100; i++) {
            node.put("/a", "" + i);
            client.credit(1, 20);
            node.settle();
        }
        for (int i = 0; i < 500; i++) {
            client.credit(1, 20);
            node.settle();
        }
        assertThat(client.events(1)).isEqualTo(edits(first, 100));
    }

    @Test
    void theInitialStateWaitsForCreditToo() {
        String large = "x".repeat(50_000);
        for (int i = 10; i < 40; i++) {
            node.put("/e/" + i, large);
        }
        client.start(1, WatchClient.watching("/").setInitialState(true).setCredit(1));
        node.settle();
        assertThat(client.isStateWhole(1)).isFalse();
        for (int i = 0; i < 100 && !client.isStateWhole(1); i++) {
            long changed = node.put("/e/10", "" + i);
            client.credit(1, 50_000);
            node.settle();
            assertThat(client.events(1)).noneMatch(event -> event.startsWith(changed + " "));
        }
        assertThat(client.state(1)).hasSize(32);
        client.credit(1, WatchClient.PLENTY);
        node.settle();
        assertThat(client.events(1)).last().asString().startsWith(node.revision() + " ");
    }

    // ---- out of the history

    @Test
    void aRevisionThatTheHistoryNoLongerHasIsCompacted() {
        HubNode forgetful = new HubNode(SMALL);
        long seen = forgetful.put("/a", "x");
        for (int i = 0; i < 100; i++) {
            forgetful.put("/a", "" + i);
        }
        WatchClient late = forgetful.connect();
        late.start(1, WatchClient.watching("/").setAfter(seen));
        forgetful.settle();
        assertThat(late.endCode(1)).isEqualTo(ErrorCode.COMPACTED);
        assertThat(late.end(1).detail()).isEqualTo(new Result.Detail.Oldest(new Revision(forgetful.revision() - 50)));
        assertThat(forgetful.counters.all())
                .containsEntry(Counter.WATCHES_COMPACTED.name().toLowerCase(Locale.ROOT), 1L);

        late.start(2, WatchClient.watching("/").setAfter(forgetful.revision() - 50));
        forgetful.settle();
        assertThat(late.events(2)).as("the oldest it was told is fine").hasSize(50);
    }

    @Test
    void aSlowWatcherThatFallsOutOfTheHistoryIsToldSoAndNeverMissesAnythingSilently() {
        HubNode forgetful = new HubNode(SMALL);
        forgetful.put("/a", "x");
        WatchClient slow = forgetful.connect();
        slow.start(1, WatchClient.watching("/").setCredit(1));
        forgetful.settle();
        long first = forgetful.revision() + 1;
        for (int i = 0; i < 100; i++) {
            forgetful.put("/a", "" + i);
            forgetful.settle();
        }
        slow.credit(1, WatchClient.PLENTY);
        forgetful.settle();
        assertThat(slow.events(1)).isEqualTo(edits(first, 1));
        assertThat(slow.endCode(1)).isEqualTo(ErrorCode.COMPACTED);
    }

    @Test
    void aNoisyNamespaceCostsAnotherNothingOfItsHistory() {
        HubNode forgetful = new HubNode(SMALL);
        forgetful.put("quiet", "/q", "first");
        long seen = forgetful.revision();
        long second = forgetful.put("quiet", "/q", "second");
        for (int i = 0; i < 1_000; i++) {
            forgetful.put("noisy", "/a", "" + i);
        }
        WatchClient late = forgetful.connect();
        late.start(1, WatchClient.watching("/").setNamespace("quiet").setAfter(seen));
        forgetful.settle();
        assertThat(late.events(1)).containsExactly(second + " EDITED /q=second");
    }

    @Test
    void afterASnapshotThoseWhoMissedSomethingAreToldSo() {
        node.put("/a", "x");
        client.start(1);
        WatchClient slow = node.connect();
        slow.start(1, WatchClient.watching("/").setCredit(1));
        node.settle();
        State later = laterState(5);
        node.restore(later);
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.COMPACTED);
        slow.credit(1, WatchClient.PLENTY);
        node.settle();
        assertThat(slow.endCode(1)).isEqualTo(ErrorCode.COMPACTED);

        client.start(2, WatchClient.watching("/").setAfter(later.revision()));
        node.settle();
        assertThat(client.isEnded(2)).as("who has seen up to there goes on").isFalse();
    }

    /** A state of some more entries than the node's. */
    private State laterState(int entries) {
        HubNode ahead = new HubNode();
        while (ahead.revision() < node.revision() + entries) {
            ahead.put("/a", "x" + ahead.revision());
        }
        return ahead.machine.state();
    }

    // ---- bursts

    @Test
    void aBurstThatIsMoreThanMayWaitIsServedFromTheHistory() {
        node.put("/a", "first");
        client.start(1);
        node.settle();
        long first = node.revision() + 1;
        for (int i = 0; i < 30_000; i++) {
            node.put("/a", "" + i);
        }
        node.settle();
        assertThat(client.events(1)).isEqualTo(edits(first, 30_000));
    }

    @Test
    void progressIsNotAheadOfABurstThatOverranTheHub() {
        node.put("/a", "first");
        client.start(1);
        node.settle();
        for (int i = 0; i < 30_000; i++) {
            node.put("/a", "" + i);
        }
        node.scheduler.pass(500);
        node.settle();
        long told = 0;
        for (V1.WatchReply reply : client.stream.frames) {
            if (reply.hasEvents()) {
                assertThat(reply.getEvents().getRevision()).isGreaterThan(told);
            } else if (reply.hasProgress()
                    && reply.getProgress().getBehindList().isEmpty()) {
                told = reply.getProgress().getRevision();
            }
        }
        assertThat(client.events(1)).hasSize(30_000);
    }

    @Test
    void nothingIsMissedWhenABurstOverrunsTheHubWhileItIsTellingTheBeginningOfIt() {
        node.put("/a", "first");
        client.start(1);
        node.settle();
        long first = node.revision() + 1;
        int[] count = {0};
        while (count[0] < WatchHub.WAITING_MAX) {
            node.put("/a", "" + count[0]++);
        }
        // While the hub is at the first, two more come, of which one finds no room; at the second, one that does.
        int[] told = {0};
        client.stream.onSend = reply -> {
            if (reply.hasEvents() && told[0] < 2) {
                int more = told[0]++ == 0 ? 2 : 1;
                for (int i = 0; i < more; i++) {
                    node.put("/a", "" + count[0]++);
                }
            }
        };
        node.settle();
        assertThat(client.events(1)).isEqualTo(edits(first, count[0]));
    }

    @Test
    void aSnapshotThatComesWhileTheHubIsTellingSomethingIsNotTakenForNothing() {
        node.put("/a", "first");
        client.start(1);
        node.settle();
        node.put("/a", "second");
        node.put("/a", "third");
        State later = laterState(10);
        boolean[] done = {false};
        client.stream.onSend = reply -> {
            if (reply.hasEvents() && !done[0]) {
                done[0] = true;
                node.restore(later);
                node.put("/b", "after the snapshot");
            }
        };
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.COMPACTED);
        assertThat(client.events(1)).noneMatch(event -> event.contains("/b"));
    }

    @Test
    void aRevisionThatMattersToManyWatchesOfAConnectionInDifferentPartsStaysWithinItsRoomToo() {
        String large = "x".repeat(60_000);
        StringBuilder path = new StringBuilder();
        for (int depth = 0; depth < 49; depth++) {
            path.append("/d");
            node.put(path.toString(), large);
        }
        for (int depth = 0; depth < 49; depth++) {
            client.start(depth, WatchClient.watching("/d".repeat(depth + 1)).setPreviousValue(true));
        }
        node.settle();
        client.stream.ready = false;
        node.delete("/d", true);
        node.settle();
        long waited = waiting(client);
        long revisionBytes = 49 * 61_000L;
        assertThat(waited).isLessThan(WatchConnection.ROOM_BYTES + revisionBytes);

        node.settle();
        for (int depth = 0; depth < 49; depth++) {
            assertThat(client.events(depth)).hasSize(49 - depth);
        }
    }
}
