package io.whatnot.client;

import io.whatnot.core.model.LeaseId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A pruning policy: how long elements are idle before the cluster removes them. Immutable; each method gives another.
 *
 * @param idleAfter how long; zero for never
 * @param retainValues whether elements that hold a value stay
 * @param leaseId the lease under which the policy is set; null for none
 */
public record Prune(
        Duration idleAfter, boolean retainValues, @Nullable LeaseId leaseId) {
    /**
     * Elements go that nobody has changed, locked, claimed or touched for so long, nor anything below them: 1 second to 366
     * days.
     */
    public static Prune idleAfter(Duration idleAfter) {
        if (idleAfter.isZero()) {
            throw new IllegalArgumentException(
                    "elements can't be pruned after no time at all; Prune.never() says that none are");
        }
        return new Prune(idleAfter, false, null);
    }

    /** Nothing goes, whatever is said further up. */
    public static Prune never() {
        return new Prune(Duration.ZERO, false, null);
    }

    /** Elements that hold a value stay, and with them what they lie below. */
    public Prune retainingValues() {
        return new Prune(idleAfter, true, leaseId);
    }

    /** Set under that lease of this client: STALE_TOKEN if it has ended or does not cover the path with all that is below. */
    public Prune lease(LeaseContext lease) {
        return new Prune(idleAfter, retainValues, lease.id());
    }
}
