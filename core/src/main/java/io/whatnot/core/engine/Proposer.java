package io.whatnot.core.engine;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.protocol.EntryCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The leader's end of the log: packs what has arrived while earlier entries are under way into one entry, stamped with
 * cluster time. When nothing is under way a request goes at once and alone.
 *
 * <p>What makes room (heartbeats, releases, cancels, closes) goes first and is never refused. Everything else is refused
 * once too much waits. Of what waits each session has its turn, so that one that sends much does not hold up the others.
 */
final class Proposer {
    /** The most entries under way; what comes meanwhile is packed. */
    static final int ENTRIES_MAX = 8;

    /** The most requests of an entry, and about the most bytes. */
    static final int REQUESTS_MAX = 64;

    static final int BYTES_MAX = 64 << 10;

    /** The most requests, and about the most bytes, that may wait before others are refused. */
    static final int WAITING_MAX = 50_000;

    static final long WAITING_BYTES_MAX = 64L << 20;

    private record Submission(ByteString request, Answer.Sink sink) {}

    private final ReplicatedLog log;
    private final ClusterClock clock;
    private final FairQueue<Submission> first = new FairQueue<>();
    private final FairQueue<Submission> others = new FairQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger rounds = new AtomicInteger();
    private volatile long term;
    private volatile boolean tickWanted;
    /** The feature level that the next entry is to found the cluster at; 0 for none. */
    private final AtomicInteger foundingLevel = new AtomicInteger();

    Proposer(ReplicatedLog log, ClusterClock clock) {
        this.log = log;
        this.clock = clock;
    }

    /** This node leads from now on. */
    void start(long term) {
        this.term = term;
    }

    /** This node leads no more: what was not appended is answered so. */
    void stop() {
        term = 0;
        drain();
    }

    /**
     * Puts a request into the log some time soon; its answer comes when it is applied, or can't be.
     *
     * @param sender the session, or 0: of each in turn one request is taken, its own in their order
     */
    void submit(long sender, ByteString request, boolean makesRoom, Answer.Sink sink) {
        if (!makesRoom && (waiting.get() >= WAITING_MAX || waitingBytes.get() >= WAITING_BYTES_MAX)) {
            sink.answer(Answer.tryLater("the leader has " + waiting.get() + " requests waiting; try again later", 50));
            return;
        }
        if (!makesRoom && !log.hasRoom()) {
            sink.answer(Answer.tryLater("the leader's log is full until its next snapshot; try again later", 200));
            return;
        }
        waiting.incrementAndGet();
        waitingBytes.addAndGet(request.size());
        (makesRoom ? first : others).add(sender, new Submission(request, sink));
        drain();
    }

    /** Lets time pass in the log, by an empty entry if nothing else comes. */
    void tick() {
        tickWanted = true;
        drain();
    }

    /** Puts into the log at what feature level the cluster is founded. */
    void found(int level) {
        foundingLevel.set(level);
        drain();
    }

    /** How many requests wait to be put into an entry. */
    int waiting() {
        return waiting.get();
    }

    /** Proposes as much as may be under way; one thread at a time, whichever finds nobody at it. */
    private void drain() {
        if (rounds.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            long leading = term;
            if (leading == 0) {
                refuseAll();
            } else {
                while (underWay.get() < ENTRIES_MAX && propose(leading)) {
                    // as long as there is something to propose
                }
            }
            seen = rounds.addAndGet(-seen);
        } while (seen != 0);
    }

    private void refuseAll() {
        tickWanted = false;
        foundingLevel.set(0);
        for (Submission next = next(); next != null; next = next()) {
            next.sink.answer(Answer.refusedBeforeTheLog(ErrorCode.UNAVAILABLE, "this node does not lead; ask another"));
        }
    }

    private boolean propose(long leading) {
        List<ByteString> requests = new ArrayList<>();
        List<Answer.Sink> sinks = new ArrayList<>();
        int bytes = 0;
        while (requests.size() < REQUESTS_MAX && bytes < BYTES_MAX) {
            Submission next = next();
            if (next == null) {
                break;
            }
            requests.add(next.request);
            sinks.add(next.sink);
            bytes += next.request.size();
        }
        int founding = foundingLevel.getAndSet(0);
        if (requests.isEmpty() && !tickWanted && founding == 0) {
            return false;
        }
        tickWanted = false;
        underWay.incrementAndGet();
        // Every request of the batch was received before this, so the entry's time proves something to its sender.
        log.append(leading, EntryCodec.encode(clock.now(), requests, founding), new Batch(sinks));
        return true;
    }

    private @Nullable Submission next() {
        Submission next = first.poll();
        if (next == null) {
            next = others.poll();
        }
        if (next != null) {
            waiting.decrementAndGet();
            waitingBytes.addAndGet(-next.request.size());
        }
        return next;
    }

    /** The requests of one entry, on their way through the log. */
    final class Batch implements ReplicatedLog.Context {
        private final List<Answer.Sink> sinks;

        private Batch(List<Answer.Sink> sinks) {
            this.sinks = sinks;
        }

        /** The entry was applied here. */
        void applied(List<Result> results, long timeMillis) {
            for (int i = 0; i < sinks.size(); i++) {
                sinks.get(i).answer(new Answer(results.get(i), timeMillis, false));
            }
            underWay.decrementAndGet();
            drain();
        }

        @Override
        public void failed() {
            for (Answer.Sink sink : sinks) {
                sink.answer(Answer.unknown("leadership was lost before the request was known to be committed"));
            }
            underWay.decrementAndGet();
            drain();
        }
    }
}
