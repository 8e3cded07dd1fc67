package io.whatnot.client.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** The revisions that the leader is known to have got to, and since when: a node that is not there in time lags. */
final class KnownRevisions {
    /** How long a node may take to get where the leader was. */
    static final long LAG_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    /** What is heard sooner after something else is left out, so that there are never many. */
    private static final long APART_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private record Known(long revision, long sinceNanos) {}

    /** The newest that has been known for long enough, and all after it; each is greater and younger than the one before. */
    private final Deque<Known> known = new ArrayDeque<>();

    /** The leader is there at least. */
    void note(long revision, long nowNanos) {
        Known last = known.peekLast();
        if (last == null || (revision > last.revision && nowNanos - last.sinceNanos >= APART_NANOS)) {
            known.add(new Known(revision, nowNanos));
        }
        forget(nowNanos);
    }

    private void forget(long nowNanos) {
        while (known.size() > 1) {
            Known first = known.remove();
            if (!isDue(known.element(), nowNanos)) {
                known.addFirst(first);
                return;
            }
        }
    }

    private static boolean isDue(Known each, long nowNanos) {
        return nowNanos - each.sinceNanos > LAG_NANOS_MAX;
    }

    /** Whether a node that is now at that revision should have got further. */
    boolean isLate(long revision, long nowNanos) {
        forget(nowNanos);
        Known oldest = known.peekFirst();
        return oldest != null && isDue(oldest, nowNanos) && revision < oldest.revision;
    }

    /** Whether a node at that revision is where the leader was when last heard of. */
    boolean isCurrent(long revision) {
        Known newest = known.peekLast();
        return newest == null || revision >= newest.revision;
    }
}
