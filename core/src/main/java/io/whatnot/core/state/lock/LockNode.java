package io.whatnot.core.state.lock;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.SubPath;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.state.map.OrderedMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is locked and waited for at a path, and how much of either there is below. The counts are what makes a test for
 * conflict cost the depth of the path and not the size of the subtree: intention locks, as in Gray's multi-granularity
 * locking (1976), but counted. A node lives as long as there is something at or below it.
 *
 * @param held the leases that hold a target here; the EXCLUSIVE ones all have the same owner
 * @param queue the waiting requests that ask for a target here, in order of arrival
 * @param exclusiveBelow how many EXCLUSIVE targets are held below, at any depth
 * @param sharedBelow how many SHARED ones
 * @param exclusiveQueueBelow the EXCLUSIVE targets that are waited for below, at any depth, in order of arrival
 * @param sharedQueueBelow the SHARED ones
 * @param children by section
 */
record LockNode(
        ByKind<LeaseId, Owner> held,
        ByKind<Long, Target> queue,
        int exclusiveBelow,
        int sharedBelow,
        OrderedMap<Place, Target> exclusiveQueueBelow,
        OrderedMap<Place, Target> sharedQueueBelow,
        OrderedMap<String, LockNode> children) {
    static final LockNode EMPTY = new LockNode(
            ByKind.empty(),
            ByKind.empty(),
            0,
            0,
            OrderedMap.empty(),
            OrderedMap.empty(),
            OrderedMap.empty(SubPath::compareNames));

    /** Of a waiting request, that target of it. */
    record Place(long arrival, int target) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byArrival = Long.compare(arrival, other.arrival);
            return byArrival != 0 ? byArrival : Integer.compare(target, other.target);
        }
    }

    /** One target more or less, held or waited for, as a node sees it that the target is at or below. */
    sealed interface Step {
        /** The target that comes or goes. */
        Target target();

        /** What becomes of the node at the target's own path. */
        LockNode at(Edit edit, LockNode node);

        /** What becomes of a node above it; its children are seen to. */
        LockNode above(Edit edit, LockNode node);

        /** A lease comes to hold the target, or ends. */
        record Hold(Target target, LeaseId lease, Owner owner, boolean ends) implements Step {
            @Override
            public LockNode at(Edit edit, LockNode node) {
                return new LockNode(
                        ends
                                ? node.held.without(edit, target.scope(), target.mode(), lease)
                                : node.held.with(edit, target.scope(), target.mode(), lease, owner),
                        node.queue,
                        node.exclusiveBelow,
                        node.sharedBelow,
                        node.exclusiveQueueBelow,
                        node.sharedQueueBelow,
                        node.children);
            }

            @Override
            public LockNode above(Edit edit, LockNode node) {
                int more = ends ? -1 : 1;
                boolean exclusive = target.mode() == Mode.EXCLUSIVE;
                return new LockNode(
                        node.held,
                        node.queue,
                        node.exclusiveBelow + (exclusive ? more : 0),
                        node.sharedBelow + (exclusive ? 0 : more),
                        node.exclusiveQueueBelow,
                        node.sharedQueueBelow,
                        node.children);
            }
        }

        /** A request comes to wait for the target, or waits no more. */
        record Wait(Target target, Place place, boolean ends) implements Step {
            @Override
            public LockNode at(Edit edit, LockNode node) {
                return new LockNode(
                        node.held,
                        ends
                                ? node.queue.without(edit, target.scope(), target.mode(), place.arrival)
                                : node.queue.with(edit, target.scope(), target.mode(), place.arrival, target),
                        node.exclusiveBelow,
                        node.sharedBelow,
                        node.exclusiveQueueBelow,
                        node.sharedQueueBelow,
                        node.children);
            }

            @Override
            public LockNode above(Edit edit, LockNode node) {
                boolean exclusive = target.mode() == Mode.EXCLUSIVE;
                return new LockNode(
                        node.held,
                        node.queue,
                        node.exclusiveBelow,
                        node.sharedBelow,
                        exclusive ? change(edit, node.exclusiveQueueBelow) : node.exclusiveQueueBelow,
                        exclusive ? node.sharedQueueBelow : change(edit, node.sharedQueueBelow),
                        node.children);
            }

            private OrderedMap<Place, Target> change(Edit edit, OrderedMap<Place, Target> line) {
                return ends ? line.remove(edit, place) : line.put(edit, place, target);
            }
        }
    }

    /** The tree from here on after the step; null if nothing is left of it. */
    static @Nullable LockNode apply(Edit edit, @Nullable LockNode node, Step step) {
        return apply(
                edit, node == null ? EMPTY : node, step, step.target().path().sections(), 0);
    }

    private static @Nullable LockNode apply(Edit edit, LockNode node, Step step, List<String> sections, int depth) {
        LockNode changed;
        if (depth == sections.size()) {
            changed = step.at(edit, node);
        } else {
            String section = sections.get(depth);
            LockNode child = node.children.get(section);
            LockNode after = apply(edit, child == null ? EMPTY : child, step, sections, depth + 1);
            OrderedMap<String, LockNode> children =
                    after == null ? node.children.remove(edit, section) : node.children.put(edit, section, after);
            changed = step.above(edit, node.withChildren(children));
        }
        return changed.isEmpty() ? null : changed;
    }

    private LockNode withChildren(OrderedMap<String, LockNode> children) {
        return children == this.children
                ? this
                : new LockNode(
                        held, queue, exclusiveBelow, sharedBelow, exclusiveQueueBelow, sharedQueueBelow, children);
    }

    private boolean isEmpty() {
        return children.isEmpty() && held.size() == 0 && queue.size() == 0;
    }

    /** How many targets are held below that conflict with the mode. */
    int heldBelow(Mode mode) {
        return mode == Mode.EXCLUSIVE ? exclusiveBelow + sharedBelow : exclusiveBelow;
    }
}
