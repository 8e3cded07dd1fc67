package io.whatnot.core.model;

import static io.whatnot.core.model.Letters.A;
import static io.whatnot.core.model.Letters.B;
import static io.whatnot.core.model.Letters.C;
import static io.whatnot.core.model.Letters.NAMESPACE;
import static io.whatnot.core.model.Letters.about;
import static io.whatnot.core.model.Letters.acknowledge;
import static io.whatnot.core.model.Letters.acquire;
import static io.whatnot.core.model.Letters.again;
import static io.whatnot.core.model.Letters.ask;
import static io.whatnot.core.model.Letters.cancel;
import static io.whatnot.core.model.Letters.cancelOfTheOneToCome;
import static io.whatnot.core.model.Letters.delete;
import static io.whatnot.core.model.Letters.element;
import static io.whatnot.core.model.Letters.heartbeat;
import static io.whatnot.core.model.Letters.pass;
import static io.whatnot.core.model.Letters.prefix;
import static io.whatnot.core.model.Letters.put;
import static io.whatnot.core.model.Letters.putUnderLease;
import static io.whatnot.core.model.Letters.release;
import static io.whatnot.core.model.Letters.renew;
import static io.whatnot.core.model.Letters.shared;
import static io.whatnot.core.model.Letters.together;

import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.Letters.Letter;
import java.util.List;

/**
 * A small scope: a concern, and the alphabet of its short stories.
 *
 * @param name of the concern
 * @param level the feature level of the cluster
 * @param ttlMillis of both sessions
 * @param opening what every story begins with, before the first letter that counts
 * @param letters the alphabet
 * @param queries what is read after each letter, besides all that the state holds
 */
