package io.whatnot.client;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result.Detail;

/** A request failed: refused by the cluster, or without an answer in its time. Subclasses tell more where there is more. */
public class WhatnotException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String explanation;
    private final Outcome outcome;
    private final transient Detail detail;

    /** For the library, and for tests of its users. */
    public WhatnotException(ErrorCode code, Outcome outcome, String message, Detail detail) {
        super(code + ": " + message + (outcome == Outcome.UNKNOWN ? " (whether it took effect is not known)" : ""));
        this.code = code;
        this.explanation = message;
        this.outcome = outcome;
        this.detail = detail;
    }

    /** For the library, and for tests of its users. */
    public WhatnotException(ErrorCode code, Outcome outcome, String message) {
        this(code, outcome, message, Detail.NONE);
    }

    /** Why, as a code to act on. */
    public ErrorCode code() {
        return code;
    }

    /** Why, in words: the message without the code before it and the outcome after it. */
    public String explanation() {
        return explanation;
    }

    /** Whether it is known that nothing was done. */
    public Outcome outcome() {
        return outcome;
    }

    /** What else the refusal bears: who is in the way of LOCKED, the present version of CONDITION_FAILED, and the like. */
    public Detail detail() {
        return detail == null ? Detail.NONE : detail;
    }
}
