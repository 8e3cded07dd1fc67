package io.whatnot.client.internal;

import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.Wire;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One control stream to one node. Its fields are guarded; the stream itself is not. */
final class ControlLine implements FrameListener<V1.ControlReply> {
    private final RequestSender owner;
    private final LineSender<V1.Call, V1.ControlFrame> sender = new LineSender<>(
            calls -> V1.ControlFrame.newBuilder().addAllCalls(calls).build(), V1.Call::getSerializedSize);

    final String endpoint;
    /** Calls under way, by their number. */
    final Map<Long, PendingCall> calls = new HashMap<>();
    /** Sessions that are being attached to, by the number of the call. */
    final Map<Long, Attaching> attaching = new HashMap<>();
    /** Sessions whose commands may be sent here. */
    final Set<ClientSession> attached = new HashSet<>();

    /**
     * A session that is being attached to.
     *
     * @param session which
     * @param sentNanos since when
     */
    record Attaching(ClientSession session, long sentNanos) {}

    final long openedNanos;
    long heardNanos;
    /** How far the node was when it was last heard. */
    long revision;

    boolean open;
    boolean over;
    /** Whether it is wanted only if the present line is still silent when this one is open. */
    boolean spare;

    ControlLine(RequestSender owner, String endpoint, long nowNanos) {
        this.owner = owner;
        this.endpoint = endpoint;
        this.openedNanos = nowNanos;
        this.heardNanos = nowNanos;
    }

    /** Opens the stream, says hello, and what else is to go with it. Not guarded, for it may be told of a failure. */
    void start(Wire wire, V1.Hello hello, List<V1.Call> calls) {
        FrameStream<V1.ControlFrame> opened;
        try {
            opened = wire.control(endpoint, this);
        } catch (RuntimeException e) { // no endpoint at all, as far as the wire is concerned
            closed(new StreamFailure(StreamFailure.Kind.UNREACHABLE, "it can't be reached: " + e.getMessage()));
            return;
        }
        sender.open(
                opened,
                V1.ControlFrame.newBuilder().setHello(hello).addAllCalls(calls).build());
    }

    /** Sends calls, in as few frames as they fit into. */
    void send(List<V1.Call> calls) {
        sender.send(calls);
    }

    void fail(String why) {
        sender.fail(why);
    }

    @Override
    public void frame(V1.ControlReply frame) {
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
