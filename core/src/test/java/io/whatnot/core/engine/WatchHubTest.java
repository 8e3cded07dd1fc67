package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Target;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Applied;
import io.whatnot.core.wire.StreamFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a watcher that keeps up is told. */
class WatchHubTest {
    private final HubNode node = new HubNode();
    private final WatchClient client = node.connect();

    private long count(Counter counter) {
        return node.counters.all().getOrDefault(counter.name().toLowerCase(java.util.Locale.ROOT), 0L);
    }

    // ---- which events

    @Test
    void aWatchIsToldWhatHappensAfterItHasStarted() {
        node.put("/a", "before");
        client.start(1);
        node.settle();
        assertThat(client.startedAfter(1)).isEqualTo(node.revision());
        long edited = node.put("/a", "after");
        long deleted = node.delete("/a", false);
        node.settle();
        assertThat(client.events(1)).containsExactly(edited + " EDITED /a=after", deleted + " DELETED /a");
    }

    @Test
    void aWatchOfAnElementAloneIsNotToldWhatHappensBelow() {
        client.start(1, WatchClient.watching("/a").setRecursive(false));
        node.settle();
        long added = node.put("/a", "x");
        node.put("/a/b", "x");
        node.put("/ab", "x");
        node.settle();
        assertThat(client.events(1)).containsExactly(added + " ADDED /a=x");
    }

    @Test
    void aRecursiveWatchIsToldOfItsPathAndAllBelow() {
        client.start(1, WatchClient.watching("/a"));
        node.settle();
        long own = node.put("/a", "x");
        long below = node.put("/a/b", "x");
        node.put("/ab", "x");
        node.settle();
        assertThat(client.events(1)).containsExactly(own + " ADDED /a=x", below + " ADDED /a/b=x");
    }

    @Test
    void anotherNamespaceIsNoneOfItsBusiness() {
        client.start(1);
        node.settle();
        node.put("m", "/a", "x");
        node.settle();
        assertThat(client.events(1)).isEmpty();
    }

    @Test
    void onlyTheChangesAskedForAreTold() {
        client.start(
                1, WatchClient.watching("/").addChanges(V1.Change.CHANGE_LOCKED).addChanges(V1.Change.CHANGE_DELETED));
        node.settle();
        node.put("/a", "x");
        long lease = node.lock(Target.element("/a"));
        long locked = node.revision();
        node.release(lease);
        long deleted = node.delete("/a", false);
        node.settle();
        assertThat(client.events(1)).containsExactly(locked + " LOCKED /a", deleted + " DELETED /a");
    }

    @Test
    void theValueBeforeIsToldToThoseWhoAskForIt() {
        node.put("/a", "before");
        client.start(1);
        client.start(2, WatchClient.watching("/").setPreviousValue(true));
        node.settle();
        node.put("/a", "after");
        node.settle();
        List<V1.Events> told = client.stream.frames.stream()
                .filter(V1.WatchReply::hasEvents)
                .map(V1.WatchReply::getEvents)
                .toList();
        assertThat(told).hasSize(2);
        assertThat(told).anySatisfy(frame -> {
            assertThat(frame.getWatchesList()).containsExactly(1L);
            assertThat(frame.getEvents(0).hasPrevious()).isFalse();
        });
        assertThat(told).anySatisfy(frame -> {
            assertThat(frame.getWatchesList()).containsExactly(2L);
            assertThat(frame.getEvents(0).getPrevious().getBytes().toStringUtf8())
                    .isEqualTo("before");
        });
    }

    @Test
    void theSameEventsAreSentOnceToAConnectionWithTheNamesOfAllItsWatches() {
        client.start(1);
        client.start(2, WatchClient.watching("/a"));
        client.start(3, WatchClient.watching("/b"));
        node.settle();
        node.put("/a", "x");
        node.settle();
        assertThat(client.stream.frames.stream().filter(V1.WatchReply::hasEvents))
                .singleElement()
                .satisfies(
                        frame -> assertThat(frame.getEvents().getWatchesList()).containsExactlyInAnyOrder(1L, 2L));
    }

    @Test
    void anEventIsEncodedOnceForAllConnections() {
        WatchClient another = node.connect();
        client.start(1);
        another.start(7);
        node.settle();
        node.put("/a", "x");
        node.settle();
        assertThat(onlyEvent(client)).isSameAs(onlyEvent(another));
    }

