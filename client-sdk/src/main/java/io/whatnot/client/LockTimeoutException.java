package io.whatnot.client;

import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result.Detail;
import java.util.List;

/** A lock was not granted in the time its request was ready to wait. Nothing is held and nothing waits any more. */
public final class LockTimeoutException extends WhatnotException {
    private static final long serialVersionUID = 1L;

    private final transient Detail.Blocked blocked;

    /** For the library, and for tests of its users. */
    public LockTimeoutException(String message, Detail.Blocked blocked) {
        super(ErrorCode.LOCK_TIMEOUT, Outcome.NOT_APPLIED, message, blocked);
        this.blocked = blocked;
    }

    /** The place in line the request had at the end, from 1. */
    public long position() {
        return blocked.position();
    }

    /** The first few of those that were in its way at the end. */
    public List<Blocker> blockedBy() {
        return blocked.blockers();
    }
}
