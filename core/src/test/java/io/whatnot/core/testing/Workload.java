package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import io.whatnot.core.state.Applied;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Random entries of a log, all drawn from one seed: several clients at once, who resend, delay, reorder and cancel their
 * requests, name what is not theirs or long over, and let their sessions run out; with limits that are sometimes so low
 * that they are met all the time. It learns from what comes of its entries what is worth asking for next.
 */
public final class Workload {
    private static final int SESSION_NAMES = 3;

    /** Those that lose their memory at times. */
    static final List<String> VOTERS = List.of("v0", "v1", "v2");

    private enum Kind {
        HEARTBEAT(8, 5),
        CLOSE(1, 1),
        CREATE(2, 1),
        DROP(1, 0),
        REGISTER(10, 1),
        PUT(25, 4),
        DELETE(15, 2),
        ACQUIRE(30, 50),
        RENEW(5, 3),
        RELEASE(12, 22),
        CANCEL(5, 6),
        REGISTER_UNIQUE(5, 1),
        REVOKE(2, 4),
        END_SESSION(1, 1),
        DROP_BY_FORCE(1, 1),
        CHANGE_SETTINGS(1, 1),
        RAISE_LEVEL(1, 1),
        SWITCH_DEADLOCK_BREAK(1, 3),
        TRANSACTION(12, 4),
        CLAIM(4, 4),
        CREATE_POOL(2, 2),
        RESIZE_POOL(2, 1),
        REMOVE_POOL(1, 1),
        PRUNE_POLICY(2, 1),
        REMOVE_PRUNE_POLICY(1, 1),
        TOUCH(2, 1);

        final int usual;
        final int amongLocks;

        Kind(int usual, int amongLocks) {
            this.usual = usual;
            this.amongLocks = amongLocks;
        }

        boolean isAboutPruning() {
            return this == PRUNE_POLICY || this == REMOVE_PRUNE_POLICY || this == TOUCH;
        }

        boolean isAboutPools() {
            return this == CLAIM || this == CREATE_POOL || this == RESIZE_POOL || this == REMOVE_POOL;
        }
    }

    private final SplittableRandom random;
    private final Alphabet alphabet;
    private final Limits limits;
    /** Each kind of command as often as its weight says. */
    private final List<Kind> urn = new ArrayList<>();

    private final int clientsMax;
    private final int burst;
    private final long sessionTtlMillis;
    private final long stepMillis;
    private final boolean jumps;
    /** Whether the cluster re-forms at times; then nothing is held for so long that it never recovers. */
    private final boolean reforms;
    /** Whether much of it is about pools; then the cluster is founded at a level that has them. */
    private final boolean amongPools;
    /** Whether much of it is about pruning; the same. */
    private final boolean amongPolicies;

    private final Map<Long, Secret> secretOf = new TreeMap<>();
    private boolean recovering;

    private final List<Client> clients = new ArrayList<>();
    private final List<Long> secrets = new ArrayList<>();
    private long timeMillis;
    private long revision;

    /** The work of a seed. */
    public Workload(long seed) {
        this.random = new SplittableRandom(seed);
        this.alphabet = new Alphabet(random.split());
        this.limits = Limits.draw(random);
        boolean amongLocks = oneIn(2);
        this.amongPools = oneIn(3);
        this.amongPolicies = oneIn(3);
        for (Kind kind : Kind.values()) {
            int weight = (amongLocks ? kind.amongLocks : kind.usual) * (1 + random.nextInt(4));
            weight *= amongPools && kind.isAboutPools() ? 10 : 1;
            weight *= amongPolicies && kind.isAboutPruning() ? 10 : 1;
            urn.addAll(Collections.nCopies(weight, kind));
        }
        this.clientsMax = 1 + random.nextInt(5);
        this.burst = 1 + random.nextInt(6);
        this.sessionTtlMillis = oneOf(SessionCommand.TTL_MILLIS_MIN, 3_000, 10_000, SessionCommand.TTL_MILLIS_MAX);
        this.stepMillis = oneOf(1, 10, 50, 400);
        this.reforms = oneIn(3);
        this.jumps = oneIn(3);
    }

    /** The limits to start with. */
    public Limits limits() {
        return limits;
    }

