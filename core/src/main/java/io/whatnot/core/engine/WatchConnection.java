package io.whatnot.core.engine;

import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Outbox;
import io.whatnot.core.wire.StreamFailure;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** The node's end of one watch stream: its watches, and what is on its way to the client. */
final class WatchConnection {
    /** Beyond so many bytes on their way the hub sends no more, and serves its watches from the history later. */
    static final long ROOM_BYTES = 1 << 20;

    /** With more bytes than this of answers to its calls on their way, the client asks and does not read. */
    private static final long ANSWER_BYTES_MAX = 16L << 20;

    private final FrameStream<V1.WatchReply> stream;
    private final Outbox<V1.WatchReply, V1.WatchReply> outbox;
    final Map<Long, Watch> watches = new HashMap<>();
    /** Those of them that are not live. */
    final Set<Watch> behind = new LinkedHashSet<>();
    /** How many bytes of {@link #outbox} answer calls. Nobody gives credit for them. */
    private final AtomicLong answerBytes = new AtomicLong();

    /** Where its client was told that the members are. */
    List<String> toldMembers = List.of();

    private final AtomicBoolean cutOff = new AtomicBoolean();

    WatchConnection(FrameStream<V1.WatchReply> stream) {
        this.stream = stream;
        this.outbox = new Outbox<>(stream, this::pack, V1.WatchReply::getSerializedSize, 1, Runnable::run);
    }

    boolean hasRoom() {
        return outbox.bytes() < ROOM_BYTES;
    }

    private V1.WatchReply pack(List<V1.WatchReply> replies) {
        V1.WatchReply reply = replies.get(0);
        if (isAnswer(reply)) {
            answerBytes.addAndGet(-reply.getSerializedSize());
        }
        return reply;
    }

    private static boolean isAnswer(V1.WatchReply reply) {
        return reply.hasStarted() || reply.hasEnded();
    }

    void send(V1.WatchReply reply) {
        if (isAnswer(reply)) {
            answerBytes.addAndGet(reply.getSerializedSize());
        }
        outbox.add(reply);
    }

    /** Whether the client leaves so much of what its calls were answered unread that it is to be cut off. */
    boolean leavesAnswersUnread() {
        return answerBytes.get() > ANSWER_BYTES_MAX && !stream.isReady();
    }

    /** The client has read; sends what waits. */
    void ready() {
        outbox.send();
    }

    /** The stream is over; nothing is sent any more. */
    void closed() {
        outbox.close();
    }

    /** Ends the stream at once; false if that was done before. */
    boolean cutOff(StreamFailure why) {
        if (!cutOff.compareAndSet(false, true)) {
            return false;
        }
        stream.fail(why);
        return true;
    }

    boolean isCutOff() {
        return cutOff.get();
    }
}
