package io.whatnot.client.simulation;

import io.whatnot.client.Compare;
import io.whatnot.client.Consistency;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Op;
import io.whatnot.client.Outcome;
import io.whatnot.client.PathElement;
import io.whatnot.client.Put;
import io.whatnot.client.WatchListener;
import io.whatnot.client.WatchRequest;
import io.whatnot.client.WatchSubscription;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.ClientOptions;
import io.whatnot.client.internal.Simulated;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Poison;
import io.whatnot.core.state.State;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.testing.simulation.LinearizabilityChecker.Content;
import io.whatnot.core.testing.simulation.LinearizabilityChecker.Effect;
import io.whatnot.core.testing.simulation.LinearizabilityChecker.Operation;
import io.whatnot.core.testing.simulation.SimulatedProcess;
import io.whatnot.core.testing.simulation.TransactionChecker;
import io.whatnot.core.testing.simulation.WatchChecker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A real client in a process of the simulated world, and what it is told to do. */
final class SimulatedClient {
    /** Where locks are, and what is protected by them. */
    static final String LOCKS = "n";
    /** Where elements are that nobody locks. */
    static final String REGISTERS = "r";
    /** What comes and goes as a whole. */
    static final String DROPPED = "d";

    /** Where elements are that transactions alone change. */
    private static final String TRANSACTED = "t";

    /** Where elements are that are pruned. */
    private static final String PRUNED = "p";

    private static final List<String> PRUNED_PATHS = List.of("/i", "/i/x", "/i/x/y", "/j/x", "/j/y");
    private static final List<String> TRANSACTED_PATHS = List.of("/t0", "/t1", "/t2", "/t3");
    private static final List<String> PATHS = List.of("/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/z");
    private static final List<String> REGISTER_PATHS = List.of("/r0", "/r1", "/r2");
    private static final List<String> WATCHED = List.of("/", "/a", "/a/x", "/b");
    private static final List<String> POOL_PATHS = List.of("/p", "/p/one", "/p/x");
    private static final int WATCHES_MAX = 3;
    private static final int HELD_MAX = 6;

    private final World world;
    private final String name;
    private final SimulatedProcess process;
    private final NamespaceManager manager;
    private final Namespace locks;
    private final Namespace registers;
    private final Namespace dropped;
    private final Namespace transacted;

    private final List<LeaseContext> held = new ArrayList<>();
    private final List<LeaseId> known = new ArrayList<>();
    private final Map<Integer, CompletableFuture<LeaseContext>> asked = new TreeMap<>();
    private final Map<WatchSubscription, WatchChecker.Watcher> watches = new LinkedHashMap<>();
    private final Set<String> underWay = new LinkedHashSet<>();
    /** What it saw last of each element that transactions are about: its revision; 0 for none. */
    private final Map<String, Long> seen = new TreeMap<>();

    private long listenersHeldUpUntil;
    private int operations;

    SimulatedClient(World world, String name, double rate, ClientOptions options, long seed) {
        this.world = world;
        this.name = name;
        this.process = new SimulatedProcess(world.simulation, name, rate);
        this.manager = Simulated.client(
                options,
                world.cluster.network().wire(process),
                process,
                process.wallClock(),
                process,
                task -> process.after(Math.max(0, listenersHeldUpUntil - world.simulation.nanos()), task),
                new Random(seed));
        this.locks = manager.namespace(LOCKS);
        this.registers = manager.namespace(REGISTERS);
        this.dropped = manager.namespace(DROPPED);
        this.transacted = manager.namespace(TRANSACTED);
    }

    String name() {
        return name;
    }

    SimulatedProcess process() {
        return process;
    }

    /** What it has asked and got no answer to. */
    Set<String> underWay() {
        return underWay;
    }

    /** What it watches, with what was told. */
    Map<WatchSubscription, WatchChecker.Watcher> watches() {
        return watches;
    }

    /** Its listeners do nothing for a while. */
    void holdUpListeners(long forNanos) {
        listenersHeldUpUntil = world.simulation.nanos() + forNanos;
    }

    /** It is gone at once, whatever it holds. */
    void die() {
        process.die();
        world.cluster.network().died(process);
        world.locks.forget(name);
    }

    /** It closes in good order. */
    CompletableFuture<Void> close() {
        watches.clear();
        return Simulated.closeAsync(manager);
    }

