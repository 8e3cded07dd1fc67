package io.whatnot.core.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.QueryCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.Outcomes;
import io.whatnot.core.state.State;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Origin;
import io.whatnot.core.wire.Outbox;
import io.whatnot.core.wire.StreamFailure;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The node's end of control streams: takes calls in, has {@link RequestHandler} and {@link Reader} carry them out, and
 * brings back what becomes of them, also much later, when a request that waits is granted.
 *
 * <p>Whatever a client sends, it is answered, refused with a code, or cut off, and nobody else notices.
 */
final class ControlHub {
    /** The most calls of a connection that may be without an answer, besides as many that make room. */
    static final int IN_FLIGHT_MAX = 10_000;

    /** The most sessions that one connection may be attached to. */
    static final int ATTACHED_MAX = 10_000;

    /** A connection with more bytes than this on their way to a client that doesn't read is cut off. */
    static final long UNREAD_BYTES_MAX = 16L << 20;

    /** With more bytes than this on their way, reads are put off. */
    private static final long READS_BYTES_MAX = 4L << 20;

    private static final int FRAME_REPLIES_MAX = 256;

    private final String clusterName;
    private final NamespaceStateMachine machine;
    private final RequestHandler handler;
    private final Reader reader;
    private final LeaderLink link;
    private final Counters counters;
    private final Executor replies;
    /** In the order they came, so that whatever is told to all of them is told in the same order each time. */
    private final Map<Long, Connection> connections = new ConcurrentSkipListMap<>();

    private final AtomicLong lastConnection = new AtomicLong();
    /** Where a session's grants are pushed to: the connection that attached to it last. */
    private final Map<Long, Connection> attached = new ConcurrentHashMap<>();

    private volatile V1.Leader leader = V1.Leader.getDefaultInstance();

    ControlHub(
            String clusterName,
            NamespaceStateMachine machine,
            RequestHandler handler,
            Reader reader,
            LeaderLink link,
            Counters counters,
            Executor replies) {
        this.clusterName = clusterName;
        this.machine = machine;
        this.handler = handler;
        this.reader = reader;
        this.link = link;
        this.counters = counters;
        this.replies = replies;
    }

    /** A client has opened a control stream. */
    FrameListener<V1.ControlFrame> open(FrameStream<V1.ControlReply> stream, Origin origin) {
        Connection connection = new Connection(stream, origin);
        connections.put(connection.number, connection);
        return connection;
    }

    /** How many control streams are open. */
    int connectionCount() {
        return connections.size();
    }

    /** Tells all clients where the leader is now. */
    synchronized void leaderIs(V1.Leader now) {
        tell(now.toBuilder().addAllMembers(leader.getMembersList()).build());
    }

    /** Tells all clients where the members are now, so that they find them when those they know are gone. */
    synchronized void membersAre(List<String> endpoints) {
        tell(leader.toBuilder().clearMembers().addAllMembers(endpoints).build());
    }

    private void tell(V1.Leader now) {
        leader = now;
        connections.values().forEach(connection -> connection.send(new Reply.OfLeader(now)));
    }

    V1.Leader leader() {
        return leader;
    }

    /** An entry was applied: tells those concerned what has become of what waited. */
    void applied(Applied applied) {
        for (Applied.Push push : applied.pushes()) {
            push(push);
            if (push.id().sequence() == 0) {
                attached.remove(push.id().session());
                link.forget(push.id().session());
            }
        }
    }

    private void push(Applied.Push push) {
        Connection connection = attached.get(push.id().session());
        if (connection != null) {
            connection.send(new Reply.OfPush(push));
        }
    }

    /**
     * The state was replaced by a snapshot's, so nobody here has seen what became of what waited: everything that is
     * known of the sessions attached here is told again.
     */
    void restored(State state) {
        for (Long session : attached.keySet()) {
            Outcomes.of(state, session).forEach(this::push);
        }
    }