    /** The next entry. */
    public Entry next() {
        List<@Nullable Request> requests = new ArrayList<>();
        int count = oneIn(16) ? 0 : 1 + random.nextInt(burst);
        if (reforms && oneIn(100)) {
            requests.add(clusters());
        }
        for (int i = 0; i < count; i++) {
            requests.add(oneIn(500) ? null : request());
        }
        timeMillis += oneIn(3) ? 0 : random.nextLong(stepMillis + 1);
        if (recovering && oneIn(8)) {
            timeMillis += random.nextLong(sessionTtlMillis / 2);
        }
        if (jumps && oneIn(16)) {
            timeMillis += random.nextLong(oneIn(16) ? 2 * LeaseCommand.TTL_MILLIS_MAX : sessionTtlMillis);
        }
        return new Entry(
                Math.max(0, timeMillis - (oneIn(16) ? random.nextInt(1_000) : 0)),
                requests,
                oneIn(200) ? anyLevel() : amongPools || amongPolicies ? FeatureLevel.NEWEST : 0);
    }

    /** Takes in what came of an entry. */
    public void learn(Entry entry, Applied applied) {
        timeMillis = applied.timeMillis();
        recovering |= Revision.epochOf(revision) != Revision.epochOf(applied.revision());
        revision = applied.revision();
        for (int i = 0; i < entry.requests().size(); i++) {
            Request request = entry.requests().get(i);
            if (request != null) {
                learn(request, applied.results().get(i));
            }
        }
        for (Applied.Push push : applied.pushes()) {
            Client client = client(push.id().session());
            if (client != null) {
                client.isOver |= push.id().sequence() == 0;
                client.learn(push.id(), push.result());
                if (push.result() instanceof Refused) {
                    client.learnEnd(push.id().sequence());
                }
            }
        }
    }

    private void learn(Request request, Result result) {
        if (result instanceof Result.Opened opened && client(opened.session()) == null) {
            clients.add(new Client(opened.session(), random.split()));
            secretOf.put(opened.session(), ((SessionCommand.Open) request.command()).secret());
        }
        if (result instanceof Result.Granted || result instanceof Result.Queued) {
            recovering = false;
        }
        Client client = client(request.session());
        if (client == null) {
            return;
        }
        if (result instanceof Refused refused && refused.code() == ErrorCode.SESSION_EXPIRED) {
            client.isOver = true;
        }
        if (request.command() instanceof LeaseCommand.Acquire) {
            client.learn(new LeaseId(request.session(), request.sequence()), result);
        } else if (result instanceof Result.Done) {
            client.learnDone(request.command());
        }
    }

    private @Nullable Client client(long session) {
        return clients.stream()
                .filter(client -> client.session == session)
                .findFirst()
                .orElse(null);
    }

    // ---- requests

    /** What the nodes themselves put into the log. */
    private Request clusters() {
        long epoch = Revision.epochOf(revision);
        ClusterCommand command = oneIn(3)
                ? new ClusterCommand.Rejoined(
                        VOTERS.get(random.nextInt(VOTERS.size())), 1 + random.nextLong(5), 1 + random.nextLong(9))
                : new ClusterCommand.Epoch(
                        oneIn(8) ? 1 + random.nextLong(1L << 20) : epoch + 1 + random.nextInt(3),
                        oneIn(4) ? random.nextLong(sessionTtlMillis) : 0);
        return new Request(0, 0, 0, List.of(), "", command);
    }

    /** What some client says it holds: mostly what it believes, at times what it never held, or was done with. */
    private Request reclaim() {
        Client client = clients.get(random.nextInt(clients.size()));
        List<SessionCommand.Held> held = new ArrayList<>();
        client.believes().forEach((sequence, acquire) -> {
            if (!oneIn(6)) {
                held.add(held(client, sequence, acquire));
            }
        });
        List<Long> outstanding = client.waiting();
        outstanding.removeIf(request -> oneIn(6));
        long epoch = Math.max(1, Revision.epochOf(revision));
        return new Request(
                0,
                0,
                0,
                List.of(),
                "",
                new SessionCommand.Reclaim(
                        oneIn(30)
                                ? new Secret(0, random.nextInt(4))
                                : secretOf.getOrDefault(client.session, new Secret(0, 0)),
                        oneIn(30) ? 1 + random.nextLong(revision + 2) : client.session,
                        oneIn(20) ? 1 + random.nextLong(epoch) : epoch,
                        sessionTtlMillis,
                        "c",
                        client.mark(),
                        held,
                        outstanding,
                        oneIn(5)));
    }

