package io.whatnot.core.state.tree;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pruning policies of all namespaces. The nearest one at or above a path is in force there. */
public final class Policies {
    /** What a policy takes besides its texts, its deadline included: about. */
    private static final long POLICY_BYTES = 600;

    private static final OrderedMap<AbsolutePath, Policy> NONE = OrderedMap.empty();

    private final Edit edit;
    private OrderedMap<String, OrderedMap<AbsolutePath, Policy>> policies;
    private long bytes;

    /**
     * A policy, and how far the search for what is to be pruned by it has got.
     *
     * @param idleAfterMillis how long elements are idle before they are removed; 0 for never
     * @param retainValues whether those that hold a value stay
     * @param sinceMillis from when on they count as idle
     * @param dueMillis when the search begins again, or goes on; 0 if never
     * @param cursor the path behind which it goes on; null if it begins
     * @param earliestMillis the earliest that something which it has seen may have to go
     */
    public record Policy(
            long idleAfterMillis,
            boolean retainValues,
            long sinceMillis,
            long dueMillis,
            @Nullable AbsolutePath cursor,
            long earliestMillis) {
        /** Whether nothing is pruned by it. */
        public boolean never() {
            return idleAfterMillis == 0;
        }

        /** The same, searched for from the beginning then. */
        public Policy startingAt(long atMillis) {
            return new Policy(idleAfterMillis, retainValues, sinceMillis, atMillis, null, 0);
        }

        /** The same, searched for from behind the cursor on then. */
        public Policy goingOnAt(long atMillis, @Nullable AbsolutePath behind, long earliest) {
            return new Policy(idleAfterMillis, retainValues, sinceMillis, atMillis, behind, earliest);
        }
    }

    /** No policies. */
    public Policies(Edit edit) {
        this.edit = edit;
        this.policies = OrderedMap.empty();
    }

    /** The same policies, to be changed under another edit. */
    public Policies(Policies from, Edit edit) {
        this.edit = edit;
        this.policies = from.policies;
        this.bytes = from.bytes;
    }

    /** About how much memory they take. */
    public long bytes() {
        return bytes;
    }

    /** About how much memory a policy takes; the same on all nodes. */
    public static long bytes(String namespace, AbsolutePath path, Policy policy) {
        AbsolutePath cursor = policy.cursor;
        return POLICY_BYTES
                + namespace.length()
                + path.toString().length()
                + (cursor == null ? 0 : cursor.toString().length());
    }

    /** The names of the namespaces that have any, in order. */
    public List<String> namespaces() {
        List<String> names = new ArrayList<>(policies.size());
        policies.forEach(namespace -> names.add(namespace.key()));
        return names;
    }

    /** Those of a namespace, by path. */
    public OrderedMap<AbsolutePath, Policy> in(String namespace) {
        OrderedMap<AbsolutePath, Policy> found = policies.get(namespace);
        return found == null ? NONE : found;
    }

    /** The policy of a path itself, or null. */
    public @Nullable Policy at(String namespace, AbsolutePath path) {
        return in(namespace).get(path);
    }

    /** The policy in force at a path and the path that has it; null if there is none. O(depth). */
    public OrderedMap.@Nullable Entry<AbsolutePath, Policy> inForce(String namespace, AbsolutePath path) {
        OrderedMap<AbsolutePath, Policy> all = in(namespace);
        for (int depth = path.depth(); depth >= 0 && !all.isEmpty(); depth--) {
            AbsolutePath at = path.ancestor(depth);
            Policy policy = all.get(at);
            if (policy != null) {
                return new OrderedMap.Entry<>(at, policy);
            }
        }
        return null;
    }

    /** Gives a path a policy. */
    public void put(String namespace, AbsolutePath path, Policy policy) {
        Policy before = at(namespace, path);
        bytes += bytes(namespace, path, policy) - (before == null ? 0 : bytes(namespace, path, before));
        policies = policies.put(edit, namespace, in(namespace).put(edit, path, policy));
    }

    /** Takes the policy of a path away, if it has one. */
    public void remove(String namespace, AbsolutePath path) {
        Policy before = at(namespace, path);
        if (before != null) {
            bytes -= bytes(namespace, path, before);
            OrderedMap<AbsolutePath, Policy> left = in(namespace).remove(edit, path);
            policies = left.isEmpty() ? policies.remove(edit, namespace) : policies.put(edit, namespace, left);
        }
    }
}
