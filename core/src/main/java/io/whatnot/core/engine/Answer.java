package io.whatnot.core.engine;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;

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
        return new Answer(new Result.Refused(code, message), 0, true);
    }

    static Answer tryLater(String message, long millis) {
        return new Answer(new Result.Refused(ErrorCode.RATE_LIMITED, message, new Detail.RetryAfter(millis)), 0, true);
    }

    /** Nobody knows whether it has reached the log. */
    static Answer unknown(String message) {
        return new Answer(new Result.Refused(ErrorCode.UNAVAILABLE, message), 0, false);
    }
}
