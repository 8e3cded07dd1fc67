package io.whatnot.core.engine;

import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Outbox;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The node's end of one watch stream: its watches, and what is on its way to the client. */
final class WatchConnection {
    /** Beyond so many bytes on their way the hub sends no more, and serves its watches from the history later. */
    static final long ROOM_BYTES = 1 << 20;

    private final FrameStream<V1.WatchReply> stream;
    private final Outbox<V1.WatchReply, V1.WatchReply> outbox;
    final Map<Long, Watch> watches = new HashMap<>();
    /** Those of them that are not live. */
    final Set<Watch> behind = new LinkedHashSet<>();

    WatchConnection(FrameStream<V1.WatchReply> stream) {
        this.stream = stream;
        this.outbox = new Outbox<>(stream, frames -> frames.get(0), V1.WatchReply::getSerializedSize, 1, Runnable::run);
    }

    boolean hasRoom() {
        return outbox.bytes() < ROOM_BYTES;
    }

    void send(V1.WatchReply reply) {
        outbox.add(reply);
    }

    /** The client has read; sends what waits. */
    void ready() {
        outbox.send();
    }

    FrameStream<V1.WatchReply> stream() {
        return stream;
    }
}
