package io.whatnot.core.engine;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.PathException;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.UnsupportedException;
import io.whatnot.core.state.State;

/**
 * What a call is answered with.
 *
 * @param result the result
 * @param timeMillis cluster time that is surely not before the receipt of the call; 0 if the answer proves none
 * @param notProposed whether the call was refused before it reached the log
 */
record Answer(Result result, long timeMillis, boolean notProposed) {
    /** Who waits for an answer; told once, by any thread, and must not block. */
    interface Sink {
        void answer(Answer answer);

        /** Whether anybody is still there to be told; else the answer need not be made. */
        default boolean isWanted() {
            return true;
        }
    }

    static Answer refusedBeforeTheLog(ErrorCode code, String message) {
        return new Answer(new Refused(code, message), 0, true);
    }

    static Answer tryLater(String message, long millis) {
        return new Answer(new Refused(ErrorCode.RATE_LIMITED, message, new Detail.RetryAfter(millis)), 0, true);
    }

    /** Nobody knows whether it has reached the log. */
    static Answer unknown(String message) {
        return new Answer(new Refused(ErrorCode.UNAVAILABLE, message), 0, false);
    }

    /** The refusal of what breaks a rule of the model. */
    static Refused refusal(IllegalArgumentException broken) {
        ErrorCode code = broken instanceof PathException
                ? ErrorCode.INVALID_PATH
                : broken instanceof UnsupportedException ? ErrorCode.UNSUPPORTED : ErrorCode.INVALID_ARGUMENT;
        return new Refused(code, String.valueOf(broken.getMessage()));
    }

    /** About a session that is not in this node's state, for it has ended or is not there yet. */
    static Answer unknownSession(State state, long session) {
        if (session > state.revision()) {
            return notKnownYet(session);
        }
        return state.mayBeReclaimed(session)
                ? new Answer(state.recoveringRefusal(), 0, true)
                : refusedBeforeTheLog(
                        ErrorCode.SESSION_EXPIRED,
                        "there is no session " + session + ": it was closed, it ran out, or never was");
    }

    /** About a session that this node has not come to yet. */
    static Answer notKnownYet(long session) {
        return refusedBeforeTheLog(ErrorCode.UNAVAILABLE, "this node does not know session " + session + " yet");
    }
}
