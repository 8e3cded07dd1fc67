package io.whatnot.core.model;

/**
 * Why a request was refused or has no answer: one set of codes for all modules and the wire. The numbers are the wire's
 * and never change.
 */
public enum ErrorCode {
    INVALID_PATH(1, Retry.NEVER, "A path breaks a rule; the message names rule, path and position."),
    INVALID_ARGUMENT(2, Retry.NEVER, "An argument is out of its range or contradicts another."),
    NO_SUCH_NAMESPACE(3, Retry.NEVER, "No namespace has that name, and it is not made by first use."),
    NAMESPACE_EXISTS(4, Retry.NEVER, "A namespace of that name exists already."),
    NO_SUCH_ELEMENT(5, Retry.NEVER, "Nothing is registered at that path."),
    ELEMENT_EXISTS(6, Retry.NEVER, "Something is registered at that path, and the request wanted it absent."),
    HAS_CHILDREN(7, Retry.NEVER, "The element has registered children, or may not have any."),
    LOCKED(8, Retry.NEVER, "Another owner holds a lock there; bears the holders, since when and for how long."),
    LOCK_TIMEOUT(9, Retry.NEVER, "The lock was not granted in time; bears the position in line and who blocks."),
    LEASE_LOST(10, Retry.NEVER, "The lease or claim has ended; bears the cause."),
    STALE_TOKEN(11, Retry.NEVER, "The request names a lease that is not held, or that does not cover the path."),
    STALE_REQUEST(12, Retry.NEVER, "The request was answered and that answer acknowledged; it has no effect."),
    OWNER_BUSY(13, Retry.NEVER, "The owner has a waiting request already, and would have to wait with this one too."),
    DEADLOCK(14, Retry.NEVER, "Waiting would close a cycle; bears the cycle."),
    TOO_MANY_WAITERS(15, Retry.NEVER, "As many requests wait at that path as may."),
    POOL_EXISTS(16, Retry.NEVER, "A semaphore pool exists at that path."),
    NO_SUCH_POOL(17, Retry.NEVER, "No semaphore pool serves that path."),
    CLAIM_TOO_LARGE(18, Retry.NEVER, "The claim asks for more slots than the pool has."),
    CONDITION_FAILED(
            19, Retry.NEVER, "The element is not in the version the request asked for; bears the present one."),
    COMPACTED(20, Retry.NEVER, "The node's history does not reach back to that revision; bears the oldest it has."),
    VIEW_EXPIRED(21, Retry.NEVER, "The listing's revision is no longer kept; start the listing again."),
    SESSION_EXPIRED(22, Retry.NEVER, "The session has ended, and with it everything it owned."),
    UNAUTHENTICATED(23, Retry.NEVER, "The caller has not shown who it is."),
    PERMISSION_DENIED(24, Retry.NEVER, "No role of the caller allows this."),
    RATE_LIMITED(25, Retry.LATER, "Too many requests for now; bears when to try again."),
    RESOURCE_EXHAUSTED(26, Retry.NEVER, "A limit of the state or of the node is reached; the message names it."),
    RECOVERING(27, Retry.LATER, "The cluster re-formed after losing its memory and waits for old leases to run out."),
    UNAVAILABLE(28, Retry.LATER, "No leader can be reached; the request was not carried out by this attempt."),
    TIMEOUT(29, Retry.LATER, "No answer came in time; the request may or may not have been carried out."),
    UNSUPPORTED(30, Retry.NEVER, "The cluster's feature level, or this build, does not have that yet."),
    INTERNAL(31, Retry.NEVER, "A bug: the request was rolled back on every node; bears an id to look for in the logs.");

    private enum Retry {
        NEVER,
        LATER
    }

    private final int number;
    private final Retry retry;
    private final String meaning;

    ErrorCode(int number, Retry retry, String meaning) {
        this.number = number;
        this.retry = retry;
        this.meaning = meaning;
    }

    /** The code's number on the wire. */
    public int number() {
        return number;
    }

    /** Whether the same request, sent again with the same sequence, may succeed. The SDK then does so by itself. */
    public boolean isRetryable() {
        return retry == Retry.LATER;
    }

    /** What it means, in a sentence. */
    public String meaning() {
        return meaning;
    }
}
