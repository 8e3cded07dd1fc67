package io.whatnot.client;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result.Detail;
import java.util.List;

/**
 * A lock was refused because waiting for it would never have ended: its owner holds what others wait for, directly or
 * through others, who hold what it asked for. Exact: nobody is told so who could have been granted the lock without
 * somebody giving up something first. Nothing that the owner holds is lost; release it, and begin again.
 */
public final class DeadlockException extends WhatnotException {
    private static final long serialVersionUID = 1L;

    private final transient Detail.Deadlock deadlock;

    /** For the library, and for tests of its users. */
    public DeadlockException(String message, Detail.Deadlock deadlock) {
        super(ErrorCode.DEADLOCK, Outcome.NOT_APPLIED, message, deadlock);
        this.deadlock = deadlock;
    }

    /** How many wait for each other. */
    public int length() {
        return deadlock.length();
    }

    /**
     * Who wants what, and which lease is in its way; first the request that was refused, then that of the lease's owner, and
     * so on. The first few where it is long.
     */
    public List<Detail.Wait> cycle() {
        return deadlock.cycle();
    }
}
