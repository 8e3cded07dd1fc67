package io.whatnot.core.protocol;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.PruneView;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.testing.Alphabet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Random values of the model, one generator for each kind; numbers and texts up to the longest. */
final class Generated {
    /** By kind, what makes one. */
    final Map<Class<?>, Supplier<?>> generators = new LinkedHashMap<>();

    private final SplittableRandom random;
    private final Alphabet alphabet;

    Generated(long seed) {
        this.random = new SplittableRandom(seed);
        this.alphabet = new Alphabet(random.split());
        commands();
        queries();
        results();
        details();
        generate(WatchEvent.class, this::event);
    }

    private <T> void generate(Class<T> kind, Supplier<T> generator) {
        generators.put(kind, generator);
    }

    /** A value of that kind. */
    <T> T one(Class<T> kind) {
        Supplier<?> generator = generators.get(kind);
        if (generator == null) {
            throw new AssertionError("there is no generator for " + kind);
        }
        return kind.cast(generator.get());
    }

    private void commands() {
        generate(NamespaceCommand.Create.class, () -> new NamespaceCommand.Create(namespace()));
        generate(NamespaceCommand.Drop.class, () -> new NamespaceCommand.Drop(namespace()));
        generate(
                ElementCommand.Register.class,
                () -> new ElementCommand.Register(namespace(), alphabet.path(), number()));
        generate(
                ElementCommand.RegisterUnique.class,
                () -> new ElementCommand.RegisterUnique(namespace(), parent(), value(), number()));
        generate(
                PoolCommand.Create.class,
                () -> new PoolCommand.Create(
                        namespace(),
                        alphabet.path(),
                        1 + random.nextLong(Target.SLOTS_MAX),
                        random.nextBoolean(),
                        random.nextBoolean(),
                        number()));
        generate(
                PoolCommand.Resize.class,
                () -> new PoolCommand.Resize(
                        namespace(), alphabet.path(), 1 + random.nextLong(Target.SLOTS_MAX), number()));
        generate(PoolCommand.Remove.class, () -> new PoolCommand.Remove(namespace(), alphabet.path(), number()));
        generate(PruneCommand.SetPolicy.class, () -> {
            long idleAfter = ttl(PruneCommand.IDLE_AFTER_MILLIS_MIN, PruneCommand.IDLE_AFTER_MILLIS_MAX);
            return new PruneCommand.SetPolicy(
                    namespace(), alphabet.path(), idleAfter, idleAfter != 0 && random.nextBoolean(), number());
        });
        generate(
                PruneCommand.RemovePolicy.class,
                () -> new PruneCommand.RemovePolicy(namespace(), alphabet.path(), number()));
        generate(PruneCommand.Touch.class, () -> new PruneCommand.Touch(namespace(), alphabet.path()));
        generate(AdminCommand.Revoke.class, () -> new AdminCommand.Revoke(new LeaseId(number() | 1, number() | 1)));
        generate(AdminCommand.EndSession.class, () -> new AdminCommand.EndSession(number() | 1));
        generate(AdminCommand.DropNamespace.class, () -> new AdminCommand.DropNamespace(namespace()));
        generate(
                AdminCommand.ChangeSettings.class,
                () -> new AdminCommand.ChangeSettings(List.of(
                        new AdminCommand.Setting("elementsMax", random.nextLong()),
                        new AdminCommand.Setting(text(64), number()))));
        generate(ClusterCommand.Epoch.class, () -> new ClusterCommand.Epoch(1 + number() / 2, number()));
        generate(
                ClusterCommand.Rejoined.class,
                () -> new ClusterCommand.Rejoined(
                        "n" + text(ClusterCommand.VOTER_MAX - 1), 1 + number() / 2, 1 + number() / 2));
        generate(
                AdminCommand.SwitchDeadlockBreak.class,
                () -> new AdminCommand.SwitchDeadlockBreak(namespace(), random.nextBoolean()));
        generate(
                AdminCommand.RaiseLevel.class,
                () -> new AdminCommand.RaiseLevel(1 + random.nextInt(AdminCommand.RaiseLevel.LEVEL_MAX)));
        generate(AdminCommand.ChangeMembers.class, () -> {
            List<AdminCommand.MemberAction> actions = List.of(AdminCommand.MemberAction.values());
            AdminCommand.MemberAction action = actions.get(random.nextInt(actions.size()));
            return new AdminCommand.ChangeMembers(
                    action,
                    "n" + text(AdminCommand.ChangeMembers.MEMBER_MAX - 1),
                    action == AdminCommand.MemberAction.REPLACE ? "n4" : "");
        });
        generate(
                ElementCommand.Put.class,
                () -> new ElementCommand.Put(
                        namespace(),
                        alphabet.path(),
                        value(),
                        ttl(LeaseCommand.TTL_MILLIS_MIN, ElementCommand.TTL_MILLIS_MAX),
                        random.nextBoolean(),
                        condition(),
                        number()));
        generate(
                ElementCommand.Delete.class,
                () -> new ElementCommand.Delete(
                        namespace(), alphabet.path(), true, new Condition(false, number(), number()), number()));
        generate(Transaction.class, this::transaction);
        generate(
                SessionCommand.Open.class,
                () -> new SessionCommand.Open(
                        new Secret(random.nextLong(), random.nextLong()),
                        random.nextLong(SessionCommand.TTL_MILLIS_MIN, SessionCommand.TTL_MILLIS_MAX + 1),
                        text(SessionCommand.NAME_MAX)));
        generate(
                SessionCommand.Reclaim.class,
                () -> new SessionCommand.Reclaim(
                        new Secret(random.nextLong(), random.nextLong()),
                        number() | 1,
                        1 + random.nextLong(Revision.EPOCH_MAX),
                        random.nextLong(SessionCommand.TTL_MILLIS_MIN, SessionCommand.TTL_MILLIS_MAX + 1),
                        text(SessionCommand.NAME_MAX),
                        number(),
                        many(this::held),
                        many(this::number),
                        random.nextBoolean()));
        generate(SessionCommand.Heartbeat.class, SessionCommand.Heartbeat::new);
        generate(SessionCommand.Close.class, SessionCommand.Close::new);
        generate(
                LeaseCommand.Acquire.class,
                () -> new LeaseCommand.Acquire(
                        namespace(),
                        random.nextInt(4) == 0 ? List.of(alphabet.claim()) : alphabet.targets(),
                        ttl(LeaseCommand.TTL_MILLIS_MIN, LeaseCommand.TTL_MILLIS_MAX),
                        random.nextLong(LeaseCommand.TTL_MILLIS_MAX + 1),
                        text(LeaseCommand.LABEL_MAX)));
        generate(
                LeaseCommand.Renew.class,
                () -> new LeaseCommand.Renew(
                        number() | 1, ttl(LeaseCommand.TTL_MILLIS_MIN, LeaseCommand.TTL_MILLIS_MAX)));
        generate(LeaseCommand.Release.class, () -> new LeaseCommand.Release(1 + random.nextLong(1_000)));
        generate(LeaseCommand.Cancel.class, () -> new LeaseCommand.Cancel(1 + random.nextLong(1_000)));
    }

