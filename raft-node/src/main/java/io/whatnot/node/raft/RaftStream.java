package io.whatnot.node.raft;

import com.alipay.sofa.jraft.error.RemotingException;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.ManagedChannel;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.GrpcStreams;
import io.whatnot.core.wire.Outbox;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.node.raft.v1.RaftGrpc;
import io.whatnot.node.raft.v1.RaftMessages;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One stream of requests to one node's Raft server, and of their responses. */
final class RaftStream implements FrameListener<RaftMessages.Frame> {
    static final String LOG_LANE = "log";
    static final String FILE_LANE = "file";

    /** A node that takes nothing of that many bytes is given up on, so that they don't pile up. */
    private static final long UNSENT_BYTES_MAX = 64L << 20;

    /** Who waits for a response. */
    interface Answer {
        void complete(@Nullable Object result, @Nullable Throwable failure);
    }

    static final class Pending {
        private final Answer answer;
        volatile Scheduler.@Nullable Timer timer;

        Pending(Answer answer) {
            this.answer = answer;
        }

        private void complete(@Nullable Object result, @Nullable Throwable failure) {
            Scheduler.Timer running = timer;
            if (running != null) {
                running.cancel();
            }
            answer.complete(result, failure);
        }
    }

    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private @Nullable FrameStream<RaftMessages.Frame> stream;
    private @Nullable Outbox<RaftMessages.Message, RaftMessages.Frame> outbox;
    private volatile @Nullable String over;

    private RaftStream() {}

    static RaftStream open(ManagedChannel channel, String cluster, String node, String lane) {
        RaftStream opened = new RaftStream();
        FrameStream<RaftMessages.Frame> stream = GrpcStreams.client(RaftGrpc.newStub(channel)::exchange, opened);
        stream.send(RaftMessages.Frame.newBuilder()
                .setHello(RaftMessages.Hello.newBuilder()
                        .setCluster(cluster)
                        .setNode(node)
                        .setLane(lane))
                .build());
        opened.stream = stream;
        opened.outbox = new Outbox<>(
                stream,
                messages ->
                        RaftMessages.Frame.newBuilder().addAllMessages(messages).build(),
                RaftMessages.Message::getSerializedSize,
                64,
                Runnable::run);
        return opened;
    }

    boolean isOver() {
        return over != null;
    }

    /** Sends a request; tells its number. Its answer may be there before this returns. */
    long send(Message request, Pending waiting) {
        Outbox<RaftMessages.Message, RaftMessages.Frame> to = outbox;
        if (to == null) {
            throw new IllegalStateException("not open");
        }
        long id = lastId.incrementAndGet();
        pending.put(id, waiting);
        to.add(RaftMessageCodec.encode(id, false, request));
        String why = over;
        if (why != null) {
            expire(id, new RemotingException(why));
        } else if (to.bytes() > UNSENT_BYTES_MAX) {
            fail("the other node takes nothing");
        }
        return id;
    }

    /** Gives up on a request, unless it was answered. */
    void expire(long id, Throwable why) {
        Pending waiting = pending.remove(id);
        if (waiting != null) {
            waiting.complete(null, why);
        }
    }

    void fail(String why) {
        FrameStream<RaftMessages.Frame> open = stream;
        if (open != null) {
            open.fail(new StreamFailure(StreamFailure.Kind.CLOSED, why));
        }
        closed(new StreamFailure(StreamFailure.Kind.CLOSED, why));
    }

    @Override
    public void frame(RaftMessages.Frame frame) {
        for (RaftMessages.Message message : frame.getMessagesList()) {
            Pending waiting = pending.remove(message.getId());
            if (waiting == null) {
                continue;
            }
            try {
                waiting.complete(RaftMessageCodec.decode(message), null);
            } catch (InvalidProtocolBufferException e) {
                waiting.complete(null, new RemotingException(e));
            }
        }
    }

    @Override
    public void ready() {
        Outbox<RaftMessages.Message, RaftMessages.Frame> to = outbox;
        if (to != null) {
            to.send();
        }
    }

    @Override
    public void closed(StreamFailure why) {
        over = why.message();
        for (Long id : new ArrayList<>(pending.keySet())) {
            expire(id, new RemotingException(why.message()));
        }
    }
}