    private <T> void track(String what, CompletableFuture<T> future) {
        String call = name + "-" + ++operations + " " + what;
        world.simulation.say(() -> call);
        underWay.add(call);
        future.whenComplete((value, failure) -> {
            underWay.remove(call);
            world.simulation.trace(failure == null ? String.valueOf(value) : String.valueOf(failure.getMessage()));
            world.simulation.say(() -> call + " -> " + (failure == null ? value : failure));
            if (failure != null && !(failure instanceof WhatnotException) && !future.isCancelled()) {
                world.violations.add("the SDK fails only as it says", call + " -> " + failure);
            }
            if (failure instanceof WhatnotException refused && refused.code() == ErrorCode.INTERNAL) {
                world.violations.add("I17 only what is broken throws", call + " -> " + failure);
            }
        });
    }

    // ---- leases

    void acquire(SplittableRandom dice) {
        if (held.size() + asked.size() >= HELD_MAX) {
            release(dice);
            return;
        }
        Target[] targets = targets(dice);
        String owner = dice.nextInt(3) == 0 ? "o" + dice.nextInt(2) : "";
        Namespace where = dice.nextInt(6) == 0 ? dropped : locks;
        LeaseRequest request = where.leaseAll(targets).owner(owner);
        if (dice.nextInt(5) < 3) {
            request = request.ttl(
                    Duration.ofMillis(List.of(100L, 300L, 1_000L, 3_000L).get(dice.nextInt(4))));
        }
        request = request.waitTimeout(
                Duration.ofMillis(List.of(0L, 50L, 500L, 2_000L, 5_000L).get(dice.nextInt(5))));
        long holdMillis = List.of(1L, 20L, 200L, 1_000L, 100_000L).get(dice.nextInt(5));
        CompletableFuture<LeaseContext> future = request.acquireAsync();
        int number = operations;
        asked.put(number, future);
        track("acquires " + List.of(targets) + " as " + owner, future);
        future.whenComplete((lease, failure) -> {
            asked.remove(number);
            if (lease != null) {
                granted(lease, where, owner, holdMillis);
            }
        });
    }

    /** Slots of a pool of one, of a larger one of all below it, or of none. */
    void claim(SplittableRandom dice) {
        if (held.size() + asked.size() >= HELD_MAX) {
            release(dice);
            return;
        }
        String owner = dice.nextInt(3) == 0 ? "o" + dice.nextInt(2) : "";
        String path = POOL_PATHS.get(dice.nextInt(POOL_PATHS.size()));
        long slots = 1L + dice.nextInt(2);
        LeaseRequest request =
                locks.leaseAll(Target.claim(AbsolutePath.parse(path), slots)).owner(owner);
        if (dice.nextInt(2) == 0) {
            request = request.ttl(Duration.ofMillis(List.of(100L, 300L, 1_000L).get(dice.nextInt(3))));
        }
        request = request.waitTimeout(
                Duration.ofMillis(List.of(0L, 500L, 2_000L, 5_000L).get(dice.nextInt(4))));
        long holdMillis = List.of(1L, 20L, 200L, 1_000L, 100_000L).get(dice.nextInt(5));
        CompletableFuture<LeaseContext> future = request.acquireAsync();
        int number = operations;
        asked.put(number, future);
        track("claims " + slots + " at " + path + " as " + owner, future);
        future.whenComplete((claim, failure) -> {
            asked.remove(number);
            if (claim != null) {
                granted(claim, locks, owner, holdMillis);
            }
        });
    }

    /** Made if it is not there; or purged, with claims on it ending. */
    void createPool(SplittableRandom dice) {
        boolean ofOne = dice.nextBoolean();
        PoolCommand create = new PoolCommand.Create(
                LOCKS, AbsolutePath.parse(ofOne ? "/p/one" : "/p"), ofOne ? 1 : 3, !ofOne, dice.nextInt(3) == 0, 0);
        send("makes " + create, create, Result.Done.class);
    }