record SmallScope(
        String name, int level, long ttlMillis, List<Letter> opening, List<Letter> letters, List<Query> queries) {
    private static final long IDLE = PruneCommand.IDLE_AFTER_MILLIS_MIN;

    private SmallScope(String name, int level, List<Letter> letters) {
        this(name, level, SessionCommand.TTL_MILLIS_MIN, List.of(), letters, List.of());
    }

    /** Stories of pruning: the sessions outlive the shortest time of a policy, and it is seen how idle elements are. */
    private static SmallScope ofPruning(String name, List<Letter> opening, List<Letter> letters) {
        return new SmallScope(
                name,
                FeatureLevel.PRUNING,
                5 * SessionCommand.TTL_MILLIS_MIN,
                opening,
                letters,
                List.of(new Query.Get(NAMESPACE, A), new Query.Get(NAMESPACE, B), new Query.Get(NAMESPACE, C)));
    }

    @Override
    public String toString() {
        return name;
    }

    static List<SmallScope> concerns() {
        return List.of(
                new SmallScope("waiting", FeatureLevel.FIRST, waiting()),
                new SmallScope("modes", FeatureLevel.FIRST, modes()),
                new SmallScope("several targets", FeatureLevel.FIRST, severalTargets()),
                new SmallScope("leases", FeatureLevel.FIRST, leases()),
                new SmallScope("elements", FeatureLevel.FIRST, elements()),
                new SmallScope("sessions", FeatureLevel.FIRST, sessions()),
                new SmallScope("transactions", FeatureLevel.TRANSACTIONS, transactions()),
                new SmallScope("pools", FeatureLevel.SEMAPHORE_POOLS, pools()),
                new SmallScope("deadlocks that stay", FeatureLevel.NAMESPACE_SETTINGS, deadlocksThatStay()),
                ofPruning("policies", List.of(together(register(B), ask(1, "", put(C, 0, false)))), policies()),
                ofPruning(
                        "what is idle",
                        List.of(together(
                                together(ask(1, "", put(B, 0, false)), register(C)),
                                together(pool(C), policy(AbsolutePath.ROOT, IDLE, false)))),
                        activity()));
    }

    private static List<Letter> waiting() {
        return List.of(
                ask(1, "x", acquire(0, 700, element(A))),
                ask(1, "y", acquire(0, 5_000, element(B))),
                ask(2, "x", acquire(0, 700, prefix(A))),
                ask(2, "y", acquire(300, 5_000, element(A))),
                ask(2, "z", acquire(0, 0, element(A))),
                release(1),
                release(2),
                cancel(1),
                cancel(2),
                again(),
                heartbeat(1),
                heartbeat(2),
                pass(300),
                pass(700));
    }

    private static List<Letter> modes() {
        return List.of(
                ask(1, "x", acquire(0, 5_000, shared(A))),
                ask(1, "x", acquire(0, 5_000, element(A))),
                ask(1, "x", acquire(0, 5_000, prefix(A))),
                ask(2, "x", acquire(0, 5_000, shared(A))),
                ask(2, "x", acquire(0, 5_000, element(A))),
                ask(2, "y", acquire(0, 5_000, element(B))),
                ask(1, "y", acquire(0, 5_000, new Target(A, Scope.PREFIX, Mode.SHARED))),
                ask(2, "y", put(B, 0, false)),
                ask(1, "x", put(A, 0, false)),
                release(1),
                release(2),
                cancel(1),
                cancel(2),
                pass(1_000));
    }

    private static List<Letter> severalTargets() {
        return List.of(
                ask(1, "x", acquire(0, 5_000, element(A))),
                ask(1, "x", acquire(0, 5_000, element(C))),
                ask(1, "y", acquire(0, 5_000, element(A), element(C))),
                ask(2, "x", acquire(0, 5_000, element(C))),
                ask(2, "x", acquire(0, 5_000, element(A), element(C))),
                ask(2, "y", acquire(0, 5_000, element(A))),
                ask(2, "z", acquire(0, 5_000, prefix(AbsolutePath.ROOT))),
                release(1),
                release(2),
                cancel(1),
                cancel(2),
                ask(1, "", new NamespaceCommand.Drop(NAMESPACE)),
                heartbeat(2),
                pass(600));
    }

    private static List<Letter> leases() {
        return List.of(
                ask(1, "x", acquire(300, 0, element(A))),
                ask(1, "x", acquire(0, 0, prefix(A))),
                ask(2, "x", acquire(300, 600, element(A))),
                renew(1, 0),
                renew(1, 600),
                renew(2, 100),
                release(1),
                release(2),
                putUnderLease(1, A),
                putUnderLease(1, B),
                putUnderLease(2, A),
                heartbeat(1),
                acknowledge(1),
                pass(300));
    }

    private static List<Letter> elements() {
        Condition absent = new Condition(true, 0, 0);
        return List.of(
                ask(1, "", put(A, 0, false)),
                ask(1, "", put(A, 400, false)),
                ask(1, "", put(B, 0, true)),
                ask(2, "", put(B, 400, true)),
                ask(2, "", new ElementCommand.Register(NAMESPACE, B, 0)),
                ask(1, "", new ElementCommand.Put(NAMESPACE, A, Value.of("once"), 0, false, absent, 0)),
                ask(1, "", delete(A, false)),
                ask(2, "", delete(A, true)),
                ask(1, "", delete(AbsolutePath.ROOT, true)),
                ask(2, "", acquire(0, 0, prefix(A))),
                ask(2, "", new NamespaceCommand.Drop(NAMESPACE)),
                ask(1, "", new SessionCommand.Close()),
                heartbeat(1),
                pass(400));
    }

    private static Command claim(long ttl, long wait, AbsolutePath path, long slots) {
        return acquire(ttl, wait, Target.claim(path, slots));
    }

    private static List<Letter> pools() {
        return List.of(
                ask(1, "", new PoolCommand.Create(NAMESPACE, A, 2, true, false, 0)),
                ask(2, "", new PoolCommand.Create(NAMESPACE, B, 1, false, true, 0)),
                ask(1, "", new PoolCommand.Resize(NAMESPACE, A, 1, 0)),
                ask(2, "", new PoolCommand.Remove(NAMESPACE, A, 0)),
                ask(1, "x", claim(0, 700, A, 1)),
                ask(2, "x", claim(300, 5_000, B, 1)),
                ask(2, "y", claim(0, 5_000, A, 2)),
                ask(1, "x", acquire(0, 5_000, element(B))),
                ask(2, "x", acquire(0, 5_000, element(B))),
                release(1),
                release(2),
                cancel(2),
                ask(1, "", new SessionCommand.Close()),
                pass(300));
    }

    private static Letter lock(long session, String namespace) {
        return ask(session, "x", new LeaseCommand.Acquire(namespace, List.of(element(A)), 0, 700, ""));
    }

    private static Letter deadlockBreak(String namespace, boolean on) {
        return ask(1, "", new AdminCommand.SwitchDeadlockBreak(namespace, on));
    }

    private static List<Letter> deadlocksThatStay() {
        return List.of(
                together(lock(1, NAMESPACE), lock(2, "m")),
                together(deadlockBreak(NAMESPACE, false), deadlockBreak("m", false)),
                lock(1, "m"),
                lock(2, NAMESPACE),
                deadlockBreak(NAMESPACE, true),
                deadlockBreak("m", true),
                deadlockBreak("m", false),
                ask(1, "", new AdminCommand.DropNamespace(NAMESPACE)),
                release(1),
                cancel(2),
                pass(700));
    }

    private static List<Letter> sessions() {
        return List.of(
                ask(1, "x", acquire(0, 5_000, element(A))),
                ask(2, "x", acquire(0, 5_000, element(A))),
                ask(2, "y", acquire(400, 400, element(A))),
                cancelOfTheOneToCome(2),
                again(),
                cancel(2),
                release(1),
                acknowledge(1),
                acknowledge(2),
                ask(1, "", put(A, 0, true)),
                ask(1, "", new SessionCommand.Close()),
                heartbeat(1),
                heartbeat(2),
                pass(400));
    }

    private static Transaction.Operation change(Command command) {
        return new Transaction.Operation.Change((ElementCommand) command);
    }

    private static Command transact(Transaction.Operation... operations) {
        return new Transaction(NAMESPACE, List.of(), List.of(operations), List.of());
    }

    private static Command putIf(AbsolutePath path, Condition condition) {
        return new ElementCommand.Put(NAMESPACE, path, Value.of("if"), 0, false, condition, 0);
    }

    private static List<Letter> transactions() {
        Transaction.Compare absent = new Transaction.Compare.VersionIs(A, 0);
        Transaction.Operation get = new Transaction.Operation.Get(B);
        return List.of(
                ask(1, "", transact(change(put(A, 0, false)), change(delete(C, true)), get)),
                ask(2, "", transact(change(put(C, 0, true)), change(putIf(A, new Condition(false, 1, 0))))),
                ask(
                        1,
                        "",
                        new Transaction(
                                NAMESPACE,
                                List.of(absent),
                                List.of(change(put(B, 400, false))),
                                List.of(
                                        change(delete(A, true)),
                                        change(new ElementCommand.RegisterUnique(NAMESPACE, C, Value.NONE, 0))))),
                about(
                        2,
                        "puts under its latest if that is held",
                        (lease, past) -> new Transaction(
                                NAMESPACE,
                                List.of(new Transaction.Compare.Held(new LeaseId(2, lease))),
                                List.of(
                                        change(put(C, 0, false)),
                                        change(new ElementCommand.Put(
                                                NAMESPACE, A, Value.of("w"), 0, false, Condition.NONE, lease))),
                                List.of(get))),
                ask(2, "", acquire(300, 0, element(A))),
                ask(1, "", acquire(0, 5_000, element(C))),
                ask(1, "", put(A, 0, false)),
                ask(1, "", delete(AbsolutePath.ROOT, true)),
                release(2),
                release(1),
                again(),
                pass(400));
    }

    private static Letter register(AbsolutePath path) {
        return ask(1, "", new ElementCommand.Register(NAMESPACE, path, 0));
    }

    private static Letter pool(AbsolutePath path) {
        return ask(1, "", new PoolCommand.Create(NAMESPACE, path, 1, false, true, 0));
    }

    private static Letter policy(AbsolutePath path, long idleAfterMillis, boolean retainValues) {
        return ask(1, "", new PruneCommand.SetPolicy(NAMESPACE, path, idleAfterMillis, retainValues, 0));
    }

    private static Letter noPolicy(AbsolutePath path) {
        return ask(1, "", new PruneCommand.RemovePolicy(NAMESPACE, path, 0));
    }

    private static List<Letter> policies() {
        return List.of(
                policy(AbsolutePath.ROOT, IDLE, false),
                policy(A, IDLE + 500, true),
                policy(A, 0, false),
                policy(B, IDLE, false),
                noPolicy(AbsolutePath.ROOT),
                noPolicy(A),
                ask(2, "", put(B, 0, false)),
                ask(1, "", delete(A, true)),
                ask(1, "", new NamespaceCommand.Drop(NAMESPACE)),
                ask(2, "x", acquire(0, 0, element(B))),
                about(
                        2,
                        "sets the policy of " + B + " under its latest",
                        (lease, past) -> new PruneCommand.SetPolicy(NAMESPACE, B, 2 * IDLE, false, lease)),
                release(2),
                pass(500),
                pass(IDLE));
    }

    private static List<Letter> activity() {
        return List.of(
                ask(1, "", new PruneCommand.Touch(NAMESPACE, B)),
                ask(2, "", new PruneCommand.Touch(NAMESPACE, C)),
                ask(1, "", put(A, 0, false)),
                ask(1, "", put(B, 400, true)),
                ask(1, "", delete(B, false)),
                ask(1, "x", acquire(0, 0, element(B))),
                ask(2, "x", acquire(300, 700, prefix(A))),
                ask(2, "y", claim(300, 700, C, 1)),
                ask(1, "y", acquire(0, 700, Target.claim(C, 1))),
                pool(C),
                release(1),
                cancel(2),
                ask(2, "", new SessionCommand.Close()),
                pass(300),
                pass(IDLE));
    }
}
