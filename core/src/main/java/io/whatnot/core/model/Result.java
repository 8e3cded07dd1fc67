package io.whatnot.core.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What a request is answered with. A refusal is an answer like any other: all nodes compute the same. */
public sealed interface Result {
    /**
     * It was not done, and has no effect.
     *
     * @param code why
     * @param message the same for people: names the input, the rule and the way out
     * @param detail what programs may want to know besides
     */
    record Refused(ErrorCode code, String message, Detail detail) implements Result {
        /** A refusal without details. */
        public Refused(ErrorCode code, String message) {
            this(code, message, Detail.NONE);
        }
    }

    /** What a refusal carries besides its code. */
    sealed interface Detail {
        /** Nothing. */
        Detail NONE = new Nothing();

        /** Nothing; see {@link #NONE}. */
        record Nothing() implements Detail {}

        /**
         * Of LOCKED, LOCK_TIMEOUT and their like: what is in the way.
         *
         * @param position the place in line, from 1; 0 where there is no line
         * @param blockers the first few
         */
        record Blocked(long position, List<Blocker> blockers) implements Detail {
            public Blocked {
                blockers = List.copyOf(blockers);
            }
        }

        /**
         * Of DEADLOCK: who waits for whom.
         *
         * @param length how many wait for each other
         * @param cycle the first few, from the request that failed; the owner of each lease asks for the next
         */
        record Deadlock(int length, List<Wait> cycle) implements Detail {
            public Deadlock {
                cycle = List.copyOf(cycle);
            }
        }

        /**
         * One of those who wait for each other.
         *
         * @param request what it asks for
         * @param held what is in its way
         */
        record Wait(Blocker request, Blocker held) {}

        /**
         * Of CONDITION_FAILED and ELEMENT_EXISTS: what is there.
         *
         * @param version the element's version; 0 if there is none
         * @param modRevision its last change
         */
        record Present(long version, Revision modRevision) implements Detail {}

        /**
         * Of LEASE_LOST and SESSION_EXPIRED: why it ended.
         *
         * @param cause the cause
         */
        record Ended(Cause cause) implements Detail {}

        /**
         * Of COMPACTED: how far back the node remembers.
         *
         * @param revision a watch may start after this revision or any later one
         */
        record Oldest(Revision revision) implements Detail {}

        /**
         * Of RATE_LIMITED and RECOVERING: when to try again.
         *
         * @param millis in so many milliseconds
         */
        record RetryAfter(long millis) implements Detail {}
    }

    /**
     * It is done.
     *
     * @param revision the revision it took, or the one it found everything done at
     */
    record Done(Revision revision) implements Result {}

    /**
     * The element was written.
     *
     * @param revision when
     * @param version the element's version now
     */
    record Written(Revision revision, long version) implements Result {}

    /**
     * An element was registered under a name of the cluster's choice.
     *
     * @param revision when
     * @param path where
     */
    record Registered(Revision revision, AbsolutePath path) implements Result {}

    /**
     * Elements were deleted.
     *
     * @param revision when
     * @param count how many
     */
    record Deleted(Revision revision, long count) implements Result {}

    /**
     * A transaction was carried out.
     *
     * @param revision the revision it took, or the one it found everything done at
     * @param succeeded whether its compares held: then the results are those of {@code then}, else of {@code otherwise}
     * @param results of each operation, in their order
     */
    record Transacted(Revision revision, boolean succeeded, List<Result> results) implements Result {
        public Transacted {
            results = List.copyOf(results);
        }

        /** The result of an operation, counted from 0, of the kind that such operations have.
         *
         * @throws ClassCastException if it is of another */
        public <R extends Result> R result(int operation, Class<R> kind) {
            return kind.cast(results.get(operation));
        }
    }

    /**
     * The session is open.
     *
     * @param session its id
     * @param deadlineMillis the cluster time it ends at, unless a heartbeat comes before
     */
    record Opened(long session, long deadlineMillis) implements Result {}

    /**
     * The session's deadline was moved.
     *
     * @param deadlineMillis the cluster time it ends at now
     * @param revision of the latest change before; whoever is told knows that nodes are to get there
     */
    record Alive(long deadlineMillis, Revision revision) implements Result {}

    /**
     * The session goes on in the present epoch.
     *
     * @param deadlineMillis the cluster time it ends at, unless a heartbeat comes before
     * @param leases what has become of each lease that was named, in their order
     */
    record Reclaimed(long deadlineMillis, List<ReclaimedLease> leases) implements Result {
        public Reclaimed {
            leases = List.copyOf(leases);
        }
    }

    /**
     * What has become of a lease that was reclaimed.
     *
     * @param sequence the request that asked for it
     * @param held whether it is held, with the token it had; else it is lost
     * @param deadlineMillis the cluster time it ends at; 0: with its session, or it is lost
     */
    record ReclaimedLease(long sequence, boolean held, long deadlineMillis) {}

    /**
     * The lease is held.
     *
     * @param id its name
     * @param token its fencing token
     * @param deadlineMillis the cluster time it ends at; 0: with its session
     * @param pool of a claim, the pool it is served by; else null
     */
    record Granted(
            LeaseId id,
            Token token,
            long deadlineMillis,
            @Nullable AbsolutePath pool) implements Result {
        /** A lock is held. */
        public Granted(LeaseId id, Token token, long deadlineMillis) {
            this(id, token, deadlineMillis, null);
        }
    }

    /**
     * The request waits. It is answered for good when it is granted or given up.
     *
     * @param id its name
     * @param position its place in line: one more than the earlier requests that are in its way
     * @param blockers the first few of what is in its way
     */
    record Queued(LeaseId id, long position, List<Blocker> blockers) implements Result {
        public Queued {
            blockers = List.copyOf(blockers);
        }
    }

