package io.whatnot.core.model;

/**
 * Why a request was refused or has no answer: one set of codes for all modules and the wire. The numbers are the wire's
 * and never change.
 */
public enum ErrorCode {
    INVALID_PATH(
            1,
            Retry.NEVER,
            "A path breaks a rule; the message names rule, path and position.",
            "Mend the path; nothing repairs it silently."),
    INVALID_ARGUMENT(
            2,
            Retry.NEVER,
            "An argument is out of its range or contradicts another.",
            "Mend the argument; the message names its range."),
    NO_SUCH_NAMESPACE(
            3,
            Retry.NEVER,
            "No namespace has that name, and it is not made by first use.",
            "Create it, or mind the name."),
    NAMESPACE_EXISTS(4, Retry.NEVER, "A namespace of that name exists already.", "Use it as it is, or drop it first."),
    NO_SUCH_ELEMENT(
            5, Retry.NEVER, "Nothing is registered at that path.", "Register it, or take its absence for the answer."),
    ELEMENT_EXISTS(
            6,
            Retry.NEVER,
            "Something is registered at that path, and the request wanted it absent.",
            "Somebody was first; read what is there."),
    HAS_CHILDREN(
            7,
            Retry.NEVER,
            "The element has registered children, or may not have any.",
            "Delete what is below first, or recursively; an element with a ttl or ephemeral has no children."),
    LOCKED(
            8,
            Retry.NEVER,
            "Another owner holds a lock there; bears the holders, since when and for how long.",
            "Take the lock yourself, waiting for it, and write under it."),
    LOCK_TIMEOUT(
            9,
            Retry.NEVER,
            "The lock was not granted in time; bears the position in line and who blocks.",
            "Wait longer, or look at who blocks."),
    LEASE_LOST(
            10,
            Retry.NEVER,
            "The lease or claim has ended; bears the cause.",
            "Stop what the lease protected; acquire anew."),
    STALE_TOKEN(
            11,
            Retry.NEVER,
            "The request names a lease that is not held, or that does not cover the path.",
            "Stop: somebody else may hold the lock. Acquire anew."),
    STALE_REQUEST(
            12,
            Retry.NEVER,
            "The request was answered and that answer acknowledged; it has no effect.",
            "Nothing; the SDK never shows it."),
    OWNER_BUSY(
            13,
            Retry.NEVER,
            "The owner has a waiting request already, and would have to wait with this one too.",
            "Ask for all targets in one request, or use another owner."),
    DEADLOCK(
            14, Retry.NEVER, "Waiting would close a cycle; bears the cycle.", "Release what you hold and begin again."),
    TOO_MANY_WAITERS(
            15,
            Retry.NEVER,
            "As many requests wait at that path as may.",
            "Come later, or spread the work over more paths."),
    POOL_EXISTS(16, Retry.NEVER, "A semaphore pool exists at that path.", "Use it, or replace it with purge."),
    NO_SUCH_POOL(17, Retry.NEVER, "No semaphore pool serves that path.", "Create a pool first."),
    CLAIM_TOO_LARGE(
            18, Retry.NEVER, "The claim asks for more slots than the pool has.", "Claim less, or resize the pool."),
    CONDITION_FAILED(
            19,
            Retry.NEVER,
            "The element is not in the version the request asked for; bears the present one.",
            "Read again and decide anew."),
    COMPACTED(
            20,
            Retry.NEVER,
            "The node's history does not reach back to that revision; bears the oldest it has.",
            "Start from the state as it is now; the SDK does, and says resynced."),
    VIEW_EXPIRED(
            21,
            Retry.NEVER,
            "The listing's revision is no longer kept; start the listing again.",
            "Start the listing again; the SDK does where that is safe."),
    SESSION_EXPIRED(
            22,
            Retry.NEVER,
            "The session has ended, and with it everything it owned.",
            "All its leases are lost. The SDK opens another session; acquire anew."),
    UNAUTHENTICATED(
            23,
            Retry.NEVER,
            "The caller has not shown who it is.",
            "Attach to the session with its secret, or show credentials."),
    PERMISSION_DENIED(24, Retry.NEVER, "No role of the caller allows this.", "Ask whoever administers the cluster."),
    RATE_LIMITED(
            25,
            Retry.LATER,
            "Too many requests for now; bears when to try again.",
            "Wait as long as it says; the SDK does."),
    RESOURCE_EXHAUSTED(
            26,
            Retry.NEVER,
            "A limit of the state or of the node is reached; the message names it.",
            "Free something, or have the setting that the message names raised."),
    RECOVERING(
            27,
            Retry.LATER,
            "The cluster re-formed after losing its memory and waits for old leases to run out.",
            "Wait; the SDK does."),
    UNAVAILABLE(
            28,
            Retry.LATER,
            "No leader can be reached; the request was not carried out by this attempt.",
            "Wait; the SDK tries the other nodes until the time-out."),
    TIMEOUT(
            29,
            Retry.LATER,
            "No answer came in time; the request may or may not have been carried out.",
            "See the outcome: NOT_APPLIED is sure, UNKNOWN is settled in the background."),
    UNSUPPORTED(
            30,
            Retry.NEVER,
            "The cluster's feature level, or this build, does not have that yet.",
            "Upgrade all nodes, then raise the feature level: whatnot admin level."),
    INTERNAL(
            31,
            Retry.NEVER,
            "A bug: the request was rolled back on every node; bears an id to look for in the logs.",
            "Look for the id in the logs of the nodes, and report it.");

    private enum Retry {
        NEVER,
        LATER
    }

    private final int number;
    private final Retry retry;
    private final String meaning;
    private final String remedy;

    ErrorCode(int number, Retry retry, String meaning, String remedy) {
        this.number = number;
        this.retry = retry;
        this.meaning = meaning;
        this.remedy = remedy;
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

    /** What to do about it, in a sentence. */
    public String remedy() {
        return remedy;
    }
}
