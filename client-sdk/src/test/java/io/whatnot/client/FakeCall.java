package io.whatnot.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.QueryCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.Queries;
import io.whatnot.core.state.State;
import io.whatnot.core.state.session.Session;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One attempt at a call, as it came to a node; the test may have it answered whenever and however it likes. */
public final class FakeCall {
    private final FakeNode node;
    private final FakeNode.ControlLine line;
    private final V1.Call message;
    private final @Nullable Request request;

    FakeCall(FakeNode node, FakeNode.ControlLine line, V1.Call message) {
        this.node = node;
        this.line = line;
        this.message = message;
        this.request = message.hasRequest() ? decode(message) : null;
    }

    private static Request decode(V1.Call message) {
        try {
            return RequestCodec.decode(message.getRequest());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("the client sent garbage", e);
        }
    }

    // ---- which calls

    /** Such a command. */
    public static Predicate<FakeCall> of(Class<? extends Command> type) {
        return call -> call.request != null && type.isInstance(call.request.command());
    }

    /** Any command but those that open the session and keep it alive. */
    public static Predicate<FakeCall> aCommand() {
        return call -> call.request != null
                && !(call.request.command() instanceof SessionCommand.Open)
                && !(call.request.command() instanceof SessionCommand.Heartbeat);
    }

    public static Predicate<FakeCall> aRead() {
        return call -> call.message.hasRead();
    }

    public static Predicate<FakeCall> anAttachment() {
        return call -> call.message.hasAttach();
    }

    public static Predicate<FakeCall> anything() {
        return call -> true;
    }

    /** Whether that session is reclaimed by it. */
    public boolean reclaims(long session) {
        return request().command() instanceof SessionCommand.Reclaim reclaim && reclaim.session() == session;
    }

    // ---- what it says

    public Request request() {
        if (request == null) {
            throw new AssertionError("no command, but " + message);
        }
        return request;
    }

    public long session() {
        return message.hasAttach()
                ? message.getAttach().getSession()
                : request().session();
    }

    public long sequence() {
        return request().sequence();
    }

    public V1.Attach asAttachment() {
        return message.getAttach();
    }

    public V1.Read asRead() {
        return message.getRead();
    }

    // ---- what becomes of it

    /** It gets lost on its way. */
    public static Consumer<FakeCall> requestLost() {
        return call -> {};
    }

    /** It is carried out, but its answer gets lost. */
    public static Consumer<FakeCall> answerLost() {
        return FakeCall::carryOut;
    }

    /** It is refused before it reaches the log. */
    public static Consumer<FakeCall> refused(ErrorCode code) {
        return call -> call.refuse(code, "refused by the script");
    }

    /** It is refused, and nobody knows whether it reached the log. */
    public static Consumer<FakeCall> leaderLost() {
        return call -> call.answer(
                new Refused(ErrorCode.UNAVAILABLE, "leadership was lost before the request was known to be committed"),
                0,
                false);
    }

    /** What a node does that has no script. */
    public void carryOutAndAnswer() {
        if (message.hasAttach()) {
            attach();
        } else if (request != null && request.session() != 0 && !line.attached.contains(request.session())) {
            unattached(request.session());
        } else {
            carryOut(this::answer);
        }
    }

    /** Carries it out without an answer, and tells everybody else whom it concerns. */
    public Result carryOut() {
        return carryOut(result -> {});
    }

    private Result carryOut(Consumer<Result> answer) {
        if (request == null) {
            Result result = Queries.answer(node.cluster().state(), QueryCodec.decode(message.getRead()));
            answer.accept(result);
            return result;
        }
        Applied applied = node.cluster().apply(request);
        Result result = applied.results().get(0);
        if (result instanceof Result.Opened opened) {
            line.attached.add(opened.session());
        }
        if (result instanceof Result.Reclaimed && request.command() instanceof SessionCommand.Reclaim reclaim) {
            line.attached.add(reclaim.session());
        }
        answer.accept(result);
        node.cluster().push(applied.pushes());
        return result;
    }

    private void attach() {
        V1.Attach attach = message.getAttach();
        Session session = node.cluster().state().sessions().get(attach.getSession());
        if (session == null) {
            unknown(attach.getSession());
        } else if (!session.secret().equals(CommonCodec.decode(attach.getSecret()))) {
            refuse(ErrorCode.UNAUTHENTICATED, "that is not the secret of session " + session.id());
        } else {
            line.attached.add(session.id());
            answer(V1.Result.newBuilder()
                    .setAttached(V1.Attached.getDefaultInstance())
                    .build());
        }
    }

    private void unattached(long session) {
        if (node.cluster().state().sessions().get(session) == null) {
            unknown(session);
        } else {
            refuse(ErrorCode.UNAUTHENTICATED, "the connection is not attached to session " + session);
        }
    }

    private void unknown(long session) {
        State state = node.cluster().state();
        if (state.mayBeReclaimed(session)) {
            answer(state.recoveringRefusal(), 0, true);
        } else {
            refuse(ErrorCode.SESSION_EXPIRED, "there is no session " + session);
        }
    }

    /** Answers, with the cluster time of this moment. */
    public void answer(Result result) {
        answer(result, node.cluster().timeMillis(), false);
    }

    public void answer(Result result, long timeMillis, boolean notProposed) {
        send(V1.Answer.newBuilder()
                .setResult(ResultCodec.encode(result))
                .setTime(timeMillis)
                .setNotProposed(notProposed));
    }

    /** Answers with whatever that is. */
    public void answer(V1.Result result) {
        send(V1.Answer.newBuilder().setResult(result));
    }

    /** Refuses it before it reaches the log. */
    public void refuse(ErrorCode code, String message) {
        answer(new Refused(code, message), 0, true);
    }

    /** Refuses it before it reaches the log, and says when to come again. */
    public void refuse(ErrorCode code, long retryAfterMillis) {
        answer(new Refused(code, "not now", new Detail.RetryAfter(retryAfterMillis)), 0, true);
    }

    /** Grants it by a push, as a node does that hears of the grant sooner than of the answer. */
    public void pushOutcome(Result result) {
        node.push(new Applied.Push(new LeaseId(session(), sequence()), result));
    }

    /** Whether this node may still answer it: its line is open. */
    public boolean canBeAnswered() {
        return !line.isOver();
    }

    private void send(V1.Answer.Builder answer) {
        line.reply(V1.ControlReply.newBuilder().addAnswers(answer.setId(message.getId())));
    }

    @Override
    public String toString() {
        return request != null
                ? request.sequence() + " " + request.command() + " at " + node
                : message.toString().strip() + " at " + node;
    }
}