    /** Each kind of compare and of operation, at paths that are in no conflict. */
    private Transaction transaction() {
        String namespace = namespace();
        return new Transaction(
                namespace,
                List.of(
                        new Transaction.Compare.ValueIs(alphabet.path(), value()),
                        new Transaction.Compare.VersionIs(alphabet.path(), number()),
                        new Transaction.Compare.ModRevisionIs(alphabet.path(), number()),
                        new Transaction.Compare.Registered(alphabet.path(), random.nextBoolean()),
                        new Transaction.Compare.Held(new LeaseId(number() | 1, number() | 1))),
                operations(namespace),
                random.nextBoolean() ? operations(namespace) : List.of());
    }

    private List<Transaction.Operation> operations(String namespace) {
        return List.of(
                new Transaction.Operation.Get(alphabet.path()),
                new Transaction.Operation.Change(
                        new ElementCommand.Register(namespace, AbsolutePath.parse("/register"), number())),
                new Transaction.Operation.Change(
                        new ElementCommand.RegisterUnique(namespace, AbsolutePath.parse("/unique"), value(), number())),
                new Transaction.Operation.Change(new ElementCommand.Put(
                        namespace,
                        AbsolutePath.parse("/put"),
                        value(),
                        ttl(LeaseCommand.TTL_MILLIS_MIN, ElementCommand.TTL_MILLIS_MAX),
                        random.nextBoolean(),
                        condition(),
                        number())),
                new Transaction.Operation.Change(new ElementCommand.Delete(
                        namespace,
                        AbsolutePath.parse("/delete"),
                        random.nextBoolean(),
                        new Condition(false, number(), number()),
                        number())));
    }

    private SessionCommand.Held held() {
        return new SessionCommand.Held(
                number() | 1,
                text(Request.OWNER_MAX),
                new LeaseCommand.Acquire(
                        namespace(),
                        random.nextInt(4) == 0 ? List.of(claimed()) : alphabet.targets(),
                        ttl(LeaseCommand.TTL_MILLIS_MIN, LeaseCommand.TTL_MILLIS_MAX),
                        0,
                        text(LeaseCommand.LABEL_MAX)),
                new Token(number() | 1));
    }

    private Target claimed() {
        return alphabet.claim().servedBy(alphabet.path());
    }

