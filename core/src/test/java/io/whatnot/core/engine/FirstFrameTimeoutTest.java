package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.StreamFailure;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FirstFrameTimeoutTest {
    private final VirtualScheduler scheduler = new VirtualScheduler();
    private final Counters counters = new Counters();
    private final FakeStream<String> stream = new FakeStream<>();
    private final List<String> told = new ArrayList<>();
    private final FrameListener<String> listener = new FirstFrameTimeout<>(
            new FrameListener<>() {
                @Override
                public void frame(String frame) {
                    told.add(frame);
                }

                @Override
                public void ready() {
                    told.add("ready");
                }

                @Override
                public void closed(StreamFailure why) {
                    told.add("closed: " + why.message());
                }
            },
            stream,
            scheduler,
            counters);

    @BeforeEach
    void connect() {
        stream.listener = listener;
    }

    private long cutOff() {
        return counters.all().getOrDefault(Counter.CONNECTIONS_CUT_OFF.name().toLowerCase(java.util.Locale.ROOT), 0L);
    }

    @Test
    void aClientThatSaysNothingIsCutOffAfterTenSeconds() {
        scheduler.pass(9_999);
        assertThat(stream.end).isNull();

        scheduler.pass(1);

        assertThat(told).containsExactly("closed: the client has said nothing for 10000 ms");
        assertThat(cutOff()).isEqualTo(1);
    }

    @Test
    void aClientThatHasSpokenMayBeSilentForEver() {
        listener.frame("hello");
        listener.ready();
        scheduler.pass(1_000_000);

        assertThat(stream.end).isNull();
        assertThat(told).containsExactly("hello", "ready");
        assertThat(cutOff()).isZero();
    }

    @Test
    void nothingIsLeftOfAStreamThatEndedBefore() {
        listener.closed(StreamFailure.CLOSED);

        assertThat(scheduler.pending()).isZero();
        assertThat(told).containsExactly("closed: closed");
    }
}
