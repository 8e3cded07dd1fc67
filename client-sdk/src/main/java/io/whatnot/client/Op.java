package io.whatnot.client;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Value;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a {@link TransactionRequest}: what the method of {@link Namespace} of the same name does, on the same
 * conditions and under the same locks. The owner is the transaction's. Paths that break a rule are a PathException.
 *
 * @param kind what is done
 * @param path where
 * @param value what is to be held there; null where nothing is written
 * @param how on what condition, under which lease, for how long: as far as that counts for its kind
 */
public record Op(Kind kind, AbsolutePath path, @Nullable Value value, Put how) {
    /** What is done. */
    public enum Kind {
        /** See {@link Op#get}. */
        GET,
        /** See {@link Op#put}. */
        PUT,
        /** See {@link Op#register}. */
        REGISTER,
        /** See {@link Op#registerUnique}. */
        REGISTER_UNIQUE,
        /** See {@link Op#delete}. */
        DELETE,
        /** See {@link Op#deleteRecursive}. */
        DELETE_RECURSIVE
    }

    public Op {
        if (how.owner() != null) {
            throw new IllegalArgumentException("an operation has no owner of its own; give the transaction one");
        }
    }

    private Op(Kind kind, String path, @Nullable Value value, Put how) {
        this(kind, AbsolutePath.parse(path), value, how);
    }

    /** Reads an element: {@link Result.Found}. */
    public static Op get(String path) {
        return new Op(Kind.GET, path, null, Put.with());
    }

    /** Gives an element a value: {@link Result.Written}. */
    public static Op put(String path, Value value) {
        return put(path, value, Put.with());
    }

    /** Gives an element a value: {@link Result.Written}. */
    public static Op put(String path, Value value, Put how) {
        return new Op(Kind.PUT, path, value, how);
    }

    /** Registers an element and its missing parents: {@link Result.Done}. */
    public static Op register(String path) {
        return register(path, Put.with());
    }

    /** Registers an element and its missing parents: {@link Result.Done}; of {@code how} the lease counts. */
    public static Op register(String path, Put how) {
        return new Op(Kind.REGISTER, path, null, how);
    }

    /** Registers a child under a name of its own, which {@link Result.Registered} tells. */
    public static Op registerUnique(String parent, Value value) {
        return registerUnique(parent, value, Put.with());
    }

    /** Registers a child under a name of its own, which {@link Result.Registered} tells; of {@code how} the lease counts. */
    public static Op registerUnique(String parent, Value value, Put how) {
        return new Op(Kind.REGISTER_UNIQUE, parent, value, how);
    }

    /** Ends the registration of an element that has no children: {@link Result.Deleted}. */
    public static Op delete(String path) {
        return delete(path, Put.with());
    }

    /** Ends the registration of an element that has no children: {@link Result.Deleted}. */
    public static Op delete(String path, Put how) {
        return new Op(Kind.DELETE, path, null, how);
    }

    /** Deletes an element and everything below it: {@link Result.Deleted}. */
    public static Op deleteRecursive(String path) {
        return deleteRecursive(path, Put.with());
    }

    /** Deletes an element and everything below it: {@link Result.Deleted}. */
    public static Op deleteRecursive(String path, Put how) {
        return new Op(Kind.DELETE_RECURSIVE, path, null, how);
    }
}