    /** One stream. */
    private final class Connection implements FrameListener<V1.ControlFrame> {
        private final long number = lastConnection.incrementAndGet();
        private final FrameStream<V1.ControlReply> stream;
        private final Origin origin;
        private final Outbox<Reply, V1.ControlReply> outbox;
        private final AtomicInteger inFlight = new AtomicInteger();
        private final Set<Long> sessions = ConcurrentHashMap.newKeySet();
        private V1.@Nullable Hello hello;
        private final AtomicBoolean cutOff = new AtomicBoolean();
        private volatile boolean over;

        Connection(FrameStream<V1.ControlReply> stream, Origin origin) {
            this.origin = origin;
            this.stream = stream;
            this.outbox = new Outbox<>(
                    stream,
                    items -> Reply.frame(machine.state().revision(), items),
                    Reply::bytes,
                    FRAME_REPLIES_MAX,
                    replies);
        }

        @Override
        public void frame(V1.ControlFrame frame) {
            if (over) {
                return;
            }
            if (hello == null) {
                if (!Greeting.accept(frame.hasHello(), frame.getHello(), clusterName, stream, counters)) {
                    closed(StreamFailure.CLOSED);
                    return;
                }
                hello = frame.getHello();
                send(new Reply.OfLeader(leader));
            }
            frame.getCallsList().forEach(this::call);
        }

        private boolean forwards() {
            return hello != null && hello.getForwards();
        }

        private void call(V1.Call call) {
            counters.count(Counter.REQUESTS_RECEIVED);
            Answer.Sink sink = new Answer.Sink() {
                @Override
                public void answer(Answer answer) {
                    answered(call, answer);
                }

                @Override
                public boolean isWanted() {
                    return !over;
                }
            };
            int before = inFlight.getAndIncrement();
            try {
                switch (call.getKindCase()) {
                    case REQUEST -> request(handler.decode(call.getRequest()), before, sink);
                    case READ -> {
                        if (hasRoomFor(before, false, sink)) {
                            read(call.getRead(), sink);
                        }
                    }
                    case ATTACH -> {
                        if (hasRoomFor(before, true, sink)) {
                            attach(call.getId(), call.getAttach(), sink);
                        }
                    }
                    case KIND_NOT_SET ->
                        throw new IllegalArgumentException("the call is of no kind that is known here");
                }
            } catch (IllegalArgumentException broken) {
                counters.count(Counter.MALFORMED_CALLS);
                sink.answer(new Answer(Answer.refusal(broken), 0, true));
            } catch (InvalidProtocolBufferException garbage) {
                counters.count(Counter.MALFORMED_CALLS);
                sink.answer(Answer.refusedBeforeTheLog(
                        ErrorCode.INVALID_ARGUMENT, "the request's bytes are no message: " + garbage.getMessage()));
            }
        }

        /** Whether another call may be under way; refuses it if not. What makes room has as much room again to itself. */
        private boolean hasRoomFor(int before, boolean makesRoom, Answer.Sink sink) {
            int limit = forwards() ? LeaderLink.PENDING_MAX : IN_FLIGHT_MAX;
            if (before < (makesRoom ? 2 * limit : limit)) {
                return true;
            }
            sink.answer(Answer.tryLater("the connection has " + before + " calls without an answer", 50));
            return false;
        }

        private void answered(V1.Call call, Answer answer) {
            inFlight.decrementAndGet();
            if (answer.result() instanceof Refused refused) {
                counters.countRefusal(refused.code());
            }
            Reply.OfAnswer reply = new Reply.OfAnswer(call.getId(), answer);
            send(call.getKindCase() == V1.Call.KindCase.READ ? reply.encoded() : reply);
        }

        private void request(RequestHandler.Decoded decoded, int before, Answer.Sink sink) {
            if (!hasRoomFor(before, decoded.makesRoom(), sink)) {
                return;
            }
            Request request = decoded.request();
            if (request.session() != 0 && !sessions.contains(request.session())) {
                sink.answer(unattached(request.session()));
                return;
            }
            handler.handle(decoded, origin, forwards(), attaching(request.command(), sink));
        }