    private SessionCommand.Held held(Client client, long sequence, LeaseCommand.Acquire acquire) {
        Long token = client.tokenOf(sequence);
        List<Target> targets = acquire.targets();
        if (acquire.isClaim()) {
            AbsolutePath pool = client.poolOf(sequence);
            targets = List.of(targets.get(0).servedBy(pool == null || oneIn(8) ? alphabet.path() : pool));
        }
        long shown = token == null || oneIn(8) ? 1 + random.nextLong(revision + 1) : token;
        return new SessionCommand.Held(
                sequence,
                client.ownerOf(sequence),
                new LeaseCommand.Acquire(acquire.namespace(), targets, acquire.ttlMillis(), 0, acquire.label()),
                new Token(shown));
    }

    private Request request() {
        if (!clients.isEmpty() && (recovering ? oneIn(6) : reforms && oneIn(60))) {
            return reclaim();
        }
        long alive = clients.stream().filter(client -> !client.isOver).count();
        if (alive == 0 || oneIn(alive < clientsMax ? 10 : 100)) {
            return open();
        }
        Client client = clients.get(random.nextInt(clients.size()));
        if (client.isOver && !oneIn(4)) {
            clients.remove(client);
            return clients.isEmpty() ? open() : request();
        }
        int choice = random.nextInt(100);
        Request again = choice < 12 ? client.again(choice < 4) : null;
        if (again != null) {
            return again;
        }
        Request request = request(client);
        if (choice > 96 && request.sequence() != 0) {
            client.delay(request);
            return request();
        }
        return request;
    }

    private Request request(Client client) {
        Kind kind = urn.get(random.nextInt(urn.size()));
        if (kind == Kind.HEARTBEAT) {
            return client.request(0, "", new SessionCommand.Heartbeat());
        }
        if ((kind == Kind.ACQUIRE || kind == Kind.CLAIM) && client.hasEnough()) {
            kind = oneIn(2) ? Kind.RELEASE : Kind.CANCEL;
        } else if (kind == Kind.RELEASE && !client.holdsSomething() && !oneIn(8)) {
            kind = Kind.ACQUIRE;
        }
        long sequence = client.take();
        if (sequence == 1 && (kind == Kind.CANCEL || kind == Kind.RELEASE)) {
            kind = Kind.REGISTER;
        }
        return client.request(sequence, alphabet.owner(), command(client, kind, sequence));
    }

    private Request open() {
        boolean isKnown = !secrets.isEmpty() && oneIn(4);
        long secret = isKnown ? secrets.get(random.nextInt(secrets.size())) : random.nextLong();
        secrets.add(secret);
        if (secrets.size() > 4) {
            secrets.remove(0);
        }
        String name = "c".repeat(random.nextInt(SESSION_NAMES));
        long ttl = oneIn(16) ? SessionCommand.TTL_MILLIS_MIN : sessionTtlMillis;
        return new Request(0, 0, 0, List.of(), "", new SessionCommand.Open(new Secret(secret & 1, secret), ttl, name));
    }

