package io.whatnot.client.internal;

import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.Wire;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One watch stream to one node. Its fields are guarded; the stream itself is not. */
final class WatchLine implements FrameListener<V1.WatchReply> {
    private final WatchStream owner;
    private final LineSender<V1.WatchCall, V1.WatchFrame> sender = new LineSender<>(
            calls -> V1.WatchFrame.newBuilder().addAllCalls(calls).build(), V1.WatchCall::getSerializedSize);

    final String endpoint;
    final Map<Long, ClientSubscription> subscriptions = new LinkedHashMap<>();
    long heardNanos;
    boolean open;
    boolean over;

    WatchLine(WatchStream owner, String endpoint, long nowNanos) {
        this.owner = owner;
        this.endpoint = endpoint;
        this.heardNanos = nowNanos;
    }

    /** Opens the stream and says hello. Not guarded, for it may be told of a failure. */
    void start(Wire wire, V1.Hello hello) {
        FrameStream<V1.WatchFrame> opened;
        try {
            opened = wire.watch(endpoint, this);
        } catch (RuntimeException e) { // no endpoint at all, as far as the wire is concerned
            closed(new StreamFailure(StreamFailure.Kind.UNREACHABLE, "it can't be reached: " + e.getMessage()));
            return;
        }
        sender.open(opened, V1.WatchFrame.newBuilder().setHello(hello).build());
    }

    void send(V1.WatchCall call) {
        sender.send(List.of(call));
    }

    void close() {
        sender.fail("it is not needed any more");
    }

    @Override
    public void frame(V1.WatchReply frame) {
        owner.received(this, frame);
    }

    @Override
    public void ready() {
        sender.ready();
    }

    @Override
    public void closed(StreamFailure why) {
        owner.closed(this, why);
    }
}
