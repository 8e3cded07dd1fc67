package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Applied;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The specification as naive code: what a replica must answer, entry by entry. Everything is in plain lists that are
 * searched from one end to the other; nothing is remembered that can be found out. Of the real state machine it knows
 * only the shape of what an entry brings about. Its refusals bear no messages.
 */
public final class ReferenceModel {
    Limits limits;
    final ReferenceSessions sessions = new ReferenceSessions(this);
    final ReferenceNamespaces namespaces = new ReferenceNamespaces(this);
    final ReferenceElements elements = new ReferenceElements(this);
    final ReferenceTransactions transactions = new ReferenceTransactions(this);
    final ReferenceLocks locks = new ReferenceLocks(this);
    final ReferencePools pools = new ReferencePools(this);
    final ReferencePruning pruning = new ReferencePruning(this);
    final ReferenceRecovery recovery = new ReferenceRecovery(this);
    long now;
    long revision;
    /** The feature level; null until one is settled. */
    @Nullable
    Integer founded;

    /** All of them by name, also those that no limit of this model is. */
    Map<String, Long> settings = new TreeMap<>();

    private final List<WatchEvent> events = new ArrayList<>();
    private final List<Applied.Push> pushes = new ArrayList<>();
    private final List<Applied.Dropped> dropped = new ArrayList<>();
    /** Of the command, or the deadline, at work: whether it has taken its revision, and how many events it made. */
    private boolean revisionTaken;

    private int eventsMade;

    /** Before the first entry. */
    public ReferenceModel(Limits limits) {
        this.limits = limits;
        settings.put("namespacesMax", (long) limits.namespacesMax());
        settings.put("elementsMax", (long) limits.elementsMax());
        settings.put("valueBytesMax", (long) limits.valueBytesMax());
        settings.put("stateBytesMax", Comparison.STATE_BYTES_MAX);
        settings.put("sessionsMax", (long) limits.sessionsMax());
        settings.put("ownedMax", (long) limits.ownedMax());
        settings.put("waitersMax", (long) limits.waitersMax());
        settings.put("answersMax", (long) limits.answersMax());
        settings.put("answerBytesMax", Long.MAX_VALUE);
        settings.put("eventsMax", (long) limits.eventsMax());
        settings.put("eventBytesMax", limits.eventBytesMax());
        settings.put("namespacesByUse", limits.namespacesByUse() ? 1L : 0L);
        Limits.OF_RATES.forEach(name -> settings.put(name, 0L));
    }

    /** What becomes of the next entry of the log. */
    public Applied apply(Entry entry) {
        events.clear();
        pushes.clear();
        dropped.clear();
        now = Math.max(now, entry.timeMillis());
        if (founded == null && entry.foundingLevel() != 0) {
            founded = entry.foundingLevel();
        }
        for (List<Due> due = due(); !due.isEmpty(); due = due()) {
            begin();
            if (due.get(0).kind != Kind.SWEEP) {
                revision();
            }
            due.get(0).fire.run();
        }
        List<Result> results = new ArrayList<>();
        for (Request request : entry.requests()) {
            begin();
            results.add(request == null ? refused(ErrorCode.INTERNAL) : answer(request));
        }
        return new Applied(now, revision, results, List.copyOf(events), List.copyOf(pushes), List.copyOf(dropped));
    }

    /** The answer to a query, as of now. */
    public Result answer(Query query) {
        return new ReferenceQueries(this).answer(query);
    }

    // ---- deadlines

    private enum Kind {
        SESSION,
        LEASE,
        ELEMENT,
        RECOVERY,
        WAIT,
        SWEEP
    }

    private record Due(long atMillis, Kind kind, LeaseId id, String namespace, AbsolutePath path, Runnable fire) {
        static final Comparator<Due> ORDER = Comparator.comparing(Due::atMillis)
                .thenComparing(Due::kind)
                .thenComparing(Due::id)
                .thenComparing(Due::namespace)
                .thenComparing(Due::path);
    }

