package io.whatnot.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A state machine and its clients, to tell stories with: clients come, send commands, time passes, and one looks at what
 * has happened. Cluster time starts at 0 and moves only when told.
 */
public final class Machine {
    /** The ttl of a session, unless the test says otherwise: longer than any story. */
    public static final long SESSION_TTL = 3_600_000;

    private final NamespaceStateMachine machine;
    private final TreeMap<Long, String> names = new TreeMap<>();
    private final Words words = new Words(names);
    private final TreeMap<Long, Secret> secretsBySession = new TreeMap<>();
    private Applied last = new Applied(0, 0, List.of(), List.of(), List.of(), List.of());
    private long timeMillis;
    private long secrets;

    public Machine() {
        this(FeatureLevel.NEWEST);
    }

    /** As software that supports feature levels up to that one. */
    public Machine(int levelMax) {
        machine = new NamespaceStateMachine(Settings.DEFAULT, levelMax);
    }

    // ---- what is done to it

    /** The leader of a new cluster has found out what level all nodes support. */
    public Machine found(int level) {
        machine.apply(new Entry(timeMillis, List.of(), level));
        return this;
    }

    /** Changes the state by hand, past all commands: other settings, or damage that makes a command throw. */
    public Machine plant(Consumer<State> change) {
        State draft = machine.state().edit();
        change.accept(draft);
        machine.restore(draft.publish());
        return this;
    }

    /** Gives it other limits. */
    public Machine with(Settings settings) {
        return plant(state -> state.settings = settings);
    }

    /** A client opens a session that outlives the story. */
    public Client open(String name) {
        return open(name, SESSION_TTL);
    }

    /** A client opens a session. */
    public Client open(String name, long ttlMillis) {
        Secret secret = new Secret(0, ++secrets);
        Result.Opened opened = Answers.opened(open(secret, ttlMillis, name));
        return new Client(this, name, opened.session());
    }

    /** Somebody asks for a session, by a secret of his own choice. */
    public Result open(Secret secret, long ttlMillis, String name) {
        Result answer = send(new Request(0, 0, 0, List.of(), "", new SessionCommand.Open(secret, ttlMillis, name)));
        if (answer instanceof Result.Opened opened) {
            names.put(opened.session(), name);
            secretsBySession.put(opened.session(), secret);
        }
        return answer;
    }

    /** What the session was opened with. */
    public Secret secretOf(long session) {
        return Objects.requireNonNull(secretsBySession.get(session));
    }

    /** Everything is lost but what was there once; the clients don't know. */
    public Machine fallBackTo(State once) {
        machine.restore(once);
        timeMillis = once.timeMillis();
        return this;
    }

    /** Everything is lost. */
    public Machine forget() {
        return fallBackTo(State.empty(Settings.DEFAULT).publish());
    }

    /** The cluster re-forms. */
    public Result reform(long term, long longestTtlMillis) {
        return send(new Request(0, 0, 0, List.of(), "", new ClusterCommand.Epoch(term, longestTtlMillis)));
    }

    /** A request comes, alone in its entry. */
    public Result send(@Nullable Request request) {
        return together(request).get(0);
    }

    /** Several requests come in one entry; null stands for one that can't be read. */
    public List<Result> together(@Nullable Request... requests) {
        return apply(timeMillis, requests).results();
    }

    /** Time passes, and an entry comes that says so. */
    public void pass(long millis) {
        apply(timeMillis + millis);
    }

    /** An entry comes, with any time. */
    public Applied apply(long entryMillis, @Nullable Request... requests) {
        last = machine.apply(new Entry(entryMillis, Arrays.asList(requests)));
        timeMillis = last.timeMillis();
        assertThat(machine.state().nextDeadlineMillis())
                .as("the next deadline is in the future")
                .isGreaterThan(timeMillis);
        boolean recovering = machine.state().isRecovering();
        machine.state()
                .locks()
                .waiting()
                .forEach(waiting -> assertThat(
                                recovering || machine.state().locks().mustWait(waiting.value()))
                        .as("%s has something to wait for", waiting.value())
                        .isTrue());
        return last;
    }

    // ---- what is seen of it

    /** Cluster time. */
    public long now() {
        return timeMillis;
    }

    /** The latest revision. */
    public long revision() {
        return machine.state().revision();
    }

    /** The state, as a reader sees it. */
    public State state() {
        return machine.state();
    }

    /** What the latest entry has brought about. */
    public Applied last() {
        return last;
    }

    /** The events of the latest entry, in words. */
    public List<String> events() {
        return last.events().stream().map(words::event).toList();
    }

    /** The events of the latest entry in words, those of a revision together. */
    public List<List<String>> revisions() {
        TreeMap<Long, List<String>> byRevision = new TreeMap<>();
        last.events()
                .forEach(event -> byRevision
                        .computeIfAbsent(event.revision().value(), revision -> new ArrayList<>())
                        .add(words.event(event)));
        return List.copyOf(byRevision.values());
    }

    /** What the latest entry tells clients unasked, in words. */
    public List<String> pushes() {
        return last.pushes().stream().map(words::push).toList();
    }

    /** The answer to a query. */
    public Result ask(Query query) {
        return Queries.answer(machine.state(), query);
    }

    /** How this machine's answers and events are put in words. */
    public Words words() {
        return words;
    }
}
