package io.whatnot.core.state;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import java.util.List;
import java.util.Optional;

/**
 * A client with a session of a {@link Machine}. It numbers its requests, has had all earlier answers, and acts for one
 * owner, {@code main}, in one namespace, {@code n}, until told otherwise.
 */
public final class Client {
    /** As long as a request waits, unless the test says otherwise. */
    public static final long WAIT = 1_800_000;

    private final Machine machine;
    private final String name;
    private final long session;
    private final String owner;
    private final String namespace;
    private final long lease;
    private final Counter counter;

    private static final class Counter {
        long sequence;
    }

    Client(Machine machine, String name, long session) {
        this(machine, name, session, "main", "n", 0, new Counter());
    }

    private Client(
            Machine machine, String name, long session, String owner, String namespace, long lease, Counter counter) {
        this.machine = machine;
        this.name = name;
        this.session = session;
        this.owner = owner;
        this.namespace = namespace;
        this.lease = lease;
        this.counter = counter;
    }

    // ---- as whom, where, under what

    /** The same session, for another owner; the empty text for a fresh one with each request. */
    public Client as(String owner) {
        return new Client(machine, name, session, owner, namespace, lease, counter);
    }

    /** The same session, in another namespace. */
    public Client in(String namespace) {
        return new Client(machine, name, session, owner, namespace, lease, counter);
    }

    /** The same session, naming a lease with whatever it changes. */
    public Client under(LeaseId lease) {
        return new Client(machine, name, session, owner, namespace, lease.sequence(), counter);
    }

    /** Its session. */
    public long session() {
        return session;
    }

    /** What it calls itself. */
    public String name() {
        return name;
    }

    /** The name of its latest request, and of the lease it asked for, if it did. */
    public LeaseId last() {
        return new LeaseId(session, counter.sequence);
    }

    // ---- elements

    public Result register(String path) {
        return send(new ElementCommand.Register(namespace, AbsolutePath.parse(path), lease));
    }

    public Result registerUnique(String parent, String text) {
        return send(new ElementCommand.RegisterUnique(
                namespace, AbsolutePath.parse(parent), text.isEmpty() ? Value.NONE : Value.of(text), lease));
    }

    public Result put(String path, String text) {
        return put(path, text, Condition.NONE);
    }

    public Result put(String path, String text, Condition condition) {
        return send(putting(path, text, 0, false, condition));
    }

    public Result putFor(long ttlMillis, String path, String text) {
        return send(putting(path, text, ttlMillis, false, Condition.NONE));
    }

    public Result putEphemeral(String path, String text) {
        return send(putting(path, text, 0, true, Condition.NONE));
    }

    /** The command of a put. */
    public ElementCommand.Put putting(
            String path, String text, long ttlMillis, boolean ephemeral, Condition condition) {
        return new ElementCommand.Put(
                namespace, AbsolutePath.parse(path), Value.of(text), ttlMillis, ephemeral, condition, lease);
    }

    public Result delete(String path) {
        return delete(path, false, Condition.NONE);
    }

    public Result deleteAll(String path) {
        return delete(path, true, Condition.NONE);
    }

    public Result delete(String path, boolean recursive, Condition condition) {
        return send(new ElementCommand.Delete(namespace, AbsolutePath.parse(path), recursive, condition, lease));
    }

    /** Does all of these, or nothing. */
    public Result transact(Transaction.Operation... operations) {
        return transact(List.of(), List.of(operations), List.of());
    }

    /** Does the one or the other. */
    public Result transact(
            List<Transaction.Compare> compares,
            List<Transaction.Operation> then,
            List<Transaction.Operation> otherwise) {
        return send(new Transaction(namespace, compares, then, otherwise));
    }

    /** What is registered at a path, if anything is. */
    public Optional<ElementView> get(String path) {
        return Answers.found(machine.ask(new Query.Get(namespace, AbsolutePath.parse(path))));
    }

    /** The text at a path, or a dash if nothing is registered there. */
    public String read(String path) {
        return get(path).map(element -> element.value().text()).orElse("-");
    }

    // ---- leases

    /** Asks for a lease that lives with the session, and waits. */
    public Result lock(Target... targets) {
        return lock(0, WAIT, targets);
    }

    /** Asks for a lease that lives with the session, and does not wait. */
    public Result tryLock(Target... targets) {
        return lock(0, 0, targets);
    }

    /** Asks for a lease with a ttl, and waits. */
    public Result lockFor(long ttlMillis, Target... targets) {
        return lock(ttlMillis, WAIT, targets);
    }

    /** Asks for a lease that lives with the session, and waits so long. */
    public Result lockWithin(long waitMillis, Target... targets) {
        return lock(0, waitMillis, targets);
    }

    public Result lock(long ttlMillis, long waitMillis, Target... targets) {
        return send(locking(ttlMillis, waitMillis, targets));
    }

    /** The command of a lock. */
    public LeaseCommand.Acquire locking(long ttlMillis, long waitMillis, Target... targets) {
        return new LeaseCommand.Acquire(namespace, List.of(targets), ttlMillis, waitMillis, "");
    }

    // ---- pools

    /** Makes a pool of its path alone. */
    public Result createPool(String path, long size) {
        return createPool(path, size, false, false);
    }

    public Result createPool(String path, long size, boolean prefix, boolean purge) {
        return send(new PoolCommand.Create(namespace, AbsolutePath.parse(path), size, prefix, purge, lease));
    }

