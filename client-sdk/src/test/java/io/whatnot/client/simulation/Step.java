package io.whatnot.client.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Something that is done in a simulation. Steps are drawn up front and don't depend on each other, so that any may be
 * left out.
 *
 * @param gapNanos how long after the step before
 * @param kind what
 * @param who which client or node, in turn
 * @param dice all other chance of the step
 */
record Step(long gapNanos, Kind kind, int who, long dice) {
    /** What may be done, and how often. */
    enum Kind {
        ACQUIRE(28),
        RELEASE(10),
        RENEW(6),
        CANCEL(3),
        PUT(10),
        PUT_UNDER_LEASE(10),
        PASSING(4),
        DELETE(5),
        GET(9),
        WEAK_GET(3),
        REGISTER(2),
        WATCH(3),
        UNWATCH(2),
        CLOSE(1),
        REGISTER_UNIQUE(3),
        DELETE_RECURSIVELY(2),
        LIST(3),
        DROP(1),
        TRANSACT(8),
        TRANSACT_UNDER_LEASE(3),
        CLAIM(8),
        CREATE_POOL(1),
        PRUNE(6),

        ELECT(-6),
        ELECT_ANOTHER(-4),
        BREAK(-8),
        HALF_OPEN(-3),
        CUT(-4),
        ISOLATE(-3),
        KILL(-4),
        LAG(-4),
        INSTALL(-6),
        STALL_NODE(-4),
        STALL_LEADER(-2),
        STALL_CLIENT(-4),
        CLOCK(-3),
        FULL(-1),
        SLOW_LINK(-2),
        SLOW_LOG(-2),
        STUCK_WATCHER(-2),
        DIE(-4),
        IMAGE(-4),
        POISON(-1),
        SUSPEND(-4),
        SET_CLOCK(-3),
        REVOKE(-3),
        END_SESSION(-2),
        FORCED_DROP(-1);

        /** Of what clients do; negative of a fault. */
        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }

        boolean isFault() {
            return weight < 0;
        }
    }

    private static final List<Kind> WORK = urn(false);
    private static final List<Kind> FAULTS = urn(true);

    private static List<Kind> urn(boolean faults) {
        List<Kind> urn = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            if (kind.isFault() == faults) {
                urn.addAll(Collections.nCopies(Math.abs(kind.weight), kind));
            }
        }
        return urn;
    }

    /** That many steps, of which at least 20 in 2,000 are faults, and one is a command that throws. */
    static List<Step> draw(SplittableRandom random, int count) {
        List<Step> steps = new ArrayList<>();
        int oneFaultIn = 25 + random.nextInt(50);
        long gapNanosMax = List.of(4L, 20L, 60L).get(random.nextInt(3)) * 1_000_000;
        int poisonAt = random.nextInt(Math.max(1, count));
        for (int i = 0; i < count; i++) {
            boolean fault = i % oneFaultIn == oneFaultIn - 1;
            List<Kind> urn = fault ? FAULTS : WORK;
            Kind kind = i == poisonAt ? Kind.POISON : urn.get(random.nextInt(urn.size()));
            long gap = random.nextInt(40) == 0 ? random.nextLong(20 * gapNanosMax) : random.nextLong(gapNanosMax);
            steps.add(new Step(gap, kind, random.nextInt(1 << 20), random.nextLong()));
        }
        return steps;
    }
}
