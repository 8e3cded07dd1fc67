package io.whatnot.client;

import io.whatnot.client.internal.Durations;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Transaction.Operation;
import io.whatnot.core.model.Value;
import java.util.function.Function;

/**
 * An operation of a {@link TransactionRequest}: what the method of {@link Namespace} of the same name does, on the same
 * conditions and under the same locks. The owner is the transaction's. Paths that break a rule are a PathException.
 */
public final class Op {
    private final Put how;
    private final Function<String, Operation> inNamespace;

    private Op(Put how, Function<String, Operation> inNamespace) {
        if (how.owner() != null) {
            throw new IllegalArgumentException("an operation has no owner of its own; give the transaction one");
        }
        this.how = how;
        this.inNamespace = inNamespace;
    }

    /** Reads an element: {@link Result.Found}. */
    public static Op get(String path) {
        AbsolutePath where = AbsolutePath.parse(path);
        return new Op(Put.with(), namespace -> new Operation.Get(where));
    }

    /** Gives an element a value: {@link Result.Written}. */
    public static Op put(String path, Value value) {
        return put(path, value, Put.with());
    }

    /** Gives an element a value: {@link Result.Written}. */
    public static Op put(String path, Value value, Put how) {
        AbsolutePath where = AbsolutePath.parse(path);
        long ttlMillis = Durations.millis(how.ttl());
        return new Op(
                how,
                namespace -> new Operation.Change(new ElementCommand.Put(
                        namespace, where, value, ttlMillis, how.isEphemeral(), how.condition(), sequence(how))));
    }

    /** Registers an element and its missing parents: {@link Result.Done}. */
    public static Op register(String path) {
        return register(path, Put.with());
    }

    /** Registers an element and its missing parents: {@link Result.Done}; of {@code how} the lease counts. */
    public static Op register(String path, Put how) {
        AbsolutePath where = AbsolutePath.parse(path);
        return new Op(
                how, namespace -> new Operation.Change(new ElementCommand.Register(namespace, where, sequence(how))));
    }

    /** Registers a child under a name of its own, which {@link Result.Registered} tells. */
    public static Op registerUnique(String parent, Value value) {
        return registerUnique(parent, value, Put.with());
    }

    /** Registers a child under a name of its own, which {@link Result.Registered} tells; of {@code how} the lease counts. */
    public static Op registerUnique(String parent, Value value, Put how) {
        AbsolutePath where = AbsolutePath.parse(parent);
        return new Op(
                how,
                namespace -> new Operation.Change(
                        new ElementCommand.RegisterUnique(namespace, where, value, sequence(how))));
    }

    /** Ends the registration of an element that has no children: {@link Result.Deleted}. */
    public static Op delete(String path) {
        return delete(path, Put.with());
    }

    /** Ends the registration of an element that has no children: {@link Result.Deleted}. */
    public static Op delete(String path, Put how) {
        return delete(path, false, how);
    }

    /** Deletes an element and everything below it: {@link Result.Deleted}. */
    public static Op deleteRecursive(String path) {
        return deleteRecursive(path, Put.with());
    }

    /** Deletes an element and everything below it: {@link Result.Deleted}. */
    public static Op deleteRecursive(String path, Put how) {
        return delete(path, true, how);
    }

    private static Op delete(String path, boolean recursive, Put how) {
        AbsolutePath where = AbsolutePath.parse(path);
        Condition condition = how.condition();
        return new Op(
                how,
                namespace -> new Operation.Change(
                        new ElementCommand.Delete(namespace, where, recursive, condition, sequence(how))));
    }

    private static long sequence(Put how) {
        LeaseId lease = how.leaseId();
        return lease == null ? 0 : lease.sequence();
    }

    /** How it is to be done. */
    public Put how() {
        return how;
    }

    /** The same as the cluster is asked for it.
     *
     * @throws IllegalArgumentException if something in it is out of its range */
    public Operation in(String namespace) {
        return inNamespace.apply(namespace);
    }
}
