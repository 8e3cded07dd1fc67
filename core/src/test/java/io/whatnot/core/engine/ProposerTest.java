package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ProposerTest {
    private static final long SENDER = 7;

    private final VirtualScheduler scheduler = new VirtualScheduler();
    private final ClusterClock clock = new ClusterClock(scheduler, 500);
    private final ScriptedLog log = new ScriptedLog();
    private final Proposer proposer = new Proposer(log, clock);
    private final Sinks sinks = new Sinks();

    private void lead(long term) {
        clock.start(1_000);
        proposer.start(term);
    }

    private void submit(String text) {
        proposer.submit(SENDER, ByteString.copyFromUtf8(text), false, sinks.sink());
    }

    private void makeRoom(String text) {
        proposer.submit(SENDER, ByteString.copyFromUtf8(text), true, sinks.sink());
    }

    /** The oldest entry under way is applied; each of its requests is answered with the entry's time as revision. */
    private void apply() {
        ScriptedLog.Appended next = log.underWay.remove();
        List<Result> results = next.texts().stream()
                .<Result>map(text -> new Result.Done(new Revision(next.timeMillis())))
                .toList();
        ((Proposer.Batch) next.context()).applied(results, next.timeMillis());
    }

    /** So many entries are under way, so that what comes next has to wait. */
    private void occupy() {
        for (int i = 0; i < Proposer.ENTRIES_MAX; i++) {
            submit("busy");
        }
        assertThat(log.underWay).hasSize(Proposer.ENTRIES_MAX);
    }

    @Test
    void whenNothingIsUnderWayARequestGoesAtOnceAndAlone() {
        lead(3);
        submit("a");
        assertThat(log.underWay).singleElement().satisfies(entry -> {
            assertThat(entry.term()).isEqualTo(3);
            assertThat(entry.texts()).containsExactly("a");
        });
    }

    @Test
    void whatArrivesWhileEntriesAreUnderWayGoesTogether() {
        lead(1);
        occupy();
        submit("a");
        submit("b");
        submit("c");
        assertThat(log.underWay).hasSize(Proposer.ENTRIES_MAX);
        assertThat(proposer.waiting()).isEqualTo(3);

        apply();

        assertThat(log.underWay).hasSize(Proposer.ENTRIES_MAX);
        assertThat(log.underWay.getLast().texts()).containsExactly("a", "b", "c");
        assertThat(proposer.waiting()).isZero();
    }

    @Test
    void anEntryHasSoManyRequestsAtMost() {
        lead(1);
        occupy();
        for (int i = 0; i < Proposer.REQUESTS_MAX + 10; i++) {
            submit("r" + i);
        }
        apply();
        apply();
        assertThat(log.all.get(Proposer.ENTRIES_MAX).texts()).hasSize(Proposer.REQUESTS_MAX);
        assertThat(log.all.get(Proposer.ENTRIES_MAX + 1).texts()).hasSize(10);
    }

    @Test
    void anEntryEndsWithTheRequestThatMakesItLargeEnough() {
        lead(1);
        occupy();
        String half = "x".repeat(Proposer.BYTES_MAX / 2);
        for (int i = 0; i < 3; i++) {
            submit(half);
        }
        apply();
        assertThat(log.underWay.getLast().texts()).containsExactly(half, half);
    }

    @Test
    void whatMakesRoomGoesFirst() {
        lead(1);
        occupy();
        submit("put 1");
        makeRoom("release");
        submit("put 2");
        makeRoom("heartbeat");
        apply();
        assertThat(log.underWay.getLast().texts()).containsExactly("release", "heartbeat", "put 1", "put 2");
    }

    @Test
    void whoSendsMuchDoesNotHoldUpOthersAndWhatEachSendsStaysInOrder() {
        lead(1);
        occupy();
        for (int i = 0; i < 1_000; i++) {
            submit("storm " + i);
        }
        for (String text : List.of("calm 0", "calm 1")) {
            proposer.submit(SENDER + 1, ByteString.copyFromUtf8(text), false, sinks.sink());
        }
        apply();
        assertThat(log.underWay.getLast().texts()).startsWith("storm 0", "calm 0", "storm 1", "calm 1", "storm 2");
    }

    @Test
    void theTimeOfAnEntryIsReadAfterItsRequestsCame() {
        lead(1);
        occupy();
        scheduler.stall(20);
        submit("a");
        scheduler.stall(30);
        apply();
        assertThat(log.underWay.getLast().timeMillis()).isEqualTo(1_050);
    }

    @Test
    void anAnswerBearsTheTimeOfItsEntry() {
        lead(1);
        scheduler.stall(7);
        submit("a");
        apply();
        assertThat(sinks.only()).isEqualTo(new Answer(new Result.Done(new Revision(1_007)), 1_007, false));
    }

    @Test
    void tooManyThatWaitAreToldToTryLater() {
        lead(1);
        occupy();
        for (int i = 0; i < Proposer.WAITING_MAX; i++) {
            submit("r");
        }
        assertThat(sinks.answers).isEmpty();
        submit("one too many");

        Answer refusal = sinks.only();
        assertThat(Sinks.code(refusal)).isEqualTo(ErrorCode.RATE_LIMITED);
        assertThat(Sinks.refused(refusal).detail())
                .isInstanceOfSatisfying(
                        Result.Detail.RetryAfter.class,
                        later -> assertThat(later.millis()).isPositive());
        assertThat(refusal.notProposed()).isTrue();

        makeRoom("release");
        assertThat(sinks.answers).as("what makes room is never refused").hasSize(1);
        assertThat(proposer.waiting()).isEqualTo(Proposer.WAITING_MAX + 1);
    }

    @Test
    void tooManyBytesThatWaitAreToldToTryLater() {
        lead(1);
        occupy();
        String mebibyte = "x".repeat(1 << 20);
        for (int i = 0; i < Proposer.WAITING_BYTES_MAX >> 20; i++) {
            submit(mebibyte);
        }
        assertThat(sinks.answers).isEmpty();
        submit("one too many");
        assertThat(Sinks.code(sinks.only())).isEqualTo(ErrorCode.RATE_LIMITED);

        apply();
        assertThat(proposer.waiting()).isEqualTo(63);
        submit("fits again");
        assertThat(sinks.answers)
                .as("refused one, and answered one that was under way")
                .hasSize(2);
    }

    @Test
    void aFullLogTakesNothingButWhatMakesRoom() {
        lead(1);
        log.hasRoom = false;
        submit("put");
        assertThat(Sinks.code(sinks.only())).isEqualTo(ErrorCode.RATE_LIMITED);
        makeRoom("close");
        assertThat(log.underWay)
                .singleElement()
                .satisfies(entry -> assertThat(entry.texts()).containsExactly("close"));
    }

    @Test
    void whenLeadershipEndsAllThatWaitsIsAnsweredAsNeverProposed() {
        lead(1);
        occupy();
        submit("a");
        makeRoom("b");
        proposer.stop();
        assertThat(sinks.answers).hasSize(2).allSatisfy(answer -> {
            assertThat(Sinks.code(answer)).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(answer.notProposed()).isTrue();
        });
        assertThat(proposer.waiting()).isZero();
    }

    @Test
    void whatComesWhereNobodyLeadsIsAnsweredAsNeverProposed() {
        submit("a");
        assertThat(Sinks.code(sinks.only())).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(sinks.only().notProposed()).isTrue();
        assertThat(log.all).isEmpty();
    }

    @Test
    void ofAnEntryThatFailedNobodyKnowsWhatBecame() {
        lead(1);
        submit("a");
        log.failAll();
        assertThat(Sinks.code(sinks.only())).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(sinks.only().notProposed()).isFalse();
        assertThat(sinks.only().timeMillis()).isZero();
    }

    @Test
    void entriesThatFailedLeaveRoomForThoseOfTheNextTerm() {
        lead(1);
        occupy();
        proposer.stop();
        log.failAll();
        lead(2);
        submit("a");
        assertThat(log.underWay)
                .singleElement()
                .satisfies(entry -> assertThat(entry.term()).isEqualTo(2));
    }

    @Test
    void entriesThatFailOnlyAfterTheNextTermBeganLeaveRoomToo() {
        lead(1);
        occupy();
        proposer.stop();
        lead(2);
        submit("a");
        assertThat(log.all).hasSize(Proposer.ENTRIES_MAX);
        log.failAll();
        assertThat(log.underWay).singleElement().satisfies(entry -> {
            assertThat(entry.term()).isEqualTo(2);
            assertThat(entry.texts()).containsExactly("a");
        });
    }

    @Test
    void aTickIsAnEmptyEntryAndGoesWithOthersWhenThereAreAny() {
        lead(1);
        proposer.tick();
        assertThat(log.underWay)
                .singleElement()
                .satisfies(entry -> assertThat(entry.texts()).isEmpty());
        apply();
        occupy();
        proposer.tick();
        submit("a");
        apply();
        assertThat(log.underWay.getLast().texts()).containsExactly("a");
        apply();
        assertThat(log.underWay).as("the tick went with the request").hasSize(Proposer.ENTRIES_MAX - 1);
    }

    @Test
    void aTickWhereNobodyLeadsIsForgotten() {
        proposer.tick();
        lead(1);
        submit("a");
        apply();
        assertThat(log.all).hasSize(1);
    }

    @Test
    void ofManyThreadsEachRequestIsAnsweredOnce() throws Exception {
        int threads = 4;
        int each = 5_000;
        clock.start(1_000);
        AtomicInteger applied = new AtomicInteger();
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        // A log that applies on another thread, with some delay.
        List<ScriptedLog.Appended> queue = new ArrayList<>();
        ReplicatedLog slow = new ReplicatedLogAdapter() {
            @Override
            public void append(long term, byte[] entry, Context context) {
                synchronized (queue) {
                    queue.add(new ScriptedLog.Appended(term, ByteString.copyFrom(entry), context));
                    queue.notifyAll();
                }
            }
        };
        Proposer concurrent = new Proposer(slow, clock);
        concurrent.start(1);
        Thread applier = new Thread(() -> {
            while (applied.get() < threads * each) {
                ScriptedLog.Appended next;
                synchronized (queue) {
                    while (queue.isEmpty()) {
                        try {
                            queue.wait();
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                    next = queue.remove(0);
                }
                order.addAll(next.texts());
                applied.addAndGet(next.texts().size());
                List<Result> results = next.texts().stream()
                        .<Result>map(text -> new Result.Done(Revision.NONE))
                        .toList();
                ((Proposer.Batch) next.context()).applied(results, 1);
            }
        });
        applier.setDaemon(true);
        applier.start();
        CountDownLatch answered = new CountDownLatch(threads * each);
        for (int t = 0; t < threads; t++) {
            int thread = t;
            new Thread(() -> {
                        for (int i = 0; i < each; i++) {
                            concurrent.submit(
                                    SENDER,
                                    ByteString.copyFromUtf8(thread + "." + i),
                                    false,
                                    answer -> answered.countDown());
                        }
                    })
                    .start();
        }
        assertThat(answered.await(30, TimeUnit.SECONDS)).isTrue();
        applier.join(5_000);
        assertThat(order).hasSize(threads * each).doesNotHaveDuplicates();
        for (int t = 0; t < threads; t++) {
            String prefix = t + ".";
            List<String> own =
                    order.stream().filter(text -> text.startsWith(prefix)).toList();
            for (int i = 0; i < each; i++) {
                assertThat(own.get(i))
                        .as("a thread's requests keep their order")
                        .isEqualTo(prefix + i);
            }
        }
    }

    /** A log of which only one method matters. */
    private abstract static class ReplicatedLogAdapter implements ReplicatedLog {
        @Override
        public void start(Listener listener) {}

        @Override
        public void readIndex(Reader reader) {
            reader.failed("not here");
        }

        @Override
        public void noteLongestTtl(long millis, Runnable then) {
            then.run();
        }

        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public void changeMembers(MemberChange change, Consumer<MemberOutcome> told) {
            told.accept(new MemberOutcome(MemberOutcome.Kind.WRONG, "the members are always the same here"));
        }

        @Override
        public void askLevels(Consumer<List<NodeLevel>> told) {
            told.accept(List.of());
        }

        @Override
        public void close() {}
    }
}