    private Command command(Client client, Kind kind, long sequence) {
        return switch (kind) {
            case HEARTBEAT -> new SessionCommand.Heartbeat();
            case CLOSE -> new SessionCommand.Close();
            case CREATE -> new NamespaceCommand.Create(alphabet.namespace());
            case DROP -> new NamespaceCommand.Drop(alphabet.namespace());
            case REGISTER -> register(place(client));
            case REGISTER_UNIQUE -> registerUnique(place(client));
            case REVOKE -> {
                Client victim = clients.get(random.nextInt(clients.size()));
                yield new AdminCommand.Revoke(
                        new LeaseId(victim.session, oneIn(3) ? victim.toCancel(Long.MAX_VALUE) : victim.lease()));
            }
            case END_SESSION ->
                new AdminCommand.EndSession(
                        oneIn(4)
                                ? 1 + random.nextLong(revision + 2)
                                : clients.get(random.nextInt(clients.size())).session);
            case DROP_BY_FORCE -> new AdminCommand.DropNamespace(alphabet.namespace());
            case CHANGE_SETTINGS -> new AdminCommand.ChangeSettings(settings());
            case CLAIM ->
                new LeaseCommand.Acquire(
                        alphabet.namespace(),
                        List.of(alphabet.claim()),
                        alphabet.ttlMillis(leaseTtlMillisMax()),
                        alphabet.waitMillis(),
                        alphabet.label());
            case CREATE_POOL -> {
                Place place = place(client);
                yield new PoolCommand.Create(
                        place.namespace, place.path, alphabet.poolSize(), oneIn(2), oneIn(6), place.lease);
            }
            case RESIZE_POOL -> {
                Place place = place(client);
                yield new PoolCommand.Resize(place.namespace, place.path, alphabet.poolSize(), place.lease);
            }
            case REMOVE_POOL -> {
                Place place = place(client);
                yield new PoolCommand.Remove(place.namespace, place.path, place.lease);
            }
            case PRUNE_POLICY -> {
                Place place = place(client);
                long idleAfter = oneIn(4) ? 0 : alphabet.idleAfterMillis();
                yield new PruneCommand.SetPolicy(
                        place.namespace, place.path, idleAfter, idleAfter != 0 && oneIn(3), place.lease);
            }
            case REMOVE_PRUNE_POLICY -> {
                Place place = place(client);
                yield new PruneCommand.RemovePolicy(place.namespace, place.path, place.lease);
            }
            case TOUCH -> new PruneCommand.Touch(alphabet.namespace(), alphabet.path());
            case SWITCH_DEADLOCK_BREAK -> new AdminCommand.SwitchDeadlockBreak(alphabet.namespace(), oneIn(2));
            case RAISE_LEVEL -> new AdminCommand.RaiseLevel(anyLevel());
            case PUT -> put(place(client));
            case DELETE -> delete(place(client));
            case TRANSACTION -> transaction(client);
            case ACQUIRE ->
                new LeaseCommand.Acquire(
                        alphabet.namespace(),
                        alphabet.targets(),
                        alphabet.ttlMillis(leaseTtlMillisMax()),
                        alphabet.waitMillis(),
                        alphabet.label());
            case RENEW -> new LeaseCommand.Renew(client.lease(), alphabet.ttlMillis(leaseTtlMillisMax()));
            case RELEASE -> new LeaseCommand.Release(Math.min(client.lease(), sequence - 1));
            case CANCEL -> new LeaseCommand.Cancel(client.toCancel(sequence));
        };
    }

    private long leaseTtlMillisMax() {
        return reforms ? sessionTtlMillis : LeaseCommand.TTL_MILLIS_MAX;
    }

    /** One or two; mostly back to what the limits were at first, at times out of range or of no known name. */
    private List<AdminCommand.Setting> settings() {
        Map<String, Long> settings = new TreeMap<>();
        for (int i = oneIn(3) ? 2 : 1; i > 0; i--) {
            long low = 1 + random.nextLong(20);
            switch (random.nextInt(10)) {
                case 0 -> settings.put("namespacesMax", oneIn(2) ? low : limits.namespacesMax());
                case 1 -> settings.put("elementsMax", oneIn(2) ? low : limits.elementsMax());
                case 2 -> settings.put("valueBytesMax", oneIn(2) ? low : limits.valueBytesMax());
                case 3 -> settings.put("sessionsMax", oneIn(2) ? low : limits.sessionsMax());
                case 4 -> settings.put("ownedMax", oneIn(2) ? low : limits.ownedMax());
                case 5 -> settings.put("waitersMax", oneIn(2) ? low : limits.waitersMax());
                case 6 -> settings.put("eventsMax", oneIn(2) ? low : limits.eventsMax());
                case 7 -> settings.put("namespacesByUse", oneIn(8) ? 2L : oneIn(3) ? 0L : 1L);
                case 8 -> settings.put(oneIn(2) ? "pathRate" : "sessionInFlightMax", oneIn(3) ? -low : low);
                default ->
                    settings.put(
                            oneIn(2) ? "stateBytesMax" : "noSuchSetting", oneIn(2) ? 0 : Comparison.STATE_BYTES_MAX);
            }
        }
        return settings.entrySet().stream()
                .map(setting -> new AdminCommand.Setting(setting.getKey(), setting.getValue()))
                .toList();
    }

    private static ElementCommand register(Place place) {
        return new ElementCommand.Register(place.namespace, place.path, place.lease);
    }

    private ElementCommand registerUnique(Place place) {
        boolean hasRoom = place.path.depth() < AbsolutePath.DEPTH_MAX;
        return new ElementCommand.RegisterUnique(
                place.namespace,
                hasRoom ? place.path : AbsolutePath.ROOT,
                oneIn(3) ? Value.NONE : alphabet.value(limits.valueBytesMax()),
                place.lease);
    }

    private ElementCommand put(Place place) {
        return new ElementCommand.Put(
                place.namespace,
                place.path,
                alphabet.value(limits.valueBytesMax()),
                oneIn(3) ? alphabet.ttlMillis(ElementCommand.TTL_MILLIS_MAX) : 0,
                oneIn(4),
                oneIn(8) ? Condition.PRESENT : condition(oneIn(4)),
                place.lease);
    }

