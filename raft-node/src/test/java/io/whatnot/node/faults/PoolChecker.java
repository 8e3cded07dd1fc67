package io.whatnot.node.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * That claims which can be proven at once never have more slots than their pool (I8), and that of two claims on a pool the
 * later is not granted first, however small it is (I5). Each is of an owner of its own, which holds nothing else.
 */
final class PoolChecker {
    private static final class Claim extends Grants.Grant {
        final long slots;
        String pool = "";

        Claim(String name, long slots, long askedNanos) {
            super(name, askedNanos);
            this.slots = slots;
        }

        @Override
        public String toString() {
            return name + " (" + slots + " slots, token " + token + ")";
        }
    }

    private final Losses losses;
    private final BiConsumer<String, String> violated;
    private final Grants<Claim> claims = new Grants<>();

    PoolChecker(Losses losses, BiConsumer<String, String> violated) {
        this.losses = losses;
        this.violated = violated;
    }

    void asked(Line line) {
        claims.asked(new Claim(line.what(), line.number(2), line.nanos()));
    }

    void queued(Line line) {
        claims.queued(line);
    }

    void granted(Line line) {
        claims.granted(line);
        Claim claim = claims.byName().get(line.what());
        if (claim != null) {
            claim.pool = line.word(2);
        }
    }

    void proven(Line line) {
        claims.proven(line);
    }

    /** How much there was to judge. */
    String summary() {
        return claims.granted().size() + " claims on " + byPool().size() + " pools, " + claims.queued()
                + " times in line";
    }

    private Map<String, List<Claim>> byPool() {
        return claims.granted().stream()
                .collect(Collectors.groupingBy(claim -> claim.pool, TreeMap::new, Collectors.toList()));
    }

    /** Requires it. */
    void conclude() {
        byPool().forEach((pool, granted) -> {
            noMoreThanThereIs(pool, granted);
            Grants.nobodyPasses(
                    granted,
                    losses,
                    (passed, waited) -> true,
                    (passed, waited) -> violated.accept(
                            "I5 the later of two claims is not granted first",
                            passed + " was asked for after " + waited + " was in line, and granted before"));
        });
    }

    private void noMoreThanThereIs(String pool, List<Claim> granted) {
        List<Claim> active = new ArrayList<>();
        for (Claim claim : Grants.provenByStart(granted)) {
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
}