    /** Something in the namespace in which elements are pruned: they come, are touched and locked, and policies change. */
    void prune(SplittableRandom dice) {
        AbsolutePath path = AbsolutePath.parse(PRUNED_PATHS.get(dice.nextInt(PRUNED_PATHS.size())));
        switch (dice.nextInt(8)) {
            case 0, 1 -> {
                AbsolutePath at = dice.nextBoolean() ? AbsolutePath.ROOT : path;
                long idleAfter = dice.nextInt(4) == 0 ? 0 : 1_000 + dice.nextInt(1_000);
                send(
                        "sets a policy at " + at + " in " + PRUNED,
                        new PruneCommand.SetPolicy(PRUNED, at, idleAfter, false, 0),
                        Result.Done.class);
            }
            case 2 ->
                send(
                        "takes the policy of " + path + " in " + PRUNED,
                        new PruneCommand.RemovePolicy(PRUNED, path, 0),
                        Result.Done.class);
            case 3 ->
                send("touches " + path + " in " + PRUNED, new PruneCommand.Touch(PRUNED, path), Result.Done.class);
            case 4 -> {
                Target target = dice.nextBoolean() ? Target.element(path.toString()) : Target.prefix(path.toString());
                CompletableFuture<LeaseContext> future = manager.namespace(PRUNED)
                        .leaseAll(target)
                        .waitTimeout(Duration.ofMillis(500))
                        .acquireAsync();
                long holdMillis = 1L + dice.nextInt(3_000);
                track("locks " + target + " in " + PRUNED, future);
                future.whenComplete((lease, failure) -> {
                    if (lease != null) {
                        granted(lease, manager.namespace(PRUNED), "", holdMillis);
                    }
                });
            }
            default ->
                send(
                        "registers " + path + " in " + PRUNED,
                        new ElementCommand.Register(PRUNED, path, 0),
                        Result.Done.class);
        }
    }

    private void granted(LeaseContext lease, Namespace where, String owner, long holdMillis) {
        held.add(lease);
        known.add(lease.id());
        if (known.size() > 8) {
            known.remove(0);
        }
        Object who = owner.isEmpty() ? lease.id() : lease.id().session() + owner;
        world.locks.told(name, lease.id(), where.name(), lease.targets(), who, lease::isHeld, process::isSuspended);
        lease.lost().whenComplete((reason, never) -> {
            held.remove(lease);
            if (lease.isHeld()) { // it is told by the client itself, so that does not sleep
                world.violations.add("I11 a lease that was lost never returns", lease + " is held, though lost");
            }
        });
        process.after(holdMillis * 1_000_000, () -> release(lease));
    }

    private void release(LeaseContext lease) {
        if (held.remove(lease)) {
            track("releases " + lease, lease.releaseAsync());
        }
    }