    /** Everything whose deadline has passed, in the order of firing. */
    private List<Due> due() {
        List<Due> due = new ArrayList<>();
        for (ReferenceSession session : sessions.all) {
            LeaseId id = new LeaseId(session.id, 0);
            due.add(new Due(
                    session.deadlineMillis,
                    Kind.SESSION,
                    id,
                    "",
                    AbsolutePath.ROOT,
                    () -> sessions.end(session, Cause.SESSION_ENDED)));
        }
        for (ReferenceLease lease : locks.leases) {
            if (lease.ttlMillis() != 0) {
                due.add(new Due(
                        lease.deadlineMillis(),
                        Kind.LEASE,
                        lease.id(),
                        "",
                        AbsolutePath.ROOT,
                        () -> locks.expire(lease)));
            }
        }
        for (ReferenceElement element : elements.all) {
            if (element.ttlMillis() != 0) {
                due.add(new Due(
                        element.deadlineMillis(),
                        Kind.ELEMENT,
                        new LeaseId(0, 0),
                        element.namespace(),
                        element.path(),
                        () -> elements.end(element, Cause.EXPIRED)));
            }
        }
        for (ReferenceRequest request : locks.waiting) {
            due.add(new Due(
                    request.deadlineMillis(),
                    Kind.WAIT,
                    request.id(),
                    "",
                    AbsolutePath.ROOT,
                    () -> locks.timeOut(request)));
        }
        if (recovery.isUnderWay()) {
            due.add(new Due(
                    recovery.untilMillis, Kind.RECOVERY, new LeaseId(0, 0), "", AbsolutePath.ROOT, recovery::end));
        }
        for (ReferencePruning.Policy policy : pruning.all) {
            if (!policy.never()) {
                due.add(new Due(
                        policy.dueMillis(),
                        Kind.SWEEP,
                        new LeaseId(0, 0),
                        policy.namespace(),
                        policy.path(),
                        () -> pruning.sweep(policy)));
            }
        }
        due.removeIf(one -> one.atMillis > now);
        due.sort(Due.ORDER);
        return due;
    }

    // ---- requests

    private Result answer(Request request) {
        if (request.command() instanceof SessionCommand.Open open) {
            return sessions.open(open);
        }
        if (request.command() instanceof SessionCommand.Reclaim reclaim) {
            boolean hasClaims =
                    reclaim.held().stream().anyMatch(held -> held.lease().isClaim());
            if (hasClaims && level() < 4) {
                return refuseAbove();
            }
            return recovery.reclaim(reclaim);
        }
        if (request.command() instanceof ClusterCommand cluster) {
            return recovery.execute(cluster);
        }
        ReferenceSession session = sessions.find(request.session());
        if (session == null) {
            return recovery.mayComeBack(request.session()) ? recovery.refusal() : refused(ErrorCode.SESSION_EXPIRED);
        }
        session.acknowledge(request);
        if (request.sequence() == 0) {
            return execute(session, request);
        }
        LeaseId id = new LeaseId(request.session(), request.sequence());
        Result before = locks.answerTo(id);
        if (before == null) {
            before = session.answerTo(request.sequence());
        }
        if (before != null) {
            return before;
        }
        if (session.answers.size() >= limits.answersMax() && !isFreeing(request)) {
            return refused(ErrorCode.RESOURCE_EXHAUSTED);
        }
        if (!recovery.mayGoOn(request)) {
            return recovery.refusal();
        }
        Result result = execute(session, request);
        boolean forNow = result instanceof Refused refused && refused.code() == ErrorCode.RECOVERING;
        if (!(result instanceof Result.Granted) && !(result instanceof Result.Queued) && !forNow) {
            session.keep(request.sequence(), result); // of no use, but no harm, if the command has ended the session
        }
        return result;
    }

    /** What makes room is never refused for want of room. */
    private boolean isFreeing(Request request) {
        if (request.command() instanceof LeaseCommand.Release release) {
            return locks.lease(new LeaseId(request.session(), release.lease())) != null;
        }
        if (request.command() instanceof LeaseCommand.Cancel cancel) {
            return locks.answerTo(new LeaseId(request.session(), cancel.request())) != null;
        }
        return request.command() instanceof SessionCommand.Close;
    }

    private Result execute(ReferenceSession session, Request request) {
        Command command = request.command();
        if (command instanceof ElementCommand.Put put && put.condition().ifPresent() && level() < 2) {
            return refused(ErrorCode.UNSUPPORTED);
        }
        if (command instanceof LeaseCommand.Acquire acquire && acquire.isClaim() && level() < 4) {
            return refuseAbove();
        }
        if (command instanceof PoolCommand pool) {
            return pools.execute(request, pool);
        }
        if (command instanceof PruneCommand prune) {
            return pruning.execute(request, prune);
        }
        if (command instanceof SessionCommand.Heartbeat) {
            session.deadlineMillis = recovery.deadlineMillis(session);
            return new Result.Alive(session.deadlineMillis, new Revision(revision));
        }
        if (command instanceof SessionCommand.Close) {
            sessions.end(session, Cause.SESSION_ENDED);
            return new Result.Done(new Revision(revision));
        }
        if (command instanceof NamespaceCommand.Create create) {
            return namespaces.create(create);
        }
        if (command instanceof NamespaceCommand.Drop drop) {
            return namespaces.drop(session, drop);
        }
        if (command instanceof ElementCommand element) {
            return elements.execute(session, request, element);
        }
        if (command instanceof Transaction transaction) {
            return level() < 5 ? refuseAbove() : transactions.execute(session, request, transaction);
        }
        if (command instanceof LeaseCommand lease) {
            return locks.execute(session, request, lease);
        }
        if (command instanceof AdminCommand admin) {
            return execute(session, admin);
        }
        throw new AssertionError(command);
    }

    /** For now, if nobody has settled the level since the memory was lost. */
    Refused refuseAbove() {
        return founded == null && recovery.isUnderWay() ? recovery.refusal() : refused(ErrorCode.UNSUPPORTED);
    }

