package io.whatnot.node.faults;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * What rates promise, by what clients were told: of one name, one session, one path, no more leases are let in over any
 * stretch of time than a burst and the rate make, and one burst more for each leader that can have come meanwhile, for
 * those begin with no counts. A lease counts for a stretch if it was asked for and granted within it. And who is refused
 * hears when to ask again: no later than the slowest rate takes to let one in.
 */
final class RateChecker {
    private static final long SLOWEST_MILLIS = 1_000 / RateLoad.PATH_RATE;

    /** What is limited, of a name, a session or a path. */
    private enum Limit {
        IDENTITY(RateLoad.IDENTITY_RATE, RateLoad.IDENTITY_BURST),
        SESSION(RateLoad.SESSION_RATE, RateLoad.SESSION_BURST),
        PATH(RateLoad.PATH_RATE, RateLoad.PATH_BURST);

        final long eachNanos;
        final int burst;

        Limit(int rate, int burst) {
            this.eachNanos = TimeUnit.SECONDS.toNanos(1) / rate;
            this.burst = burst;
        }
    }

    /** By whom leases were asked for, or where, since the rates were last set anew. */
    private record Bucket(Limit limit, String key, long generation) {}

    private record Granted(long beganNanos, long endedNanos) {}

    private record Begun(String path, long nanos) {}

    private final Losses losses;
    private final Leaders leaders;
    private final BiConsumer<String, String> violated;
    private final Map<String, Begun> begun = new HashMap<>();
    private final Map<Bucket, List<Granted>> granted = new HashMap<>();
    private final Map<Limit, Long> fullest = new TreeMap<>();
    private long grantedInAll;
    private long refused;
    private long unjudged;

    RateChecker(Losses losses, Leaders leaders, BiConsumer<String, String> violated) {
        this.losses = losses;
        this.leaders = leaders;
        this.violated = violated;
    }

    void begin(Line line) {
        if (line.word(0).equals("rated")) {
            begun.put(line.what(), new Begun(line.word(1), line.nanos()));
        }
    }

    void answer(Line line) {
        Begun asked = begun.remove(line.what());
        if (asked == null) {
            return;
        }
        long generation = Long.parseLong(asked.path.split("/", 4)[2].substring(1));
        if (line.nanos() > losses.endOf(generation)) {
            return;
        }
        if (line.word(0).equals("limited")) {
            refused++;
            long millis = line.number(1);
            if (millis < 1 || millis > SLOWEST_MILLIS) {
                violated.accept(
                        "W11 who is refused hears when to ask again",
                        line.what() + " was told to in " + millis + " ms, and a lease every " + SLOWEST_MILLIS
                                + " ms is the least that any rate lets in");
            }
        } else if (line.word(0).equals("ok")) {
            grantedInAll++;
            Granted grant = new Granted(asked.nanos, line.nanos());
            note(new Bucket(Limit.IDENTITY, RateLoad.IDENTITY, generation), grant);
            note(new Bucket(Limit.SESSION, line.word(1), generation), grant);
            note(new Bucket(Limit.PATH, asked.path, generation), grant);
        }
    }

    private void note(Bucket bucket, Granted grant) {
        granted.computeIfAbsent(bucket, b -> new ArrayList<>()).add(grant);
    }

    /** How much there was to judge, and how near it came to what is allowed. */
    String summary() {
        return grantedInAll + " leases under rates, " + refused
                + " refusals told; the fullest stretches had, of a hundred" + " that are allowed, " + fullest
                + (unjudged == 0 ? "" : "; " + unjudged + " ends of stretches not judged");
    }

    /** Requires it of everything. */
    void conclude() {
        granted.forEach(this::judge);
    }

    /**
     * For each stretch that begins when a lease was asked for, at s, and ends when one was granted, at e. In nanoseconds that
     * it takes to let in one lease, n are too many if n > e - s + bursts x (last term by e - first term from s on + 1). So the
     * greatest n + s + bursts x first term is looked for, n being those within that were granted so far, at each e.
     */
    private void judge(Bucket bucket, List<Granted> leases) {
        long each = bucket.limit.eachNanos;
        long burst = bucket.limit.burst * each;
        leases.sort(Comparator.comparingLong(Granted::beganNanos));
        long origin = leases.get(0).beganNanos;
        long[] begins = leases.stream().mapToLong(Granted::beganNanos).toArray();
        PrefixMaximum beginnings = new PrefixMaximum(Arrays.stream(begins)
                .map(nanos -> nanos - origin + burst * leaders.first(nanos))
                .toArray());
        int[] indexes = IntStream.range(0, leases.size())
                .boxed()
                .sorted(Comparator.comparingLong(index -> leases.get(index).endedNanos))
                .mapToInt(index -> index)
                .toArray();
        for (int index : indexes) {
            beginnings.raiseUpTo(index, each);
            long ended = leases.get(index).endedNanos;
            OptionalLong last = leaders.last(ended);
            if (last.isEmpty()) {
                unjudged++;
                continue;
            }
            int worst = beginnings.greatestUpTo(index);
            long began = begins[worst];
            long terms = last.getAsLong() - leaders.first(began) + 1;
            long allowed = ended - began + burst * terms;
            long counted = beginnings.greatest() - (began - origin + burst * leaders.first(began));
            fullest.merge(bucket.limit, counted * 100 / allowed, Math::max);
            if (counted > allowed) {
                violated.accept(
                        "W11 no more is let in than the rate allows",
                        counted / each + " leases of " + bucket + " in " + (ended - began) / 1_000_000 + " ms, in "
                                + terms + " terms at most, which allow " + allowed / each);
                return;
            }
        }
    }
}
