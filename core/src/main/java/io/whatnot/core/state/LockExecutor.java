package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import io.whatnot.core.state.lock.Deadlocks;
import io.whatnot.core.state.lock.Grants;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.Locks;
import io.whatnot.core.state.lock.Owner;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Leases: how they are asked for, granted and ended, and what that means for sessions, deadlines and watchers. */
final class LockExecutor {
    /** How many of those in the way an answer names. */
    static final int BLOCKERS_SHOWN = 8;

    private LockExecutor() {}

    static Result execute(Step step, Request request, LeaseCommand command) {
        if (command instanceof LeaseCommand.Acquire acquire) {
            return acquire(step, request, acquire);
        }
        if (command instanceof LeaseCommand.Renew renew) {
            return renew(step, request, renew);
        }
        if (command instanceof LeaseCommand.Release release) {
            return release(step, request, release);
        }
        if (command instanceof LeaseCommand.Cancel cancel) {
            return cancel(step, request, cancel);
        }
        throw new AssertionError(command);
    }

    /**
     * Whether the command is kept under its own sequence as a lease or a waiting request, rather than its answer among
     * the session's answers.
     */
    static boolean isKeptAsLease(Result answer) {
        return answer instanceof Result.Granted || answer instanceof Result.Queued;
    }

    /** What an acquire that was answered before is answered again: the lease as it is now, or its place in line now. */
    static @Nullable Result answerTo(State state, LeaseId id) {
        Lease lease = state.locks.lease(id);
        if (lease != null) {
            // Nobody who does not hold it already is told so while somebody else may have got it, and that be
            // forgotten.
            return Recovery.isUsable(state, id) ? granted(lease) : Recovery.refusal(state);
        }
        WaitingRequest waiting = state.locks.waiting(id);
        return waiting == null ? null : queued(state, waiting);
    }

    // ---- commands

    private static Result acquire(Step step, Request request, LeaseCommand.Acquire acquire) {
        State state = step.state;
        Settings settings = state.settings;
        if (state.isRecovering()) {
            return Recovery.refusal(state);
        }
        Refused refused = NamespaceExecutor.refuseUse(state, acquire.namespace());
        if (refused == null) {
            refused =
                    refuseToHoldMore(state, request.session(), acquire.targets().size());
        }
        if (refused != null) {
            return refused;
        }
        List<Target> targets = acquire.targets();
        if (acquire.isClaim()) {
            Target claim = targets.get(0);
            refused = PoolExecutor.refuseClaim(state, acquire.namespace(), claim);
            if (refused != null) {
                return refused;
            }
            targets = List.of(PoolExecutor.served(state, acquire.namespace(), claim));
        }
        state.noteTtl(acquire.ttlMillis());
        Owner owner = Owner.of(request);
        WaitingRequest asked = new WaitingRequest(
                WaitingRequest.NOT_ARRIVED,
                new LeaseId(request.session(), request.sequence()),
                acquire.namespace(),
                targets,
                owner,
                acquire.ttlMillis(),
                step.now(),
                step.now() + acquire.waitMillis(),
                acquire.label());
        if (!state.locks.mustWait(asked)) {
            state.sessions.own(request.session(), asked.targets().size());
            NamespaceExecutor.createIfMissing(step, acquire.namespace());
            return grant(step, asked);
        }
        if (acquire.waitMillis() == 0) {
            return new Refused(
                    ErrorCode.LOCK_TIMEOUT,
                    asked.targets() + " can't be granted now, and the request does not wait",
                    blocked(state, asked));
        }
        if (state.locks.isWaiting(owner)) {
            return new Refused(
                    ErrorCode.OWNER_BUSY,
                    "owner \"" + owner.label() + "\" of session " + owner.session()
                            + " waits already, and would have to wait for " + asked.targets()
                            + " too; use another owner, or ask for everything in one request");
        }
        for (Target target : asked.targets()) {
            if (state.locks.trace().queueLength(acquire.namespace(), target) >= settings.waitersMax()) {
                return new Refused(
                        ErrorCode.TOO_MANY_WAITERS,
                        settings.waitersMax() + " requests wait at " + target.path() + ", as many as may");
            }
        }
        List<Locks.Wait> deadlock = deadlock(state, asked);
        return deadlock.isEmpty() ? enqueue(step, asked) : refuseDeadlock(state, asked, deadlock);
    }

