package io.whatnot.core.state.session;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.state.map.OrderedMap;

/**
 * A client's presence.
 *
 * @param id the revision it was opened at
 * @param secret what its client opened it with
 * @param name what its client calls itself
 * @param ttlMillis how long it outlives its last heartbeat
 * @param deadlineMillis when it ends, in cluster time
 * @param mark the lowest sequence its client has no answer to, as far as it has said
 * @param answers the answers kept, by sequence
 * @param answerBytes about how much memory they take
 * @param ends what became of its waits and leases that ended by no wish of its client, by sequence, until it knows
 * @param endBytes about how much memory they take
 * @param ephemerals the elements that end with it
 * @param owned how much it owns: targets of leases and waiting requests, and ephemeral elements
 */
public record Session(
        long id,
        Secret secret,
        String name,
        long ttlMillis,
        long deadlineMillis,
        long mark,
        OrderedMap<Long, Result> answers,
        long answerBytes,
        OrderedMap<Long, End> ends,
        long endBytes,
        OrderedMap<Ephemeral, Boolean> ephemerals,
        int owned) {
    /** What a session takes besides texts and answers: about. */
    private static final long SESSION_BYTES = 600;

    /**
     * What became of a wait or a lease.
     *
     * @param result what its client is told when it asks again
     * @param tombstone whether this stands for a request that was cancelled and may still arrive; it is kept until the
     *     mark has passed it
     */
    public record End(Result result, boolean tombstone) {}

    /**
     * Where an ephemeral element is; deeper ones come first, as they are deleted.
     *
     * @param namespace its namespace
     * @param path its path
     */
    public record Ephemeral(String namespace, AbsolutePath path) implements Comparable<Ephemeral> {
        @Override
        public int compareTo(Ephemeral other) {
            int order = Integer.compare(other.path.depth(), path.depth());
            order = order != 0 ? order : namespace.compareTo(other.namespace);
            return order != 0 ? order : path.compareTo(other.path);
        }
    }

    /** A new session. */
    public static Session opened(long id, Secret secret, String name, long ttlMillis, long deadlineMillis) {
        return new Session(
                id,
                secret,
                name,
                ttlMillis,
                deadlineMillis,
                0,
                OrderedMap.empty(),
                0,
                OrderedMap.empty(),
                0,
                OrderedMap.empty(),
                0);
    }

    /** About how much memory it takes, without what it holds, waits for and has registered; the same on all nodes. */
    public long bytes() {
        // No size of a map: within an entry those are edited in place, also in the record as it was before.
        return SESSION_BYTES + name.length() + answerBytes + endBytes;
    }

    /** Its client, as events show it. */
    public Actor actor() {
        return new Actor(name, id);
    }

    /** The same with another deadline. */
    public Session withDeadline(long deadlineMillis) {
        return new Session(
                id,
                secret,
                name,
                ttlMillis,
                deadlineMillis,
                mark,
                answers,
                answerBytes,
                ends,
                endBytes,
                ephemerals,
                owned);
    }

    /** The same with other answers. */
    public Session withAnswers(long mark, OrderedMap<Long, Result> answers, long answerBytes) {
        return new Session(
                id,
                secret,
                name,
                ttlMillis,
                deadlineMillis,
                mark,
                answers,
                answerBytes,
                ends,
                endBytes,
                ephemerals,
                owned);
    }

    /** The same with other ends. */
    public Session withEnds(OrderedMap<Long, End> ends, long endBytes) {
        return new Session(
                id,
                secret,
                name,
                ttlMillis,
                deadlineMillis,
                mark,
                answers,
                answerBytes,
                ends,
                endBytes,
                ephemerals,
                owned);
    }

    /** The same, owning so much more. */
    public Session owningMore(int more) {
        return withEphemerals(ephemerals, more);
    }

    /** The same with other ephemeral elements, owning so much more. */
    public Session withEphemerals(OrderedMap<Ephemeral, Boolean> ephemerals, int more) {
        return new Session(
                id,
                secret,
                name,
                ttlMillis,
                deadlineMillis,
                mark,
                answers,
                answerBytes,
                ends,
                endBytes,
                ephemerals,
                owned + more);
    }
}
