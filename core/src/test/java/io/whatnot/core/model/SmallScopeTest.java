package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import io.whatnot.core.testing.Comparison;
import io.whatnot.core.testing.EventReplay;
import io.whatnot.core.testing.Invariants;
import io.whatnot.core.testing.Limits;
import io.whatnot.core.testing.ReferenceModel;
import io.whatnot.core.testing.StateComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small scopes: two sessions and a few paths, and every sequence of a few commands from a small alphabet of one concern, done
 * by the state machine and by the reference model. Most mistakes show in a short story already, and here every short story
 * is told. With {@code -Dsmallscope.depth=…} for longer ones.
 */
class SmallScopeTest {
    private static final int DEPTH = Integer.getInteger("smallscope.depth", 5);
    private static final long TTL = SessionCommand.TTL_MILLIS_MIN;
    private static final String NAMESPACE = "n";
    private static final AbsolutePath A = AbsolutePath.parse("/a");
    private static final AbsolutePath B = AbsolutePath.parse("/a/b");
    private static final AbsolutePath C = AbsolutePath.parse("/c");
    private static final AtomicLong SEQUENCES = new AtomicLong();

    // ---- what a sequence is made of

    /**
     * What has been asked for so far by each session.
     *
     * @param timeMillis when
     * @param next the next sequence of each session
     * @param acquired the sequence of each session's latest acquire; 0 if there is none
     * @param last the latest request, of any session
     */
    private record Past(long timeMillis, Map<Long, Long> next, Map<Long, Long> acquired, List<Request> last) {
        static final Past NOTHING = new Past(1, Map.of(1L, 1L, 2L, 1L), Map.of(1L, 0L, 2L, 0L), List.of());

        Past later(long millis) {
            return new Past(timeMillis + millis, next, acquired, last);
        }

        Past after(Request request) {
            long session = request.session();
            return new Past(
                    timeMillis,
                    request.sequence() == 0 ? next : with(next, session, request.sequence() + 1),
                    request.command() instanceof LeaseCommand.Acquire
                            ? with(acquired, session, request.sequence())
                            : acquired,
                    List.of(request));
        }

        private static Map<Long, Long> with(Map<Long, Long> map, long key, long value) {
            return key == 1
                    ? Map.of(1L, value, 2L, map.getOrDefault(2L, 0L))
                    : Map.of(1L, map.getOrDefault(1L, 0L), 2L, value);
        }

        long acquired(long session) {
            return acquired.getOrDefault(session, 0L);
        }

        long next(long session) {
            return next.getOrDefault(session, 0L);
        }
    }

    /** One letter of an alphabet: what it adds to what has been asked for; null where it makes no sense. */
    private record Letter(String name, Function<Past, @Nullable Move> move) {
        @Nullable
        Move after(Past past) {
            return move.apply(past);
        }
    }

    private record Move(Past past, List<Request> requests) {
        Entry entry() {
            return new Entry(past.timeMillis, List.copyOf(requests));
        }
    }

    private static Letter pass(long millis) {
        return new Letter(millis + " ms pass", past -> new Move(past.later(millis), List.of()));
    }

    private static Letter ask(long session, String owner, Command command) {
        return ask(session, owner, command.toString(), past -> command);
    }

    private interface Choice {
        Command choose(Past past);
    }

    private static Letter ask(long session, String owner, String name, Choice choice) {
        return new Letter(session + "/" + owner + ": " + name, past -> {
            Command command = choice.choose(past);
            long sequence = command instanceof SessionCommand.Heartbeat ? 0 : past.next(session);
            Request request = new Request(session, sequence, 0, List.of(), owner, command);
            return new Move(past.after(request), List.of(request));
        });
    }

    /** About the latest acquire of the session; where there is none the letter does nothing. */
    private static Letter about(long session, String name, BiFunction<Long, Past, Command> choice) {
        return new Letter(session + ": " + name, past -> {
            long acquired = past.acquired(session);
            if (acquired == 0) {
                return null;
            }
            Request request = new Request(session, past.next(session), 0, List.of(), "", choice.apply(acquired, past));
            return new Move(past.after(request), List.of(request));
        });
    }

    /** The latest request once more, to the letter. */
    private static Letter again() {
        return new Letter("the latest request again", past -> past.last.isEmpty() ? null : new Move(past, past.last));
    }

    /** Says that everything so far was answered, and that the end of its latest lease is known. */
    private static Letter acknowledge(long session) {
        return new Letter(session + ": acknowledges everything", past -> {
            long acquired = past.acquired(session);
            Request request = new Request(
                    session,
                    0,
                    past.next(session),
                    acquired == 0 ? List.of() : List.of(acquired),
                    "",
                    new SessionCommand.Heartbeat());
            return new Move(past.after(request), List.of(request));
        });
    }

    /** Asks under the number that comes after the next, so that the next arrives late. */
    private static Letter cancelOfTheOneToCome(long session) {
        return new Letter(session + ": cancels what has not arrived yet", past -> {
            long next = past.next(session);
            Request cancel = new Request(session, next + 1, 0, List.of(), "", new LeaseCommand.Cancel(next));
            Request late = new Request(session, next, 0, List.of(), "", acquire(0, 5_000, element(A)));
            Past then = past.after(late).after(cancel);
            return new Move(then, List.of(cancel, late));
        });
    }

    // ---- words

    private static Target element(AbsolutePath path) {
        return new Target(path, Scope.ELEMENT, Mode.EXCLUSIVE);
    }

    private static Target prefix(AbsolutePath path) {
        return new Target(path, Scope.PREFIX, Mode.EXCLUSIVE);
    }

    private static Target shared(AbsolutePath path) {
        return new Target(path, Scope.ELEMENT, Mode.SHARED);
    }