    /** A lock's target, or a claim's. */
    private Target target() {
        return random.nextInt(4) == 0 ? claimed() : alphabet.targets().get(0);
    }

    /** A request that may bear the command. */
    Request request(Command command) {
        boolean open = command.isOfNoSession();
        boolean repeatable = open || command instanceof SessionCommand.Heartbeat;
        return new Request(
                open ? 0 : 1 + random.nextLong(Long.MAX_VALUE),
                repeatable ? 0 : 1_001 + random.nextLong(Long.MAX_VALUE - 1_001),
                number(),
                many(this::number),
                text(Request.OWNER_MAX),
                command);
    }

    private void queries() {
        generate(Query.Get.class, () -> new Query.Get(namespace(), alphabet.path()));
        generate(Query.Closest.class, () -> new Query.Closest(namespace(), alphabet.path()));
        generate(Query.Namespaces.class, Query.Namespaces::new);
        generate(Query.List.class, () -> {
            AbsolutePath after = alphabet.path();
            return new Query.List(
                    namespace(),
                    after.ancestor(random.nextInt(after.depth() + 1)),
                    random.nextBoolean(),
                    random.nextBoolean(),
                    after,
                    1 + random.nextInt(Query.PAGE_MAX),
                    number());
        });
        generate(
                Query.Pool.class,
                () -> new Query.Pool(namespace(), alphabet.path(), 1 + random.nextInt(Query.PAGE_MAX)));
        generate(Query.Settings.class, Query.Settings::new);
        generate(
                Query.SessionTrace.class,
                () -> new Query.SessionTrace(number() | 1, number(), 1 + random.nextInt(Query.PAGE_MAX)));
        generate(
                Query.PrunePolicies.class,
                () -> new Query.PrunePolicies(
                        namespace(),
                        random.nextBoolean() ? null : alphabet.path(),
                        1 + random.nextInt(Query.PAGE_MAX)));
        generate(
                Query.Locks.class,
                () -> new Query.Locks(
                        namespace(), alphabet.path(), oneOf(Scope.values()), 1 + random.nextInt(Query.PAGE_MAX)));
    }

    private void results() {
        List<Class<? extends Detail>> details = List.of(
                Detail.Nothing.class,
                Detail.Blocked.class,
                Detail.Deadlock.class,
                Detail.Present.class,
                Detail.Ended.class,
                Detail.Oldest.class,
                Detail.RetryAfter.class);
        generate(
                Result.Refused.class,
                () -> new Result.Refused(
                        oneOf(ErrorCode.values()), text(500), one(details.get(random.nextInt(details.size())))));
        generate(Result.Done.class, () -> new Result.Done(revision()));
        generate(Result.Written.class, () -> new Result.Written(revision(), number()));
        generate(Result.Registered.class, () -> new Result.Registered(revision(), alphabet.path()));
        generate(
                Result.Settings.class,
                () -> new Result.Settings(
                        revision(),
                        many(() -> new Result.SettingView(
                                text(64),
                                random.nextLong(),
                                random.nextLong(),
                                number(),
                                random.nextBoolean() ? OptionalLong.of(number()) : OptionalLong.empty()))));
        generate(Result.Deleted.class, () -> new Result.Deleted(revision(), number()));
        generate(
                Result.Transacted.class,
                () -> new Result.Transacted(
                        revision(),
                        random.nextBoolean(),
                        many(() -> one(oneOf(
                                Result.Found.class,
                                Result.Done.class,
                                Result.Written.class,
                                Result.Registered.class,
                                Result.Deleted.class)))));
        generate(Result.Opened.class, () -> new Result.Opened(number(), number()));
        generate(
                Result.Reclaimed.class,
                () -> new Result.Reclaimed(
                        number(), many(() -> new Result.ReclaimedLease(number(), random.nextBoolean(), number()))));
        generate(Result.Alive.class, () -> new Result.Alive(number(), revision()));
        generate(
                Result.Granted.class,
                () -> new Result.Granted(
                        leaseId(), new Token(number()), number(), random.nextBoolean() ? alphabet.path() : null));
        generate(Result.Queued.class, () -> new Result.Queued(leaseId(), number(), many(this::blocker)));
        generate(Result.Renewed.class, () -> new Result.Renewed(number()));
        generate(
                Result.Found.class,
                () -> new Result.Found(revision(), random.nextBoolean() ? Optional.of(element()) : Optional.empty()));
        generate(
                Result.Page.class,
                () -> new Result.Page(revision(), many(this::element), random.nextBoolean(), number()));
        generate(
                Result.Namespaces.class,
                () -> new Result.Namespaces(
                        revision(),
                        many(() -> new Result.NamespaceView(namespace(), revision(), number(), random.nextBoolean()))));
        generate(
                Result.Pool.class,
                () -> new Result.Pool(
                        revision(),
                        random.nextBoolean()
                                ? Optional.of(new Result.PoolView(
                                        alphabet.path(), number(), random.nextBoolean(), number(), number(), number()))
                                : Optional.empty(),
                        many(this::blocker),
                        many(() -> new Result.Waiting(blocker(), number(), many(this::blocker)))));
        generate(
                Result.SessionTrace.class,
                () -> new Result.SessionTrace(
                        revision(),
                        new Actor(text(10), number()),
                        number(),
                        number(),
                        many(() -> new Result.Traced(
                                namespace(), many(this::target), blocker(), number(), many(this::blocker))),
                        random.nextBoolean()));
        generate(
                Result.Locks.class,
                () -> new Result.Locks(
                        revision(),
                        many(this::blocker),
                        many(() -> new Result.Waiting(blocker(), number(), many(this::blocker))),
                        random.nextBoolean()));
        generate(
                Result.PrunePolicies.class,
                () -> new Result.PrunePolicies(
                        revision(),
                        many(() -> new Result.PolicyView(alphabet.path(), number(), random.nextBoolean())),
                        random.nextBoolean()));
    }

