package io.whatnot.client;

/** What is known about a request that failed. */
public enum Outcome {
    /** It had no effect and will have none. */
    NOT_APPLIED,
    /** It may have been carried out, or may yet be. */
    UNKNOWN
}