    public Result resizePool(String path, long size) {
        return send(new PoolCommand.Resize(namespace, AbsolutePath.parse(path), size, lease));
    }

    public Result removePool(String path) {
        return send(new PoolCommand.Remove(namespace, AbsolutePath.parse(path), lease));
    }

    /** The pool that serves a path, with all its claims. */
    public Result.Pool pool(String path) {
        return (Result.Pool) machine.ask(new Query.Pool(namespace, AbsolutePath.parse(path), Query.PAGE_MAX));
    }

    /** Asks for slots for as long as the session lives, and waits. */
    public Result claim(String path, long slots) {
        return lock(Target.claim(AbsolutePath.parse(path), slots));
    }

    /** Asks for slots, and does not wait. */
    public Result tryClaim(String path, long slots) {
        return tryLock(Target.claim(AbsolutePath.parse(path), slots));
    }

    // ---- pruning

    /** What is idle for so long at or below a path goes. */
    public Result prunePolicy(String path, long idleAfterMillis) {
        return prunePolicy(path, idleAfterMillis, false);
    }

    /** The same, perhaps with values staying; 0: nothing goes. */
    public Result prunePolicy(String path, long idleAfterMillis, boolean retainValues) {
        return send(
                new PruneCommand.SetPolicy(namespace, AbsolutePath.parse(path), idleAfterMillis, retainValues, lease));
    }

    public Result removePrunePolicy(String path) {
        return send(new PruneCommand.RemovePolicy(namespace, AbsolutePath.parse(path), lease));
    }

    public Result touch(String path) {
        return send(new PruneCommand.Touch(namespace, AbsolutePath.parse(path)));
    }

    // ---- more about leases

    public Result renew(LeaseId lease) {
        return renew(lease, 0);
    }

    public Result renew(LeaseId lease, long ttlMillis) {
        return send(new LeaseCommand.Renew(lease.sequence(), ttlMillis));
    }

    public Result release(LeaseId lease) {
        return send(new LeaseCommand.Release(lease.sequence()));
    }

    public Result cancel(LeaseId request) {
        return send(new LeaseCommand.Cancel(request.sequence()));
    }

    /** Whether its session holds that lease now. */
    public boolean holds(LeaseId lease) {
        return machine.state().locks().lease(lease) != null;
    }

    /** Whether that request of its session waits now. */
    public boolean waitsWith(LeaseId request) {
        return machine.state().locks().waiting(request) != null;
    }

    // ---- namespaces and the session itself

    public Result createNamespace() {
        return send(new NamespaceCommand.Create(namespace));
    }

    public Result dropNamespace() {
        return send(new NamespaceCommand.Drop(namespace));
    }

    // ---- as an operator

    public Result revoke(LeaseId lease) {
        return send(new AdminCommand.Revoke(lease));
    }

    public Result endSession(Client victim) {
        return send(new AdminCommand.EndSession(victim.session));
    }

    public Result dropByForce() {
        return send(new AdminCommand.DropNamespace(namespace));
    }

    public Result set(String name, long value) {
        return send(new AdminCommand.ChangeSettings(List.of(new AdminCommand.Setting(name, value))));
    }

    public Result deadlockBreak(boolean on) {
        return send(new AdminCommand.SwitchDeadlockBreak(namespace, on));
    }

    public Result raiseLevel(int level) {
        return send(new AdminCommand.RaiseLevel(level));
    }

    public Result heartbeat() {
        return machine.send(request(0, new SessionCommand.Heartbeat()));
    }

    public Result close() {
        return send(new SessionCommand.Close());
    }

    // ---- in a new epoch

    /** What it holds, to be reclaimed. */
    public SessionCommand.Held held(Result.Granted granted, long ttlMillis, Target... targets) {
        return new SessionCommand.Held(granted.id().sequence(), owner, locking(ttlMillis, 0, targets), granted.token());
    }

    /** Says all that it holds. */
    public Result reclaim(SessionCommand.Held... held) {
        return reclaim(machine.state().epoch(), List.of(held), List.of(), false);
    }

    /** Says what it holds, and waits for. */
    public Result reclaim(long epoch, List<SessionCommand.Held> held, List<Long> outstanding, boolean more) {
        return machine.send(new Request(
                0,
                0,
                0,
                List.of(),
                "",
                new SessionCommand.Reclaim(
                        machine.secretOf(session),
                        session,
                        epoch,
                        Machine.SESSION_TTL,
                        name,
                        counter.sequence + 1,
                        held,
                        outstanding,
                        more)));
    }

    // ---- how it is sent

    /** Sends the command as the next request. */
    public Result send(Command command) {
        return machine.send(request(command));
    }

    /** The command as the next request, to be sent by the machine. */
    public Request request(Command command) {
        return request(++counter.sequence, command);
    }

    /** The command under a sequence of one's own choice; all answers below it were received. */
    public Request request(long sequence, Command command) {
        return request(sequence, sequence == 0 ? counter.sequence + 1 : sequence, List.of(), command);
    }

    /** The command under a sequence of one's own choice, acknowledging what one likes. */
    public Request request(long sequence, long mark, List<Long> ended, Command command) {
        counter.sequence = Math.max(counter.sequence, sequence);
        return new Request(session, sequence, mark, ended, owner, command);
    }
}
