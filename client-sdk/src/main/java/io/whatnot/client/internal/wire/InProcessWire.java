package io.whatnot.client.internal.wire;

import io.whatnot.core.engine.Engine;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.Wire;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Streams to an engine in this process: a frame that is sent is received by the same call. */
public final class InProcessWire implements Wire {
    /** The name of the engine's place. */
    public static final String ENDPOINT = "in-process";

    /** A wire on which nobody answers. */
    public static final Wire NOWHERE = new InProcessWire(null);

    private final @Nullable Engine engine;

    /** A wire to that engine, which is at every endpoint. */
    public InProcessWire(@Nullable Engine engine) {
        this.engine = engine;
    }

    @Override
    public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener) {
        return open(listener, engine == null ? null : engine::control);
    }

    @Override
    public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener) {
        return open(listener, engine == null ? null : engine::watch);
    }

    private static <Q, P> FrameStream<Q> open(
            FrameListener<P> client, @Nullable Function<FrameStream<P>, FrameListener<Q>> serve) {
        AtomicBoolean over = new AtomicBoolean(serve == null);
        End<P> toClient = new End<>(over);
        End<Q> toNode = new End<>(over);
        toClient.listener = client;
        if (serve != null) {
            toNode.listener = serve.apply(toClient);
        }
        toClient.other = toNode;
        toNode.other = toClient;
        return toNode;
    }

    @Override
    public CompletableFuture<V1.StatusReply> status(String endpoint) {
        return engine == null
                ? CompletableFuture.failedFuture(new IllegalStateException("nobody is there"))
                : CompletableFuture.completedFuture(engine.status().build());
    }

    @Override
    public void close() {}

    private static final class End<T> implements FrameStream<T> {
        private final AtomicBoolean over;
        private volatile @Nullable FrameListener<T> listener;
        private volatile @Nullable End<?> other;

        End(AtomicBoolean over) {
            this.over = over;
        }

        @Override
        public boolean isReady() {
            return !over.get();
        }

        @Override
        public void send(T frame) {
            FrameListener<T> to = listener;
            if (!over.get() && to != null) {
                to.frame(frame);
            }
        }

        @Override
        public void close() {
            fail(StreamFailure.CLOSED);
        }

        @Override
        public void fail(StreamFailure why) {
            if (over.compareAndSet(false, true)) {
                tell(listener, why);
                End<?> back = other;
                tell(back == null ? null : back.listener, why);
            }
        }

        private static void tell(@Nullable FrameListener<?> listener, StreamFailure why) {
            if (listener != null) {
                listener.closed(why);
            }
        }
    }
}