    private static Command acquire(long ttl, long wait, Target... targets) {
        return new LeaseCommand.Acquire(NAMESPACE, List.of(targets), ttl, wait, "");
    }

    private static Command put(AbsolutePath path, long ttl, boolean ephemeral) {
        return new ElementCommand.Put(NAMESPACE, path, Value.of("v"), ttl, ephemeral, Condition.NONE, 0);
    }

    private static Command delete(AbsolutePath path, boolean recursive) {
        return new ElementCommand.Delete(NAMESPACE, path, recursive, Condition.NONE, 0);
    }

    private static Letter release(long session) {
        return about(session, "releases its latest", (lease, past) -> new LeaseCommand.Release(lease));
    }

    private static Letter cancel(long session) {
        return about(session, "cancels its latest", (lease, past) -> new LeaseCommand.Cancel(lease));
    }

    private static Letter renew(long session, long ttl) {
        return about(session, "renews its latest", (lease, past) -> new LeaseCommand.Renew(lease, ttl));
    }

    private static Letter putUnderLease(long session, AbsolutePath path) {
        return about(
                session,
                "puts " + path + " under its latest",
                (lease, past) ->
                        new ElementCommand.Put(NAMESPACE, path, Value.of("w"), 0, false, Condition.NONE, lease));
    }

    private static Letter heartbeat(long session) {
        return ask(session, "", new SessionCommand.Heartbeat());
    }

    // ---- the alphabets

    private record Concern(String name, List<Letter> letters, int level) {
        Concern(String name, List<Letter> letters) {
            this(name, letters, FeatureLevel.FIRST);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Concern> concerns() {
        return List.of(
                new Concern("waiting", waiting()),
                new Concern("modes", modes()),
                new Concern("several targets", severalTargets()),
                new Concern("leases", leases()),
                new Concern("elements", elements()),
                new Concern("sessions", sessions()),
                new Concern("transactions", transactions(), FeatureLevel.TRANSACTIONS),
                new Concern("pools", pools(), FeatureLevel.SEMAPHORE_POOLS),
                new Concern("deadlocks that stay", deadlocksThatStay(), FeatureLevel.NAMESPACE_SETTINGS));
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

    /** Two letters as one: what both ask for, at once. */
    private static Letter together(Letter first, Letter second) {
        return new Letter(first.name + " and " + second.name, past -> {
            Move one = first.after(past);
            Move other = one == null ? null : second.after(one.past);
            if (one == null || other == null) {
                return null;
            }
            List<Request> requests = new ArrayList<>(one.requests);
            requests.addAll(other.requests);
            return new Move(other.past, requests);
        });
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

    // ---- the walk

    @ParameterizedTest
    @MethodSource("concerns")
    void everyShortStoryIsToldByTheSpecification(Concern concern) {
        assertThat(concern.letters).hasSizeLessThanOrEqualTo(20);
        IntStream.range(0, concern.letters.size()).parallel().forEach(first -> new Walk(concern).begin(first));
    }

    @AfterAll
    static void tellHowMany() {
        System.out.println(SEQUENCES + " sequences of up to " + DEPTH + " commands");
    }

    /** A walk, depth first, through all sequences that begin with a letter. The root of each prefix is kept. */
    private static final class Walk {
        private static final Limits LIMITS = Limits.USUAL;

        private final List<Letter> letters;
        private final NamespaceStateMachine machine = new NamespaceStateMachine(Comparison.settings(LIMITS));
        private final List<Entry> entries = new ArrayList<>();
        private final List<String> names = new ArrayList<>();

        private final int level;

        Walk(Concern concern) {
            this.letters = concern.letters;
            this.level = concern.level;
        }

        void begin(int first) {
            List<Request> opened = new ArrayList<>();
            for (long i = 1; i <= 2; i++) {
                opened.add(new Request(
                        0, 0, 0, List.of(), "", new SessionCommand.Open(new Secret(0, i), TTL, "client" + i)));
            }
            entries.add(new Entry(Past.NOTHING.timeMillis, List.copyOf(opened), level));
            machine.apply(entries.get(0));
            step(letters.get(first), machine.state(), Past.NOTHING, 1);
        }

        private void step(Letter letter, State from, Past past, int depth) {
            Move move = letter.after(past);
            if (move == null) {
                return;
            }
            names.add(letter.name);
            entries.add(move.entry());
            machine.restore(from);
            Applied applied = machine.apply(move.entry());
            State state = machine.state();
            try {
                compare(from, applied, state);
            } catch (AssertionError e) {
                throw new AssertionError("after: " + String.join("; ", names), e);
            }
            SEQUENCES.incrementAndGet();
            if (depth < DEPTH) {
                for (Letter next : letters) {
                    step(next, state, move.past, depth + 1);
                }
            }
            entries.remove(entries.size() - 1);
            names.remove(names.size() - 1);
        }

        private void compare(State from, Applied applied, State state) {
            ReferenceModel model = new ReferenceModel(LIMITS);
            for (Entry earlier : entries.subList(0, entries.size() - 1)) {
                model.apply(earlier);
            }
            Applied expected = model.apply(entries.get(entries.size() - 1));
            Applied actual = Comparison.withoutMessages(applied);
            if (!actual.equals(expected)) {
                assertThat(actual).isEqualTo(expected);
            }
            List<Object> words = StateComparison.words(state);
            List<Object> modelWords = StateComparison.words(model);
            if (!words.equals(modelWords)) {
                assertThat(words).isEqualTo(modelWords);
            }
            Invariants.check(state);
            EventReplay.check(from, entries.get(entries.size() - 1), applied, state);
        }
    }
}
