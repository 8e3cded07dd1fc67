package io.whatnot.client;

import io.whatnot.core.model.ErrorCode;

/** A lease is not held any more, or can't be proven to be for as long as was asked. */
public final class LeaseLostException extends WhatnotException {
    private static final long serialVersionUID = 1L;

    private final LossReason reason;

    /** For the library, and for tests of its users. */
    public LeaseLostException(LossReason reason, String message) {
        super(ErrorCode.LEASE_LOST, Outcome.NOT_APPLIED, message);
        this.reason = reason;
    }

    /** Why. */
    public LossReason reason() {
        return reason;
    }
}