    // ---- deadlocks

    private static List<Locks.Wait> deadlock(State state, WaitingRequest request) {
        return state.level() < FeatureLevel.DEADLOCK_BREAK ? List.of() : state.locks.deadlock(request);
    }

    /**
     * Cuts all deadlocks among those who wait: of each the youngest request fails. There are none but where one came about
     * otherwise than by a request that would wait: by a lease that is reclaimed for an owner who waits, or before the cluster
     * was at the level that knows them; or stood because they were not to be cut.
     *
     * <p>Those fail who would have been refused, had all who wait come one after the other as they did. Below the level that
     * lets deadlocks stand it goes from the youngest on, which may fail more.
     */
    static void cutDeadlocks(Step step) {
        State state = step.state;
        if (state.level() < FeatureLevel.DEADLOCK_BREAK) {
            return;
        }
        if (state.level() >= FeatureLevel.NAMESPACE_SETTINGS) {
            Deadlocks deadlocks = state.locks.deadlocks();
            for (List<Locks.Wait> next = deadlocks.next(); !next.isEmpty(); next = deadlocks.next()) {
                cut(step, next);
            }
            return;
        }
        for (List<Locks.Wait> deadlock = state.locks.youngestDeadlock();
                !deadlock.isEmpty();
                deadlock = state.locks.youngestDeadlock()) {
            cut(step, deadlock);
        }
    }

    private static void cut(Step step, List<Locks.Wait> deadlock) {
        State state = step.state;
        WaitingRequest youngest = deadlock.get(0).request();
        grantAll(step, state.locks.grantsAfter(fail(step, youngest, refuseDeadlock(state, youngest, deadlock))));
    }

    private static Refused refuseDeadlock(State state, WaitingRequest request, List<Locks.Wait> deadlock) {
        List<Detail.Wait> shown = deadlock.stream()
                .limit(BLOCKERS_SHOWN)
                .map(wait -> Views.wait(state, wait))
                .toList();
        String words = shown.stream()
                .map(wait -> wait.request().holder() + " wants "
                        + wait.request().target() + " and waits for "
                        + wait.held().holder() + ", who holds " + wait.held().target())
                .collect(Collectors.joining("; "));
        return new Refused(
                ErrorCode.DEADLOCK,
                "waiting for " + request.targets() + " closes a cycle of " + deadlock.size()
                        + " who wait for each other: " + words,
                new Detail.Deadlock(deadlock.size(), shown));
    }

