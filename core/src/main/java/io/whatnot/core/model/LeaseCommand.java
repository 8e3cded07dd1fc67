package io.whatnot.core.model;

import java.util.List;

/** Commands about leases. A lease is named by the sequence, in this session, of the request that asked for it. */
public sealed interface LeaseCommand extends Command {
    /** The shortest ttl of a lease, in milliseconds. */
    long TTL_MILLIS_MIN = 100;
    /** The longest ttl of a lease and the longest wait for one, in milliseconds: a day. */
    long TTL_MILLIS_MAX = 24L * 3600 * 1000;
    /** The most targets of one lease. */
    int TARGETS_MAX = 16;
    /** The longest label, in characters. */
    int LABEL_MAX = 256;

    /**
     * Asks for a lease on all targets at once: granted in one step, or waiting as a whole while holding nothing. Or, with
     * a claim as its target, for slots of the nearest pool on the way from the path to the root that serves it: NO_SUCH_POOL
     * if there is none, CLAIM_TOO_LARGE if it has fewer slots. Claims on a pool are granted in the order of their arrival.
     *
     * @param namespace where
     * @param targets 1 to 16, no path twice; a claim stands alone
     * @param ttlMillis how long from the grant, unless renewed; 0: as long as the session lives
     * @param waitMillis how long to wait at most; 0: not at all
     * @param label shown to others who wait
     */
    record Acquire(String namespace, List<Target> targets, long ttlMillis, long waitMillis, String label)
            implements LeaseCommand {
        public Acquire {
            Rules.namespace(namespace);
            targets = List.copyOf(targets);
            Rules.between("number of targets", targets.size(), 1, TARGETS_MAX);
            if (targets.stream().map(Target::path).distinct().count() < targets.size()) {
                throw new IllegalArgumentException("targets " + targets + " name a path twice; ask for the stronger");
            }
            if (targets.size() > 1 && targets.stream().anyMatch(Target::isClaim)) {
                throw new IllegalArgumentException(
                        "targets " + targets + " claim slots among others; ask for a claim by itself");
            }
            if (ttlMillis != 0) {
                Rules.between("lease ttl in milliseconds", ttlMillis, TTL_MILLIS_MIN, TTL_MILLIS_MAX);
            }
            Rules.between("wait in milliseconds", waitMillis, 0, TTL_MILLIS_MAX);
            Rules.text("label", label, LABEL_MAX);
        }

        /** Whether it asks for slots of a pool. */
        public boolean isClaim() {
            return targets.get(0).isClaim();
        }
    }

    /**
     * Moves the deadline of a lease that has a ttl to that ttl from now. LEASE_LOST if it has ended: what has ended is
     * never revived.
     *
     * @param lease which
     * @param ttlMillis its new ttl; 0: as before
     */
    record Renew(long lease, long ttlMillis) implements LeaseCommand {
        public Renew {
            Rules.between("lease", lease, 1, Long.MAX_VALUE);
            if (ttlMillis != 0) {
                Rules.between("lease ttl in milliseconds", ttlMillis, TTL_MILLIS_MIN, TTL_MILLIS_MAX);
            }
        }
    }

    /**
     * Ends a lease. LEASE_LOST, with the cause, if it has ended already: either answer lets the cluster forget it.
     *
     * @param lease which
     */
    record Release(long lease) implements LeaseCommand {
        public Release {
            Rules.between("lease", lease, 1, Long.MAX_VALUE);
        }
    }

    /**
     * Takes back a request for a lease, whatever has become of it: what waits is withdrawn, what was granted released,
     * and what has not arrived yet will be refused when it does.
     *
     * @param request its sequence
     */
    record Cancel(long request) implements LeaseCommand {
        public Cancel {
            Rules.between("request", request, 1, Long.MAX_VALUE);
        }
    }
}
