package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.Change;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.v1.V1;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A watch sees every revision once, whole and in order, or is told what it did not see, wherever it is served. */
final class WatchTest {
    private static final long MIB = 1 << 20;

    private final FakeCluster cluster = new FakeCluster("a:1", "b:2", "c:3");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final FakeNode c = cluster.node("c:3");
    private final Steps steps = new Steps();
    private final NamespaceManager client = cluster.client();
    private final Namespace ns = client.namespace("shop");
    private final Seen seen = new Seen();

    /** What a listener was told, a line each. */
    private static final class Seen implements WatchListener {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void initialState(Revision at, List<ElementView> elements) {
            lines.add("state " + at + elements.stream().map(ElementView::path).toList());
        }

        @Override
        public void events(Revision at, List<WatchEvent> events) {
            lines.add(at + " " + events.stream().map(WatchEvent::path).toList());
        }

        @Override
        public void resynced(Revision last, Revision now) {
            lines.add("resynced " + last + ".." + now);
        }

        @Override
        public void ended(WhatnotException why) {
            lines.add("ended " + why.code());
        }
    }

    // ---- what is sent

    @Test
    void whatIsWantedIsToldToTheNode() {
        ns.watch("/a/b")
                .recursive()
                .changes(Change.ADDED)
                .previousValues()
                .after(new Revision(9))
                .start(seen);
        V1.StartWatch start = a.watch().start();
        assertThat(start.getNamespace()).isEqualTo("shop");
        assertThat(start.getPath()).isEqualTo("/a/b");
        assertThat(start.getRecursive()).isTrue();
        assertThat(start.getPreviousValue()).isTrue();
        assertThat(start.getChangesList()).containsExactly(V1.Change.CHANGE_ADDED);
        assertThat(start.getAfter()).isEqualTo(9);
        assertThat(start.getInitialState()).isFalse();
        assertThat(start.getCredit()).isEqualTo(MIB);
    }