    private void details() {
        generate(Detail.Nothing.class, Detail.Nothing::new);
        generate(Detail.Blocked.class, () -> new Detail.Blocked(number(), many(this::blocker)));
        generate(
                Detail.Deadlock.class,
                () -> new Detail.Deadlock(random.nextInt(), many(() -> new Detail.Wait(blocker(), blocker()))));
        generate(Detail.Present.class, () -> new Detail.Present(number(), revision()));
        generate(Detail.Ended.class, () -> new Detail.Ended(oneOf(Cause.values())));
        generate(Detail.Oldest.class, () -> new Detail.Oldest(revision()));
        generate(Detail.RetryAfter.class, () -> new Detail.RetryAfter(number()));
    }

    private WatchEvent event() {
        return new WatchEvent(
                namespace(),
                revision(),
                random.nextInt(10_000),
                alphabet.path(),
                oneOf(Change.values()),
                oneOf(Cause.values()),
                actor(),
                number(),
                random.nextBoolean() ? value() : null,
                random.nextBoolean() ? value() : null,
                number(),
                random.nextBoolean() ? new Token(number() | 1) : null,
                random.nextBoolean() ? target() : null,
                text(LeaseCommand.LABEL_MAX));
    }

    // ---- parts

    private String namespace() {
        return oneOf("n", "0", "a.b_c-d", "z".repeat(64));
    }

    /** A path with room for a child of any name. */
    private AbsolutePath parent() {
        AbsolutePath path = alphabet.path();
        return path.ancestor(Math.min(path.depth(), AbsolutePath.DEPTH_MAX - 1));
    }

    private Condition condition() {
        return random.nextBoolean()
                ? new Condition(true, 0, 0)
                : new Condition(false, number(), number(), random.nextBoolean());
    }

    private ElementView element() {
        return new ElementView(
                alphabet.path(),
                value(),
                number(),
                revision(),
                revision(),
                actor(),
                number(),
                number(),
                random.nextBoolean() ? null : new PruneView(alphabet.path(), number(), random.nextBoolean(), number()));
    }

    private Blocker blocker() {
        return new Blocker(
                leaseId(),
                random.nextBoolean(),
                target(),
                actor(),
                text(Request.OWNER_MAX),
                text(LeaseCommand.LABEL_MAX),
                number(),
                number());
    }

    private Actor actor() {
        return new Actor(text(SessionCommand.NAME_MAX), number());
    }

    private LeaseId leaseId() {
        return new LeaseId(number(), number());
    }

    private Revision revision() {
        return new Revision(number());
    }

    private Value value() {
        byte[] bytes = new byte[random.nextInt(20) == 0 ? random.nextInt(2_000) : random.nextInt(3)];
        random.nextBytes(bytes);
        return Value.of(bytes, text(Value.CONTENT_TYPE_MAX));
    }

    private long ttl(long min, long max) {
        return random.nextBoolean() ? 0 : random.nextLong(min, max + 1);
    }

    /** From 0 to the largest. */
    private long number() {
        return oneOf(0L, 1L, random.nextLong(1_000), Long.MAX_VALUE, random.nextLong(Long.MAX_VALUE));
    }

    private String text(int charsMax) {
        return oneOf("", "x", "é\uFFFD😀", "t".repeat(charsMax));
    }

    private <T> List<T> many(Supplier<T> one) {
        List<T> many = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            many.add(one.get());
        }
        return many;
    }

    @SafeVarargs
    private final <T> T oneOf(T... values) {
        return values[random.nextInt(values.length)];
    }
}
