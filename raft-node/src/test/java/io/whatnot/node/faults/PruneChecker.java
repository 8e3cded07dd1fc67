package io.whatnot.node.faults;

import io.whatnot.core.model.AbsolutePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * What pruning promises, by what clients were told of elements that nobody deletes. Nothing goes before it was idle for as
 * long as its policy says, nor while it is locked, nor what a policy retains; nothing is said to be idle for longer than it
 * was; and what is gone is not there again until somebody registers it, which begins it anew.
 *
 * <p>Cluster time does not run faster than true time. So whoever has to do with an element, and is told so, has had to do
 * with it since he asked at the earliest, and the policy's time after that is over no sooner in true time; but for the
 * millisecond that cluster time is counted in.
 */
final class PruneChecker {
    private static final long IDLE_NANOS = PruneLoad.IDLE_AFTER.toNanos();
    private static final long GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int DEPTH_MIN = 3;

    private record Begun(String kind, AbsolutePath path, boolean prefix, long nanos, long generation) {}

    /** A stretch of time at some moment of which something was so. */
    private record Within(long beganNanos, long endedNanos) {}

    /** A lock that could be proven to be held between two moments. */
    private static final class Held {
        final long fromNanos;
        long untilNanos;

        Held(long fromNanos) {
            this.fromNanos = fromNanos;
            this.untilNanos = fromNanos;
        }
    }

    /** What is known of an element, by what was asked of it and of what is below. */
    private static final class Element {
        /** Somebody had to do with it, or what is below, and it was registered. */
        final List<Within> active = new ArrayList<>();
        /** It was registered. */
        final List<Within> present = new ArrayList<>();

        final List<Within> absent = new ArrayList<>();
        /** It may have been registered anew, or what is below; for ever from then on, if nobody was told. */
        final List<Within> registering = new ArrayList<>();

        final List<Held> locked = new ArrayList<>();
        final List<Held> lockedWithAllBelow = new ArrayList<>();
        final Map<Within, Long> toldIdleMillis = new HashMap<>();
    }

    private final Losses losses;
    private final BiConsumer<String, String> violated;
    private final Map<String, Begun> begun = new HashMap<>();
    private final Map<String, Held> held = new HashMap<>();
    private final Map<AbsolutePath, Element> elements = new TreeMap<>();
    private long answers;
    private long seenGone;
    private long madeAnew;
    private long locks;

    PruneChecker(Losses losses, BiConsumer<String, String> violated) {
        this.losses = losses;
        this.violated = violated;
    }

    // ---- what clients wrote down

    void begin(Line line) {
        String kind = line.word(0);
        if (kind.equals("policy")) {
            return;
        }
        AbsolutePath path = AbsolutePath.parse(line.word(1));
        long generation = Long.parseLong(path.sections().get(1).substring(1));
        if (line.nanos() <= losses.endOf(generation)) {
            boolean prefix = kind.equals("guard") && line.word(2).equals("P");
            begun.put(line.what(), new Begun(kind, path, prefix, line.nanos(), generation));
        }
    }

    void proven(Line line) {
        Begun lock = begun.get(line.what());
        if (lock == null || line.nanos() > losses.endOf(lock.generation)) {
            return;
        }
        Held before = held.get(line.what());
        if (before != null) {
            before.untilNanos = line.nanos();
            return;
        }
        Held now = new Held(line.nanos());
        held.put(line.what(), now);
        locks++;
        above(lock.path).forEach(element -> element.locked.add(now));
        if (lock.prefix) {
            element(lock.path).lockedWithAllBelow.add(now);
        }
    }

    void answer(Line line) {
        Begun asked = begun.remove(line.what());
        held.remove(line.what());
        if (asked == null || asked.kind.equals("guard")) {
            return;
        }
        boolean isCounted = line.nanos() <= losses.endOf(asked.generation);
        Within within = new Within(asked.nanos, line.nanos());
        String word = isCounted ? line.word(0) : "unknown";
        answers++;
        switch (word) {
            case "found" -> {
                above(asked.path).forEach(element -> element.present.add(within));
                element(asked.path).toldIdleMillis.put(within, line.number(1));
            }
            case "present" -> above(asked.path).forEach(element -> element.present.add(within));
            case "touched" ->
                above(asked.path).forEach(element -> {
                    element.active.add(within);
                    element.present.add(within);
                });
            case "set" -> set(asked.path, within, line.number(1));
            case "absent" -> {
                seenGone++;
                element(asked.path).absent.add(within);
            }
            default -> {
                if (asked.kind.equals("set") && !word.equals("not")) {
                    mayRegister(asked.path, asked.nanos, Long.MAX_VALUE);
                }
            }
        }
    }

    private void set(AbsolutePath path, Within within, long version) {
        boolean isNew = version == 1;
        above(path).forEach(element -> element.active.add(within));
        if (isNew) {
            madeAnew++;
            element(path).absent.add(within);
            mayRegister(path, within.beganNanos, within.endedNanos);
        } else {
            above(path).forEach(element -> element.present.add(within));
        }
    }

