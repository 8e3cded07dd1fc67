package io.whatnot.client.internal;

import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.v1.V1;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call until it is answered for good: what it is, whom it is for, and what has been tried so far. */
final class PendingCall {
    /** Never given up. */
    static final long NO_DEADLINE = Long.MAX_VALUE;

    /** Who waits for the answer; told while the guard is held. */
    interface Handler {
        /** The answer, for good: nothing that a retry could change. */
        void answered(Answered answer, Afterwards after);

        /** The session it was for had ended before it was carried out, so it is asked again, in the next one. */
        default void moved(PendingCall now) {}

        /** No answer came in time, or none can come any more. If it is unknown what became of it, an answer may yet. */
        void failed(WhatnotException why, Afterwards after);
    }

    /**
     * An answer.
     *
     * @param result the result
     * @param epoch the epoch in which it was given: what deadlines in it are to be compared with
     */
    record Answered(Result result, long epoch) {}

    // Of a command: itself, its session and its number there, and its owner. Of a read: itself.
    final @Nullable Command command;
    final @Nullable ClientSession session;
    final long sequence;
    final String owner;
    final V1.@Nullable Read read;

    final Handler handler;
    final long deadlineNanos;
    /** Whether it makes no sense in another session, or nobody wants it there. */
    boolean bound;

    /** Its number on its line; 0 while it is not under way. */
    long callId;

    @Nullable
    ControlLine line;

    long sentNanos;
    /** The same by the clock that leases are believed in by. */
    long sentLeaseNanos;

    int attempts;
    /** Whether some attempt may have reached the log without our being told what became of it. */
    boolean maybeProposed;
    /** Whether its handler was told that it failed. */
    boolean givenUp;
    /** Whether the last that was heard of it is that the cluster recovers. */
    boolean recovering;
    /** The refusal, if the last that was heard of it is that there are too many requests for now. */
    @Nullable
    Refused limited;
    /** The ends it has told the cluster that this client knows of. */
    List<Long> endsTold = List.of();

    PendingCall(
            @Nullable ClientSession session,
            long sequence,
            String owner,
            Command command,
            boolean bound,
            long deadlineNanos,
            Handler handler) {
        this.command = command;
        this.session = session;
        this.sequence = sequence;
        this.owner = owner;
        this.read = null;
        this.bound = bound;
        this.deadlineNanos = deadlineNanos;
        this.handler = handler;
    }

    PendingCall(V1.Read read, long deadlineNanos, Handler handler) {
        this.command = null;
        this.session = null;
        this.sequence = 0;
        this.owner = "";
        this.read = read;
        this.bound = false;
        this.deadlineNanos = deadlineNanos;
        this.handler = handler;
    }

    /** Whether it goes before others, however many those are: the session hangs on it. */
    boolean isUrgent() {
        return command instanceof SessionCommand.Open
                || command instanceof SessionCommand.Heartbeat
                || command instanceof SessionCommand.Reclaim
                || command instanceof SessionCommand.Close;
    }

    @Override
    public String toString() {
        return command != null ? command + " as request " + sequence : String.valueOf(read);
    }
}
