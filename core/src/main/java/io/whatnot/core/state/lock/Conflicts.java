package io.whatnot.core.state.lock;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.lock.LockNode.Place;
import io.whatnot.core.state.map.OrderedMap;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Finds what conflicts with a target in the lock tree of a namespace: at the nodes from the root down to the target's
 * path, and, for a PREFIX, below it. Owners are the caller's affair: own locks are shown like all others.
 */
final class Conflicts {
    private Conflicts() {}

    /** Shown one held target after the other; tells whether to go on. */
    interface HeldVisitor {
        boolean visit(LeaseId lease, Owner owner);
    }

    /** Shown one waiting request after the other, perhaps more than once; tells whether to go on. */
    interface WaitingVisitor {
        boolean visit(long arrival);
    }

    /** Shows all held targets that conflict with the asked one, from the root down. */
    static boolean held(@Nullable LockNode root, Target asked, HeldVisitor visitor) {
        LockNode node = root;
        int depth = 0;
        for (; node != null && depth < asked.path().depth(); depth++) {
            if (!held(node, Scope.PREFIX, asked.mode(), visitor)) {
                return false;
            }
            node = node.children().get(asked.path().sections().get(depth));
        }
        return node == null
                || (held(node, Scope.PREFIX, asked.mode(), visitor)
                        && held(node, Scope.ELEMENT, asked.mode(), visitor)
                        && (asked.scope() == Scope.ELEMENT || heldBelow(node, asked.mode(), visitor)));
    }

    private static boolean held(LockNode node, Scope scope, Mode asked, HeldVisitor visitor) {
        return all(node.held().of(scope, Mode.EXCLUSIVE), visitor)
                && (asked == Mode.SHARED || all(node.held().of(scope, Mode.SHARED), visitor));
    }

    private static boolean heldBelow(LockNode node, Mode asked, HeldVisitor visitor) {
        if (node.heldBelow(asked) == 0) {
            return true;
        }
        for (OrderedMap.Entry<String, LockNode> child : node.children()) {
            if (!held(child.value(), Scope.PREFIX, asked, visitor)
                    || !held(child.value(), Scope.ELEMENT, asked, visitor)
                    || !heldBelow(child.value(), asked, visitor)) {
                return false;
            }
        }
        return true;
    }

    private static boolean all(OrderedMap<LeaseId, Owner> leases, HeldVisitor visitor) {
        for (OrderedMap.Entry<LeaseId, Owner> lease : leases) {
            if (!visitor.visit(lease.key(), lease.value())) {
                return false;
            }
        }
        return true;
    }

    /** Shows all waiting requests with a target that conflicts with the asked one and that arrived before. */
    static boolean waiting(@Nullable LockNode root, Target asked, long before, WaitingVisitor visitor) {
        return lines(root, asked, new LineVisitor() {
            @Override
            public boolean visit(OrderedMap<Long, Target> line) {
                for (OrderedMap.Entry<Long, Target> request : line) {
                    if (request.key() >= before) {
                        break;
                    }
                    if (!visitor.visit(request.key())) {
                        return false;
                    }
                }
                return true;
            }

            @Override
            public boolean visitBelow(OrderedMap<Place, Target> line) {
                for (OrderedMap.Entry<Place, Target> request : line) {
                    if (request.key().arrival() >= before) {
                        break;
                    }
                    if (!visitor.visit(request.key().arrival())) {
                        return false;
                    }
                }
                return true;
            }
        });
    }

    /** Whether something that conflicts with the target is waited for by a request that arrived later. */
    static boolean isAwaitedAfter(@Nullable LockNode root, Target target, long arrival) {
        return !lines(root, target, new LineVisitor() {
            @Override
            public boolean visit(OrderedMap<Long, Target> line) {
                return line.higher(arrival) == null;
            }

            @Override
            public boolean visitBelow(OrderedMap<Place, Target> line) {
                return line.higher(new Place(arrival, Integer.MAX_VALUE)) == null;
            }
        });
    }

    /** How many targets that conflict with the asked one are waited for by requests that arrived before. */
    static long countWaiting(@Nullable LockNode root, Target asked, long before) {
        long[] count = new long[1];
        lines(root, asked, new LineVisitor() {
            @Override
            public boolean visit(OrderedMap<Long, Target> line) {
                count[0] += line.rank(before);
                return true;
            }

            @Override
            public boolean visitBelow(OrderedMap<Place, Target> line) {
                count[0] += line.rank(new Place(before, 0));
                return true;
            }
        });
        return count[0];
    }

    /** Shown whole lines of waiting requests, each in order of arrival; tells whether to go on. */
    interface LineVisitor {
        boolean visit(OrderedMap<Long, Target> line);

        boolean visitBelow(OrderedMap<Place, Target> line);
    }

    /** Shows all lines whose targets conflict with the asked one. */
    static boolean lines(@Nullable LockNode root, Target asked, LineVisitor visitor) {
        LockNode node = root;
        for (int depth = 0; node != null && depth < asked.path().depth(); depth++) {
            if (!lines(node, Scope.PREFIX, asked.mode(), visitor)) {
                return false;
            }
            node = node.children().get(asked.path().sections().get(depth));
        }
        if (node == null) {
            return true;
        }
        if (!lines(node, Scope.PREFIX, asked.mode(), visitor) || !lines(node, Scope.ELEMENT, asked.mode(), visitor)) {
            return false;
        }
        return asked.scope() == Scope.ELEMENT
                || ((node.exclusiveQueueBelow().isEmpty() || visitor.visitBelow(node.exclusiveQueueBelow()))
                        && (asked.mode() == Mode.SHARED
                                || node.sharedQueueBelow().isEmpty()
                                || visitor.visitBelow(node.sharedQueueBelow())));
    }

    private static boolean lines(LockNode node, Scope scope, Mode asked, LineVisitor visitor) {
        OrderedMap<Long, Target> exclusive = node.queue().of(scope, Mode.EXCLUSIVE);
        OrderedMap<Long, Target> shared = node.queue().of(scope, Mode.SHARED);
        return (exclusive.isEmpty() || visitor.visit(exclusive))
                && (asked == Mode.SHARED || shared.isEmpty() || visitor.visit(shared));
    }

    /**
     * The owner of some held target that keeps every other owner from holding anything of that mode at the path: one
     * held there, or a PREFIX held above. Null if there is none.
     */
    static @Nullable Owner barrier(@Nullable LockNode root, AbsolutePath path, Mode mode, boolean below) {
        Iterator<String> sections = path.sections().iterator();
        LockNode node = root;
        while (node != null) {
            boolean atPath = !sections.hasNext();
            Owner owner = firstOwner(node, Scope.PREFIX, mode);
            if (owner == null && atPath && !below) {
                owner = firstOwner(node, Scope.ELEMENT, mode);
            }
            if (owner != null || atPath) {
                return owner;
            }
            node = node.children().get(sections.next());
        }
        return null;
    }

    private static @Nullable Owner firstOwner(LockNode node, Scope scope, Mode asked) {
        OrderedMap.Entry<LeaseId, Owner> first =
                node.held().of(scope, Mode.EXCLUSIVE).first();
        if (first == null && asked == Mode.EXCLUSIVE) {
            first = node.held().of(scope, Mode.SHARED).first();
        }
        return first == null ? null : first.value();
    }

    static @Nullable LockNode find(@Nullable LockNode root, AbsolutePath path) {
        LockNode node = root;
        for (String section : path.sections()) {
            if (node == null) {
                return null;
            }
            node = node.children().get(section);
        }
        return node;
    }
}