    private void mayRegister(AbsolutePath path, long fromNanos, long toNanos) {
        above(path).forEach(element -> element.registering.add(new Within(fromNanos, toNanos)));
    }

    private Element element(AbsolutePath path) {
        return elements.computeIfAbsent(path, p -> new Element());
    }

    /** It and those that it lies below, as far as anybody asks for them. */
    private List<Element> above(AbsolutePath path) {
        List<Element> found = new ArrayList<>();
        for (int depth = path.depth(); depth >= DEPTH_MIN; depth--) {
            found.add(element(path.ancestor(depth)));
        }
        return found;
    }

    /** How much there was to judge. */
    String summary() {
        return answers + " answers about elements that are pruned, " + seenGone + " times gone, " + madeAnew
                + " times registered, " + locks + " locks on them";
    }

    // ---- what must hold

    /** Requires it of everything, when those who wrote have come to an end. */
    void conclude() {
        begun.values().forEach(asked -> {
            if (asked.kind.equals("set")) {
                mayRegister(asked.path, asked.nanos, Long.MAX_VALUE);
            }
        });
        elements.forEach((path, element) -> {
            nothingGoesBeforeItsTime(path, element);
            nothingIsSaidToBeIdleForLongerThanItWas(path, element);
            whatIsGoneStaysGoneUntilItIsRegistered(path, element);
        });
    }

    private void nothingGoesBeforeItsTime(AbsolutePath path, Element element) {
        boolean isRetained = path.toString().contains(PruneLoad.RETAINED);
        Steps until = new Steps();
        for (Within active : element.active) {
            until.raise(active.endedNanos, isRetained ? Long.MAX_VALUE : over(active.beganNanos));
        }
        List<Held> locked = new ArrayList<>(element.locked);
        for (int depth = path.depth() - 1; depth >= DEPTH_MIN; depth--) {
            Element above = elements.get(path.ancestor(depth));
            if (above != null) {
                locked.addAll(above.lockedWithAllBelow);
            }
        }
        locked.sort(Comparator.comparingLong(lock -> lock.fromNanos));
        for (Held lock : locked) {
            OptionalLong from = registeredUnder(lock, element, until);
            if (from.isPresent()) {
                until.raise(from.getAsLong(), over(lock.untilNanos));
            }
        }
        for (Within absent : element.absent) {
            long end = until.at(absent.beganNanos);
            if (absent.endedNanos < end) {
                violated.accept(
                        "W10 nothing is pruned before its time",
                        path + " was gone at " + absent.endedNanos
                                + (isRetained
                                        ? ", and had a value"
                                        : ", " + (end - absent.endedNanos) / 1_000_000 + " ms before it might be"));
            }
        }
    }

    private static long over(long activeNanos) {
        return activeNanos + IDLE_NANOS - GRAIN_NANOS;
    }

    /** From when on it is known that the element was registered while the lock was held: from then on that protected it. */
    private static OptionalLong registeredUnder(Held lock, Element element, Steps until) {
        if (until.at(lock.fromNanos) >= lock.fromNanos) {
            return OptionalLong.of(lock.fromNanos);
        }
        return element.present.stream()
                .filter(present -> present.beganNanos >= lock.fromNanos && present.endedNanos <= lock.untilNanos)
                .mapToLong(Within::endedNanos)
                .min();
    }

    private void nothingIsSaidToBeIdleForLongerThanItWas(AbsolutePath path, Element element) {
        Steps active = new Steps();
        element.active.forEach(within -> active.raise(within.endedNanos, within.beganNanos));
        element.toldIdleMillis.forEach((within, millis) -> {
            if (millis < 0) {
                violated.accept("W10 the policy that was set is in force", "not at " + path + ", at " + within);
                return;
            }
            long last = active.at(within.beganNanos);
            long most = within.endedNanos - last + GRAIN_NANOS;
            if (last != Long.MIN_VALUE && TimeUnit.MILLISECONDS.toNanos(millis) > most) {
                violated.accept(
                        "W10 nothing is said to be idle for longer than it was",
                        path + " was said to be for " + millis + " ms at " + within.endedNanos
                                + ", but somebody had to do with it less than " + most / 1_000_000 + " ms before");
            }
        });
    }

    private void whatIsGoneStaysGoneUntilItIsRegistered(AbsolutePath path, Element element) {
        Steps gone = new Steps();
        element.absent.forEach(absent -> gone.raise(absent.endedNanos, absent.beganNanos));
        Steps registered = new Steps();
        element.registering.forEach(within -> registered.raise(within.beganNanos, within.endedNanos));
        for (Within present : element.present) {
            long since = gone.at(present.beganNanos);
            if (since != Long.MIN_VALUE && registered.at(present.endedNanos) < since) {
                violated.accept(
                        "W10 what is gone is not there until it is registered anew",
                        path + " was there at " + present.endedNanos + ", though it was gone at " + since
                                + " and nobody has registered it since");
            }
        }
    }
}
