package io.whatnot.core.engine;

import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;

/**
 * Ends a stream whose client opens it and says nothing: until it has said hello nobody knows whose it is, and it is not to
 * hold a connection for ever.
 *
 * @param <T> the client's frames
 */
final class FirstFrameTimeout<T> implements FrameListener<T> {
    static final long MILLIS = 10_000;

    private final FrameListener<T> listener;
    private final Scheduler.Timer timer;
    private boolean spoken;

    FirstFrameTimeout(FrameListener<T> listener, FrameStream<?> stream, Scheduler scheduler, Counters counters) {
        this.listener = listener;
        this.timer = scheduler.schedule(MILLIS, () -> {
            counters.count(Counter.CONNECTIONS_CUT_OFF);
            stream.fail(new StreamFailure(
                    StreamFailure.Kind.PROTOCOL, "the client has said nothing for " + MILLIS + " ms"));
        });
    }

    @Override
    public void frame(T frame) {
        if (!spoken) {
            spoken = true;
            timer.cancel();
        }
        listener.frame(frame);
    }

    @Override
    public void ready() {
        listener.ready();
    }

    @Override
    public void closed(StreamFailure why) {
        timer.cancel();
        listener.closed(why);
    }
}
