package io.whatnot.core.testing.simulation;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.State;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.Owner;
import io.whatnot.core.state.lock.WaitingRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of locks, by what the log says and by what clients believe: provable exclusion (I2), mandatory
 * protection (I3), growing tokens (I4), fairness (I5), nothing without a session (I6), no more slots in use than there are
 * (I8), belief that ends before the lease does (I11), punctual deadlines (I12), and no lease that comes back (I16).
 */
public final class LockChecker implements Commit.Checker {
    private static final double NANOS = 1e6;

    private record Token(long value, Owner owner) {}

    private record Place(String namespace, AbsolutePath path) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byNamespace = namespace.compareTo(other.namespace);
            return byNamespace != 0 ? byNamespace : path.compareTo(other.path);
        }
    }

    /** What a client was told it holds. */
    private static final class Belief {
        final String client;
        final LeaseId id;
        final String namespace;
        final List<Target> targets;
        final Object owner;
        final BooleanSupplier isHeld;
        final BooleanSupplier isAsleep;
        boolean denied;

        Belief(
                String client,
                LeaseId id,
                String namespace,
                List<Target> targets,
                Object owner,
                BooleanSupplier isHeld,
                BooleanSupplier isAsleep) {
            this.client = client;
            this.id = id;
            this.namespace = namespace;
            this.targets = targets;
            this.owner = owner;
            this.isHeld = isHeld;
            this.isAsleep = isAsleep;
        }

        @Override
        public String toString() {
            return client + "'s " + id + " on " + targets;
        }
    }

    private final Simulation simulation;
    private final Violations violations;
    /** Whether the clocks are within drift of each other: else no belief can be relied on. */
    private final boolean clocksWithinDrift;

    private final double rateMax;
    private final Map<LeaseId, Belief> beliefs = new LinkedHashMap<>();
    /** Of leases that have ended while nobody could ask those who slept. */
    private final List<Belief> endedAsleep = new ArrayList<>();
    /** Of leases that were taken from those who could not know. */
    private final List<Belief> taken = new ArrayList<>();

    private final Set<LeaseId> takenAway = new TreeSet<>();
    private final Set<LeaseId> ended = new TreeSet<>();
    private final Map<Place, Token> tokens = new TreeMap<>();
    /** The most slots that each pool ever had. */
    private final Map<Place, Long> sizes = new TreeMap<>();

    private final Map<LeaseId, Long> ttlStartedNanos = new HashMap<>();
    private final Map<LeaseId, Long> deadlines = new HashMap<>();
    private final Set<LeaseId> accepted = new HashSet<>();
    private long grants;
    private long expiries;

    /**
     * A checker that has seen nothing.
     *
     * @param clocksWithinDrift whether what compares the clocks of two machines is to hold
     * @param rateMax how fast a node's clock may run
     */
    public LockChecker(Simulation simulation, Violations violations, boolean clocksWithinDrift, double rateMax) {
        this.simulation = simulation;
        this.violations = violations;
        this.clocksWithinDrift = clocksWithinDrift;
        this.rateMax = rateMax;
    }

    /** How many leases were granted. */
    public long grants() {
        return grants;
    }

    /** How many of them ran out. */
    public long expiries() {
        return expiries;
    }

    // ---- what clients believe

    /**
     * A client was told that it has a lease.
     *
     * @param isAsleep whether nobody can ask it, for its machine is suspended
     */
    public void told(
            String client,
            LeaseId id,
            String namespace,
            List<Target> targets,
            Object owner,
            BooleanSupplier isHeld,
            BooleanSupplier isAsleep) {
        Belief belief = new Belief(client, id, namespace, targets, owner, isHeld, isAsleep);
        if (takenAway.contains(id)) {
            taken.add(belief);
            return;
        }
        beliefs.put(id, belief);
        if (!holds(belief)) {
            return;
        }
        if (ended.contains(id)) {
            violateBelief(
                    "I11 isHeld is false before the servers end a lease",
                    belief + " was told to be held, but has ended");
        }
        exclusive(belief);
    }

    private void exclusive(Belief belief) {
        if (belief.targets.get(0).isClaim()) {
            withinSize(belief);
            return;
        }
        for (Belief other : beliefs.values()) {
            if (other != belief
                    && !other.owner.equals(belief.owner)
                    && other.namespace.equals(belief.namespace)
                    && conflict(other.targets, belief.targets)
                    && holds(other)) {
                violateBelief("I2 exclusion can be proven", belief + " and " + other + " are both held");
            }
        }
    }

    /** All who can prove a claim on a pool at once have no more slots than it ever had. */
    private void withinSize(Belief belief) {
        AbsolutePath pool = belief.targets.get(0).pool();
        if (pool == null) {
            violations.add("I8 slots in use are no more than there are", belief + " names no pool");
            return;
        }
        List<Belief> all = new ArrayList<>();
        long slots = 0;
        for (Belief other : beliefs.values()) {
            if (other.namespace.equals(belief.namespace) && other.targets.get(0).isServedBy(pool) && holds(other)) {
                all.add(other);
                slots += other.targets.get(0).slots();
            }
        }
        long size = sizes.getOrDefault(new Place(belief.namespace, pool), 0L);
        if (slots > size) {
            violateBelief("I8 slots in use are no more than there are", all + " are all held, of " + size + " slots");
        }
    }

    /** A client is gone; nobody asks it any more. */
    public void forget(String client) {
        beliefs.values().removeIf(belief -> belief.client.equals(client));
        endedAsleep.removeIf(belief -> belief.client.equals(client));
        taken.removeIf(belief -> belief.client.equals(client));
    }

    private boolean holds(Belief belief) {
        if (belief.isAsleep.getAsBoolean()) {
            return false;
        }
        boolean held = belief.isHeld.getAsBoolean();
        if (held && belief.denied) {
            violations.add("I11 a lease that was lost never returns", belief + " is held again");
        }
        belief.denied |= !held;
        return held;
    }

    /** Looks at what everybody believes. */
    public void look() {
        List<Belief> held = new ArrayList<>();
        for (Belief belief : List.copyOf(beliefs.values())) {
            if (holds(belief)) {
                held.add(belief);
            } else if (!belief.isAsleep.getAsBoolean()) {
                beliefs.remove(belief.id);
            }
        }
        for (Belief belief : List.copyOf(endedAsleep)) {
            if (!belief.isAsleep.getAsBoolean()) {
                endedAsleep.remove(belief);
                if (holds(belief)) {
                    violateBelief(
                            "I11 isHeld is false before the servers end a lease",
                            belief + " is held by who has slept, but has ended meanwhile");
                }
            }
        }
        for (Belief belief : held) {
            exclusive(belief);
        }
    }

    /** How many beliefs there are. */
    public int beliefs() {
        return beliefs.size();
    }

    private void violateBelief(String guarantee, String words) {
        if (clocksWithinDrift) {
            violations.add(guarantee, words);
        }
    }

    private static boolean conflict(List<Target> some, List<Target> others) {
        for (Target one : some) {
            for (Target other : others) {
                if (conflict(one, other)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The table of section 5, written out once more. */
    private static boolean conflict(Target one, Target other) {
        if (one.isClaim() || other.isClaim() || (one.mode() == Mode.SHARED && other.mode() == Mode.SHARED)) {
            return false;
        }
        boolean below = other.path().startsWith(one.path());
        boolean above = one.path().startsWith(other.path());
        return (below && above) || (below && one.scope() == Scope.PREFIX) || (above && other.scope() == Scope.PREFIX);
    }

    // ---- what the log says

    @Override
    public void committed(Commit commit) {
        pools(commit.after());
        Map<LeaseId, Lease> before = leases(commit.before());
        Map<LeaseId, Lease> after = leases(commit.after());
        for (Lease lease : after.values()) {
            if (!before.containsKey(lease.id())) {
                granted(commit, lease, before);
            }
            violations.require(
                    commit.after().sessions().get(lease.id().session()) != null,
                    "I6 nothing without its session",
                    () -> lease + " has no session");
        }
        deadlines(commit, after);
        for (Lease lease : before.values()) {
            if (!after.containsKey(lease.id())) {
                ended(commit, lease);
            }
        }
        takenAwayAtOnce(commit, after);
        protectedFromOthers(commit, before, after);
        fair(commit, before, after);
    }

    private void pools(State state) {
        state.locks().pools().all().forEach(entry -> {
            Place place = new Place(entry.key().namespace(), entry.key().path());
            long most = sizes.merge(place, entry.value().size(), Math::max);
            violations.require(
                    entry.value().used() <= most,
                    "I8 slots in use are no more than there are",
                    () -> place + " has " + entry.value().used() + " slots in use, and never had more than " + most);
        });
    }

    private static Map<LeaseId, Lease> leases(State state) {
        Map<LeaseId, Lease> leases = new LinkedHashMap<>();
        state.locks().leases().forEach(lease -> leases.put(lease.key(), lease.value()));
        return leases;
    }

    private void granted(Commit commit, Lease lease, Map<LeaseId, Lease> before) {
        grants++;
        violations.require(
                !ended.contains(lease.id()),
                "I16 a request takes effect at most once",
                () -> lease + " is granted again, after it had ended");
        ttlStartedNanos.put(lease.id(), commit.appendedNanos());
        for (Target target : lease.targets()) {
            if (target.mode() == Mode.EXCLUSIVE) {
                Place place = new Place(lease.namespace(), target.path());
                Token last = tokens.get(place);
                boolean covered = before.values().stream()
                        .anyMatch(other -> other.owner().equals(lease.owner()) && other.token() == lease.token());
                violations.require(
                        last == null
                                || lease.token() > last.value
                                || covered
                                || (lease.token() == last.value && lease.owner().equals(last.owner)),
                        "I4 tokens grow",
                        () -> lease + " after token " + last);
                if (last == null || lease.token() > last.value) {
                    tokens.put(place, new Token(lease.token(), lease.owner()));
                }
            }
        }
    }

    /** A deadline is the ttl after the grant or the last renewal, and nothing else moves it. */
    private void deadlines(Commit commit, Map<LeaseId, Lease> after) {
        Set<LeaseId> renewed = new HashSet<>();
        for (int i = 0; i < commit.entry().requests().size(); i++) {
            Request request = commit.entry().requests().get(i);
            if (request != null
                    && request.command() instanceof LeaseCommand.Renew renew
                    && commit.applied().results().get(i) instanceof Result.Renewed) {
                renewed.add(new LeaseId(request.session(), renew.lease()));
            }
        }
        for (Lease lease : after.values()) {
            Long last = deadlines.put(lease.id(), lease.deadlineMillis());
            long now = commit.after().timeMillis();
            boolean moved = last != null && last != lease.deadlineMillis();
            if (lease.ttlMillis() != 0 && (last == null || moved)) {
                violations.require(
                        lease.deadlineMillis() == now + lease.ttlMillis()
                                && (last == null || renewed.contains(lease.id())),
                        "I12 deadlines are the ttl after grant or renewal",
                        () -> lease + " has its deadline at " + lease.deadlineMillis() + ", set at " + now);
                ttlStartedNanos.put(lease.id(), commit.appendedNanos());
            }
        }
    }

    private static boolean isReleased(LeaseId id, @Nullable Request request) {
        if (request == null || request.session() != id.session()) {
            return false;
        }
        if (request.command() instanceof LeaseCommand.Release release) {
            return release.lease() == id.sequence();
        }
        return request.command() instanceof LeaseCommand.Cancel cancel && cancel.request() == id.sequence();
    }

    /** Why leases of that session and token ended on a path. */
    private static List<Cause> endsOn(Commit commit, Lease lease, AbsolutePath path) {
        return commit.applied().events().stream()
                .filter(event -> isEnd(event)
                        && path.equals(event.path())
                        && event.actor().session() == lease.id().session()
                        && event.token() != null
                        && event.token().value() == lease.token())
                .map(WatchEvent::cause)
                .toList();
    }

    private void ended(Commit commit, Lease lease) {
        ended.add(lease.id());
        deadlines.remove(lease.id());
        // Another lease of the session may have the same token and a path in common, and end by its ttl in the same
        // entry:
        // this one counts as run out only if nothing of theirs ended otherwise on any of its paths.
        boolean released = commit.entry().requests().stream().anyMatch(request -> isReleased(lease.id(), request));
        boolean expired = !released
                && lease.targets().stream().allMatch(target -> {
                    List<Cause> causes = endsOn(commit, lease, target.path());
                    return !causes.isEmpty() && causes.stream().allMatch(cause -> cause == Cause.EXPIRED);
                });
        Long started = ttlStartedNanos.remove(lease.id());
        if (expired && started != null) {
            expiries++;
            violations.require(
                    commit.after().timeMillis() >= lease.deadlineMillis(),
                    "I12 expiry is not before the ttl",
                    () -> lease + " is ended at " + commit.after().timeMillis());
            double lasted = (commit.appendedNanos() - started) / NANOS;
            violations.require(
                    !clocksWithinDrift || lasted * rateMax + 1 >= lease.ttlMillis(),
                    "I12 expiry is not before the ttl",
                    () -> lease + " is ended " + lasted + " ms after its grant or renewal");
        }
        Belief belief = beliefs.remove(lease.id());
        if (isTakenAway(commit, lease)) {
            takenAway.add(lease.id());
            if (belief != null) {
                taken.add(belief);
            }
        } else if (belief != null && belief.isAsleep.getAsBoolean()) {
            endedAsleep.add(belief);
        } else if (belief != null && holds(belief)) {
            violateBelief(
                    "I11 isHeld is false before the servers end a lease",
                    belief + " is held, but has ended" + (expired ? ", for it expired" : ""));
        }
    }

    private static boolean isEnd(WatchEvent event) {
        return event.change() == Change.UNLOCKED || event.change() == Change.RELEASED;
    }

    /** Leases that were granted and taken away in one entry; that their client is told in this order. */
    private void takenAwayAtOnce(Commit commit, Map<LeaseId, Lease> after) {
        Stream.concat(
                        commit.applied().results().stream(),
                        commit.applied().pushes().stream().map(push -> push.result()))
                .forEach(result -> {
                    if (result instanceof Result.Granted granted
                            && !after.containsKey(granted.id())
                            && (!commit.applied().dropped().isEmpty()
                                    || endsByAdmin(commit, granted.token().value())
                                            .anyMatch(event -> event.actor().session()
                                                    == granted.id().session()))) {
                        takenAway.add(granted.id());
                    }
                });
    }

    /** By an operator, or with its pool or namespace: no client can know of that before it is told. */
    private static boolean isTakenAway(Commit commit, Lease lease) {
        return commit.applied().dropped().stream()
                        .anyMatch(drop -> drop.namespace().equals(lease.namespace()))
                || endsByAdmin(commit, lease.token())
                        .anyMatch(event -> event.namespace().equals(lease.namespace()));
    }

    private static Stream<WatchEvent> endsByAdmin(Commit commit, long token) {
        return commit.applied().events().stream()
                .filter(event -> isEnd(event)
                        && event.cause() == Cause.ADMIN
                        && event.token() != null
                        && event.token().value() == token);
    }

    /** Requires that everybody has been told in the end what was taken away. */
    public void conclude() {
        for (Belief belief : taken) {
            violations.require(
                    !holds(belief), "I11 what is taken away is told", () -> belief + " is still held by its client");
        }
    }

    /** How many leases operators ended, or who dropped their namespace. */
    public int takenAway() {
        return takenAway.size();
    }

    /** A namespace in which others hold locks is dropped by operators alone. */
    private void dropped(Commit commit, Request request, Result result) {
        if (request.command() instanceof NamespaceCommand.Drop drop && result instanceof Result.Done done) {
            for (WatchEvent event : commit.applied().events()) {
                violations.require(
                        !isEnd(event)
                                || !event.namespace().equals(drop.namespace())
                                || !event.revision().equals(done.revision())
                                || event.actor().session() == request.session(),
                        "I3 no mutation against a held lock",
                        () -> request + " was accepted, and ended what another holds: " + event);
            }
        }
    }

    private void protectedFromOthers(Commit commit, Map<LeaseId, Lease> before, Map<LeaseId, Lease> after) {
        for (int i = 0; i < commit.entry().requests().size(); i++) {
            Request request = commit.entry().requests().get(i);
            Result result = commit.applied().results().get(i);
            if (request != null) {
                dropped(commit, request, result);
            }
            if (request == null || result instanceof Result.Refused) {
                continue;
            }
            List<ElementCommand> changes = changes(request.command(), result);
            if (changes.isEmpty()
                    || (request.sequence() != 0 && !accepted.add(new LeaseId(request.session(), request.sequence())))) {
                continue; // it changes nothing, or it is the answer that it was given before
            }
            changes.forEach(change -> protectedFrom(request, change, result, before, after));
        }
    }

    /** What a command changes that was carried out: of a transaction, what it did. */
    private static List<ElementCommand> changes(Command command, Result result) {
        if (command instanceof Transaction transaction && result instanceof Result.Transacted done) {
            List<ElementCommand> changes = new ArrayList<>();
            for (Transaction.Operation operation : done.succeeded() ? transaction.then() : transaction.otherwise()) {
                if (operation instanceof Transaction.Operation.Change change) {
                    changes.add(change.command());
                }
            }
            return changes;
        }
        return command instanceof ElementCommand change ? List.of(change) : List.of();
    }

    private void protectedFrom(
            Request request,
            ElementCommand command,
            Result result,
            Map<LeaseId, Lease> before,
            Map<LeaseId, Lease> after) {
        boolean recursive = command instanceof ElementCommand.Delete delete && delete.recursive();
        Target mutated = new Target(command.path(), recursive ? Scope.PREFIX : Scope.ELEMENT, Mode.EXCLUSIVE);
        LeaseId named = new LeaseId(request.session(), command.lease());
        Owner owner = Owner.of(request);
        for (Lease lease : before.values()) {
            boolean inTheWay = after.containsKey(lease.id())
                    && lease.namespace().equals(command.namespace())
                    && !lease.owner().equals(owner)
                    && !lease.id().equals(named)
                    && conflict(lease.targets(), List.of(mutated));
            if (inTheWay && !passesUnderItsLease(named, before, after, lease)) {
                violations.add("I3 no mutation against a held lock", request + " was accepted against " + lease);
            }
        }
        if (command.lease() != 0) {
            violations.require(
                    before.containsKey(named) || after.containsKey(named),
                    "I3 no mutation under an ended lease",
                    () -> request + " was accepted, though its lease is not held: " + result);
        }
    }

    /** Whoever names a lease acts for the owner of that lease. */
    private static boolean passesUnderItsLease(
            LeaseId named, Map<LeaseId, Lease> before, Map<LeaseId, Lease> after, Lease inTheWay) {
        Lease lease = before.getOrDefault(named, after.get(named));
        return lease != null && lease.owner().equals(inTheWay.owner());
    }

    // ---- fairness

    /** Nobody is granted what conflicts with somebody who asked earlier and goes on waiting, but for those it waits for. */
    private void fair(Commit commit, Map<LeaseId, Lease> before, Map<LeaseId, Lease> after) {
        Map<LeaseId, WaitingRequest> waitedBefore = waiting(commit.before());
        Map<LeaseId, WaitingRequest> waitsAfter = waiting(commit.after());
        for (Lease lease : after.values()) {
            if (before.containsKey(lease.id())) {
                continue;
            }
            WaitingRequest own = waitedBefore.get(lease.id());
            long arrival = own == null ? Long.MAX_VALUE : own.arrival();
            for (WaitingRequest earlier : waitsAfter.values()) {
                boolean passed = waitedBefore.containsKey(earlier.id())
                        && earlier.arrival() < arrival
                        && !earlier.owner().equals(lease.owner())
                        && earlier.namespace().equals(lease.namespace())
                        && (conflict(earlier.targets(), lease.targets())
                                || areOfOnePool(earlier.targets(), lease.targets()));
                if (passed
                        && !waitsFor(earlier, lease.owner(), before.values(), waitedBefore.values(), lease)
                        && !waitsFor(earlier, lease.owner(), after.values(), waitsAfter.values(), lease)) {
                    violations.add("I5 first come, first served", lease + " was granted before " + earlier);
                }
            }
        }
    }

    private static boolean areOfOnePool(List<Target> some, List<Target> others) {
        AbsolutePath pool = some.get(0).pool();
        return pool != null && others.get(0).isServedBy(pool);
    }

    private static Map<LeaseId, WaitingRequest> waiting(State state) {
        Map<LeaseId, WaitingRequest> waiting = new LinkedHashMap<>();
        state.locks().waiting().forEach(each -> waiting.put(each.value().id(), each.value()));
        return waiting;
    }

    /** Whether a request waits for an owner, directly or through others, were it not for one lease. */
    private static boolean waitsFor(
            WaitingRequest who, Owner whom, Iterable<Lease> held, Iterable<WaitingRequest> waiting, Lease but) {
        Set<WaitingRequest> seen = new HashSet<>(List.of(who));
        Deque<WaitingRequest> next = new ArrayDeque<>(seen);
        while (!next.isEmpty()) {
            WaitingRequest one = next.remove();
            Set<Owner> owners = new HashSet<>();
            for (Lease lease : held) {
                if (!lease.id().equals(but.id())
                        && lease.namespace().equals(one.namespace())
                        && !lease.owner().equals(one.owner())
                        && (conflict(lease.targets(), one.targets()) || areOfOnePool(lease.targets(), one.targets()))) {
                    owners.add(lease.owner());
                }
            }
            for (WaitingRequest other : waiting) {
                if (other.arrival() < one.arrival()
                        && other.namespace().equals(one.namespace())
                        && !other.owner().equals(one.owner())
                        && conflict(other.targets(), one.targets())) {
                    owners.add(other.owner());
                }
            }
            if (owners.contains(whom)) {
                return true;
            }
            for (WaitingRequest other : waiting) {
                if (owners.contains(other.owner()) && seen.add(other)) {
                    next.add(other);
                }
            }
        }
        return false;
    }

    /** Requires that what is due has been ended: to be asked when nothing has disturbed the leader for a while. */
    public void punctual(State state, long clusterMillis, long lateMillisMax) {
        long due = state.nextDeadlineMillis();
        violations.require(
                due == Long.MAX_VALUE || clusterMillis - due <= lateMillisMax,
                "I12 deadlines fire in time",
                () -> "at " + clusterMillis + " of cluster time the deadline of " + due + " has not fired; true time "
                        + simulation.millis());
    }
}
