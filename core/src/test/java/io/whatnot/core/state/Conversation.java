package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A state machine and clients that talk to it, one request an entry: for small examples. */
final class Conversation {
    /** The namespace that everything is about. */
    static final String NAMESPACE = "n";

    final NamespaceStateMachine machine;
    private final Map<Long, Long> sequences = new TreeMap<>();
    private final List<Applied.Push> pushes = new ArrayList<>();
    private long timeMillis;

    Conversation(Settings settings) {
        machine = new NamespaceStateMachine(settings);
    }

    /** Opens a session that lives an hour; tells its id. */
    long open() {
        Secret secret = new Secret(0, machine.state().entries());
        Command open = new SessionCommand.Open(secret, SessionCommand.TTL_MILLIS_MAX, "");
        Result result = apply(new Request(0, 0, 0, List.of(), "", open));
        return ((Result.Opened) result).session();
    }

    /** Asks for something new, for an owner of its own. */
    Result ask(long session, Command command) {
        return ask(session, "", command);
    }

    /** Asks for something new. */
    Result ask(long session, String owner, Command command) {
        return send(session, sequences.getOrDefault(session, 0L) + 1, owner, command);
    }

    /** Sends a request of that sequence, perhaps once more. */
    Result send(long session, long sequence, String owner, Command command) {
        sequences.merge(session, sequence, Math::max);
        return apply(new Request(session, sequence, 0, List.of(), owner, command));
    }

    /** Lets time pass. */
    void pass(long millis) {
        timeMillis += millis;
        note(machine.apply(new Entry(timeMillis, List.of())));
    }

    /** What was pushed since this was last asked. */
    List<Applied.Push> pushes() {
        List<Applied.Push> taken = List.copyOf(pushes);
        pushes.clear();
        return taken;
    }

    private Result apply(Request request) {
        return note(machine.apply(new Entry(timeMillis, List.of(request))))
                .results()
                .get(0);
    }

    private Applied note(Applied applied) {
        pushes.addAll(applied.pushes());
        return applied;
    }

    /** Asks for a lease that lives as long as its session, and waits for up to a minute. */
    static Command acquire(Target... targets) {
        return new LeaseCommand.Acquire(NAMESPACE, List.of(targets), 0, 60_000, "");
    }

    /** Asks for a lease without waiting. */
    static Command tryToAcquire(Target... targets) {
        return new LeaseCommand.Acquire(NAMESPACE, List.of(targets), 0, 0, "");
    }

    static Command register(String path) {
        return new ElementCommand.Register(NAMESPACE, AbsolutePath.parse(path), 0);
    }

    static Command put(String path, String text) {
        return new ElementCommand.Put(NAMESPACE, AbsolutePath.parse(path), Value.of(text), 0, false, Condition.NONE, 0);
    }

    /** Deletes the path with everything below it. */
    static Command delete(String path) {
        return new ElementCommand.Delete(NAMESPACE, AbsolutePath.parse(path), true, Condition.NONE, 0);
    }
}
