package io.whatnot.client.internal;

import io.whatnot.client.DeadlockException;
import io.whatnot.client.LeaseLostException;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.LossReason;
import io.whatnot.client.Outcome;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Refusals as exceptions. */
final class Errors {
    private Errors() {}

    static WhatnotException of(Refused refused) {
        return of(refused, Outcome.NOT_APPLIED);
    }

    static WhatnotException of(Refused refused, Outcome outcome) {
        if (refused.code() == ErrorCode.LOCK_TIMEOUT && refused.detail() instanceof Detail.Blocked blocked) {
            return new LockTimeoutException(refused.message(), blocked);
        }
        if (refused.code() == ErrorCode.DEADLOCK && refused.detail() instanceof Detail.Deadlock deadlock) {
            return new DeadlockException(refused.message(), deadlock);
        }
        if (refused.code() == ErrorCode.LEASE_LOST) {
            return new LeaseLostException(reason(refused), refused.message());
        }
        return new WhatnotException(refused.code(), outcome, refused.message(), refused.detail());
    }

    static LossReason reason(Refused refused) {
        if (refused.detail() instanceof Detail.Ended ended) {
            return reason(ended.cause());
        }
        return refused.code() == ErrorCode.SESSION_EXPIRED ? LossReason.SESSION_ENDED : LossReason.EXPIRED;
    }

    private static LossReason reason(Cause cause) {
        return switch (cause) {
            case EXPIRED -> LossReason.EXPIRED;
            case SESSION_ENDED -> LossReason.SESSION_ENDED;
            case ADMIN, REQUEST -> LossReason.REVOKED;
        };
    }

    /** Waits for a future of this library's, and throws what it failed with as it is. */
    static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } catch (CancellationException e) {
            throw new IllegalStateException("the request was cancelled", e);
        }
    }

    private static RuntimeException unwrapped(ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof WhatnotException failure) {
            // Where it was waited for is of use to somebody; where the answer came in is not.
            failure.setStackTrace(new Throwable().getStackTrace());
            return failure;
        }
        return cause instanceof RuntimeException exception ? exception : new IllegalStateException(cause);
    }
}
