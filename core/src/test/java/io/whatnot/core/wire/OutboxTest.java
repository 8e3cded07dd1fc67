package io.whatnot.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Items of many threads get into one stream, packed, in order, and never two frames at once. */
final class OutboxTest {
    private static final int ITEMS_MAX = 10;

    /** What was sent, and what a test lets happen. */
    private static final class Stream implements FrameStream<List<String>> {
        final List<List<String>> frames = Collections.synchronizedList(new ArrayList<>());
        final List<StreamFailure> failures = new ArrayList<>();
        volatile boolean ready = true;
        private volatile boolean sending;

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void send(List<String> frame) {
            assertThat(sending).as("two frames are sent at once").isFalse();
            sending = true;
            frames.add(List.copyOf(frame));
            sending = false;
        }

        @Override
        public void close() {}

        @Override
        public void fail(StreamFailure why) {
            failures.add(why);
        }

        List<String> items() {
            return frames.stream().flatMap(List::stream).toList();
        }
    }

    private final Stream stream = new Stream();
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    private Outbox<String, List<String>> outbox(java.util.concurrent.Executor executor) {
        return new Outbox<>(
                stream,
                batch -> {
                    if (batch.contains("bad")) {
                        throw new IllegalStateException("can't be packed");
                    }
                    return batch;
                },
                String::length,
                ITEMS_MAX,
                executor);
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(i -> "item" + i).toList();
    }

    @Test
    void whatIsAddedTogetherIsSentInAsFewFramesAsItFitsInto() {
        outbox(Runnable::run).addAll(numbers(25));
        assertThat(stream.frames).extracting(List::size).containsExactly(10, 10, 5);
        assertThat(stream.items()).isEqualTo(numbers(25));
    }

    @Test
    void anItemGoesOutAtOnceWhenTheStreamIsReady() {
        Outbox<String, List<String>> outbox = outbox(Runnable::run);

        outbox.add("a");
        outbox.add("b");

        assertThat(stream.frames).containsExactly(List.of("a"), List.of("b"));
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void whatWaitsIsPackedIntoFramesOfSoManyItemsAtMost() {
        Outbox<String, List<String>> outbox = outbox(tasks::add);
        numbers(25).forEach(outbox::add);
        assertThat(tasks).as("one is enough to send for all").hasSize(1);

        tasks.remove().run();

        assertThat(stream.frames).extracting(List::size).containsExactly(10, 10, 5);
        assertThat(stream.items()).containsExactlyElementsOf(numbers(25));
    }

    @Test
    void aFrameIsNotMuchLargerThanAQuarterOfAMegabyte() {
        Outbox<String, List<String>> outbox = outbox(tasks::add);
        String large = "x".repeat(100 << 10);
        for (int i = 0; i < 7; i++) {
            outbox.add(large);
        }

        tasks.remove().run();

        assertThat(stream.frames).extracting(List::size).containsExactly(3, 3, 1);
    }

    @Test
    void anItemThatIsLargerThanAFrameGoesAlone() {
        Outbox<String, List<String>> outbox = outbox(tasks::add);
        outbox.add("x".repeat(1 << 20));
        outbox.add("small");

        tasks.remove().run();

        assertThat(stream.frames).extracting(List::size).containsExactly(1, 1);
    }

    @Test
    void whileTheStreamIsNotReadyItemsWaitAndAreCounted() {
        Outbox<String, List<String>> outbox = outbox(Runnable::run);
        stream.ready = false;

        outbox.add("four");
        outbox.add("seven..");

        assertThat(stream.frames).isEmpty();
        assertThat(outbox.bytes()).isEqualTo(11);
        stream.ready = true;
        outbox.send();
        assertThat(stream.frames).containsExactly(List.of("four", "seven.."));
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void anItemAddedWhileAFrameIsBeingSentIsNotForgotten() {
        List<Outbox<String, List<String>>> self = new ArrayList<>();
        Outbox<String, List<String>> outbox = new Outbox<>(
                stream,
                batch -> {
                    if (batch.contains("first")) {
                        self.get(0).add("second");
                    }
                    return batch;
                },
                String::length,
                ITEMS_MAX,
                Runnable::run);
        self.add(outbox);

        outbox.add("first");

        assertThat(stream.items()).containsExactly("first", "second");
    }

    @Test
    void aFrameThatCannotBeMadeEndsTheStreamAndNothingPilesUpBehindIt() {
        Outbox<String, List<String>> outbox = outbox(Runnable::run);

        outbox.add("bad");
        outbox.add("later");

        assertThat(stream.failures)
                .singleElement()
                .satisfies(why -> assertThat(why.kind()).isEqualTo(StreamFailure.Kind.PROTOCOL));
        assertThat(stream.frames).isEmpty();
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void whenTheStreamIsOverWhatWaitsIsDroppedAndWhatIsAddedToo() {
        Outbox<String, List<String>> outbox = outbox(Runnable::run);
        stream.ready = false;
        numbers(100).forEach(outbox::add);

        outbox.close();
        numbers(100).forEach(outbox::add);

        assertThat(outbox.bytes()).isZero();
        stream.ready = true;
        outbox.send();
        assertThat(stream.frames).isEmpty();
    }

    @Test
    void itemsOfManyThreadsAllGetThereEachThreadsInItsOrder() throws Exception {
        int threads = 4;
        int each = 20_000;
        ExecutorService senders = Executors.newFixedThreadPool(2);
        ExecutorService adders = Executors.newFixedThreadPool(threads);
        try {
            Outbox<String, List<String>> outbox = outbox(senders);
            CountDownLatch together = new CountDownLatch(threads);
            List<CompletableFuture<Void>> done = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                String name = "t" + thread + " ";
                done.add(CompletableFuture.runAsync(
                        () -> {
                            together.countDown();
                            await(together);
                            for (int i = 0; i < each; i++) {
                                outbox.add(name + i);
                            }
                        },
                        adders));
            }
            for (CompletableFuture<Void> one : done) {
                one.get(30, TimeUnit.SECONDS);
            }
            senders.shutdown();
            assertThat(senders.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

            assertThat(outbox.bytes()).isZero();
            for (int thread = 0; thread < threads; thread++) {
                String name = "t" + thread + " ";
                assertThat(stream.items().stream().filter(item -> item.startsWith(name)))
                        .containsExactlyElementsOf(
                                IntStream.range(0, each).mapToObj(i -> name + i).toList());
            }
            assertThat(stream.frames).allSatisfy(frame -> assertThat(frame).hasSizeBetween(1, ITEMS_MAX));
        } finally {
            senders.shutdownNow();
            adders.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("the others did not come");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