    /** Refuses so many targets more for a session that has as much as it may have. */
    static @Nullable Refused refuseToHoldMore(State state, long id, int targets) {
        Session session = SessionExecutor.require(state, id);
        if (session.owned() + session.ends().size() + targets > state.settings.ownedMax()) {
            return new Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "session " + session.id() + " owns " + session.owned()
                            + " locked, awaited and ephemeral things and has been told of "
                            + session.ends().size()
                            + " ends it did not acknowledge; a session may have " + state.settings.ownedMax()
                            + " in all");
        }
        return state.refuseGrowth();
    }

    private static Result enqueue(Step step, WaitingRequest asked) {
        State state = step.state;
        WaitingRequest waiting = state.locks.enqueue(asked);
        state.sessions.own(waiting.id().session(), waiting.targets().size());
        state.addDeadline(deadlineOf(waiting));
        PruneExecutor.noteActivity(state, waiting.namespace(), waiting.targets());
        Result queued = queued(state, waiting);
        grantAll(step, state.locks.grantsAfter(waiting));
        return queued;
    }

    private static Result renew(Step step, Request request, LeaseCommand.Renew renew) {
        State state = step.state;
        LeaseId id = new LeaseId(request.session(), renew.lease());
        Lease lease = state.locks.lease(id);
        if (lease == null) {
            return refuseNotHeld(state, id);
        }
        if (!Recovery.isUsable(state, id)) {
            return Recovery.refusal(state);
        }
        if (lease.ttlMillis() == 0) {
            return renew.ttlMillis() == 0
                    ? new Result.Renewed(0)
                    : new Refused(
                            ErrorCode.INVALID_ARGUMENT,
                            "lease " + id + " was asked for without a ttl and lives as long as its session; it can't"
                                    + " be given one");
        }
        long ttl = renew.ttlMillis() == 0 ? lease.ttlMillis() : renew.ttlMillis();
        return new Result.Renewed(renewed(state, lease, ttl).deadlineMillis());
    }

    /** Moves the deadline of a lease to that ttl from now; 0: it has none. */
    static Lease renewed(State state, Lease lease, long ttlMillis) {
        if (ttlMillis == 0) {
            return lease;
        }
        Lease renewed = lease.renewed(ttlMillis, state.timeMillis + ttlMillis);
        state.removeDeadline(deadlineOf(lease));
        state.addDeadline(deadlineOf(renewed));
        state.locks.grant(renewed);
        state.noteTtl(ttlMillis);
        return renewed;
    }

    private static Result release(Step step, Request request, LeaseCommand.Release release) {
        State state = step.state;
        LeaseId id = new LeaseId(request.session(), release.lease());
        Lease lease = state.locks.lease(id);
        if (lease == null) {
            Result refused = refuseNotHeld(state, id);
            if (state.locks.waiting(id) == null) {
                state.sessions.bury(request.session(), release.lease());
            }
            return refused;
        }
        endLeases(step, List.of(lease), Cause.REQUEST);
        state.sessions.bury(request.session(), release.lease());
        return new Result.Done(new Revision(step.revision()));
    }

    private static Result cancel(Step step, Request request, LeaseCommand.Cancel cancel) {
        State state = step.state;
        LeaseId id = new LeaseId(request.session(), cancel.request());
        Lease lease = state.locks.lease(id);
        WaitingRequest waiting = state.locks.waiting(id);
        if (lease != null) {
            endLeases(step, List.of(lease), Cause.REQUEST);
        } else if (waiting != null) {
            grantAll(step, state.locks.grantsAfter(withdraw(state, waiting)));
        }
        state.sessions.bury(id.session(), id.sequence());
        return new Result.Done(new Revision(state.revision));
    }

    private static Result refuseNotHeld(State state, LeaseId id) {
        if (state.locks.waiting(id) != null) {
            return new Refused(ErrorCode.INVALID_ARGUMENT, "lease " + id + " is not granted yet; cancel the request");
        }
        if (state.sessions.endOf(id.session(), id.sequence()) instanceof Refused end
                && end.code() == ErrorCode.LEASE_LOST) {
            return end;
        }
        return new Refused(ErrorCode.LEASE_LOST, "no lease " + id + " is held: it was released, or never granted");
    }

    // ---- what happens to leases and waiting requests

    /** Grants a request that may be: whatever it took while it waited is given back or becomes the lease's. */
    private static Result grant(Step step, WaitingRequest request) {
        State state = step.state;
        long token = state.locks.coveringToken(request.namespace(), request.targets(), request.owner());
        Lease lease = new Lease(
                request.id(),
                request.namespace(),
                request.targets(),
                request.owner(),
                token != 0 ? token : step.revision(),
                request.ttlMillis(),
                request.ttlMillis() == 0 ? 0 : step.now() + request.ttlMillis(),
                step.now(),
                request.label());
        state.locks.grant(lease);
        if (lease.ttlMillis() != 0) {
            state.addDeadline(deadlineOf(lease));
        }
        step.lock(lease, Change.LOCKED, Cause.REQUEST, actor(state, request.id().session()));
        return granted(lease);
    }

    /** Grants a lease that was forgotten, as it was. */
    static Lease regrant(Step step, LeaseId id, LeaseCommand.Acquire asked, Owner owner, long token) {
        State state = step.state;
        Lease lease = new Lease(
                id,
                asked.namespace(),
                asked.targets(),
                owner,
                token,
                asked.ttlMillis(),
                asked.ttlMillis() == 0 ? 0 : step.now() + asked.ttlMillis(),
                step.now(),
                asked.label());
        state.locks.grant(lease);
        state.sessions.own(id.session(), asked.targets().size());
        if (lease.ttlMillis() != 0) {
            state.addDeadline(deadlineOf(lease));
            state.noteTtl(lease.ttlMillis());
        }
        step.lock(lease, Change.LOCKED, Cause.REQUEST, actor(state, id.session()));
        if (state.locks.isWaiting(owner)) {
            cutDeadlocks(step);
        }
        return lease;
    }

    /** Grants to those in line, by arrival; while recovering to nobody. */
    static void grantAll(Step step, Grants grants) {
        if (step.state.isRecovering()) {
            return;
        }
        for (WaitingRequest next = grants.next(); next != null; next = grants.next()) {
            step.state.locks.withdraw(next);
            step.state.removeDeadline(deadlineOf(next));
            step.push(next.id(), grant(step, next));
        }
    }

    /** Ends leases, tells holders that did not ask for it, and grants to those in line what became free. */
    static void endLeases(Step step, List<Lease> leases, Cause cause) {
        List<Grants.Freed> freed = new ArrayList<>();
        for (Lease lease : leases) {
            freed.addAll(endLease(step, lease, cause));
            if (cause != Cause.REQUEST) {
                tellLost(step, lease, cause);
            }
        }
        grantAll(step, step.state.locks.grantsAfter(freed));
    }

    /** Ends a lease; tells what became free. Its holder is another's affair. */
    static List<Grants.Freed> endLease(Step step, Lease lease, Cause cause) {
        State state = step.state;
        Actor actor = actor(state, lease.id().session());
        boolean elsewhere = state.locks.isWaiting(lease.owner());
        state.locks.end(lease);
        Recovery.ended(state, lease.id(), cause);
        if (lease.ttlMillis() != 0) {
            state.removeDeadline(deadlineOf(lease));
        }
        state.sessions.own(lease.id().session(), -lease.targets().size());
        step.lock(lease, Change.UNLOCKED, cause, actor);
        return freed(lease.namespace(), lease.targets(), elsewhere);
    }

    /** Tells a holder that its lease has ended, and again whenever it asks, until it knows. */
    static void tellLost(Step step, Lease lease, Cause cause) {
        Refused lost = new Refused(
                ErrorCode.LEASE_LOST,
                "lease " + lease.id() + " on " + lease.targets() + " ended: " + cause,
                new Detail.Ended(cause));
        step.state.sessions.noteEnd(lease.id().session(), lease.id().sequence(), lost);
        step.push(lease.id(), lost);
    }

    /** Takes a request out of line; tells what is waited for no more. */
    static List<Grants.Freed> withdraw(State state, WaitingRequest waiting) {
        boolean elsewhere = state.locks.isWaitedFor(waiting);
        state.locks.withdraw(waiting);
        state.removeDeadline(deadlineOf(waiting));
        PruneExecutor.noteActivity(state, waiting.namespace(), waiting.targets());
        state.sessions.own(waiting.id().session(), -waiting.targets().size());
        return freed(waiting.namespace(), waiting.targets(), elsewhere);
    }

    /** Takes a request out of line and tells its client why. */
    static List<Grants.Freed> fail(Step step, WaitingRequest waiting, Refused why) {
        List<Grants.Freed> freed = withdraw(step.state, waiting);
        step.state.sessions.noteEnd(waiting.id().session(), waiting.id().sequence(), why);
        step.push(waiting.id(), why);
        return freed;
    }

    /** A request has waited as long as it would. */
    static void timeOut(Step step, LeaseId id) {
        WaitingRequest waiting = step.state.locks.waiting(id);
        if (waiting == null) {
            throw new IllegalStateException("request " + id + " has a deadline but does not wait");
        }
        Refused timeout = new Refused(
                ErrorCode.LOCK_TIMEOUT,
                waiting.targets() + " was not granted within " + (step.now() - waiting.sinceMillis()) + " ms",
                blocked(step.state, waiting));
        grantAll(step, step.state.locks.grantsAfter(fail(step, waiting, timeout)));
    }

    /** A lease has run out. */
    static void expire(Step step, LeaseId id) {
        Lease lease = step.state.locks.lease(id);
        if (lease == null) {
            throw new IllegalStateException("lease " + id + " has a deadline but is not held");
        }
        endLeases(step, List.of(lease), Cause.EXPIRED);
    }

    private static List<Grants.Freed> freed(String namespace, List<Target> targets, boolean elsewhere) {
        return targets.stream()
                .map(target -> new Grants.Freed(namespace, target, elsewhere))
                .toList();
    }

    // ---- the guard of elements

    /**
     * Refuses a change of elements that somebody else's lock, or the end of the lease it names, forbids. The change is
     * taken as an EXCLUSIVE request on all targets that has to be granted for an instant; the first is what it is about.
     */
    static @Nullable Refused refuseMutation(
            State state, Request request, String namespace, long leaseSequence, List<Target> targets) {
        Owner owner = Owner.of(request);
        if (leaseSequence != 0) {
            LeaseId id = new LeaseId(request.session(), leaseSequence);
            Lease lease = state.locks.lease(id);
            if (lease == null) {
                return new Refused(
                        ErrorCode.STALE_TOKEN, "the change names lease " + id + ", which is not held any more");
            }
            if (!coversPath(lease, namespace, targets.get(0))) {
                return new Refused(
                        ErrorCode.STALE_TOKEN,
                        "the change of " + targets.get(0) + " names lease " + id + ", which covers " + lease.targets());
            }
            owner = lease.owner();
        }
        if (!state.locks.isHeldAgainst(namespace, targets, owner)) {
            return null;
        }
        WaitingRequest asked = new WaitingRequest(
                0, new LeaseId(request.session(), request.sequence()), namespace, targets, owner, 0, 0, 0, "");
        Detail.Blocked blocked = new Detail.Blocked(0, Views.blockers(state, asked, BLOCKERS_SHOWN));
        return new Refused(
                ErrorCode.LOCKED,
                targets.get(0).path() + " is locked"
                        + blocked.blockers().stream()
                                .findFirst()
                                .map(by -> ": " + by.holder() + " holds " + by.target())
                                .orElse(""),
                blocked);
    }

    private static boolean coversPath(Lease lease, String namespace, Target target) {
        return lease.covers(namespace, target.shared());
    }

    static List<Target> elementTargets(AbsolutePath path, List<AbsolutePath> alsoCreated) {
        List<Target> targets = new ArrayList<>(alsoCreated.size() + 1);
        targets.add(new Target(path, Scope.ELEMENT, Mode.EXCLUSIVE));
        for (AbsolutePath created : alsoCreated) {
            if (!created.equals(path)) {
                targets.add(new Target(created, Scope.ELEMENT, Mode.EXCLUSIVE));
            }
        }
        return targets;
    }

    // ---- answers

    private static Result granted(Lease lease) {
        return new Result.Granted(
                lease.id(),
                new Token(lease.token()),
                lease.deadlineMillis(),
                lease.targets().get(0).pool());
    }

    private static Result queued(State state, WaitingRequest waiting) {
        return new Result.Queued(
                waiting.id(), state.locks.trace().position(waiting), Views.blockers(state, waiting, BLOCKERS_SHOWN));
    }

    private static Detail.Blocked blocked(State state, WaitingRequest request) {
        return new Detail.Blocked(
                state.locks.trace().position(request), Views.blockers(state, request, BLOCKERS_SHOWN));
    }

    private static Actor actor(State state, long session) {
        return SessionExecutor.require(state, session).actor();
    }

    static Deadline deadlineOf(Lease lease) {
        return Deadline.ofLease(
                lease.deadlineMillis(), lease.id().session(), lease.id().sequence());
    }

    static Deadline deadlineOf(WaitingRequest waiting) {
        return Deadline.ofWait(
                waiting.deadlineMillis(), waiting.id().session(), waiting.id().sequence());
    }
}
