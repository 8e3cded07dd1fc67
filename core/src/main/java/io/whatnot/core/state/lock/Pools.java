package io.whatnot.core.state.lock;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Semaphore pools: how many slots each has, who holds claims on them, and who waits in line.
 *
 * <p><b>The rule.</b> A claim is granted when its slots are free and no earlier one waits for the same pool. So a large
 * claim is not starved by small ones. Which pool serves a claim is settled when it is made: the one at its path, or else
 * the nearest above that serves what is below it.
 *
 * <p>A pool that was lost with the memory of the cluster while its claims were reclaimed is kept as one without slots: it
 * serves nobody, but whoever makes a pool there anew gets it with those claims in use.
 */
public final class Pools {
    /** What a pool takes besides its path: about. */
    private static final long POOL_BYTES = 500;

    private final Edit edit;
    private OrderedMap<Place, Pool> pools;
    /** How many claims are held or waited for, by their own path. */
    private OrderedMap<Place, Integer> claimed;
    /** How many there are in each namespace that has some, without those that were lost. */
    private OrderedMap<String, Integer> counts;

    private long bytes;

    /** Where a pool is. */
    public record Place(String namespace, AbsolutePath path) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int order = namespace.compareTo(other.namespace);
            return order != 0 ? order : path.compareTo(other.path);
        }
    }

    /**
     * A pool.
     *
     * @param size how many slots it has; 0 if it was lost and nobody has made it anew
     * @param prefix whether it serves what is below too
     * @param used how many slots are claimed
     * @param claims whose they are
     * @param queue the claims that wait, in the order of their arrival
     */
    public record Pool(
            long size, boolean prefix, long used, OrderedMap<LeaseId, Owner> claims, OrderedMap<Long, LeaseId> queue) {
        static final Pool LOST = new Pool(0, false, 0, OrderedMap.empty(), OrderedMap.empty());

        /** Whether all that is known of it is who holds claims on it. */
        public boolean isLost() {
            return size == 0;
        }

        /** Whether its slots are as exclusive as a lock: whoever waits waits for all who hold a claim. */
        boolean isOfOne() {
            return size == 1;
        }

        boolean hasRoomFor(long slots) {
            return used + slots <= size;
        }
    }

    Pools(Edit edit) {
        this.edit = edit;
        this.pools = OrderedMap.empty();
        this.claimed = OrderedMap.empty();
        this.counts = OrderedMap.empty();
    }

    Pools(Pools from, Edit edit) {
        this.edit = edit;
        this.pools = from.pools;
        this.claimed = from.claimed;
        this.counts = from.counts;
        this.bytes = from.bytes;
    }

    // ---- what there is

    /** About how much memory they take, without claims and those who wait. */
    public long bytes() {
        return bytes;
    }

    /** About how much memory a pool takes; the same on all nodes. */
    public static long bytes(Place place) {
        return POOL_BYTES + place.namespace().length() + place.path().toString().length();
    }

    /** All pools, by namespace and path, also those that were lost. */
    public Iterable<OrderedMap.Entry<Place, Pool>> all() {
        return pools;
    }

    /** The pools of a namespace, by path. */
    public List<OrderedMap.Entry<Place, Pool>> in(String namespace) {
        List<OrderedMap.Entry<Place, Pool>> found = new ArrayList<>();
        Iterator<OrderedMap.Entry<Place, Pool>> it = pools.iterator(new Place(namespace, AbsolutePath.ROOT), true);
        while (it.hasNext()) {
            OrderedMap.Entry<Place, Pool> next = it.next();
            if (!next.key().namespace.equals(namespace)) {
                break;
            }
            found.add(next);
        }
        return found;
    }

    /** How many pools a namespace has, without those that were lost. */
    public int count(String namespace) {
        Integer count = counts.get(namespace);
        return count == null ? 0 : count;
    }

    private void count(Place place, @Nullable Pool before, @Nullable Pool after) {
        int more = (after == null || after.isLost() ? 0 : 1) - (before == null || before.isLost() ? 0 : 1);
        int count = count(place.namespace) + more;
        if (more != 0) {
            counts = count == 0 ? counts.remove(edit, place.namespace) : counts.put(edit, place.namespace, count);
        }
    }

    /** The pool at a path, be it lost, or null. */
    public @Nullable Pool at(Place place) {
        return pools.get(place);
    }

    /** Where the pool is that serves a path; null if none does. O(depth). */
    public @Nullable Place serving(String namespace, AbsolutePath path) {
        for (int depth = path.depth(); depth >= 0; depth--) {
            Place place = new Place(namespace, path.ancestor(depth));
            Pool pool = pools.get(place);
            if (pool != null && !pool.isLost() && (pool.prefix || depth == path.depth())) {
                return place;
            }
        }
        return null;
    }

    /** Whether somebody claims, or waits to claim, slots at a path or below it. */
    boolean isClaimed(String namespace, AbsolutePath path) {
        Iterator<OrderedMap.Entry<Place, Integer>> it = claimed.iterator(new Place(namespace, path), true);
        if (!it.hasNext()) {
            return false;
        }
        Place first = it.next().key();
        return first.namespace.equals(namespace) && first.path.startsWith(path);
    }

    private void countClaim(String namespace, Target claim, int more) {
        Place place = new Place(namespace, claim.path());
        Integer before = claimed.get(place);
        int after = (before == null ? 0 : before) + more;
        claimed = after == 0 ? claimed.remove(edit, place) : claimed.put(edit, place, after);
    }

    /** The pools that have to do with a path: the one there, the one that serves it, and perhaps all below. */
    List<Place> about(String namespace, AbsolutePath path, boolean below) {
        Set<Place> found = new LinkedHashSet<>();
        Place serving = serving(namespace, path);
        if (serving != null) {
            found.add(serving);
        }
        Place here = new Place(namespace, path);
        for (Iterator<OrderedMap.Entry<Place, Pool>> it = pools.iterator(here, true); it.hasNext(); ) {
            Place place = it.next().key();
            boolean isIncluded = below ? place.path.startsWith(path) : place.path.equals(path);
            if (!place.namespace.equals(namespace) || !isIncluded) {
                break;
            }
            found.add(place);
        }
        return new ArrayList<>(found);
    }

    /** Where the pool is that a claim is served by. */
    static Place placeOf(String namespace, Target claim) {
        AbsolutePath pool = claim.pool();
        if (pool == null) {
            throw new IllegalStateException(claim + " is served by no pool");
        }
        return new Place(namespace, pool);
    }

    Pool of(String namespace, Target claim) {
        Place place = placeOf(namespace, claim);
        Pool pool = pools.get(place);
        if (pool == null) {
            throw new IllegalStateException("there is no pool at " + place + " for " + claim);
        }
        return pool;
    }

    /** Whether a claim that arrived then can't be granted now. */
    boolean mustWait(String namespace, Target claim, long arrival) {
        Pool pool = of(namespace, claim);
        OrderedMap.Entry<Long, LeaseId> first = pool.queue.first();
        return !pool.hasRoomFor(claim.slots()) || (first != null && first.key() < arrival);
    }

    // ---- changes

    /** Makes a pool, or gives the one that is there another size and reach. */
    public void set(Place place, long size, boolean prefix) {
        Pool before = pools.get(place);
        Pool from = before == null ? Pool.LOST : before;
        put(place, new Pool(size, prefix, from.used, from.claims, from.queue));
    }

    /** Sees to it that there is a pool for a claim that was forgotten: without slots, if none is known. */
    public void expect(Place place) {
        if (pools.get(place) == null) {
            put(place, Pool.LOST);
        }
    }

    /** Takes a pool away that nobody has claims on or waits for. */
    public void remove(Place place) {
        Pool pool = pools.get(place);
        if (pool != null) {
            if (!pool.claims.isEmpty() || !pool.queue.isEmpty()) {
                throw new IllegalStateException("pool " + place + " is in use");
            }
            bytes -= bytes(place);
            count(place, pool, null);
            pools = pools.remove(edit, place);
        }
    }

    void hold(String namespace, Target claim, LeaseId lease, Owner owner) {
        countClaim(namespace, claim, 1);
        Pool pool = of(namespace, claim);
        put(
                placeOf(namespace, claim),
                new Pool(
                        pool.size,
                        pool.prefix,
                        pool.used + claim.slots(),
                        pool.claims.put(edit, lease, owner),
                        pool.queue));
    }

    void free(String namespace, Target claim, LeaseId lease) {
        countClaim(namespace, claim, -1);
        Pool pool = of(namespace, claim);
        Place place = placeOf(namespace, claim);
        put(
                place,
                new Pool(
                        pool.size,
                        pool.prefix,
                        pool.used - claim.slots(),
                        pool.claims.remove(edit, lease),
                        pool.queue));
        if (pool.isLost() && pool.used == claim.slots()) {
            remove(place);
        }
    }

    void enter(String namespace, Target claim, long arrival, LeaseId request) {
        countClaim(namespace, claim, 1);
        Pool pool = of(namespace, claim);
        put(
                placeOf(namespace, claim),
                new Pool(pool.size, pool.prefix, pool.used, pool.claims, pool.queue.put(edit, arrival, request)));
    }

    void leave(String namespace, Target claim, long arrival) {
        countClaim(namespace, claim, -1);
        Pool pool = of(namespace, claim);
        put(
                placeOf(namespace, claim),
                new Pool(pool.size, pool.prefix, pool.used, pool.claims, pool.queue.remove(edit, arrival)));
    }

    private void put(Place place, Pool pool) {
        Pool before = pools.get(place);
        if (before == null) {
            bytes += bytes(place);
        }
        count(place, before, pool);
        pools = pools.put(edit, place, pool);
    }
}
