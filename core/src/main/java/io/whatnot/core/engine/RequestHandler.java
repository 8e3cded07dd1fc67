package io.whatnot.core.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.PathException;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.UnsupportedException;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.QueryCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
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
 * The node's end of control streams: takes calls in, has them carried out here or by the leader, and brings back what
 * becomes of them, also much later, when a request that waits is granted.
 *
 * <p>Whatever a client sends, it is answered, refused with a code, or cut off, and nobody else notices.
 */
final class RequestHandler {
    /** The most calls of a connection that may be without an answer, besides as many that make room. */
    static final int IN_FLIGHT_MAX = 10_000;

    /** The most sessions that one connection may be attached to. */
    static final int ATTACHED_MAX = 10_000;

    /** A connection with more bytes than this on their way to a client that doesn't read is cut off. */
    static final long UNREAD_BYTES_MAX = 16L << 20;

    /** With more bytes than this on their way, reads are put off. */
    private static final long READS_BYTES_MAX = 4L << 20;

    private static final int ANSWER_BYTES = 100;

    /** A change of members that can't be made now is worth another try after so long. */
    private static final long MEMBERS_AGAIN_MILLIS = 500;

    private final String clusterName;
    private final int levelMax;
    private final NamespaceStateMachine machine;
    private final Proposer proposer;
    private final Reader reader;
    private final LeaderDuties duties;
    private final Admission admission;
    private final Leadership leadership;
    private final Levels levels;
    private final ReplicatedLog log;
    private final LeaderLink link;
    private final Counters counters;
    private final Executor replies;
    /** In the order they came, so that whatever is told to all of them is told in the same order each time. */
    private final Map<Long, Connection> connections = new ConcurrentSkipListMap<>();

    private final AtomicLong lastConnection = new AtomicLong();
    /** Where a session's grants are pushed to: the connection that attached to it last. */
    private final Map<Long, Connection> attached = new ConcurrentHashMap<>();

    private volatile V1.Leader leader = V1.Leader.getDefaultInstance();

    RequestHandler(
            String clusterName,
            int levelMax,
            NamespaceStateMachine machine,
            Proposer proposer,
            Reader reader,
            LeaderDuties duties,
            Admission admission,
            Leadership leadership,
            Levels levels,
            ReplicatedLog log,
            LeaderLink link,
            Counters counters,
            Executor replies) {
        this.clusterName = clusterName;
        this.levelMax = levelMax;
        this.machine = machine;
        this.proposer = proposer;
        this.reader = reader;
        this.duties = duties;
        this.admission = admission;
        this.leadership = leadership;
        this.levels = levels;
        this.log = log;
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
        connections.values().forEach(connection -> connection.send(new LeaderReply(now)));
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
            connection.send(new PushReply(push));
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

    /** The refusal of what breaks a rule of the model. */
    static Refused refusal(IllegalArgumentException broken) {
        ErrorCode code = broken instanceof PathException
                ? ErrorCode.INVALID_PATH
                : broken instanceof UnsupportedException ? ErrorCode.UNSUPPORTED : ErrorCode.INVALID_ARGUMENT;
        return new Refused(code, String.valueOf(broken.getMessage()));
    }

    static Answer noSession(long session) {
        return new Answer(
                new Refused(
                        ErrorCode.SESSION_EXPIRED,
                        "there is no session " + session + ": it was closed, it ran out, or never was"),
                0,
                true);
    }

    /** What is answered about a session that this node does not know. */
    static Answer unknown(State state, long session) {
        if (session > state.revision()) {
            return Answer.refusedBeforeTheLog(
                    ErrorCode.UNAVAILABLE, "this node does not know session " + session + " yet");
        }
        return state.mayBeReclaimed(session) ? new Answer(state.recoveringRefusal(), 0, true) : noSession(session);
    }

    // ---- what goes back to a client

    private sealed interface Reply {
        int bytes();
    }

    private record AnswerReply(long id, Answer answer) implements Reply {
        @Override
        public int bytes() {
            return ANSWER_BYTES;
        }
    }

    private record EncodedReply(V1.Answer answer) implements Reply {
        @Override
        public int bytes() {
            return answer.getSerializedSize();
        }
    }

    private record PushReply(Applied.Push push) implements Reply {
        @Override
        public int bytes() {
            return ANSWER_BYTES;
        }
    }

    private record LeaderReply(V1.Leader leader) implements Reply {
        @Override
        public int bytes() {
            return ANSWER_BYTES;
        }
    }

    private V1.ControlReply pack(List<Reply> replies) {
        V1.ControlReply.Builder frame =
                V1.ControlReply.newBuilder().setRevision(machine.state().revision());
        for (Reply reply : replies) {
            if (reply instanceof AnswerReply answer) {
                frame.addAnswers(encode(answer.id, answer.answer));
            } else if (reply instanceof EncodedReply encoded) {
                frame.addAnswers(encoded.answer);
            } else if (reply instanceof PushReply push) {
                frame.addPushes(V1.Push.newBuilder()
                        .setSession(push.push.id().session())
                        .setSequence(push.push.id().sequence())
                        .setResult(ResultCodec.encode(push.push.result())));
            } else if (reply instanceof LeaderReply leaderReply) {
                frame.setLeader(leaderReply.leader);
            } else {
                throw new AssertionError(reply);
            }
        }
        return frame.build();
    }

    private static V1.Answer encode(long id, Answer answer) {
        return V1.Answer.newBuilder()
                .setId(id)
                .setResult(ResultCodec.encode(answer.result()))
                .setTime(answer.timeMillis())
                .setNotProposed(answer.notProposed())
                .build();
    }

    // ---- one stream

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
            this.outbox = new Outbox<>(stream, RequestHandler.this::pack, Reply::bytes, 256, replies);
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
                send(new LeaderReply(leader));
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
                    case REQUEST -> request(call.getRequest(), before, sink);
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
                sink.answer(new Answer(refusal(broken), 0, true));
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
            send(
                    call.getKindCase() == V1.Call.KindCase.READ
                            ? new EncodedReply(encode(call.getId(), answer))
                            : new AnswerReply(call.getId(), answer));
        }

