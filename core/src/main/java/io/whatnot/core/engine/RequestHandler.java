package io.whatnot.core.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.UnsupportedException;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import io.whatnot.core.wire.Origin;

/**
 * What becomes of a request: it is refused, passed on to the leader, or, on the leader, let in and proposed for the log.
 */
final class RequestHandler {
    /** A change of members that can't be made now is worth another try after so long. */
    private static final long MEMBERS_AGAIN_MILLIS = 500;

    private final int levelMax;
    private final NamespaceStateMachine machine;
    private final Proposer proposer;
    private final LeaderDuties duties;
    private final Admission admission;
    private final Leadership leadership;
    private final Levels levels;
    private final ReplicatedLog log;
    private final LeaderLink link;

    RequestHandler(
            int levelMax,
            NamespaceStateMachine machine,
            Proposer proposer,
            LeaderDuties duties,
            Admission admission,
            Leadership leadership,
            Levels levels,
            ReplicatedLog log,
            LeaderLink link) {
        this.levelMax = levelMax;
        this.machine = machine;
        this.proposer = proposer;
        this.duties = duties;
        this.admission = admission;
        this.leadership = leadership;
        this.levels = levels;
        this.log = log;
        this.link = link;
    }

    /**
     * A request as it came, and read.
     *
     * @param bytes as it is passed on, and put into the log
     */
    record Decoded(ByteString bytes, Request request) {
        /** Whether it makes room: such a request is never refused for want of room, and goes first. */
        boolean makesRoom() {
            Command command = request.command();
            return command instanceof SessionCommand.Heartbeat
                    || command instanceof SessionCommand.Reclaim
                    || command instanceof SessionCommand.Close
                    || command instanceof LeaseCommand.Release
                    || command instanceof LeaseCommand.Cancel;
        }
    }

    /**
     * Reads a request.
     *
     * @throws InvalidProtocolBufferException if it is no message
     * @throws IllegalArgumentException if it breaks a rule of the model
     * @throws UnsupportedException if older software of this node could not read it; it doesn't take it either
     */
    Decoded decode(ByteString bytes) throws InvalidProtocolBufferException {
        Request request = RequestCodec.decode(bytes);
        int needed = FeatureLevel.neededBy(request.command());
        if (needed > levelMax) {
            throw new UnsupportedException("the request needs feature level " + needed
                    + ", and the software of this node supports levels up to " + levelMax);
        }
        return new Decoded(bytes, request);
    }

    /**
     * Carries a request out, as far as it is this node's to do so.
     *
     * @param forwarded whether another node says that it passes it on
     */
    void handle(Decoded decoded, Origin origin, boolean forwarded, Answer.Sink sink) {
        Command command = decoded.request().command();
        if (command instanceof ClusterCommand) {
            sink.answer(Answer.refusedBeforeTheLog(
                    ErrorCode.PERMISSION_DENIED,
                    "that is for the leader to put into the log, and taken from no connection"));
        } else if (command instanceof AdminCommand && !mayAdminister(origin, forwarded)) {
            sink.answer(Answer.refusedBeforeTheLog(
                    ErrorCode.PERMISSION_DENIED,
                    "administration is taken only from the machine of a node, by loopback: send it from there,"
                            + " to that node"));
        } else if (duties.term() != 0) {
            leadership.note(State.roundedUpTtl(ttlMillis(command)), () -> propose(decoded, sink));
        } else if (forwarded) {
            sink.answer(Answer.refusedBeforeTheLog(ErrorCode.UNAVAILABLE, "this node does not lead any more"));
        } else {
            link.forward(decoded.request().session(), decoded.bytes(), decoded.makesRoom(), sink);
        }
    }

    /**
     * Who is on a node's machine may administer. A follower that passes on what it was sent has made sure of that, and is
     * believed by the address it comes from: to say that one forwards, anybody can.
     */
    private static boolean mayAdminister(Origin origin, boolean forwarded) {
        return origin == Origin.HERE || (origin == Origin.NODE && forwarded);
    }

    /** As the leader. What needs a higher level than the cluster has must not even be read by older nodes. */
    private void propose(Decoded decoded, Answer.Sink sink) {
        Request request = decoded.request();
        Command command = request.command();
        Refused above = machine.state().refuseAbove(command);
        if (above != null) {
            sink.answer(new Answer(above, 0, true));
        } else if (command instanceof AdminCommand.RaiseLevel raise) {
            levels.ifSupported(
                    raise.level(), () -> proposer.submit(request.session(), decoded.bytes(), false, sink), sink);
        } else if (command instanceof AdminCommand.ChangeMembers change) {
            log.changeMembers(forLog(change), outcome -> sink.answer(answerOf(outcome)));
        } else {
            admission.admit(
                    duties.term(),
                    machine.state(),
                    request,
                    decoded.makesRoom(),
                    sink,
                    counted -> proposer.submit(request.session(), decoded.bytes(), decoded.makesRoom(), counted));
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
}