    /**
     * The lease's deadline was moved.
     *
     * @param deadlineMillis the cluster time it ends at now; 0: with its session, as it always did
     */
    record Renewed(long deadlineMillis) implements Result {}

    /**
     * One element, or none.
     *
     * @param revision what the answer is true of
     * @param element the element, if it is registered
     */
    record Found(Revision revision, Optional<ElementView> element) implements Result {}

    /**
     * A page of a listing.
     *
     * @param revision what the whole listing is true of
     * @param elements in the order of paths
     * @param more whether there is another page
     * @param view the view to ask the next page of
     */
    record Page(Revision revision, List<ElementView> elements, boolean more, long view) implements Result {
        public Page {
            elements = List.copyOf(elements);
        }
    }

    /**
     * All namespaces.
     *
     * @param revision what the answer is true of
     * @param namespaces in the order of names
     */
    record Namespaces(Revision revision, List<NamespaceView> namespaces) implements Result {
        public Namespaces {
            namespaces = List.copyOf(namespaces);
        }
    }

    /**
     * A namespace.
     *
     * @param name its name
     * @param createRevision when it was made
     * @param elements how many are registered in it, the root among them
     * @param deadlockBreak whether deadlocks in it are cut
     */
    record NamespaceView(String name, Revision createRevision, long elements, boolean deadlockBreak) {}

    /**
     * The leases and waiting requests that have to do with a path.
     *
     * @param revision what the answer is true of
     * @param held leases, from the root down, then claims
     * @param waiting requests, in the order of their arrival
     * @param more whether there are others of either kind, for which there was no room
     */
    record Locks(Revision revision, List<Blocker> held, List<Waiting> waiting, boolean more) implements Result {
        public Locks {
            held = List.copyOf(held);
            waiting = List.copyOf(waiting);
        }
    }

    /**
     * What a session holds and waits for, or a page of it.
     *
     * @param revision what the page is true of
     * @param session whose it is
     * @param ttlMillis how long the session lives without a heartbeat
     * @param remainingMillis until it ends, unless a heartbeat comes before
     * @param requests its leases, claims and waiting requests, by sequence
     * @param more whether there is another page
     */
    record SessionTrace(
            Revision revision, Actor session, long ttlMillis, long remainingMillis, List<Traced> requests, boolean more)
            implements Result {
        public SessionTrace {
            requests = List.copyOf(requests);
        }
    }

    /**
     * What a session holds or waits for.
     *
     * @param namespace where
     * @param targets all of it
     * @param request a lease, or a request that waits, which {@link Blocker#waiting} tells; with the first target
     * @param position of one that waits, its place in line, from 1; else 0
     * @param blockers of one that waits, the first few of what is in its way
     */
    record Traced(String namespace, List<Target> targets, Blocker request, long position, List<Blocker> blockers) {
        public Traced {
            targets = List.copyOf(targets);
            blockers = List.copyOf(blockers);
        }
    }

    /**
     * The pruning policies of a namespace, or a page of them.
     *
     * @param revision what the page is true of
     * @param policies in the order of paths
     * @param more whether there is another page
     */
    record PrunePolicies(Revision revision, List<PolicyView> policies, boolean more) implements Result {
        public PrunePolicies {
            policies = List.copyOf(policies);
        }
    }

    /**
     * A pruning policy.
     *
     * @param path which has it
     * @param idleAfterMillis how long elements there and below are idle before they are removed; 0 for never
     * @param retainValues whether those that hold a value stay
     */
    record PolicyView(AbsolutePath path, long idleAfterMillis, boolean retainValues) {
        /** Whether nothing is pruned where it holds. */
        public boolean never() {
            return idleAfterMillis == 0;
        }
    }

    /**
     * A semaphore pool, if one serves the path.
     *
     * @param revision what the answer is true of
     * @param pool the pool
     * @param held its claims, by id, the first few
     * @param waiting who waits for it, in line, the first few
     */
    record Pool(Revision revision, Optional<PoolView> pool, List<Blocker> held, List<Waiting> waiting)
            implements Result {
        public Pool {
            held = List.copyOf(held);
            waiting = List.copyOf(waiting);
        }
    }

    /**
     * A pool by its numbers.
     *
     * @param path where it is
     * @param size how many slots it has
     * @param prefix whether it also serves what is below and has no nearer one
     * @param used how many slots are claimed; more than it has after it was made smaller, until enough claims have ended
     * @param claims how many claims are held
     * @param waiting how many claims wait
     */
    record PoolView(AbsolutePath path, long size, boolean prefix, long used, long claims, long waiting) {}

    /**
     * A request that waits, and what for.
     *
     * @param request the request
     * @param position its place in line, from 1
     * @param blockers the first few of what is in its way
     */
    record Waiting(Blocker request, long position, List<Blocker> blockers) {
        public Waiting {
            blockers = List.copyOf(blockers);
        }
    }

    /**
     * The settings of the cluster.
     *
     * @param revision what the answer is true of
     * @param settings all of them, in a fixed order
     */
    record Settings(Revision revision, List<SettingView> settings) implements Result {
        public Settings {
            settings = List.copyOf(settings);
        }
    }

    /**
     * A setting.
     *
     * @param name its name
     * @param value what it is set to; of those that are on or off 1 or 0
     * @param min the least it may be set to
     * @param max the most
     * @param used how much of the limit is used, of the namespace that uses most where it is one for each; empty where that
     *     is not known
     */
    record SettingView(String name, long value, long min, long max, OptionalLong used) {}
}