    private Result execute(ReferenceSession session, AdminCommand command) {
        if (command instanceof AdminCommand.Revoke revoke) {
            return locks.revoke(revoke.lease());
        }
        if (command instanceof AdminCommand.EndSession end) {
            ReferenceSession ended = sessions.find(end.session());
            if (ended == null) {
                return refused(ErrorCode.INVALID_ARGUMENT);
            }
            sessions.end(ended, Cause.ADMIN);
            return new Result.Done(new Revision(revision));
        }
        if (command instanceof AdminCommand.DropNamespace drop) {
            return namespaces.dropByForce(session, drop.namespace());
        }
        if (command instanceof AdminCommand.SwitchDeadlockBreak change) {
            return level() < 8 ? refuseAbove() : namespaces.switchDeadlockBreak(change);
        }
        if (command instanceof AdminCommand.RaiseLevel raise) {
            return raiseLevel(raise.level());
        }
        return changeSettings((AdminCommand.ChangeSettings) command);
    }

    private Result raiseLevel(int wanted) {
        if (wanted < level()) {
            return refused(ErrorCode.INVALID_ARGUMENT);
        }
        if (founded == null || founded != wanted) {
            revision();
            founded = wanted;
            locks.cutDeadlocks();
        }
        return new Result.Done(new Revision(revision));
    }

    /** A cluster that nobody has founded does what the oldest did. */
    int level() {
        return founded == null ? 1 : founded;
    }

    boolean isThere(String setting) {
        return level() >= 6 || !Limits.OF_RATES.contains(setting);
    }

    private Result changeSettings(AdminCommand.ChangeSettings change) {
        Map<String, Long> changed = new TreeMap<>(settings);
        for (AdminCommand.Setting setting : change.settings()) {
            List<Long> range = Limits.RANGES.get(setting.name());
            if (range == null
                    || !isThere(setting.name())
                    || setting.value() < range.get(0)
                    || setting.value() > range.get(1)) {
                return refused(ErrorCode.INVALID_ARGUMENT);
            }
            changed.put(setting.name(), setting.value());
        }
        if (!changed.equals(settings)) {
            revision();
            settings = changed;
            changed.forEach((name, value) -> limits = limits.with(name, value));
        }
        return new Result.Done(new Revision(revision));
    }

    // ---- what comes of it

    private void begin() {
        revisionTaken = false;
        eventsMade = 0;
    }

    /** What {@link #revision()} will say. */
    long revisionToCome() {
        return revisionTaken ? revision : revision + 1;
    }

    /** The revision of what is at work; it takes one when it first needs it. */
    long revision() {
        if (!revisionTaken) {
            revisionTaken = true;
            revision++;
        }
        return revision;
    }

    /** How far the command at work has got. */
    record Progress(long revision, boolean revisionTaken, int eventsMade, int events) {}

    Progress progress() {
        return new Progress(revision, revisionTaken, eventsMade, events.size());
    }

    List<WatchEvent> eventsSince(Progress progress) {
        return events.subList(progress.events, events.size());
    }

    /** As if nothing had been done since. */
    void backTo(Progress progress) {
        eventsSince(progress).clear();
        revision = progress.revision;
        revisionTaken = progress.revisionTaken;
        eventsMade = progress.eventsMade;
    }

    void event(
            ReferenceElement element,
            Change change,
            Cause cause,
            Actor actor,
            @Nullable Value value,
            @Nullable Value previous) {
        if (change != Change.PRUNED) {
            pruning.note(element.namespace(), element.path(), false);
        }
        events.add(new WatchEvent(
                element.namespace(),
                new Revision(revision()),
                eventsMade++,
                element.path(),
                change,
                cause,
                actor,
                now,
                value,
                previous,
                element.version(),
                null,
                null,
                ""));
    }

    void event(ReferenceLease lease, Change change, Cause cause) {
        pruning.note(lease.namespace(), lease.targets());
        Change what = change;
        if (lease.targets().get(0).isClaim()) {
            what = change == Change.LOCKED ? Change.CLAIMED : Change.RELEASED;
        }
        for (Target target : lease.targets()) {
            events.add(new WatchEvent(
                    lease.namespace(),
                    new Revision(revision()),
                    eventsMade++,
                    target.path(),
                    what,
                    cause,
                    sessions.actor(lease.id().session()),
                    now,
                    null,
                    null,
                    0,
                    new Token(lease.token()),
                    target,
                    lease.label()));
        }
    }

    void push(LeaseId id, Result result) {
        pushes.add(new Applied.Push(id, result));
    }

    void dropped(String namespace) {
        dropped.add(new Applied.Dropped(namespace, revision()));
    }

    static Refused refused(ErrorCode code) {
        return new Refused(code, "");
    }

    static Refused refused(ErrorCode code, Detail detail) {
        return new Refused(code, "", detail);
    }
}