    @Test
    void theStateFirstAndAfterARevisionContradictEachOther() {
        WatchRequest request = ns.watch("/a").initialState();
        assertThatThrownBy(() -> request.after(new Revision(9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not both");
    }

    @Test
    void theStateComesFirstHoweverManyPartsItComesIn() {
        WatchSubscription watch = ns.watch("/a").initialState().start(seen);
        a.watch().statePart(7, "/a/1");
        assertThat(watch.started()).isNotDone();
        a.watch().state(7, "/a/2");
        a.watch().events(8, "/a/3");
        assertThat(seen.lines).containsExactly("state 7[/a/1, /a/2]", "8 [/a/3]");
        assertThat(watch.started()).isCompletedWithValue(new Revision(7));
        assertThat(watch.position()).isEqualTo(new Revision(8));
    }

    @Test
    void theEventsOfARevisionAreDeliveredTogetherHoweverManyFramesTheyComeIn() {
        start();
        a.watch().eventsPart(8, "/a/1");
        assertThat(seen.lines).isEmpty();
        a.watch().events(8, "/a/2");
        assertThat(seen.lines).containsExactly("8 [/a/1, /a/2]");
    }

    // ---- on another node

    @Test
    void itGoesOnAtAnotherNodeAfterTheLastRevisionItDelivered() {
        start();
        a.watch().events(8, "/a/1");
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(b.watch().start().getAfter()).isEqualTo(8);
        assertThat(b.watch().start().getInitialState()).isFalse();
        b.watch().events(8, "/a/1");
        b.watch().events(9, "/a/2");
        assertThat(seen.lines).containsExactly("8 [/a/1]", "9 [/a/2]");
    }

    @Test
    void whatCameInPartIsForgottenAndComesWholeFromTheNextNode() {
        start();
        a.watch().eventsPart(8, "/a/1");
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(b.watch().start().getAfter()).isEqualTo(5);
        b.watch().events(8, "/a/1", "/a/2");
        assertThat(seen.lines).containsExactly("8 [/a/1, /a/2]");
    }

    @Test
    void aStateThatCameInPartIsAskedForAgain() {
        ns.watch("/a").initialState().start(seen);
        a.watch().statePart(7, "/a/1");
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(b.watch().start().getInitialState()).isTrue();
        b.watch().state(9, "/a/1", "/a/2");
        assertThat(seen.lines).containsExactly("state 9[/a/1, /a/2]");
    }

    @Test
    void progressMovesThePlaceFromWhichItGoesOn() {
        WatchSubscription watch = start();
        a.progress(70);
        assertThat(watch.position()).isEqualTo(new Revision(70));
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(b.watch().start().getAfter()).isEqualTo(70);
    }

    @Test
    void progressIsNotThatOfAWatchThatIsBehind() {
        start();
        a.progress(70, a.watch());
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(b.watch().start().getAfter()).isEqualTo(5);
    }

    @Test
    void itGoesOnFromWhereItStartedIfNothingHappenedSince() {
        a.saysNothingOfWatches();
        ns.watch("/a").start(seen);
        a.watch().started(33);
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(b.watch().start().getAfter()).isEqualTo(33);
    }

    @Test
    void whatHappensInAnEmptyClusterWhileNoNodeServesItIsTold() {
        WatchSubscription watch = ns.watch("/a").start(seen);
        assertThat(watch.started()).isCompletedWithValue(Revision.NONE);
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        // "After revision 0" would be "from now on", and hide what happened meanwhile.
        assertThat(b.watch().start().getInitialState()).isTrue();
        b.watch().state(3, "/a/1");
        assertThat(seen.lines).containsExactly("resynced 0..3", "state 3[/a/1]");
    }

    @Test
    void aNodeThatGoesSilentIsLeftForAnother() {
        start();
        a.goSilent();
        cluster.clock.pass(Duration.ofSeconds(4));
        assertThat(b.watch().start().getAfter()).isEqualTo(5);
        assertThat(a.watch().isOver()).isTrue();
    }

    @Test
    void aNodeThatTellsItsProgressIsNotSilent() {
        start();
        for (int i = 0; i < 20; i++) {
            cluster.clock.passMillis(500);
            a.progress(5);
        }
        assertThat(b.watches()).isEmpty();
        assertThat(c.watches()).isEmpty();
        assertThat(a.watches()).hasSize(1);
    }

    @Test
    void whenNoNodeIsThereItWaitsUntilOneIs() {
        start();
        cluster.nodes().forEach(FakeNode::cannotBeReached);
        cluster.clock.pass(Duration.ofMinutes(2));
        int connects = cluster.nodes().stream().mapToInt(FakeNode::connects).sum();
        assertThat(connects).as("tried now and then").isBetween(30, 200);
        c.comesBack();
        cluster.clock.pass(Duration.ofSeconds(5));
        c.watch().events(6, "/a/1");
        assertThat(seen.lines).containsExactly("6 [/a/1]");
    }

    @Test
    void watchesShareALineAndEachIsToldWhatIsForIt() {
        start();
        Seen other = new Seen();
        ns.watch("/b").after(new Revision(2)).start(other);
        assertThat(a.openLines()).as("one line for both").isEqualTo(1);
        a.watches().get(0).eventsForAll(8, "/a", a.watches().get(1));
        a.watches().get(1).events(9, "/b");
        assertThat(seen.lines).containsExactly("8 [/a]");
        assertThat(other.lines).containsExactly("8 [/a]", "9 [/b]");
    }

    // ---- forgotten

    @Test
    void whatOneNodeNoLongerRemembersIsAskedOfTheOthersFirst() {
        start();
        a.watch().events(8, "/a/1");
        a.watch().ended(ErrorCode.COMPACTED);
        assertThat(b.watch().start().getAfter()).isEqualTo(8);
        b.watch().events(9, "/a/2");
        assertThat(seen.lines).containsExactly("8 [/a/1]", "9 [/a/2]");
    }

    @Test
    void whatNoNodeRemembersIsToldAndTheStateFollows() {
        start();
        a.watch().events(8, "/a/1");
        a.watch().ended(ErrorCode.COMPACTED);
        b.watch().ended(ErrorCode.COMPACTED);
        assertThat(c.watch().start().getAfter()).isEqualTo(8);
        c.watch().ended(ErrorCode.COMPACTED);
        FakeWatch last = a.watch();
        assertThat(last.start().getInitialState()).isTrue();
        assertThat(last.start().getAfter()).isZero();
        last.state(20, "/a/7");
        last.events(21, "/a/8");
        assertThat(seen.lines).containsExactly("8 [/a/1]", "resynced 8..20", "state 20[/a/7]", "21 [/a/8]");
    }

    @Test
    void eachOtherNodeIsAskedOnceAlsoOneThatDoesNotAnswerBeforeItIsToldAfresh() {
        start();
        b.isNowhere();
        c.saysNothingOfWatches();
        a.watch().ended(ErrorCode.COMPACTED);
        cluster.clock.pass(Duration.ofMillis(3_600));
        assertThat(b.connects()).isEqualTo(1);
        assertThat(c.watch().start().getAfter()).isEqualTo(5);
        c.watch().ended(ErrorCode.COMPACTED);
        assertThat(b.connects()).as("it has just failed").isEqualTo(1);
        assertThat(c.watches()).hasSize(1);
        assertThat(a.watches()).hasSize(2);
        assertThat(a.watch().start().getInitialState()).isTrue();
        a.watch().state(20, "/a/7");
        assertThat(seen.lines).containsExactly("resynced 5..20", "state 20[/a/7]");
    }

    @Test
    void whatIsToldAfreshIsNeverOlderThanWhatWasDelivered() {
        start();
        a.watch().events(80, "/a/1");
        List.of(a, b, c).forEach(node -> node.watch().ended(ErrorCode.COMPACTED));
        assertThat(a.watch().start().getInitialState()).isTrue();
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        b.watch().state(60, "/a/0"); // it lags behind
        assertThat(seen.lines).containsExactly("80 [/a/1]");
        cluster.clock.passMillis(1_500);
        b.watch().state(81, "/a/2");
        assertThat(seen.lines).containsExactly("80 [/a/1]", "resynced 80..81", "state 81[/a/2]");
    }

    @Test
    void aNodeThatHadForgottenIsAskedAgainOnceTheWatchIsFurther() {
        start();
        a.watch().ended(ErrorCode.COMPACTED);
        b.progress(900);
        b.watch().ended(ErrorCode.COMPACTED);
        assertThat(a.watches()).as("asked for what comes after 900, too").hasSize(2);
        assertThat(a.watch().start().getAfter()).isEqualTo(900);
    }

    @Test
    void aNodeThatCanNotServeItNowIsAskedAgain() {
        start();
        a.watch().ended(ErrorCode.UNAVAILABLE);
        cluster.clock.passMillis(100);
        assertThat(a.watches()).hasSize(2);
        assertThat(a.watch().start().getAfter()).isEqualTo(5);
    }

    @Test
    void aRefusalForGoodEndsItAndNothingIsToldAfterwards() {
        WatchSubscription watch = ns.watch("/a").initialState().start(seen);
        FakeWatch served = a.watch();
        served.ended(ErrorCode.PERMISSION_DENIED);
        served.events(9, "/a");
        a.cannotBeReached();
        cluster.clock.pass(Duration.ofSeconds(5));
        assertThat(seen.lines).containsExactly("ended PERMISSION_DENIED");
        assertThat(UnknownOutcomeTest.failure(watch.started()).code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
        assertThat(b.watches()).isEmpty();
    }

    // ---- listeners

    @Test
    void theListenerIsCalledOnTheExecutorAndNowhereElse() {
        Namespace slow = cluster.client(cluster.options(), Runnable::run, steps).namespace("shop");
        slow.watch("/a").after(new Revision(5)).start(seen);
        a.watch().events(8, "/a/1");
        a.watch().events(9, "/a/2");
        assertThat(seen.lines).isEmpty();
        assertThat(steps.waiting()).as("one task at a time").isEqualTo(1);
        steps.runAll();
        assertThat(seen.lines).containsExactly("8 [/a/1]", "9 [/a/2]");
    }

    @Test
    void aListenerThatThrowsIsCalledAgain() {
        List<String> told = new ArrayList<>();
        ns.watch("/a").after(new Revision(5)).start((at, events) -> {
            told.add(at.toString());
            if (at.value() == 8) {
                throw new IllegalStateException("thrown by the test's listener");
            }
            throw new StackOverflowError("thrown by the test's listener");
        });
        ns.watch("/a").after(new Revision(5)).start(seen);
        a.watches().get(0).eventsForAll(8, "/a", a.watches().get(1));
        a.watches().get(0).eventsForAll(9, "/a", a.watches().get(1));
        a.watches().get(0).eventsForAll(10, "/a", a.watches().get(1));
        assertThat(told).containsExactly("8", "9", "10");
        assertThat(seen.lines).hasSize(3);
    }

    @Test
    void aListenerThatBlocksHoldsUpNeitherOtherWatchesNorRequests() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        try {
            Namespace shop =
                    cluster.client(cluster.options(), Runnable::run, threads).namespace("shop");
            shop.watch("/a").after(new Revision(5)).start((at, events) -> {
                blocked.countDown();
                awaitQuietly(release);
            });
            shop.watch("/b").after(new Revision(5)).start((at, events) -> second.countDown());
            a.watches().get(0).eventsForAll(8, "/a", a.watches().get(1));
            assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(shop.putAsync("/x", Value.of("1"), Put.with()).join().version())
                    .isEqualTo(1);
        } finally {
            release.countDown();
            threads.shutdown();
        }
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- credit

    @Test
    void noMoreIsGivenUntilTheListenerHasDealtWithWhatCame() {
        Namespace slow = cluster.client(cluster.options(), Runnable::run, steps).namespace("shop");
        slow.watch("/a").after(new Revision(5)).start(seen);
        for (int i = 0; i < 4; i++) {
            a.watch().largeEvent(8 + i, "/a", 300_000);
        }
        assertThat(a.watch().credit()).isEqualTo(MIB);
        steps.runOne();
        assertThat(a.watch().credit()).isGreaterThanOrEqualTo(MIB + 1_200_000).isLessThan(MIB + 1_210_000);
    }

    @Test
    void reconnectingDoesNotAllowMoreToBeBuffered() {
        Namespace slow = cluster.client(cluster.options(), Runnable::run, steps).namespace("shop");
        slow.watch("/a").after(new Revision(5)).start(seen);
        a.watch().largeEvent(8, "/a", 600_000);
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        long left = b.watch().start().getCredit();
        assertThat(left).isBetween(MIB - 601_000, MIB - 600_000);
        steps.runAll();
        assertThat(b.watch().credit()).as("all of it is dealt with").isEqualTo(MIB);
    }

    @Test
    void aWatchThatMovesWhileItsListenerIsStuckAsksForNothingUntilThereIsRoom() {
        Namespace slow = cluster.client(cluster.options(), Runnable::run, steps).namespace("shop");
        slow.watch("/a").after(new Revision(5)).start(seen);
        a.watch().largeEvent(8, "/a", 900_000);
        a.watch().largeEvent(9, "/a", 900_000);
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(b.watch().start().getCredit()).isZero();
        steps.runAll();
        assertThat(b.watch().credit()).isBetween(1L, MIB);
    }

    @Test
    void creditIsGivenForAStateWhileItComes() {
        ns.watch("/a").initialState().start(seen);
        String[] many = new String[2_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = "/a/" + "x".repeat(200) + i;
        }
        a.watch().statePart(7, many);
        assertThat(a.watch().credit()).isGreaterThan(MIB + 400_000);
    }

    // ---- closed

    @Test
    void closingStopsItAtTheNodeAndTellsItsListenerNothingMore() {
        Namespace slow = cluster.client(cluster.options(), Runnable::run, steps).namespace("shop");
        WatchSubscription watch = slow.watch("/a").after(new Revision(5)).start(seen);
        WatchSubscription other = slow.watch("/b").after(new Revision(5)).start(new Seen());
        a.watches().get(0).events(8, "/a/1");
        watch.close();
        steps.runAll();
        a.watches().get(0).events(9, "/a/2");
        steps.runAll();
        assertThat(seen.lines).isEmpty();
        assertThat(a.watches().get(0).isOver()).isTrue();
        assertThat(a.watches().get(1).isOver()).isFalse();
        other.close();
        assertThat(a.openLines()).as("no watch, no line").isZero();
    }

    @Test
    void thePositionOfAWatchThatWasClosedDoesNotGoOnOverWhatItsListenerWasNotTold() {
        Namespace slow = cluster.client(cluster.options(), Runnable::run, steps).namespace("shop");
        WatchSubscription watch = slow.watch("/a").after(new Revision(5)).start(seen);
        a.watch().events(8, "/a/1");
        steps.runAll();
        a.watch().events(9, "/a/2");
        a.watch()
                .say(V1.WatchReply.newBuilder()
                        .setProgress(V1.Progress.newBuilder().setRevision(12)));
        watch.close();
        steps.runAll();
        assertThat(seen.lines).containsExactly("8 [/a/1]");
        assertThat(watch.position()).isEqualTo(new Revision(8));
    }

    @Test
    void closingOneThatHasNotStartedTellsWhoeverWaitsForThat() {
        a.saysNothingOfWatches();
        WatchSubscription watch = ns.watch("/a").start(seen);
        CompletableFuture<Revision> started = watch.started();
        watch.close();
        watch.close();
        assertThat(UnknownOutcomeTest.failure(started)).hasMessageContaining("closed");
    }

    @Test
    void aListenerMayCloseItsWatch() {
        List<String> told = new ArrayList<>();
        WatchSubscription[] watch = new WatchSubscription[1];
        watch[0] = ns.watch("/a").after(new Revision(5)).start((at, events) -> {
            told.add(at.toString());
            watch[0].close();
        });
        FakeWatch served = a.watch();
        served.events(8, "/a");
        served.events(9, "/a");
        assertThat(told).containsExactly("8");
        assertThat(served.isOver()).isTrue();
    }

    private WatchSubscription start() {
        return ns.watch("/a").recursive().after(new Revision(5)).start(seen);
    }
}