        private Answer unattached(long session) {
            State state = machine.state();
            if (session <= state.revision() && state.sessions().get(session) == null) {
                return Answer.unknownSession(state, session);
            }
            return Answer.refusedBeforeTheLog(
                    ErrorCode.UNAUTHENTICATED, "the connection is not attached to session " + session);
        }

        /** Whoever opens or reclaims a session is attached to it before he is told. */
        private Answer.Sink attaching(Command command, Answer.Sink sink) {
            if (command instanceof SessionCommand.Open) {
                return answer -> {
                    if (answer.result() instanceof Result.Opened opened) {
                        attached(opened.session());
                    }
                    sink.answer(answer);
                };
            }
            if (command instanceof SessionCommand.Reclaim reclaim) {
                return answer -> {
                    if (answer.result() instanceof Result.Reclaimed) {
                        attached(reclaim.session());
                    }
                    sink.answer(answer);
                };
            }
            return sink;
        }

        private void read(V1.Read read, Answer.Sink sink) {
            counters.count(Counter.READS);
            if (outbox.bytes() > READS_BYTES_MAX) {
                sink.answer(Answer.tryLater("earlier answers have not been read yet", 20));
                return;
            }
            Query query = QueryCodec.decode(read);
            switch (read.getConsistency()) {
                case CONSISTENCY_LINEARIZABLE -> reader.linearizable(query, sink);
                case CONSISTENCY_SESSION -> reader.session(read.getMinRevision(), query, sink);
                case CONSISTENCY_NODE -> reader.node(query, sink);
                case UNRECOGNIZED -> throw new IllegalArgumentException("unknown consistency");
            }
        }

        private void attach(long call, V1.Attach attach, Answer.Sink sink) {
            long session = attach.getSession();
            State state = machine.state();
            if (session <= state.revision()) {
                attach(call, attach, state, sink);
            } else {
                reader.whenApplied(
                        session,
                        later -> attach(call, attach, later, sink),
                        () -> sink.answer(Answer.notKnownYet(session)));
            }
        }

        private void attach(long call, V1.Attach attach, State state, Answer.Sink sink) {
            Session session = state.sessions().get(attach.getSession());
            if (session == null) {
                sink.answer(Answer.unknownSession(state, attach.getSession()));
            } else if (!session.secret().equals(CommonCodec.decode(attach.getSecret()))) {
                sink.answer(Answer.refusedBeforeTheLog(
                        ErrorCode.UNAUTHENTICATED, "that is not the secret of session " + session.id()));
            } else if (sessions.size() >= ATTACHED_MAX && !forwards()) {
                sink.answer(Answer.refusedBeforeTheLog(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "the connection is attached to " + ATTACHED_MAX + " sessions, as many as may"));
            } else {
                attached(session.id());
                inFlight.decrementAndGet();
                send(new Reply.Encoded(V1.Answer.newBuilder()
                        .setId(call)
                        .setResult(V1.Result.newBuilder().setAttached(V1.Attached.getDefaultInstance()))
                        .build()));
                if (!forwards()) {
                    // While its client was cut off nobody told it.
                    Outcomes.of(state, session.id()).forEach(push -> send(new Reply.OfPush(push)));
                }
            }
        }

        private void attached(long session) {
            sessions.add(session);
            if (!forwards()) {
                attached.put(session, this);
            }
        }

        void send(Reply reply) {
            if (over) {
                return;
            }
            outbox.add(reply);
            if (outbox.bytes() > UNREAD_BYTES_MAX && !stream.isReady() && cutOff.compareAndSet(false, true)) {
                counters.count(Counter.CONNECTIONS_CUT_OFF);
                stream.fail(new StreamFailure(
                        StreamFailure.Kind.TOO_SLOW,
                        "the client has left more than " + UNREAD_BYTES_MAX + " bytes of answers unread"));
                closed(StreamFailure.CLOSED);
            }
        }

        @Override
        public void ready() {
            outbox.send();
        }

        @Override
        public void closed(StreamFailure why) {
            over = true;
            outbox.close();
            connections.remove(number);
            sessions.forEach(session -> attached.remove(session, this));
        }
    }
}
