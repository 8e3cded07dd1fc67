package io.whatnot.core.engine;

import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.EventCodec;
import io.whatnot.core.protocol.v1.V1;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The frames that tell the events of one revision. Each event becomes a message once, however many are told. */
final class RevisionFrames {
    private static final int FRAME_BYTES = 1 << 20;

    /** The same events, in the same form. */
    record Told(List<WatchEvent> events, boolean previousValue) {}

    private final long revision;
    private final Map<Told, List<V1.Event>> messages = new LinkedHashMap<>();

    RevisionFrames(long revision) {
        this.revision = revision;
    }

    /** Tells watches of one connection, in as many frames as it takes. */
    void send(WatchConnection connection, Told told, List<Watch> watches) {
        List<V1.Event> events = messages.computeIfAbsent(
                told,
                t -> t.events.stream()
                        .map(event -> EventCodec.encode(event, t.previousValue))
                        .toList());
        List<Long> ids = watches.stream().map(watch -> watch.id).toList();
        V1.Events.Builder frame = frame(ids);
        int bytes = 0;
        long all = 0;
        for (V1.Event event : events) {
            if (bytes > FRAME_BYTES) {
                connection.send(V1.WatchReply.newBuilder().setEvents(frame).build());
                frame = frame(ids);
                bytes = 0;
            }
            frame.addEvents(event);
            bytes += event.getSerializedSize();
            all += event.getSerializedSize();
        }
        connection.send(
                V1.WatchReply.newBuilder().setEvents(frame.setLast(true)).build());
        for (Watch watch : watches) {
            watch.credit -= all;
        }
    }

    private V1.Events.Builder frame(List<Long> ids) {
        return V1.Events.newBuilder().addAllWatches(ids).setRevision(revision);
    }
}