    private ElementCommand delete(Place place) {
        boolean recursive = place.path.isRoot() || oneIn(4);
        return new ElementCommand.Delete(place.namespace, place.path, recursive, condition(false), place.lease);
    }

    /** A few operations of all kinds in either list, those left out that are in conflict with earlier ones. */
    private Transaction transaction(Client client) {
        String namespace = place(client).namespace;
        List<Transaction.Compare> compares = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            compares.add(compare(client));
        }
        Transaction transaction = new Transaction(namespace, compares, List.of(), List.of());
        for (int i = random.nextInt(9); i > 0; i--) {
            transaction = withOneMore(transaction, operation(client, namespace), oneIn(2));
        }
        return transaction;
    }

    private static Transaction withOneMore(Transaction transaction, Transaction.Operation operation, boolean isElse) {
        List<Transaction.Operation> more = new ArrayList<>(isElse ? transaction.otherwise() : transaction.then());
        more.add(operation);
        try {
            return new Transaction(
                    transaction.namespace(),
                    transaction.compares(),
                    isElse ? transaction.then() : more,
                    isElse ? more : transaction.otherwise());
        } catch (IllegalArgumentException conflict) {
            return transaction;
        }
    }

    private Transaction.Operation operation(Client client, String namespace) {
        Place place = place(client);
        Place here = new Place(namespace, place.path, place.lease);
        return switch (random.nextInt(8)) {
            case 0 -> new Transaction.Operation.Get(here.path);
            case 1 -> new Transaction.Operation.Change(register(here));
            case 2 -> new Transaction.Operation.Change(registerUnique(here));
            case 3, 4 -> new Transaction.Operation.Change(delete(here));
            default -> new Transaction.Operation.Change(put(here));
        };
    }

    private Transaction.Compare compare(Client client) {
        AbsolutePath path = alphabet.path();
        return switch (random.nextInt(6)) {
            case 0 -> new Transaction.Compare.VersionIs(path, random.nextInt(4));
            case 1 -> new Transaction.Compare.ModRevisionIs(path, Math.max(0, revision - random.nextInt(12)));
            case 2 -> new Transaction.Compare.ValueIs(path, alphabet.value(limits.valueBytesMax()));
            case 3 -> new Transaction.Compare.Held(new LeaseId(client.session, client.lease()));
            default -> new Transaction.Compare.Registered(path, oneIn(2));
        };
    }

    /** Where an element is to be changed, and under which lease. */
    private record Place(String namespace, AbsolutePath path, long lease) {}

    /** Anywhere; or under a lease, mostly where that reaches. */
    private Place place(Client client) {
        if (!oneIn(client.holdsSomething() ? 2 : 10)) {
            return new Place(alphabet.namespace(), alphabet.path(), 0);
        }
        long lease = client.lease();
        LeaseCommand.Acquire acquire = client.askedFor(lease);
        if (acquire == null || oneIn(4)) {
            return new Place(alphabet.namespace(), alphabet.path(), lease);
        }
        Target target = acquire.targets().get(random.nextInt(acquire.targets().size()));
        boolean below = target.scope() == Scope.PREFIX && target.path().depth() < 4 && oneIn(2);
        return new Place(
                acquire.namespace(), below ? alphabet.below(target.path()) : target.path(), oneIn(8) ? 0 : lease);
    }

    private Condition condition(boolean absent) {
        if (absent || !oneIn(3)) {
            return absent ? new Condition(true, 0, 0) : Condition.NONE;
        }
        long modRevision = Math.max(0, revision - random.nextInt(12));
        return new Condition(false, random.nextInt(4), oneIn(2) ? modRevision : 0);
    }

    /** Mostly the one that clusters begin with, so that the next is not reached at once. */
    private int anyLevel() {
        return oneIn(4) ? FeatureLevel.NEWEST : oneIn(4) ? 1 + random.nextInt(FeatureLevel.NEWEST) : FeatureLevel.FIRST;
    }

    /** A query of anything. */
    public Query query() {
        if (oneIn(8) && !clients.isEmpty()) {
            Client client = clients.get(random.nextInt(clients.size()));
            long session = oneIn(10) || client.session == 0 ? 1 + random.nextLong(revision + 2) : client.session;
            return new Query.SessionTrace(session, oneIn(2) ? 0 : random.nextInt(8), 1 + random.nextInt(6));
        }
        return alphabet.query();
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    private long oneOf(long... values) {
        return values[random.nextInt(values.length)];
    }
}