    private static V1.Event onlyEvent(WatchClient of) {
        List<V1.Event> events = of.stream.frames.stream()
                .flatMap(frame -> frame.getEvents().getEventsList().stream())
                .toList();
        assertThat(events).hasSize(1);
        return events.get(0);
    }

    @Test
    void aWatchThatIsStoppedIsToldNoMore() {
        client.start(1);
        client.start(2);
        node.settle();
        client.stop(1);
        node.settle();
        node.put("/a", "x");
        node.settle();
        assertThat(client.events(1)).isEmpty();
        assertThat(client.events(2)).hasSize(1);
        assertThat(node.hub.watchCount()).isEqualTo(1);
    }

    // ---- whole revisions

    @Test
    void allEventsOfARevisionGoTogether() {
        node.put("/a/b/c", "x");
        client.start(1);
        node.settle();
        long deleted = node.delete("/a", true);
        node.settle();
        assertThat(client.stream.frames.stream().filter(V1.WatchReply::hasEvents))
                .singleElement()
                .satisfies(frame -> assertThat(frame.getEvents().getLast()).isTrue());
        assertThat(client.events(1))
                .containsExactly(deleted + " DELETED /a/b/c", deleted + " DELETED /a/b", deleted + " DELETED /a");
    }

    @Test
    void aLargeRevisionIsSplitOverFramesOfWhichTheLastSaysSo() {
        String large = "x".repeat(60_000);
        for (int i = 0; i < 50; i++) {
            node.put("/a/" + i, large);
        }
        client.start(1, WatchClient.watching("/").setPreviousValue(true));
        node.settle();
        long deleted = node.delete("/a", true);
        node.settle();
        List<V1.Events> frames = client.stream.frames.stream()
                .filter(V1.WatchReply::hasEvents)
                .map(V1.WatchReply::getEvents)
                .toList();
        assertThat(frames).hasSizeGreaterThan(2).allSatisfy(frame -> {
            assertThat(frame.getRevision()).isEqualTo(deleted);
            assertThat(frame.getWatchesList()).containsExactly(1L);
            assertThat(frame.getSerializedSize()).isLessThan(4 << 20);
        });
        assertThat(frames.subList(0, frames.size() - 1))
                .allSatisfy(frame -> assertThat(frame.getLast()).isFalse());
        assertThat(frames.get(frames.size() - 1).getLast()).isTrue();
        assertThat(client.events(1)).hasSize(51);
    }

    // ---- from where

    @Test
    void aWatchGoesOnAfterTheRevisionItNames() {
        node.put("/a", "1");
        long seen = node.revision();
        long second = node.put("/a", "2");
        long third = node.put("/a", "3");
        client.start(1, WatchClient.watching("/").setAfter(seen));
        node.settle();
        long fourth = node.put("/a", "4");
        node.settle();
        assertThat(client.startedAfter(1)).isEqualTo(seen);
        assertThat(client.events(1))
                .containsExactly(second + " EDITED /a=2", third + " EDITED /a=3", fourth + " EDITED /a=4");
    }

    @Test
    void aWatchThatIsAheadOfTheNodeWaitsUntilItGetsThere() {
        long ahead = node.put("/a", "1") + 2;
        client.start(1, WatchClient.watching("/").setAfter(ahead));
        node.settle();
        node.put("/a", "2");
        node.put("/a", "3");
        node.settle();
        assertThat(client.events(1)).as("it has seen these elsewhere").isEmpty();
        long next = node.put("/a", "4");
        node.settle();
        assertThat(client.events(1)).containsExactly(next + " EDITED /a=4");
    }