        private void request(ByteString bytes, int before, Answer.Sink sink) throws InvalidProtocolBufferException {
            Request request = RequestCodec.decode(bytes);
            requireKnown(request.command());
            boolean makesRoom = makesRoom(request.command());
            if (!hasRoomFor(before, makesRoom, sink)) {
                return;
            }
            long session = request.session();
            if (session != 0 && !sessions.contains(session)) {
                sink.answer(unattached(session));
                return;
            }
            if (request.command() instanceof ClusterCommand) {
                sink.answer(Answer.refusedBeforeTheLog(
                        ErrorCode.PERMISSION_DENIED,
                        "that is for the leader to put into the log, and taken from no connection"));
                return;
            }
            if (request.command() instanceof AdminCommand && !mayAdminister()) {
                sink.answer(Answer.refusedBeforeTheLog(
                        ErrorCode.PERMISSION_DENIED,
                        "administration is taken only from the machine of a node, by loopback: send it from there,"
                                + " to that node"));
                return;
            }
            Answer.Sink then = request.command() instanceof SessionCommand.Open
                    ? answer -> {
                        if (answer.result() instanceof Result.Opened opened) {
                            attached(opened.session());
                        }
                        sink.answer(answer);
                    }
                    : request.command() instanceof SessionCommand.Reclaim reclaim
                            ? answer -> {
                                if (answer.result() instanceof Result.Reclaimed) {
                                    attached(reclaim.session());
                                }
                                sink.answer(answer);
                            }
                            : sink;
            if (duties.term() != 0) {
                leadership.note(
                        State.roundedUpTtl(ttlMillis(request.command())),
                        () -> propose(bytes, request, makesRoom, then));
            } else if (forwards()) {
                then.answer(Answer.refusedBeforeTheLog(ErrorCode.UNAVAILABLE, "this node does not lead any more"));
            } else {
                link.forward(session, bytes, makesRoom, then);
            }
        }

        /** As the leader. What needs a higher level than the cluster has must not even be read by older nodes. */
        private void propose(ByteString bytes, Request request, boolean makesRoom, Answer.Sink sink) {
            Command command = request.command();
            Refused above = machine.state().refuseAbove(command);
            if (above != null) {
                sink.answer(new Answer(above, 0, true));
            } else if (command instanceof AdminCommand.RaiseLevel raise) {
                levels.ifSupported(raise.level(), () -> proposer.submit(request.session(), bytes, false, sink), sink);
            } else if (command instanceof AdminCommand.ChangeMembers change) {
                log.changeMembers(forLog(change), outcome -> sink.answer(answerOf(outcome)));
            } else {
                admission.admit(
                        duties.term(),
                        machine.state(),
                        request,
                        makesRoom,
                        sink,
                        counted -> proposer.submit(request.session(), bytes, makesRoom, counted));
            }
        }

