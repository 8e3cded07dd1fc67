package io.whatnot.core.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares, and then operations on elements: all of {@code then} if every compare holds, else all of {@code otherwise}; in
 * one revision, and all or nothing. An operation that is refused refuses the transaction, which then has no effect. The
 * operations are done in their order, each sees what those before it did, and each is checked against the locks of others
 * as the command of its own would be.
 *
 * <p>Two operations of a list must not be in conflict over a path, so that what comes of a list does not hang on an order
 * that its reader may not see:
 *
 * <ul>
 *   <li>no two of put, register and delete are about the same path;
 *   <li>nothing is put or registered at or below a path that is deleted, and nothing is deleted below a path that is deleted
 *       recursively. Children that are deleted before their parent, one by one, are in no conflict.
 * </ul>
 *
 * <p>From {@link FeatureLevel#TRANSACTIONS} on.
 *
 * @param namespace where
 * @param compares what must hold; none: it holds
 * @param then what is done if it does
 * @param otherwise what is done if it does not
 */
public record Transaction(String namespace, List<Compare> compares, List<Operation> then, List<Operation> otherwise)
        implements Command {
    /** The most operations of both lists together; also the most compares. */
    public static final int OPERATIONS_MAX = 128;
    /** The most bytes of all its paths, values and content types; also of the elements that its gets may answer. */
    public static final int BYTES_MAX = 1 << 20;

    public Transaction {
        Rules.namespace(namespace);
        compares = List.copyOf(compares);
        then = List.copyOf(then);
        otherwise = List.copyOf(otherwise);
        Rules.between("number of compares", compares.size(), 0, OPERATIONS_MAX);
        Rules.between("number of operations", then.size() + otherwise.size(), 0, OPERATIONS_MAX);
        long bytes = 0;
        for (Compare compare : compares) {
            bytes += compare.bytes();
        }
        for (List<Operation> operations : List.of(then, otherwise)) {
            for (Operation operation : operations) {
                bytes += operation.bytes();
                requireIn(namespace, operation);
            }
        }
        if (bytes > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "the transaction has " + bytes + " bytes of paths and values, but may have at" + " most "
                            + BYTES_MAX + "; write large values one by one");
        }
        requireNoConflict("then", then);
        requireNoConflict("otherwise", otherwise);
    }

    /** What must hold. */
    public sealed interface Compare {
        /** The bytes of its path and value. */
        private long bytes() {
            if (this instanceof ValueIs is) {
                return length(is.path) + Transaction.bytes(is.value);
            }
            if (this instanceof VersionIs is) {
                return length(is.path);
            }
            if (this instanceof ModRevisionIs is) {
                return length(is.path);
            }
            return this instanceof Registered is ? length(is.path) : 0;
        }

        /**
         * The element is registered and holds that value: the same bytes of the same content type.
         *
         * @param path which
         * @param value what it is to hold
         */
        record ValueIs(AbsolutePath path, Value value) implements Compare {}

        /**
         * The element has that version.
         *
         * @param path which
         * @param version its version; 0: it is not registered
         */
        record VersionIs(AbsolutePath path, long version) implements Compare {
            public VersionIs {
                Rules.notNegative("version", version);
            }
        }

        /**
         * The element's last change was at that revision.
         *
         * @param path which
         * @param modRevision that revision; 0: it is not registered
         */
        record ModRevisionIs(AbsolutePath path, long modRevision) implements Compare {
            public ModRevisionIs {
                Rules.notNegative("modRevision", modRevision);
            }
        }

        /**
         * The element is registered, or is not.
         *
         * @param path which
         * @param registered whether it is to be
         */
        record Registered(AbsolutePath path, boolean registered) implements Compare {}

        /**
         * The lease is held, of whatever session it is.
         *
         * @param lease its name
         */
        record Held(LeaseId lease) implements Compare {
            public Held {
                Rules.between("session of a lease", lease.session(), 1, Long.MAX_VALUE);
                Rules.between("sequence of a lease", lease.sequence(), 1, Long.MAX_VALUE);
            }
        }
    }

    /** What is done. */
    public sealed interface Operation {
        /** The bytes of its path and value. */
        private long bytes() {
            if (this instanceof Change change) {
                Value value = change.command instanceof ElementCommand.Put put
                        ? put.value()
                        : change.command instanceof ElementCommand.RegisterUnique unique ? unique.value() : Value.NONE;
                return length(change.command.path()) + Transaction.bytes(value);
            }
            return this instanceof Get get ? length(get.path) : 0;
        }

        /**
         * Reads an element: {@link Result.Found}.
         *
         * @param path which
         */
        record Get(AbsolutePath path) implements Operation {
            /** {@code get /a}. */
            @Override
            public String toString() {
                return "get " + path;
            }
        }

        /**
         * Changes elements, and is answered as the command is. Its namespace is the transaction's.
         *
         * @param command how
         */
        record Change(ElementCommand command) implements Operation {
            /** {@code put /a}, {@code delete /a and all below it}. */
            @Override
            public String toString() {
                AbsolutePath path = command.path();
                if (command instanceof ElementCommand.Put) {
                    return "put " + path;
                }
                if (command instanceof ElementCommand.Register) {
                    return "register " + path;
                }
                if (command instanceof ElementCommand.RegisterUnique) {
                    return "register a child of " + path;
                }
                return "delete " + path + (deletesAll() ? " and all below it" : "");
            }

            private boolean deletes() {
                return command instanceof ElementCommand.Delete;
            }

            private boolean deletesAll() {
                return command instanceof ElementCommand.Delete delete && delete.recursive();
            }

            /** Whether it is about its path itself, rather than a child that has no name yet. */
            private boolean isExact() {
                return !(command instanceof ElementCommand.RegisterUnique);
            }
        }
    }

    private static long length(AbsolutePath path) {
        return path.toString().length();
    }

    private static long bytes(Value value) {
        return (long) value.size() + value.contentType().length();
    }

    private static void requireIn(String namespace, Operation operation) {
        if (operation instanceof Operation.Change change
                && !change.command.namespace().equals(namespace)) {
            throw new IllegalArgumentException("\"" + operation + "\" is in namespace " + change.command.namespace()
                    + ", but the transaction in " + namespace + "; a transaction is in one namespace");
        }
    }

    // ---- conflicts

    private record Place(int number, Operation.Change change) {
        private static final Comparator<Place> ORDER = Comparator.comparing((Place place) -> place.path())
                .thenComparing(place -> !place.change.deletes())
                .thenComparing(Place::number);

        AbsolutePath path() {
            return change.command.path();
        }

        @Override
        public String toString() {
            return number + " (" + change + ")";
        }
    }

    /** In the order of paths what is below a delete comes right after it, so each needs to be held against two others. */
    private static void requireNoConflict(String list, List<Operation> operations) {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            if (operations.get(i) instanceof Operation.Change change) {
                places.add(new Place(i + 1, change));
            }
        }
        places.sort(Place.ORDER);
        List<Place> deletesAbove = new ArrayList<>();
        Place exact = null;
        for (Place place : places) {
            Place delete = nearest(deletesAbove, place.path());
            if (delete != null && (!place.change.deletes() || delete.change.deletesAll())) {
                throw conflict(list, delete, place);
            }
            if (exact != null && place.change.isExact() && exact.path().equals(place.path())) {
                throw conflict(list, exact, place);
            }
            if (place.change.isExact()) {
                exact = place;
            }
            if (place.change.deletes()) {
                deletesAbove.add(place);
            }
        }
    }

    /** The last that is at or above a path, when those that are not are taken off. */
    private static @Nullable Place nearest(List<Place> deletes, AbsolutePath path) {
        while (!deletes.isEmpty()) {
            Place last = deletes.get(deletes.size() - 1);
            if (path.startsWith(last.path())) {
                return last;
            }
            deletes.remove(deletes.size() - 1);
        }
        return null;
    }

    private static IllegalArgumentException conflict(String list, Place one, Place other) {
        boolean inOrder = one.number < other.number;
        return new IllegalArgumentException(
                "operations " + (inOrder ? one : other) + " and " + (inOrder ? other : one) + " of \"" + list
                        + "\" are in conflict over " + other.path()
                        + ": what comes of both depends on their order; leave one out, or make it another transaction");
    }
}
