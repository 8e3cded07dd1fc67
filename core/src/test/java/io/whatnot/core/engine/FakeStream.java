package io.whatnot.core.engine;

import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sending end of a stream whose frames a test looks at, and whose other end reads only if the test lets it. */
final class FakeStream<T> implements FrameStream<T> {
    final List<T> frames = new CopyOnWriteArrayList<>();
    volatile boolean ready = true;
    volatile @Nullable StreamFailure end;
    /** The receiving end, which is told when the stream fails. */
    volatile @Nullable FrameListener<?> listener;
    /** What happens when a frame is sent. */
    volatile Consumer<T> onSend = frame -> {};

    @Override
    public boolean isReady() {
        return ready && end == null;
    }

    @Override
    public void send(T frame) {
        if (end == null) {
            frames.add(frame);
            onSend.accept(frame);
        }
    }

    @Override
    public void close() {
        fail(StreamFailure.CLOSED);
    }

    @Override
    public void fail(StreamFailure why) {
        if (end == null) {
            end = why;
            FrameListener<?> told = listener;
            if (told != null) {
                told.closed(why);
            }
        }
    }

    /** The other end reads again. */
    void readAgain() {
        ready = true;
        FrameListener<?> told = listener;
        if (told != null) {
            told.ready();
        }
    }
}
