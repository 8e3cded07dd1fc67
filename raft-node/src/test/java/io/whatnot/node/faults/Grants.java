package io.whatnot.node.faults;

import io.whatnot.core.model.Revision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;

/**
 * What was asked for and what became of it, as clients wrote it down: locks, and claims on pools.
 *
 * @param <G> what a checker has to know of each besides
 */
final class Grants<G extends Grants.Grant> {
    /** A request, and its grant if there was one. Times that did not come are {@link Long#MAX_VALUE}. */
    abstract static class Grant {
        final String name;
        final long askedNanos;
        long queuedNanos = Long.MAX_VALUE;
        int timesQueued;
        long token;
        long grantedNanos = Long.MAX_VALUE;
        /** Between these it could be proven to be held. */
        long firstNanos = Long.MAX_VALUE;

        long lastNanos;

        Grant(String name, long askedNanos) {
            this.name = name;
            this.askedNanos = askedNanos;
        }

        final boolean isGranted() {
            return grantedNanos != Long.MAX_VALUE;
        }

        /** Whether it was provably held then. */
        final boolean isHeld(long nanos) {
            return firstNanos <= nanos && nanos <= lastNanos;
        }
    }

    private final Map<String, G> all = new HashMap<>();
    private final List<G> granted = new ArrayList<>();
    private long queued;

    void asked(G grant) {
        all.put(grant.name, grant);
    }

    void queued(Line line) {
        G grant = all.get(line.what());
        if (grant != null) {
            queued++;
            grant.timesQueued++;
            grant.queuedNanos = line.nanos();
        }
    }

    void granted(Line line) {
        G grant = all.get(line.what());
        if (grant != null) {
            grant.token = line.number(0);
            grant.grantedNanos = line.nanos();
            granted.add(grant);
        }
    }

    void proven(Line line) {
        G grant = all.get(line.what());
        if (grant != null) {
            grant.firstNanos = Math.min(grant.firstNanos, line.nanos());
            grant.lastNanos = line.nanos();
        }
    }

    Map<String, G> byName() {
        return all;
    }

    List<G> granted() {
        return granted;
    }

    /** How often somebody was told to be in line. */
    long queued() {
        return queued;
    }

    /** Those that could be proven to be held, by when that was first. */
    static <G extends Grant> List<G> provenByStart(Collection<G> grants) {
        return grants.stream()
                .filter(grant -> grant.firstNanos != Long.MAX_VALUE)
                .sorted(Comparator.comparingLong(grant -> grant.firstNanos))
                .toList();
    }

    /**
     * Whoever was told to be in line before another asked who is in his way has to be granted before that one, unless the
     * queue was lost between.
     *
     * @param grants what was granted
     * @param inTheWay whether the one that was granted first had to wait for the other
     * @param violated is told who passed whom
     */
    static <G extends Grant> void nobodyPasses(
            Collection<G> grants, Losses losses, BiPredicate<G, G> inTheWay, BiConsumer<G, G> violated) {
        List<G> byToken = grants.stream()
                .sorted(Comparator.comparingLong(grant -> grant.token))
                .toList();
        for (int i = 0; i < byToken.size(); i++) {
            G waited = byToken.get(i);
            if (waited.timesQueued != 1 || losses.isAny(waited.askedNanos, waited.grantedNanos)) {
                continue;
            }
            for (int j = i - 1; j >= 0 && byToken.get(j).grantedNanos >= waited.queuedNanos; j--) {
                G passed = byToken.get(j);
                if (passed.askedNanos > waited.queuedNanos
                        && Revision.epochOf(passed.token) == Revision.epochOf(waited.token)
                        && passed.token < waited.token
                        && inTheWay.test(passed, waited)) {
                    violated.accept(passed, waited);
                }
            }
        }
    }
}
