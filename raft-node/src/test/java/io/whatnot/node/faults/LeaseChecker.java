package io.whatnot.node.faults;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of leases by what clients were told and could prove: conflicting ones never overlap in time (I2), nobody
 * changes what another holds, nor under a lease that has ended (I3), tokens grow (I4), and of two requests that are in each
 * other's way the later is not granted first (I5). Each request is of an owner of its own, which holds nothing else, so
 * there is no exception to any of it; but for those of W5, of which the last is not judged.
 */
final class LeaseChecker {
    private static final class Lease extends Grants.Grant {
        /** Whether its owner holds nothing else, so that nobody may pass it. */
        final boolean alone;

        final List<Target> targets;

        Lease(String name, boolean alone, List<Target> targets, long askedNanos) {
            super(name, askedNanos);
            this.alone = alone;
            this.targets = targets;
        }

        boolean conflictsWith(Lease other) {
            return targets.stream().anyMatch(mine -> other.targets.stream().anyMatch(mine::conflictsWith));
        }

        @Override
        public String toString() {
            return name + " (token " + token + ") on " + targets;
        }
    }

    /**
     * A change that was accepted.
     *
     * @param under the lease that it named; null if none
     */
    private record Change(
            String name,
            Target target,
            long beganNanos,
            long endedNanos,
            long revision,
            @Nullable Lease under) {}

    private record Begun(
            String name,
            Target target,
            long nanos,
            @Nullable Lease under) {}

    private final Losses losses;
    private final BiConsumer<String, String> violated;
    private final Grants<Lease> leases = new Grants<>();
    private final Map<String, Begun> begun = new HashMap<>();
    private final List<Change> changes = new ArrayList<>();

    LeaseChecker(Losses losses, BiConsumer<String, String> violated) {
        this.losses = losses;
        this.violated = violated;
    }

    // ---- what clients wrote down

    void asked(Line line) {
        List<Target> targets = new ArrayList<>();
        for (String target : line.word(1).split(",", -1)) {
            targets.add(target(target));
        }
        leases.asked(new Lease(line.what(), line.word(0).equals("lease"), targets, line.nanos()));
    }

    /** A target as {@link LeaseLoad#words} writes it. */
    static Target target(String word) {
        return new Target(
                AbsolutePath.parse(word.substring(2)),
                word.charAt(0) == 'P' ? Scope.PREFIX : Scope.ELEMENT,
                word.charAt(1) == 's' ? Mode.SHARED : Mode.EXCLUSIVE);
    }

    void queued(Line line) {
        leases.queued(line);
    }

    void granted(Line line) {
        leases.granted(line);
    }

    void proven(Line line) {
        leases.proven(line);
    }

    void changing(Line line) {
        Target target = Target.element(line.word(1));
        String client = line.what().substring(0, line.what().indexOf('#') + 1);
        Lease under = line.word(0).equals("under") ? leases.byName().get(client + line.word(2)) : null;
        begun.put(line.what(), new Begun(line.what(), target, line.nanos(), under));
    }

    void answered(Line line) {
        Begun change = begun.remove(line.what());
        if (change != null && line.word(0).equals("ok")) {
            changes.add(
                    new Change(change.name, change.target, change.nanos, line.nanos(), line.number(1), change.under));
        }
    }

    /** How much there was to judge. */
    String summary() {
        return leases.granted().size() + " leases, " + leases.queued() + " times in line, " + changes.size()
                + " changes beside or under them";
    }

    // ---- what must hold

    void conclude() {
        provenOnesDoNotOverlap();
        nobodyChangesWhatAnotherHolds();
        nothingIsChangedUnderALeaseThatHasEnded();
        tokensGrow();
        nobodyPasses();
    }

    private List<Lease> provenByStart() {
        return Grants.provenByStart(leases.granted());
    }

    private void provenOnesDoNotOverlap() {
        List<Lease> active = new ArrayList<>();
        for (Lease lease : provenByStart()) {
            active.removeIf(each -> each.lastNanos < lease.firstNanos);
            for (Lease other : active) {
                if (lease.conflictsWith(other)) {
                    long millis = (Math.min(other.lastNanos, lease.lastNanos) - lease.firstNanos) / 1_000_000;
                    violated.accept(
                            "I2 no two clients can prove conflicting leases at once",
                            lease + " and " + other + " were both held for " + millis + " ms");
                }
            }
            active.add(lease);
        }
    }

    private void nobodyChangesWhatAnotherHolds() {
        List<Lease> active = new ArrayList<>();
        List<Lease> starting = provenByStart();
        int next = 0;
        changes.sort(Comparator.comparingLong(Change::beganNanos));
        for (Change change : changes) {
            while (next < starting.size() && starting.get(next).firstNanos <= change.beganNanos) {
                active.add(starting.get(next++));
            }
            active.removeIf(lease -> lease.lastNanos < change.beganNanos);
            for (Lease lease : active) {
                if (lease != change.under
                        && lease.lastNanos >= change.endedNanos
                        && lease.targets.stream().anyMatch(change.target::conflictsWith)) {
                    violated.accept(
                            "I3 nobody changes what another holds",
                            change.name + " changed " + change.target + " at " + change.revision + ", while " + lease
                                    + " was held");
                }
            }
        }
    }

    private void nothingIsChangedUnderALeaseThatHasEnded() {
        TreeMap<Long, Lease> byToken = new TreeMap<>();
        leases.granted().forEach(lease -> byToken.put(lease.token, lease));
        for (Change change : changes) {
            Lease under = change.under;
            if (under == null || under.token == 0) {
                continue;
            }
            byToken.subMap(under.token, false, Math.max(under.token + 1, change.revision), false)
                    .values()
                    .forEach(later -> {
                        if (later.conflictsWith(under)) {
                            violated.accept(
                                    "I3 nothing is changed under a lease that has ended",
                                    change.name + " changed " + change.target + " at " + change.revision + " under "
                                            + under + ", which had ended by when " + later + " was granted");
                        }
                    });
        }
    }

    private void tokensGrow() {
        Map<AbsolutePath, Lease> latest = new HashMap<>();
        for (Lease lease : provenByStart()) {
            for (Target target : lease.targets) {
                if (target.mode() == Mode.EXCLUSIVE) {
                    Lease before = latest.put(target.path(), lease);
                    if (before != null && before.token >= lease.token) {
                        violated.accept(
                                "I4 tokens grow on a path",
                                lease + " was held on " + target.path() + " after " + before);
                    }
                }
            }
        }
    }

    private void nobodyPasses() {
        Grants.nobodyPasses(
                leases.granted(),
                losses,
                (passed, waited) -> waited.alone && passed.conflictsWith(waited),
                (passed, waited) -> violated.accept(
                        "I5 the later of two requests is not granted first",
                        passed + " was asked for after " + waited + " was in line, and granted before"));
    }
}
