package io.whatnot.node.faults;

import io.whatnot.core.model.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Deadlocks by brute force (I7): at no time did all of a cycle wait in line for what the next provably held, and went on
 * waiting; and who was told of a cycle was told of requests and locks that may all have been there at once.
 */
final class DeadlockChecker {
    private static final String MISSED = "I7 no deadlock is missed";
    private static final String FALSE = "I7 no deadlock is false";
    /** So long a request waits at least before it is given up, though clocks are not the same. */
    private static final long WAIT_NANOS = DeadlockLoad.WAIT.toNanos() - TimeUnit.MILLISECONDS.toNanos(400);

    private static final class Request extends Grants.Grant {
        final String owner;
        final Target target;
        long endedNanos = Long.MAX_VALUE;
        boolean timedOut;
        /** Whether it waits no longer, for all that is known, than until it was refused at any time after it was asked for. */
        boolean refused;

        Request(String name, String owner, Target target, long askedNanos) {
            super(name, askedNanos);
            this.owner = owner;
            this.target = target;
        }

        /** Whether it was in line then, as long as somebody held what it waits for. */
        boolean waits(long nanos) {
            return queuedNanos <= nanos
                    && !refused
                    && (timedOut ? nanos < askedNanos + WAIT_NANOS : isGranted() && nanos < grantedNanos);
        }

        @Override
        public String toString() {
            return name + " of " + owner + " for " + target;
        }
    }

    private record Told(Request refused, List<String> words) {}

    private final Losses losses;
    private final BiConsumer<String, String> violated;
    private final Grants<Request> requests = new Grants<>();
    private final Map<String, List<Request>> byOwner = new HashMap<>();
    private final List<Told> told = new ArrayList<>();
    private long searched;

    DeadlockChecker(Losses losses, BiConsumer<String, String> violated) {
        this.losses = losses;
        this.violated = violated;
    }

    // ---- what clients wrote down

    void asked(Line line) {
        Request request = new Request(line.what(), line.word(2), LeaseChecker.target(line.word(1)), line.nanos());
        requests.asked(request);
        byOwner.computeIfAbsent(request.owner, owner -> new ArrayList<>()).add(request);
    }

    void queued(Line line) {
        requests.queued(line);
    }

    void granted(Line line) {
        requests.granted(line);
    }

    void proven(Line line) {
        requests.proven(line);
    }

    void answered(Line line) {
        Request request = requests.byName().get(line.what());
        if (request == null) {
            return;
        }
        if (!line.word(0).equals("unknown")) {
            request.endedNanos = line.nanos();
        }
        boolean granted = request.isGranted();
        request.timedOut = !granted && line.words().size() > 1 && line.word(1).equals("LOCK_TIMEOUT");
        request.refused = !granted && !request.timedOut;
        if (line.words().size() > 2 && line.word(1).equals("DEADLOCK")) {
            told.add(new Told(request, line.words().subList(2, line.words().size())));
        }
    }

    /** How much there was to judge. */
    String summary() {
        return requests.byName().size() + " locks in any order, " + told.size() + " deadlocks told, " + searched
                + " waits searched for others";
    }

    // ---- what must hold

    void conclude() {
        noneIsMissed();
        told.forEach(this::isTrue);
    }

    /** Of a cycle, the request that came into line last has all others waiting at that time. */
    private void noneIsMissed() {
        List<Request> sorted = requests.byName().values().stream()
                .sorted(Comparator.comparingLong(request -> request.askedNanos))
                .toList();
        List<Request> inLine = sorted.stream()
                .filter(request -> request.waits(request.queuedNanos))
                .sorted(Comparator.comparingLong(request -> request.queuedNanos))
                .toList();
        List<Request> alive = new ArrayList<>();
        int next = 0;
        for (Request last : inLine) {
            long now = last.queuedNanos;
            while (next < sorted.size() && sorted.get(next).askedNanos <= now) {
                alive.add(sorted.get(next++));
            }
            alive.removeIf(request -> request.endedNanos < now);
            searched++;
            List<Request> cycle = new ArrayList<>();
            if (reaches(last, last.owner, now, alive, new HashSet<>(), cycle)) {
                long begin =
                        cycle.stream().mapToLong(each -> each.askedNanos).min().orElseThrow();
                if (!losses.isAny(begin, now)) {
                    violated.accept(MISSED, "each waits for what the next holds, at " + now + ": " + cycle);
                }
            }
        }
    }

    /** Whether a request waits for what the owner provably holds, directly or through others who wait. */
    private static boolean reaches(
            Request waiting, String owner, long now, List<Request> alive, Set<String> passed, List<Request> cycle) {
        cycle.add(waiting);
        for (Request held : alive) {
            if (!held.isHeld(now) || held.owner.equals(waiting.owner) || !held.target.conflictsWith(waiting.target)) {
                continue;
            }
            if (held.owner.equals(owner)) {
                return true;
            }
            Request next = waitingOf(held.owner, now, alive);
            if (next != null && passed.add(held.owner) && reaches(next, owner, now, alive, passed, cycle)) {
                return true;
            }
        }
        cycle.remove(waiting);
        return false;
    }

    private static @Nullable Request waitingOf(String owner, long now, List<Request> alive) {
        return alive.stream()
                .filter(request -> request.owner.equals(owner) && request.waits(now))
                .findFirst()
                .orElse(null);
    }

    /** Each names who waits for what, and who has what is in the way, and asks for the next. */
    private void isTrue(Told deadlock) {
        List<String> words = deadlock.words;
        boolean whole = words.size() == 1 + 4 * Integer.parseInt(words.get(0));
        if (words.size() < 5 || !words.get(1).equals(deadlock.refused.owner)) {
            violated.accept(FALSE, deadlock.refused + " was told of a cycle that does not begin with it: " + words);
            return;
        }
        for (int i = 1; i < words.size(); i += 4) {
            Target asked = LeaseChecker.target(words.get(i + 1));
            Target held = LeaseChecker.target(words.get(i + 3));
            boolean last = i + 4 >= words.size();
            String next = !last ? words.get(i + 4) : whole ? words.get(1) : words.get(i + 2);
            if (!words.get(i + 2).equals(next)
                    || !asked.conflictsWith(held)
                    || !mayHaveBeenThere(words.get(i), asked, deadlock.refused)
                    || !mayHaveBeenThere(words.get(i + 2), held, deadlock.refused)) {
                violated.accept(FALSE, deadlock.refused + " was told of a cycle that can't have been: " + words);
                return;
            }
        }
    }

    private boolean mayHaveBeenThere(String owner, Target target, Request refused) {
        return byOwner.getOrDefault(owner, List.of()).stream()
                .anyMatch(request -> request.target.equals(target)
                        && request.askedNanos <= refused.endedNanos
                        && request.endedNanos >= refused.askedNanos);
    }
}