    @Test
    void aRevisionOfAnotherEpochIsCompacted() {
        node.put("/a", "1");
        client.start(1, WatchClient.watching("/").setAfter((7L << 44) + 1));
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.COMPACTED);
    }

    @Test
    void aWatchOfANamespaceThatComesToBeLaterIsToldFromItsBeginning() {
        client.start(1, WatchClient.watching("/").setNamespace("later"));
        node.settle();
        long first = node.put("later", "/a", "x");
        node.settle();
        assertThat(client.events(1)).contains(first + " ADDED /a=x");
    }

    // ---- initial state

    @Test
    void theInitialStateIsWhatMatchesAndWhatHappensAfterItFollows() {
        node.put("/a", "1");
        node.put("/a/b", "2");
        node.put("/c", "3");
        client.start(1, WatchClient.watching("/a").setInitialState(true));
        node.settle();
        long next = node.put("/a/b", "4");
        node.settle();
        assertThat(client.state(1)).containsExactly("/a=1", "/a/b=2");
        assertThat(client.isStateWhole(1)).isTrue();
        assertThat(client.events(1)).containsExactly(next + " EDITED /a/b=4");
    }

    @Test
    void theInitialStateOfAnElementAloneIsThatElement() {
        node.put("/a", "1");
        node.put("/a/b", "2");
        client.start(1, WatchClient.watching("/a").setRecursive(false).setInitialState(true));
        client.start(2, WatchClient.watching("/x").setRecursive(false).setInitialState(true));
        node.settle();
        assertThat(client.state(1)).containsExactly("/a=1");
        assertThat(client.state(2)).isEmpty();
        assertThat(client.isStateWhole(2)).isTrue();
    }

    @Test
    void theInitialStateOfANamespaceThatIsNotThereIsEmpty() {
        client.start(1, WatchClient.watching("/").setNamespace("nowhere").setInitialState(true));
        node.settle();
        assertThat(client.state(1)).isEmpty();
        assertThat(client.isStateWhole(1)).isTrue();
    }

    @Test
    void entriesThatAreAppliedWhileTheInitialStateIsSentAreNeitherMissedNorToldTwice() {
        String large = "x".repeat(50_000);
        for (int i = 10; i < 40; i++) {
            node.put("/e/" + i, large);
        }
        long before = node.revision();
        client.start(1, WatchClient.watching("/").setInitialState(true));
        // With each part that is sent something changes, also what was sent and what is still to be.
        int[] parts = {0};
        client.stream.onSend = reply -> {
            if (reply.hasState()) {
                int part = parts[0]++;
                node.put("/e/10", "changed " + part);
                node.put("/e/39", "changed " + part);
                node.put("/e/new" + part, "new");
            }
        };
        node.settle();
        client.stream.onSend = reply -> {};

        assertThat(parts[0]).as("the state takes several parts").isGreaterThan(5);
        assertThat(client.state(1))
                .contains("/e/10=" + large, "/e/39=" + large)
                .noneMatch(element -> element.startsWith("/e/new"))
                .hasSize(32);
        assertThat(client.stream.frames.stream()
                        .filter(V1.WatchReply::hasState)
                        .map(reply -> reply.getState().getRevision())
                        .distinct())
                .containsExactly(before);
        assertThat(client.events(1)).hasSize(3 * parts[0]);
        long[] next = {before};
        assertThat(client.events(1)).allSatisfy(event -> assertThat(event).startsWith(++next[0] + " "));
    }

    @Test
    void anInitialStateThatIsNotReadInTimeIsGivenUp() {
        String large = "x".repeat(50_000);
        for (int i = 0; i < 30; i++) {
            node.put("/e/" + i, large);
        }
        client.start(1, WatchClient.watching("/").setInitialState(true).setCredit(100));
        node.settle();
        node.scheduler.pass(Views.HELD_MILLIS + 1);
        client.credit(1, WatchClient.PLENTY);
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.VIEW_EXPIRED);
        assertThat(node.hub.watchCount()).isZero();
    }

    // ---- the end

    @Test
    void whenItsNamespaceIsDroppedAWatchIsToldAllOfThatAndThenEnds() {
        node.put("/a", "x");
        client.start(1);
        client.start(2, WatchClient.watching("/").setAfter(node.revision() - 1));
        node.settle();
        node.delete("/a", false);
        node.drop(HubNode.NAMESPACE);
        node.settle();
        assertThat(client.events(1)).last().asString().endsWith("DELETED /a");
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.NO_SUCH_NAMESPACE);
        assertThat(client.events(2)).last().asString().endsWith("DELETED /a");
        assertThat(client.endCode(2)).isEqualTo(ErrorCode.NO_SUCH_NAMESPACE);
        assertThat(node.hub.watchCount()).isZero();
    }

    @Test
    void aWatchThatResumesBeforeTheDropOfItsNamespaceIsToldAndThenEnds() {
        long seen = node.put("/a", "x");
        long deleted = node.delete("/a", false);
        node.drop(HubNode.NAMESPACE);
        node.put("/anew", "x");
        client.start(1, WatchClient.watching("/").setAfter(seen));
        node.settle();
        assertThat(client.events(1)).containsExactly(deleted + " DELETED /a");
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.NO_SUCH_NAMESPACE);
    }

    @Test
    void aWatchThatIsAheadOfTheDropOfItsNamespaceGoesOn() {
        node.put("/a", "x");
        node.delete("/a", false);
        long ahead = node.revision() + 1;
        client.start(1, WatchClient.watching("/").setAfter(ahead));
        node.settle();
        node.drop(HubNode.NAMESPACE);
        node.settle();
        assertThat(node.revision()).isEqualTo(ahead);
        assertThat(client.isEnded(1)).isFalse();
        long anew = node.put("/b", "x");
        node.settle();
        assertThat(client.events(1)).contains(anew + " ADDED /b=x");
    }

    @Test
    void whenAConnectionIsGoneSoAreItsWatches() {
        client.start(1);
        client.start(2);
        WatchClient other = node.connect();
        other.start(1);
        node.settle();
        client.disconnect();
        node.settle();
        assertThat(node.hub.watchCount()).isEqualTo(1);
        node.put("/a", "x");
        node.settle();
        assertThat(other.events(1)).hasSize(1);
        other.disconnect();
        node.settle();
        node.scheduler.pass(1_000);
        node.settle();
        assertThat(node.scheduler.pending())
                .as("nobody is there to be told of progress")
                .isZero();
    }

    // ---- progress

    @Test
    void progressIsToldToAConnectionOnceAnInterval() {
        client.start(1);
        client.start(2);
        node.settle();
        node.put("m", "/elsewhere", "x");
        node.scheduler.pass(500);
        node.settle();
        assertThat(client.progress()).singleElement().satisfies(progress -> {
            assertThat(progress.getRevision()).isEqualTo(node.revision());
            assertThat(progress.getBehindList()).isEmpty();
        });
        node.scheduler.pass(500);
        node.settle();
        assertThat(client.progress()).hasSize(2);
    }

    @Test
    void progressTellsWhereTheMembersAreOnceAndAgainWhenThatHasChanged() {
        client.start(1);
        node.hub.membersAre(List.of("a:1", "b:1"));
        node.settle();
        node.scheduler.pass(500);
        node.settle();
        node.scheduler.pass(500);
        node.settle();
        node.hub.membersAre(List.of("b:1", "c:1"));
        node.scheduler.pass(500);
        node.settle();
        assertThat(client.progress().stream().map(progress -> List.copyOf(progress.getMembersList())))
                .containsExactly(List.of("a:1", "b:1"), List.of(), List.of("b:1", "c:1"));
    }

    @Test
    void aConnectionWithoutWatchesIsToldNoProgress() {
        node.settle();
        node.scheduler.pass(2_000);
        node.settle();
        assertThat(client.stream.frames).isEmpty();
    }

    @Test
    void progressComesAfterEverythingUpToIt() {
        client.start(1);
        node.settle();
        node.scheduler.pass(499);
        long last = 0;
        for (int i = 0; i < 10; i++) {
            last = node.put("/a", "x" + i);
        }
        node.scheduler.pass(1); // the progress mark comes to the hub before its turn for the events, or after
        node.settle();
        assertThat(client.progress().get(0).getRevision()).isLessThanOrEqualTo(last);
        int mark = client.stream.frames.indexOf(client.stream.frames.stream()
                .filter(V1.WatchReply::hasProgress)
                .findFirst()
                .orElseThrow());
        long upTo = client.progress().get(0).getRevision();
        assertThat(client.stream.frames.subList(mark, client.stream.frames.size()))
                .filteredOn(V1.WatchReply::hasEvents)
                .allSatisfy(frame -> assertThat(frame.getEvents().getRevision()).isGreaterThan(upTo));
    }

    @Test
    void progressIsNotAheadOfAnEntryThatTheHubWasNotToldOfYet() {
        client.start(1);
        node.settle();
        long told = node.put("/a", "1");
        Request request = node.request(HubNode.putting(HubNode.NAMESPACE, "/a", "2"));
        Applied applied = node.machine.apply(new Entry(100, List.of(request)));
        node.scheduler.pass(500);
        node.settle();
        assertThat(client.progress())
                .singleElement()
                .satisfies(progress -> assertThat(progress.getRevision()).isEqualTo(told));
        node.hub.applied(applied);
        node.scheduler.pass(500);
        node.settle();
        assertThat(client.progress())
                .last()
                .satisfies(progress -> assertThat(progress.getRevision()).isEqualTo(applied.revision()));
    }

    @Test
    void progressNamesTheWatchesItDoesNotHoldFor() {
        client.start(1);
        client.start(2, WatchClient.watching("/").setCredit(1));
        node.settle();
        node.put("/a", "1");
        node.put("/a", "2");
        node.settle();
        node.scheduler.pass(500);
        node.settle();
        assertThat(client.progress())
                .last()
                .satisfies(progress -> assertThat(progress.getBehindList()).containsExactly(2L));
    }

    // ---- what clients do wrong

    @Test
    void aStreamWithoutHelloOrOfAnotherClusterIsTurnedAway() {
        WatchClient silent = new WatchClient(node.hub);
        silent.send(V1.WatchCall.getDefaultInstance());
        assertThat(silent.stream.end)
                .isNotNull()
                .satisfies(end -> assertThat(end.kind()).isEqualTo(StreamFailure.Kind.PROTOCOL));
        WatchClient astray = new WatchClient(node.hub);
        astray.hello("other");
        assertThat(astray.stream.end).isNotNull().satisfies(end -> {
            assertThat(end.kind()).isEqualTo(StreamFailure.Kind.REFUSED);
            assertThat(end.message()).contains("\"test\"", "\"other\"");
        });
        assertThat(count(Counter.CONNECTIONS_REFUSED)).isEqualTo(2);
        WatchClient right = new WatchClient(node.hub);
        right.hello("test");
        assertThat(right.stream.end).isNull();
    }

    @Test
    void aPathThatBreaksARuleIsRefusedAndCounted() {
        client.start(1, WatchClient.watching("a"));
        client.start(2, WatchClient.watching("/a//b"));
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.INVALID_PATH);
        assertThat(client.endCode(2)).isEqualTo(ErrorCode.INVALID_PATH);
        assertThat(count(Counter.MALFORMED_CALLS)).isEqualTo(2);
        assertThat(node.hub.watchCount()).isZero();
    }

    @Test
    void aChangeThatIsNoneIsRefused() {
        client.start(1, WatchClient.watching("/").addChangesValue(99));
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }

    @Test
    void beginningAtTwoPlacesIsRefused() {
        client.start(1, WatchClient.watching("/").setInitialState(true).setAfter(1));
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }

    @Test
    void aConnectionThatStartsAWatchTwiceIsCutOff() {
        client.start(1);
        client.start(1);
        node.settle();
        assertThat(client.stream.end)
                .isNotNull()
                .satisfies(end -> assertThat(end.kind()).isEqualTo(StreamFailure.Kind.PROTOCOL));
        assertThat(count(Counter.CONNECTIONS_CUT_OFF)).isEqualTo(1);
        assertThat(node.hub.watchCount()).isZero();
    }

    @Test
    void aConnectionHasSoManyWatchesAtMost() {
        for (int i = 0; i < WatchHub.WATCHES_MAX; i++) {
            client.start(i);
            node.settle();
        }
        client.start(WatchHub.WATCHES_MAX);
        node.settle();
        assertThat(client.endCode(WatchHub.WATCHES_MAX)).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        client.stop(0);
        client.start(WatchHub.WATCHES_MAX + 1);
        node.settle();
        assertThat(client.isEnded(WatchHub.WATCHES_MAX + 1)).isFalse();
    }

    @Test
    void callsThatAreNoneAreCountedAndHarmNothing() {
        client.start(1);
        client.send(V1.WatchCall.newBuilder().setWatch(1).build());
        client.credit(99, 10);
        client.credit(1, -10);
        client.stop(99);
        node.settle();
        long added = node.put("/a", "x");
        node.settle();
        assertThat(client.events(1)).containsExactly(added + " ADDED /a=x");
        assertThat(count(Counter.MALFORMED_CALLS)).isEqualTo(1);
    }

    @Test
    void registeringAndPassingElementsIsToldInOneRevision() {
        client.start(1);
        node.settle();
        node.apply(new ElementCommand.Register(HubNode.NAMESPACE, AbsolutePath.parse("/x/y/z"), 0));
        node.settle();
        long at = node.revision();
        assertThat(client.events(1)).containsExactly(at + " ADDED /x=", at + " ADDED /x/y=", at + " ADDED /x/y/z=");
    }

    @Test
    void creditBeyondAllMeasureIsPlentyAndNotNone() {
        client.start(1, WatchClient.watching("/").setCredit(Long.MAX_VALUE));
        client.credit(1, Long.MAX_VALUE);
        node.settle();
        long added = node.put("/a", "x");
        node.settle();
        assertThat(client.events(1)).containsExactly(added + " ADDED /a=x");
    }

    @Test
    void aNamespaceThatCanNeverBeIsRefused() {
        client.start(1, WatchClient.watching("/").setNamespace("No Such Name"));
        client.start(2, WatchClient.watching("/").setNamespace("x".repeat(1 << 20)));
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(client.endCode(2)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(node.hub.watchCount()).isZero();
    }

    @Test
    void aClientThatStartsWatchesAndNeverReadsIsCutOff() {
        client.stream.ready = false;
        for (int i = 0; i < 1_000_000 && client.stream.end == null; i++) {
            client.start(1, WatchClient.watching("no path at all, " + "but quite a long one".repeat(10)));
            node.settle();
        }
        assertThat(client.stream.end)
                .isNotNull()
                .satisfies(end -> assertThat(end.kind()).isEqualTo(StreamFailure.Kind.TOO_SLOW));
        assertThat(count(Counter.CONNECTIONS_CUT_OFF)).isEqualTo(1);
    }

    @Test
    void aClientThatStartsAndStopsWatchesAndNeverReadsIsCutOff() {
        client.stream.ready = false;
        for (int i = 0; i < 3_000_000 && client.stream.end == null; i++) {
            client.start(1);
            client.stop(1);
            node.settle();
        }
        assertThat(client.stream.end).isNotNull();
        assertThat(node.hub.watchCount()).isZero();
    }

    @Test
    void aConnectionWhoseFramesPileUpIsCutOff() {
        for (int i = 0; i <= 10_000; i++) {
            client.credit(1, 1);
        }
        assertThat(client.stream.end).isNotNull();
        node.settle();
        assertThat(count(Counter.CONNECTIONS_CUT_OFF)).isEqualTo(1);
    }

    // ---- new epochs

    @Test
    void aNewEpochEndsEveryWatchForWhatItWasToldMayBeForgotten() {
        WatchClient slow = node.connect();
        client.start(1);
        slow.start(2, WatchClient.watching("/").setCredit(0));
        node.settle();
        node.put("/a", "x");
        node.apply(new Request(0, 0, 0, List.of(), "", new ClusterCommand.Epoch(7, 0)));
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.COMPACTED);
        assertThat(((Detail.Oldest) client.end(1).detail()).revision().value()).isEqualTo(7L << 44);
        slow.credit(2, 1_000);
        node.settle();
        assertThat(slow.events(2)).isEmpty();
        assertThat(slow.endCode(2)).isEqualTo(ErrorCode.COMPACTED);
    }

    @Test
    void aWatchOfTheNewEpochIsToldWhatHappensInIt() {
        long before = node.put("/a", "x");
        node.apply(new Request(0, 0, 0, List.of(), "", new ClusterCommand.Epoch(7, 0)));
        client.start(1, WatchClient.watching("/").setAfter(before));
        client.start(2);
        client.start(3, WatchClient.watching("/").setAfter(7L << 44));
        node.settle();
        assertThat(client.endCode(1)).isEqualTo(ErrorCode.COMPACTED);
        node.pass(4_000_000);
        long added = node.put("/b", "y");
        node.settle();
        assertThat(client.events(2)).contains(added + " ADDED /b=y");
        assertThat(client.events(3)).contains(added + " ADDED /b=y");
    }
}