        /** What older software can't read, it doesn't take. */
        private void requireKnown(Command command) {
            int needed = FeatureLevel.neededBy(command);
            if (needed > levelMax) {
                throw new UnsupportedException("the request needs feature level " + needed
                        + ", and the software of this node supports levels up to " + levelMax);
            }
        }

        /**
         * Who is on a node's machine may administer. A follower that passes on what it was sent has made sure of that, and
         * is believed by the address it comes from: to say that one forwards, anybody can.
         */
        private boolean mayAdminister() {
            return origin == Origin.HERE || (origin == Origin.NODE && forwards());
        }

        private Answer unattached(long session) {
            State state = machine.state();
            if (session <= state.revision() && state.sessions().get(session) == null) {
                return unknown(state, session);
            }
            return Answer.refusedBeforeTheLog(
                    ErrorCode.UNAUTHENTICATED, "the connection is not attached to session " + session);
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
                        () -> sink.answer(Answer.refusedBeforeTheLog(
                                ErrorCode.UNAVAILABLE, "this node does not know session " + session + " yet")));
            }
        }

        private void attach(long call, V1.Attach attach, State state, Answer.Sink sink) {
            Session session = state.sessions().get(attach.getSession());
            if (session == null) {
                sink.answer(unknown(state, attach.getSession()));
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
                send(new EncodedReply(V1.Answer.newBuilder()
                        .setId(call)
                        .setResult(V1.Result.newBuilder().setAttached(V1.Attached.getDefaultInstance()))
                        .build()));
                if (!forwards()) {
                    // While its client was cut off nobody told it.
                    Outcomes.of(state, session.id()).forEach(push -> send(new PushReply(push)));
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

    private static ReplicatedLog.MemberChange forLog(AdminCommand.ChangeMembers change) {
        ReplicatedLog.MemberChange.Action action = switch (change.action()) {
            case ADD -> ReplicatedLog.MemberChange.Action.ADD;
            case ADD_LEARNER -> ReplicatedLog.MemberChange.Action.ADD_LEARNER;
            case PROMOTE -> ReplicatedLog.MemberChange.Action.PROMOTE;
            case REMOVE -> ReplicatedLog.MemberChange.Action.REMOVE;
            case REPLACE -> ReplicatedLog.MemberChange.Action.REPLACE;
            case TRANSFER -> ReplicatedLog.MemberChange.Action.TRANSFER;
        };
        return new ReplicatedLog.MemberChange(action, change.member(), change.other());
    }

    private Answer answerOf(ReplicatedLog.MemberOutcome outcome) {
        String problem = outcome.problem();
        return switch (outcome.kind()) {
            case DONE -> new Answer(new Result.Done(new Revision(machine.state().revision())), 0, false);
            case WRONG -> Answer.refusedBeforeTheLog(ErrorCode.INVALID_ARGUMENT, problem);
            case TOO_MANY -> Answer.refusedBeforeTheLog(ErrorCode.RESOURCE_EXHAUSTED, problem);
            case NOT_NOW -> Answer.tryLater(problem, MEMBERS_AGAIN_MILLIS);
            case UNKNOWN -> new Answer(new Refused(ErrorCode.TIMEOUT, problem), 0, false);
        };
    }

    /** For how long something may be held because of it, as far as that is not known before; 0 if nothing is. */
    private static long ttlMillis(Command command) {
        if (command instanceof SessionCommand.Open open) {
            return open.ttlMillis();
        }
        if (command instanceof LeaseCommand.Acquire acquire) {
            return acquire.ttlMillis();
        }
        if (command instanceof LeaseCommand.Renew renew) {
            return renew.ttlMillis();
        }
        if (command instanceof SessionCommand.Reclaim reclaim) {
            return reclaim.held().stream()
                    .mapToLong(held -> held.lease().ttlMillis())
                    .reduce(reclaim.ttlMillis(), Math::max);
        }
        return 0;
    }

    /** What makes room is never refused for want of it, and goes first. */
    private static boolean makesRoom(Command command) {
        return command instanceof SessionCommand.Heartbeat
                || command instanceof SessionCommand.Reclaim
                || command instanceof SessionCommand.Close
                || command instanceof LeaseCommand.Release
                || command instanceof LeaseCommand.Cancel;
    }
}
