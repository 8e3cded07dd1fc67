package io.whatnot.core.engine;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import java.util.List;
import java.util.concurrent.Executor;

/** A watch hub with the machine that it tells of, and one session that changes things there, each in an entry of its own. */
final class HubNode {
    static final String NAMESPACE = "n";

    final VirtualScheduler scheduler = new VirtualScheduler();
    final NamespaceStateMachine machine = new NamespaceStateMachine();
    final Counters counters = new Counters();
    final Views views = new Views(scheduler);
    /** Runs nothing but what it is told to, if no other was given. */
    final ManualExecutor executor = new ManualExecutor();

    final WatchHub hub;
    private final long session;
    private long sequence;
    private long timeMillis;

    HubNode() {
        this(Histories.Bounds.DEFAULT);
    }

    HubNode(Histories.Bounds bounds) {
        hub = new WatchHub("test", machine, new Histories(bounds), views, counters, scheduler, executor);
        session = open();
    }

    HubNode(Histories.Bounds bounds, Executor threads) {
        hub = new WatchHub("test", machine, new Histories(bounds), views, counters, scheduler, threads);
        session = open();
    }

    private long open() {
        Applied opened = apply(
                new Request(0, 0, 0, List.of(), "", new SessionCommand.Open(new Secret(1, 2), 3_600_000, "somebody")));
        return ((Result.Opened) opened.results().get(0)).session();
    }

    // ---- what happens

    /** An entry of these requests is applied. */
    Applied apply(Request... requests) {
        Applied applied = machine.apply(new Entry(++timeMillis, List.of(requests)));
        hub.applied(applied);
        return applied;
    }

    /** A command is applied, alone in its entry, and is no refusal. */
    Result apply(Command command) {
        Result result = apply(request(command)).results().get(0);
        if (result instanceof Result.Refused refused) {
            throw new AssertionError(refused);
        }
        return result;
    }

    /** Cluster time passes while the session is kept alive and reclaimed if need be; until a recovery is over. */
    void pass(long millis) {
        State state = machine.state();
        if (state.isRecovering()) {
            apply(new Request(
                    0,
                    0,
                    0,
                    List.of(),
                    "",
                    new SessionCommand.Reclaim(
                            new Secret(1, 2),
                            session,
                            state.epoch(),
                            3_600_000,
                            "somebody",
                            sequence + 1,
                            List.of(),
                            List.of(),
                            false)));
        }
        for (long left = millis; left > 0; left -= 1_000_000) {
            timeMillis += Math.min(left, 1_000_000);
            apply(new Request(session, 0, 1, List.of(), "", new SessionCommand.Heartbeat()));
        }
        while (machine.state().isRecovering()) {
            timeMillis += 100_000;
            apply(new Request(session, 0, 1, List.of(), "", new SessionCommand.Heartbeat()));
        }
    }

    Request request(Command command) {
        sequence++;
        return new Request(session, sequence, sequence, List.of(), "main", command);
    }

    /** Tells the revision it took. */
    long put(String path, String text) {
        return put(NAMESPACE, path, text);
    }

    long put(String namespace, String path, String text) {
        apply(putting(namespace, path, text));
        return revision();
    }

    static ElementCommand.Put putting(String namespace, String path, String text) {
        return new ElementCommand.Put(namespace, AbsolutePath.parse(path), Value.of(text), 0, false, Condition.NONE, 0);
    }

    long delete(String path, boolean recursive) {
        apply(new ElementCommand.Delete(NAMESPACE, AbsolutePath.parse(path), recursive, Condition.NONE, 0));
        return revision();
    }

    /** Tells the name of the lease. */
    long lock(Target... targets) {
        return ((Result.Granted) apply(new LeaseCommand.Acquire(NAMESPACE, List.of(targets), 0, 0, "")))
                .id()
                .sequence();
    }

    void release(long lease) {
        apply(new LeaseCommand.Release(lease));
    }

    void drop(String namespace) {
        apply(new NamespaceCommand.Drop(namespace));
    }

    /** A snapshot of another node's is installed. */
    void restore(State state) {
        sequence += 1_000; // others went on with it elsewhere
        machine.restore(state);
        hub.restored(state);
    }

    long revision() {
        return machine.state().revision();
    }

    // ---- who watches

    /** A client opens a watch stream and says hello. */
    WatchClient connect() {
        WatchClient client = new WatchClient(hub);
        client.hello("");
        return client;
    }

    /** The hub does what there is to do. */
    HubNode settle() {
        executor.runAll();
        return this;
    }
}
