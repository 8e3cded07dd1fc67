package io.whatnot.core.engine;

import com.google.protobuf.ByteString;
import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Outbox;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A follower's way of passing requests on: it talks to the leader as a client does, over one control stream, and attaches
 * to the sessions of its own clients with their secrets, which it knows from the state. So the leader needs to trust
 * nobody, and there is no second protocol.
 */
final class LeaderLink {
    private static final String NO_TIME = "the session is of an epoch that has not begun on this node yet";

    /** The most requests that may be under way to the leader, besides as many that make room. */
    static final int PENDING_MAX = 50_000;

    private final String clusterName;
    private final NamespaceStateMachine machine;
    private final Wire wire;
    private final Counters counters;
    private @Nullable String leader;
    private @Nullable Line line;

    LeaderLink(String clusterName, NamespaceStateMachine machine, Wire wire, Counters counters) {
        this.clusterName = clusterName;
        this.machine = machine;
        this.wire = wire;
        this.counters = counters;
    }

    /** The leader is there, as far as this node knows; null if it knows none or is it itself. */
    void leaderIs(@Nullable String endpoint) {
        Line old;
        synchronized (this) {
            if (endpoint != null && endpoint.equals(leader)) {
                return;
            }
            leader = endpoint;
            old = line;
            line = null;
        }
        if (old != null) {
            old.end("the leader has changed");
        }
    }

    /** Passes a request on, and its answer back. */
    void forward(long session, ByteString request, boolean makesRoom, Answer.Sink sink) {
        Line to = line();
        if (to == null) {
            sink.answer(Answer.refusedBeforeTheLog(ErrorCode.UNAVAILABLE, "this node knows no leader; try another"));
        } else {
            counters.count(Counter.REQUESTS_FORWARDED);
            to.forward(session, request, makesRoom, sink);
        }
    }

    private synchronized @Nullable Line line() {
        if ((line == null || line.ended) && leader != null) {
            line = new Line(leader);
        }
        return line;
    }

    /** A session has ended; the leader knows. */
    void forget(long session) {
        Line now;
        synchronized (this) {
            now = line;
        }
        if (now != null) {
            now.attached.remove(session);
        }
    }

    /** One stream to one leader. */
    private final class Line implements FrameListener<V1.ControlReply> {
        private final Map<Long, Answer.Sink> pending = new ConcurrentHashMap<>();
        private final Set<Long> attached = ConcurrentHashMap.newKeySet();
        private final AtomicLong lastCall = new AtomicLong();
        private final FrameStream<V1.ControlFrame> stream;
        private final Outbox<V1.Call, V1.ControlFrame> outbox;
        private volatile boolean ended;

        Line(String endpoint) {
            stream = wire.control(endpoint, this);
            outbox = new Outbox<>(stream, Line::frame, V1.Call::getSerializedSize, 256, Runnable::run);
            stream.send(V1.ControlFrame.newBuilder()
                    .setHello(V1.Hello.newBuilder()
                            .setClient("a follower")
                            .setCluster(clusterName)
                            .setForwards(true))
                    .build());
        }

        private static V1.ControlFrame frame(List<V1.Call> calls) {
            return V1.ControlFrame.newBuilder().addAllCalls(calls).build();
        }

        void forward(long session, ByteString request, boolean makesRoom, Answer.Sink sink) {
            if (pending.size() >= (makesRoom ? 2 * PENDING_MAX : PENDING_MAX)) {
                sink.answer(Answer.tryLater("this node has " + PENDING_MAX + " requests under way to the leader", 50));
                return;
            }
            if (session != 0 && attached.add(session)) {
                State state = machine.state();
                Session known = state.sessions().get(session);
                if (known == null) {
                    attached.remove(session);
                    sink.answer(Answer.unknownSession(state, session));
                    return;
                }
                attach(known);
            }
            long id = lastCall.incrementAndGet();
            pending.put(id, sink);
            outbox.add(V1.Call.newBuilder().setId(id).setRequest(request).build());
            if (ended) {
                failAll("the way to the leader has broken");
            }
        }

        private void attach(Session session) {
            outbox.add(V1.Call.newBuilder()
                    .setId(lastCall.incrementAndGet())
                    .setAttach(V1.Attach.newBuilder()
                            .setSession(session.id())
                            .setSecret(CommonCodec.encode(session.secret())))
                    .build());
        }

        @Override
        public void frame(V1.ControlReply frame) {
            // An opening that proves no time is of no use: it is to be asked for again, and is the same then.
            // The time of another epoch proves nothing in this node's, whose revisions go with its answers.
            boolean comparable = Revision.epochOf(frame.getRevision())
                    == Revision.epochOf(machine.state().revision());
            for (V1.Answer answer : frame.getAnswersList()) {
                Answer.Sink sink = pending.remove(answer.getId());
                if (sink != null) {
                    Answer told = decoded(answer, comparable ? answer.getTime() : 0);
                    boolean useless = !comparable && told.result() instanceof Result.Opened;
                    sink.answer(useless ? Answer.unknown(NO_TIME) : told);
                }
            }
        }

        private static Answer decoded(V1.Answer answer, long time) {
            try {
                return new Answer(ResultCodec.decode(answer.getResult()), time, answer.getNotProposed());
            } catch (IllegalArgumentException e) {
                return Answer.unknown("the leader's answer can't be read by this node's version: " + e.getMessage());
            }
        }

        @Override
        public void ready() {
            outbox.send();
        }

        @Override
        public void closed(StreamFailure why) {
            ended = true;
            failAll(why.message());
        }

        void end(String why) {
            ended = true;
            stream.close();
            failAll(why);
        }

        private void failAll(String why) {
            for (Long id : new ArrayList<>(pending.keySet())) {
                Answer.Sink sink = pending.remove(id);
                if (sink != null) {
                    sink.answer(Answer.unknown(why));
                }
            }
        }
    }
}