    private static Target[] targets(SplittableRandom dice) {
        List<String> paths = new ArrayList<>(PATHS);
        Target[] targets = new Target[dice.nextInt(4) == 0 ? 2 : 1];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = new Target(
                    AbsolutePath.parse(paths.remove(dice.nextInt(paths.size()))),
                    dice.nextInt(3) == 0 ? Scope.PREFIX : Scope.ELEMENT,
                    dice.nextInt(4) == 0 ? Mode.SHARED : Mode.EXCLUSIVE);
        }
        return targets;
    }

    void release(SplittableRandom dice) {
        if (!held.isEmpty()) {
            release(held.get(dice.nextInt(held.size())));
        }
    }

    void renew(SplittableRandom dice) {
        if (!held.isEmpty()) {
            LeaseContext lease = held.get(dice.nextInt(held.size()));
            track("renews " + lease, lease.renewAsync());
        }
    }

    void cancel(SplittableRandom dice) {
        if (!asked.isEmpty()) {
            List.copyOf(asked.values()).get(dice.nextInt(asked.size())).cancel(false);
        }
    }

    // ---- elements

    private Value value(String id) {
        return Value.of(new byte[world.valueBytes], id);
    }

    /** Changes something that others may have locked, mostly under a lease of its own, sometimes one that has ended. */
    void putUnderLease(SplittableRandom dice) {
        String id = name + "/" + operations;
        String path = PATHS.get(dice.nextInt(PATHS.size()));
        Put how = Put.with();
        if (!held.isEmpty() && dice.nextInt(3) != 0) {
            LeaseContext lease = held.get(dice.nextInt(held.size()));
            path = lease.targets().get(0).path().toString();
            how = how.lease(lease);
        } else if (!known.isEmpty()) {
            how = how.lease(known.get(dice.nextInt(known.size())));
        }
        CompletableFuture<Result.Written> future = locks.putAsync(path, value(id), how);
        track("puts " + id + " at " + path + " under " + how.leaseId(), future);
        future.whenComplete((written, failure) -> effect(id, written, failure));
    }

    private void effect(String id, Result.@Nullable Written written, @Nullable Throwable failure) {
        if (written != null) {
            world.effects.written(id, written.revision().value());
        } else if (failure instanceof WhatnotException refused && refused.outcome() == Outcome.NOT_APPLIED) {
            world.effects.notWritten(id);
        }
    }

    /** Registers what ends by itself. */
    void putPassing(SplittableRandom dice) {
        String id = name + "/" + operations;
        boolean ephemeral = dice.nextBoolean();
        String path = (ephemeral ? "/e" : "/t") + dice.nextInt(3);
        Put how = ephemeral ? Put.with().ephemeral() : Put.with().ttl(Duration.ofMillis(100L + dice.nextInt(2_000)));
        CompletableFuture<Result.Written> future = locks.putAsync(path, value(id), how);
        track("puts " + id + " at " + path, future);
        future.whenComplete((written, failure) -> effect(id, written, failure));
    }

    void register(SplittableRandom dice) {
        String path = PATHS.get(dice.nextInt(PATHS.size()));
        track("registers " + path, locks.registerAsync(path, Put.with()));
    }

    void put(SplittableRandom dice) {
        String id = name + "/" + operations;
        String path = REGISTER_PATHS.get(dice.nextInt(REGISTER_PATHS.size()));
        int condition = dice.nextInt(4);
        long ifVersion = 1L + dice.nextInt(6);
        Put how = condition == 0 ? Put.with().ifAbsent() : Put.with();
        how = condition == 1 ? Put.with().ifVersion(ifVersion) : how;
        Effect puts = before -> {
            boolean absent = before.value() == null;
            boolean fits = condition == 0 ? absent : condition != 1 || before.version() == ifVersion;
            return fits ? new Content(id, before.version() + 1, 0) : null;
        };
        Predicate<Content> refuses = before -> puts.on(before) == null;
        Operation operation = world.registers.begin(path, name + " puts " + id + " on condition " + condition, puts);
        CompletableFuture<Result.Written> future = registers.putAsync(path, value(id), how);
        track("puts " + id + " at register " + path, future);
        world.unknown(id, operation);
        future.whenComplete((written, failure) -> {
            if (isKnown(failure)) {
                world.known(id);
            }
            effect(id, written, failure);
            if (written != null) {
                world.registers.end(
                        operation, String.valueOf(written), written.revision().value(), before -> {
                            Content after = puts.on(before);
                            return after != null && after.version() == written.version() ? after : null;
                        });
            } else {
                refused(operation, failure, refuses, ErrorCode.ELEMENT_EXISTS, ErrorCode.CONDITION_FAILED);
            }
        });
    }

    private static boolean isKnown(@Nullable Throwable failure) {
        return failure == null || (failure instanceof WhatnotException e && e.outcome() == Outcome.NOT_APPLIED);
    }

    private void refused(
            Operation operation, @Nullable Throwable failure, Predicate<Content> refuses, ErrorCode... meaningful) {
        if (failure instanceof WhatnotException refused && refused.outcome() == Outcome.NOT_APPLIED) {
            if (List.of(meaningful).contains(refused.code()) || isAbsence(refused)) {
                world.registers.endPure(operation, refused.code().name(), refuses);
            } else {
                world.registers.endWithoutEffect(operation);
            }
        }
    }

    private static boolean isAbsence(WhatnotException refused) {
        return refused.code() == ErrorCode.NO_SUCH_ELEMENT || refused.code() == ErrorCode.NO_SUCH_NAMESPACE;
    }

    void delete(SplittableRandom dice) {
        String path = REGISTER_PATHS.get(dice.nextInt(REGISTER_PATHS.size()));
        Effect deletes = before -> before.value() == null ? null : Content.ABSENT;
        Predicate<Content> refuses = before -> before.value() == null;
        Operation operation = world.registers.begin(path, name + " deletes", deletes);
        String id = name + "-" + operations;
        CompletableFuture<Revision> future =
                registers.deleteAsync(path, Put.with().owner(id));
        track("deletes register " + path, future);
        world.unknown(id, operation);
        future.whenComplete((revision, failure) -> {
            if (isKnown(failure)) {
                world.known(id);
            }
            if (revision != null) {
                world.registers.end(operation, String.valueOf(revision), revision.value(), deletes);
            } else {
                refused(operation, failure, refuses);
            }
        });
    }

    void get(SplittableRandom dice) {
        String path = REGISTER_PATHS.get(dice.nextInt(REGISTER_PATHS.size()));
        Operation operation = world.registers.beginReading(path, name + " gets");
        CompletableFuture<Optional<ElementView>> future = registers.getAsync(path, Consistency.LINEARIZABLE);
        track("gets register " + path, future);
        future.whenComplete((found, failure) -> {
            if (found != null) {
                Predicate<Content> seen = found.<Predicate<Content>>map(view -> before -> new Content(
                                        view.value().contentType(),
                                        view.version(),
                                        view.modRevision().value())
                                .equals(before))
                        .orElse(before -> before.value() == null);
                world.registers.endPure(operation, found.toString(), seen);
            } else if (failure instanceof WhatnotException refused && isAbsence(refused)) {
                world.registers.endPure(operation, refused.code().name(), before -> before.value() == null);
            } else {
                world.registers.endWithoutEffect(operation);
            }
        });
    }

    void getWeakly(SplittableRandom dice) {
        String path = REGISTER_PATHS.get(dice.nextInt(REGISTER_PATHS.size()));
        Consistency consistency = dice.nextBoolean() ? Consistency.NODE : Consistency.SESSION;
        track("gets register " + path + " " + consistency, registers.getAsync(path, consistency));
    }

    // ---- several elements at once

    /**
     * Changes two or three elements if they are as it saw them last, and reads them otherwise: who is late has to try again.
     */
    void transact(SplittableRandom dice) {
        String id = name + "/" + operations;
        List<String> paths = new ArrayList<>(TRANSACTED_PATHS);
        List<Transaction.Compare> compares = new ArrayList<>();
        List<Op> then = new ArrayList<>();
        List<Op> otherwise = new ArrayList<>();
        for (int i = 2 + dice.nextInt(2); i > 0; i--) {
            String path = paths.remove(dice.nextInt(paths.size()));
            long revision = seen.getOrDefault(path, 0L);
            compares.add(Compare.modRevision(path, new Revision(revision)));
            boolean deletes =
                    revision != 0 && i > 1 && dice.nextInt(4) == 0; // one put at least, for the log to know it by
            then.add(deletes ? Op.delete(path) : Op.put(path, value(id + path)));
            then.add(Op.get(path));
            otherwise.add(Op.get(path));
        }
        if (dice.nextInt(5) == 0) {
            compares.clear();
            then = otherwise;
        }
        TransactionChecker.Call call = world.transactions.begin(
                name,
                new Transaction(TRANSACTED, compares, operations(TRANSACTED, then), operations(TRANSACTED, otherwise)));
        CompletableFuture<Result.Transacted> future = transacted
                .transact()
                .when(compares.toArray(Transaction.Compare[]::new))
                .then(then.toArray(Op[]::new))
                .otherwise(otherwise.toArray(Op[]::new))
                .commitAsync();
        track("transacts " + call, future);
        future.whenComplete((done, failure) -> {
            if (done != null) {
                world.transactions.end(call, done);
                learn(call, done);
            } else if (isKnown(failure)) {
                world.transactions.endWithoutEffect(call);
            }
            tellEffects(call, done, failure);
        });
    }

    private static List<Transaction.Operation> operations(String where, List<Op> ops) {
        return ops.stream().map(op -> Simulated.operation(where, op)).toList();
    }

    private void learn(TransactionChecker.Call call, Result.Transacted done) {
        List<Transaction.Operation> operations = call.operations(done.succeeded());
        for (int i = 0; i < operations.size(); i++) {
            if (operations.get(i) instanceof Transaction.Operation.Get get) {
                seen.put(
                        get.path().toString(),
                        done.result(i, Result.Found.class)
                                .element()
                                .map(element -> element.modRevision().value())
                                .orElse(0L));
            }
        }
    }

    /** Each of its values was written, or none. */
    private void tellEffects(
            TransactionChecker.Call call, Result.@Nullable Transacted done, @Nullable Throwable failure) {
        for (boolean list : new boolean[] {true, false}) {
            for (Transaction.Operation operation : call.operations(list)) {
                if (operation instanceof Transaction.Operation.Change change
                        && change.command() instanceof ElementCommand.Put put) {
                    String id = put.value().contentType();
                    if (done != null && done.succeeded() == list) {
                        world.effects.written(id, done.revision().value());
                    } else if (done != null || isKnown(failure)) {
                        world.effects.notWritten(id);
                    }
                }
            }
        }
    }

    /** Changes several elements that others may have locked, some under a lease of its own. */
    void transactUnderLease(SplittableRandom dice) {
        String id = name + "/" + operations;
        List<String> paths = new ArrayList<>(PATHS);
        List<Op> then = new ArrayList<>();
        for (int i = 1 + dice.nextInt(3); i > 0; i--) {
            String path = paths.remove(dice.nextInt(paths.size()));
            Put how = Put.with();
            if (!known.isEmpty() && dice.nextInt(2) == 0) {
                how = how.lease(known.get(dice.nextInt(known.size())));
            }
            then.add(Op.put(path, value(id + path), how));
        }
        CompletableFuture<Result.Transacted> future =
                locks.transact().then(then.toArray(Op[]::new)).commitAsync();
        track("transacts " + then.size() + " puts in " + LOCKS, future);
        TransactionChecker.Call call = TransactionChecker.unchecked(
                name, new Transaction(LOCKS, List.of(), operations(LOCKS, then), List.of()));
        future.whenComplete((done, failure) -> tellEffects(call, done, failure));
    }

    // ---- what is new below, and whole subtrees

    /** A child whose name the cluster chooses. */
    void registerUnique(SplittableRandom dice) {
        String id = name + "/" + operations;
        Namespace where = dice.nextBoolean() ? dropped : locks;
        CompletableFuture<PathElement> future = where.registerUniqueAsync("/u", value(id), Put.with());
        track("registers " + id + " below /u in " + where, future);
        future.whenComplete((element, failure) -> {
            if (element != null) {
                String child = element.name();
                world.effects.written(id, Long.parseLong(child.substring(0, child.indexOf('-'))));
            } else {
                effect(id, null, failure);
            }
        });
    }

    void deleteRecursively(SplittableRandom dice) {
        String where = dice.nextBoolean() ? DROPPED : LOCKS;
        AbsolutePath path = AbsolutePath.parse(List.of("/u", "/a", "/b", "/").get(dice.nextInt(4)));
        send(
                "deletes all below " + path + " in " + where,
                new ElementCommand.Delete(where, path, true, ElementCommand.Condition.NONE, 0),
                Result.Deleted.class);
    }

    private <R extends Result> void send(String what, Command command, Class<R> type) {
        track(what, Simulated.send(manager, "alone-" + name + "-" + operations, command, type));
    }

    void drop(SplittableRandom dice) {
        if (dice.nextBoolean()) {
            send("drops " + DROPPED, new NamespaceCommand.Drop(DROPPED), Result.Done.class);
        } else {
            send("makes " + DROPPED, new NamespaceCommand.Create(DROPPED), Result.Done.class);
        }
    }

    /** Lists a namespace, a few elements at a time: that is how one is exported. */
    void list(SplittableRandom dice) {
        String where = List.of(LOCKS, REGISTERS, DROPPED).get(dice.nextInt(3));
        listOn(where, 1 + dice.nextInt(4), new ArrayList<>(), AbsolutePath.ROOT, 0);
    }

    private void listOn(String where, int limit, List<ElementView> before, AbsolutePath after, long view) {
        Query query = new Query.List(where, AbsolutePath.ROOT, true, true, after, limit, view);
        CompletableFuture<Result.Page> page = Simulated.read(
                manager, query, view == 0 ? Consistency.LINEARIZABLE : Consistency.NODE, Result.Page.class);
        track("lists " + where + " after " + after, page);
        page.thenAccept(read -> {
            List<ElementView> all = new ArrayList<>(before);
            all.addAll(read.elements());
            if (read.more()) {
                listOn(where, limit, all, all.get(all.size() - 1).path(), read.view());
            } else {
                world.watches.listed(name, where, read.revision().value(), all);
            }
        });
    }

    // ---- what operators do

    void operate(Step.Kind kind, SplittableRandom dice) {
        switch (kind) {
            case REVOKE -> revoke(dice);
            case END_SESSION -> endSession(dice);
            case FORCED_DROP ->
                send("drops " + DROPPED + " by force", new AdminCommand.DropNamespace(DROPPED), Result.Done.class);
            default -> throw new AssertionError(kind);
        }
    }

    private void revoke(SplittableRandom dice) {
        List<LeaseId> leases = new ArrayList<>();
        State state = world.cluster.witness().state();
        state.locks().leases().forEach(each -> add(leases, state, each.key()));
        state.locks().waiting().forEach(each -> add(leases, state, each.value().id()));
        if (!leases.isEmpty()) {
            LeaseId one = leases.get(dice.nextInt(leases.size()));
            send("revokes " + one, new AdminCommand.Revoke(one), Result.Done.class);
        }
    }

    private static void add(List<LeaseId> leases, State state, LeaseId id) {
        Session session = state.sessions().get(id.session());
        if (session != null && !Poison.isPoisoned(session)) {
            leases.add(id);
        }
    }

    private void endSession(SplittableRandom dice) {
        List<Long> sessions = new ArrayList<>();
        world.cluster.witness().state().sessions().all().forEach(each -> {
            if (!Poison.isPoisoned(each.value())) {
                sessions.add(each.key());
            }
        });
        if (!sessions.isEmpty()) {
            long one = sessions.get(dice.nextInt(sessions.size()));
            send("ends session " + one, new AdminCommand.EndSession(one), Result.Done.class);
        }
    }

    // ---- watches

    void watch(SplittableRandom dice) {
        if (watches.size() >= WATCHES_MAX) {
            unwatch(dice);
            return;
        }
        boolean recursive = dice.nextInt(4) != 0;
        boolean initialState = dice.nextBoolean();
        Namespace namespace = List.of(registers, dropped, locks, locks, locks).get(dice.nextInt(5));
        String path = WATCHED.get(dice.nextInt(WATCHED.size()));
        WatchRequest request = namespace.watch(path);
        request = recursive ? request.recursive() : request;
        request = initialState ? request.initialState() : request;
        String who = name + " watching " + namespace.name() + ":" + path + (recursive ? "/**" : "");
        WatchChecker.Watcher watcher =
                world.watches.watcher(who, namespace.name(), AbsolutePath.parse(path), recursive, initialState);
        Listener listener = new Listener(who, watcher);
        WatchSubscription subscription = request.start(listener);
        watches.put(subscription, watcher);
        if (listener.over) {
            watches.remove(subscription);
        }
        listener.subscription = subscription;
        subscription.started().thenAccept(revision -> watcher.started(revision.value()));
        world.simulation.say(() -> who);
    }

    void unwatch(SplittableRandom dice) {
        if (!watches.isEmpty()) {
            WatchSubscription one = new ArrayList<>(watches.keySet()).get(dice.nextInt(watches.size()));
            watches.remove(one);
            one.close();
        }
    }

    /** Requires that everything up to where its watches say they are was told. */
    void lookAtPositions() {
        watches.forEach((subscription, watcher) ->
                watcher.position(subscription.position().value()));
    }

    private final class Listener implements WatchListener {
        private final String who;
        private final WatchChecker.Watcher watcher;
        private @Nullable WatchSubscription subscription;
        private boolean over;

        Listener(String who, WatchChecker.Watcher watcher) {
            this.who = who;
            this.watcher = watcher;
        }

        @Override
        public void initialState(Revision at, List<ElementView> elements) {
            world.simulation.trace(at.value());
            world.simulation.say(() -> who + " is told the state at " + at);
            watcher.state(at.value(), elements);
        }

        @Override
        public void events(Revision at, List<WatchEvent> events) {
            world.simulation.trace(at.value());
            world.simulation.say(() -> who + " is told what happened at " + at);
            watcher.events(at.value(), events);
        }

        @Override
        public void resynced(Revision last, Revision now) {
            world.simulation.say(() -> who + " is resynced from " + last + " to " + now);
            world.resynced();
            watcher.resynced(last.value(), now.value());
        }

        @Override
        public void ended(WhatnotException why) {
            over = true;
            if (subscription != null && watches.remove(subscription) == null) {
                return; // it was closed
            }
            if (why.code() == ErrorCode.NO_SUCH_NAMESPACE) {
                watcher.dropped();
            } else {
                world.violations.add("I9 a watch goes on", who + " ended: " + why);
            }
        }
    }
}
