package io.whatnot.core.testing;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A session as a workload's client sees it: what it has sent, what it holds and waits for as far as it was told, and
 * which of its requests are still under way.
 */
final class Client {
    private static final int REMEMBERED = 12;
    private static final int HELD_MAX = 12;
    private static final int WAITING_MAX = 6;

    final long session;
    boolean isOver;
    private final SplittableRandom random;
    private long next = 1;
    private final List<Request> sent = new ArrayList<>();
    private final List<Request> delayed = new ArrayList<>();
    private final Map<Long, LeaseCommand.Acquire> asked = new TreeMap<>();
    private final Map<Long, String> owners = new TreeMap<>();
    private final Map<Long, Long> tokens = new TreeMap<>();
    private final Map<Long, AbsolutePath> pools = new TreeMap<>();
    private final List<Long> held = new ArrayList<>();
    private final List<Long> waiting = new ArrayList<>();
    private final List<Long> ends = new ArrayList<>();

    Client(long session, SplittableRandom random) {
        this.session = session;
        this.random = random;
    }

    /** A new request of a sequence of its own; rarely of an old one, or with a gap before it. */
    Request request(long sequence, String owner, Command command) {
        Request request = new Request(session, sequence, mark(sequence), ended(), owner, command);
        if (command instanceof LeaseCommand.Acquire acquire) {
            asked.put(sequence, acquire);
            owners.put(sequence, owner);
        }
        sent.add(request);
        if (sent.size() > REMEMBERED) {
            sent.remove(0);
        }
        return request;
    }

    /** Takes the next sequence. */
    long take() {
        if (random.nextInt(100) == 0) {
            next += random.nextInt(5);
        }
        return next > 1 && random.nextInt(100) == 0 ? 1 + random.nextLong(next - 1) : next++;
    }

    /** Lets a request be under way for longer: it is sent later than those made after it. */
    void delay(Request request) {
        delayed.add(request);
    }

    /** A request that was sent before or is late; null if there is none. */
    @Nullable
    Request again(boolean late) {
        List<Request> from = late ? delayed : sent;
        if (from.isEmpty()) {
            return null;
        }
        int at = random.nextInt(from.size());
        return late ? from.remove(at) : from.get(at);
    }

    /** Whether it holds or waits for so much that it should rather end some. */
    boolean hasEnough() {
        return held.size() > HELD_MAX || waiting.size() > WAITING_MAX;
    }

    /** Whether it holds any lease, as far as it knows. */
    boolean holdsSomething() {
        return !held.isEmpty();
    }

    /** What it asked for with a request; null if that was not for a lease. */
    LeaseCommand.@Nullable Acquire askedFor(long sequence) {
        return asked.get(sequence);
    }

    /** What it holds as far as it knows, and rarely something else that it asked for once. */
    Map<Long, LeaseCommand.Acquire> believes() {
        Map<Long, LeaseCommand.Acquire> believed = new TreeMap<>();
        asked.forEach((sequence, acquire) -> {
            if (held.contains(sequence) || random.nextInt(20) == 0) {
                believed.put(sequence, acquire);
            }
        });
        return believed;
    }

    /** What it waits for, as far as it knows. */
    List<Long> waiting() {
        return new ArrayList<>(waiting);
    }

    /** The token it was told of a lease; null if it was told none. */
    @Nullable
    Long tokenOf(long sequence) {
        return tokens.get(sequence);
    }

    /** The pool that it was told a claim is served by; null if it was told none. */
    @Nullable
    AbsolutePath poolOf(long sequence) {
        return pools.get(sequence);
    }

    /** Whom it asked for a lease for. */
    String ownerOf(long sequence) {
        return owners.getOrDefault(sequence, "");
    }

    /** The lowest sequence it waits for an answer to, as far as it will say. */
    long mark() {
        return mark(0);
    }

    /** A lease it may hold: mostly one it holds, sometimes any number below its next. */
    long lease() {
        return pick(held, random.nextInt(8) == 0);
    }

    /** A request to cancel: mostly one that waits or is late, sometimes any before {@code sequence}. */
    long toCancel(long sequence) {
        if (!delayed.isEmpty() && random.nextInt(4) == 0) {
            long late = delayed.get(random.nextInt(delayed.size())).sequence();
            return late > 0 && late < sequence ? late : sequence - 1;
        }
        long one = pick(random.nextInt(4) == 0 ? held : waiting, random.nextInt(8) == 0);
        return one < sequence ? one : sequence - 1;
    }

    private long pick(List<Long> from, boolean any) {
        return any || from.isEmpty()
                ? Math.max(1, next - 1 - random.nextInt(8))
                : from.get(random.nextInt(from.size()));
    }

    /** Mostly the lowest sequence without an answer; sometimes an older one, rarely one that belies the request. */
    private long mark(long sequence) {
        long mark = sequence == 0 ? next : sequence;
        for (Request late : delayed) {
            mark = late.sequence() == 0 ? mark : Math.min(mark, late.sequence());
        }
        if (random.nextInt(100) == 0) {
            return next + random.nextInt(2);
        }
        return random.nextInt(3) == 0 ? Math.max(0, mark - random.nextInt(8)) : mark;
    }

    private List<Long> ended() {
        List<Long> ended = new ArrayList<>();
        if (!ends.isEmpty() && random.nextInt(3) == 0) {
            ended.add(ends.remove(0));
            if (random.nextInt(8) == 0) {
                ended.add(ended.get(0));
            }
        }
        if (random.nextInt(50) == 0) {
            ended.add(random.nextLong(next + 2));
        }
        return ended;
    }

    /** What became of one of its requests. */
    void learn(LeaseId id, Result result) {
        long sequence = id.sequence();
        held.remove(sequence);
        waiting.remove(sequence);
        if (result instanceof Result.Granted granted) {
            tokens.put(sequence, granted.token().value());
            if (granted.pool() != null) {
                pools.put(sequence, granted.pool());
            }
            held.add(sequence);
        } else if (result instanceof Result.Queued) {
            waiting.add(sequence);
        }
    }

    /** It was told of an end, which it is to acknowledge. */
    void learnEnd(long sequence) {
        ends.add(sequence);
    }

    /** What it did to its leases itself. */
    void learnDone(Command command) {
        if (command instanceof LeaseCommand.Release release) {
            held.remove(release.lease());
        } else if (command instanceof LeaseCommand.Cancel cancel) {
            held.remove(cancel.request());
            waiting.remove(cancel.request());
        }
    }
}
