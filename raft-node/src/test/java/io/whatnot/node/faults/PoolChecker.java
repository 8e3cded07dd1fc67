package io.whatnot.node.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * That claims which can be proven at once never have more slots than their pool (I8), and that of two claims on a pool the
 * later is not granted first, however small it is (I5). Each is of an owner of its own, which holds nothing else.
 */
final class PoolChecker {
    private static final class Claim {
        final String name;
        final long slots;
        final long askedNanos;
        long queuedNanos;
        int timesQueued;
        long token;
        long grantedNanos;
        /** Between these it could be proven to be held. */
        long firstNanos;

        long lastNanos;

        Claim(String name, long slots, long askedNanos) {
            this.name = name;
            this.slots = slots;
            this.askedNanos = askedNanos;
        }

        @Override
        public String toString() {
            return name + " (" + slots + " slots, token " + token + ")";
        }
    }

    private final Losses losses;
    private final BiConsumer<String, String> violated;
    private final Map<String, Claim> claims = new HashMap<>();
    private final Map<String, List<Claim>> granted = new TreeMap<>();
    private long grants;
    private long queued;

    PoolChecker(Losses losses, BiConsumer<String, String> violated) {
        this.losses = losses;
        this.violated = violated;
    }

    void asked(Line line) {
        claims.put(line.what(), new Claim(line.what(), line.number(2), line.nanos()));
    }

    void queued(Line line) {
        Claim claim = claims.get(line.what());
        if (claim != null) {
            queued++;
            claim.timesQueued++;
            claim.queuedNanos = line.nanos();
        }
    }

    void granted(Line line) {
        Claim claim = claims.get(line.what());
        if (claim != null) {
            grants++;
            claim.token = line.number(0);
            claim.grantedNanos = line.nanos();
            granted.computeIfAbsent(line.word(2), pool -> new ArrayList<>()).add(claim);
        }
    }

    void proven(Line line) {
        Claim claim = claims.get(line.what());
        if (claim != null) {
            claim.firstNanos = claim.firstNanos == 0 ? line.nanos() : claim.firstNanos;
            claim.lastNanos = line.nanos();
        }
    }

    /** How much there was to judge. */
    String summary() {
        return grants + " claims on " + granted.size() + " pools, " + queued + " times in line";
    }

    /** Requires it. */
    void conclude() {
        granted.forEach(this::noMoreThanThereIs);
        granted.values().forEach(this::nobodyPasses);
    }

    private void noMoreThanThereIs(String pool, List<Claim> all) {
        List<Claim> active = new ArrayList<>();
        List<Claim> byStart = all.stream()
                .filter(claim -> claim.firstNanos != 0)
                .sorted(Comparator.comparingLong(claim -> claim.firstNanos))
                .toList();
        for (Claim claim : byStart) {
            active.removeIf(each -> each.lastNanos < claim.firstNanos);
            active.add(claim);
            long slots = active.stream().mapToLong(each -> each.slots).sum();
            if (slots > PoolLoad.most(pool)) {
                violated.accept(
                        "I8 claims never have more slots than their pool",
                        slots + " of " + PoolLoad.most(pool) + " on " + pool + " were held at once: " + active);
            }
        }
    }

    private void nobodyPasses(List<Claim> all) {
        List<Claim> byToken = all.stream()
                .sorted(Comparator.comparingLong(claim -> claim.token))
                .toList();
        for (int i = 0; i < byToken.size(); i++) {
            Claim waited = byToken.get(i);
            if (waited.timesQueued != 1 || losses.isAny(waited.askedNanos, waited.grantedNanos)) {
                continue;
            }
            for (int j = i - 1; j >= 0 && byToken.get(j).grantedNanos >= waited.queuedNanos; j--) {
                Claim passed = byToken.get(j);
                if (passed.askedNanos > waited.queuedNanos && passed.token < waited.token) {
                    violated.accept(
                            "I5 the later of two claims is not granted first",
                            passed + " was asked for after " + waited + " was in line, and granted before");
                }
            }
        }
    }
}
