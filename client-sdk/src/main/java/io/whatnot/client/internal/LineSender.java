package io.whatnot.client.internal;

import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Outbox;
import io.whatnot.core.wire.StreamFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a line. It may be used before the stream is open, for an answer can be there before the call that
 * opened the stream has returned.
 *
 * @param <I> what is sent
 * @param <F> the frames it is packed into
 */
final class LineSender<I, F> {
    private static final int ITEMS_MAX = 256;

    private final Function<List<I>, F> pack;
    private final ToIntFunction<I> size;
    private final Queue<I> early = new ConcurrentLinkedQueue<>();
    private volatile @Nullable FrameStream<F> stream;
    private volatile @Nullable Outbox<I, F> outbox;

    LineSender(Function<List<I>, F> pack, ToIntFunction<I> size) {
        this.pack = pack;
        this.size = size;
    }

    /** The stream is open, and {@code greeting} the first frame. */
    void open(FrameStream<F> opened, F greeting) {
        stream = opened;
        opened.send(greeting);
        outbox = new Outbox<>(opened, pack, size, ITEMS_MAX, Runnable::run);
        sendEarly();
    }

    void send(List<I> items) {
        early.addAll(items);
        sendEarly();
    }

    private void sendEarly() {
        Outbox<I, F> to = outbox;
        if (to == null) {
            return;
        }
        List<I> items = new ArrayList<>();
        for (I item = early.poll(); item != null; item = early.poll()) {
            items.add(item);
        }
        to.addAll(items);
    }

    void ready() {
        Outbox<I, F> to = outbox;
        if (to != null) {
            to.send();
        }
    }

    void fail(String why) {
        FrameStream<F> to = stream;
        if (to != null) {
            to.fail(new StreamFailure(StreamFailure.Kind.CLOSED, why));
        }
    }
}
