package io.whatnot.core.engine;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.Queries;
import io.whatnot.core.state.State;
import io.whatnot.core.time.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Answers reads on any node. A LINEARIZABLE read waits until this node has applied what was committed when it came
 * (ReadIndex, Ongaro 2014, section 6.4); all that come while one such question is under way share the next. A SESSION
 * read waits until this node is as new as the session has seen. A NODE read doesn't wait. None takes a lock or holds up
 * the log.
 */
final class Reader {
    /** The most reads that may wait on a node. */
    static final int WAITING_MAX = 50_000;

    /** How long a read waits for this node to get as new as it wants. */
    static final long BEHIND_MILLIS_MAX = 5_000;

    private record LinearizableRead(Query query, long term, long timeMillis, Answer.Sink sink) {}

    private record Later(long minRevision, Consumer<State> caughtUp, Runnable givenUp, long untilNanos)
            implements Comparable<Later> {
        @Override
        public int compareTo(Later other) {
            return Long.compare(minRevision, other.minRevision);
        }
    }

    private final NamespaceStateMachine machine;
    private final ReplicatedLog log;
    private final LeaderDuties duties;
    private final ClusterClock clock;
    private final Views views;
    private final Scheduler scheduler;
    private final Executor executor;
    private List<LinearizableRead> gathered = new ArrayList<>();
    private boolean asking;
    private final PriorityQueue<Later> behind = new PriorityQueue<>();

    Reader(
            NamespaceStateMachine machine,
            ReplicatedLog log,
            LeaderDuties duties,
            ClusterClock clock,
            Views views,
            Scheduler scheduler,
            Executor executor) {
        this.machine = machine;
        this.log = log;
        this.duties = duties;
        this.clock = clock;
        this.views = views;
        this.scheduler = scheduler;
        this.executor = executor;
    }

    /** Answers from the state as it is when everything committed by now is applied. */
    void linearizable(Query query, Answer.Sink sink) {
        // The time is read before leadership is proven and after the call was received; it counts only if this node
        // leads in the same term all the while.
        long term = duties.term();
        LinearizableRead read = new LinearizableRead(query, term, clock.now(), sink);
        boolean first;
        synchronized (this) {
            if (gathered.size() >= WAITING_MAX) {
                sink.answer(tooMany());
                return;
            }
            gathered.add(read);
            first = !asking;
            asking = true;
        }
        if (first) {
            ask();
        }
    }

    private static Answer tooMany() {
        return Answer.tryLater("this node has " + WAITING_MAX + " reads waiting; try again later", 50);
    }

    private void ask() {
        List<LinearizableRead> reads;
        synchronized (this) {
            if (gathered.isEmpty()) {
                asking = false;
                return;
            }
            reads = gathered;
            gathered = new ArrayList<>();
        }
        log.readIndex(new ReplicatedLog.Reader() {
            @Override
            public void caughtUp() {
                State state = machine.state();
                long term = duties.term();
                executor.execute(() -> reads.forEach(read ->
                        answer(state, read.query, term != 0 && read.term == term ? read.timeMillis : 0, read.sink)));
                ask();
            }

            @Override
            public void failed(String why) {
                Answer refusal = Answer.refusedBeforeTheLog(
                        ErrorCode.UNAVAILABLE, "the read can't be confirmed by a majority: " + why);
                executor.execute(() -> reads.forEach(read -> read.sink.answer(refusal)));
                ask();
            }
        });
    }

    /** Answers once this node has applied that revision. */
    void session(long minRevision, Query query, Answer.Sink sink) {
        whenApplied(
                minRevision,
                state -> answer(state, query, 0, sink),
                () -> sink.answer(Answer.refusedBeforeTheLog(
                        ErrorCode.UNAVAILABLE,
                        "this node has not got to revision " + minRevision + " within " + BEHIND_MILLIS_MAX
                                + " ms, or too many wait for it to; it lags behind, ask another")));
    }

    /** Runs one of the two on the readers' executor: once this node has applied the revision, or gives up. */
    void whenApplied(long minRevision, Consumer<State> caughtUp, Runnable givenUp) {
        State state = machine.state();
        if (state.revision() < minRevision) {
            synchronized (this) {
                state = machine.state();
                if (state.revision() < minRevision) {
                    if (behind.size() >= WAITING_MAX) {
                        executor.execute(givenUp);
                        return;
                    }
                    if (behind.isEmpty()) {
                        scheduler.schedule(BEHIND_MILLIS_MAX, this::giveUp);
                    }
                    long until = scheduler.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BEHIND_MILLIS_MAX);
                    behind.add(new Later(minRevision, caughtUp, givenUp, until));
                    return;
                }
            }
        }
        State now = state;
        executor.execute(() -> caughtUp.accept(now));
    }

    private void giveUp() {
        List<Later> givenUp = new ArrayList<>();
        synchronized (this) {
            long now = scheduler.nanoTime();
            behind.removeIf(later -> later.untilNanos - now <= 0 && givenUp.add(later));
            if (!behind.isEmpty()) {
                scheduler.schedule(BEHIND_MILLIS_MAX / 10, this::giveUp);
            }
        }
        givenUp.forEach(later -> executor.execute(later.givenUp));
    }

    /** Answers from whatever this node has. */
    void node(Query query, Answer.Sink sink) {
        State state = machine.state();
        executor.execute(() -> answer(state, query, 0, sink));
    }

    /** This node has applied more. */
    void applied(State state) {
        List<Later> caughtUp = List.of();
        synchronized (this) {
            while (!behind.isEmpty() && behind.element().minRevision <= state.revision()) {
                caughtUp = caughtUp.isEmpty() ? new ArrayList<>() : caughtUp;
                caughtUp.add(behind.remove());
            }
        }
        for (Later later : caughtUp) {
            executor.execute(() -> later.caughtUp.accept(state));
        }
    }

    /** Those who flooded this node with reads and are gone must not keep others waiting. */
    private void answer(State state, Query query, long timeMillis, Answer.Sink sink) {
        if (sink.isWanted()) {
            sink.answer(answer(state, query, timeMillis));
        }
    }

    private Answer answer(State state, Query query, long timeMillis) {
        if (!(query instanceof Query.List list)) {
            return new Answer(Queries.answer(state, query), timeMillis, false);
        }
        State of = list.view() == 0 ? state : views.get(list.view());
        if (of == null) {
            return new Answer(
                    new Result.Refused(
                            ErrorCode.VIEW_EXPIRED,
                            "view " + list.view() + " of " + list.path() + " is no longer held: a listing has "
                                    + Views.HELD_MILLIS / 1000 + " s, and only the latest " + Views.VIEWS_MAX
                                    + " of a node are held; start again"),
                    timeMillis,
                    false);
        }
        Result result = Queries.answer(of, query);
        if (result instanceof Result.Page page && page.more()) {
            long view = list.view() == 0 ? views.hold(of) : list.view();
            result = new Result.Page(page.revision(), page.elements(), true, view);
        } else if (list.view() != 0) {
            views.release(list.view());
        }
        return new Answer(result, timeMillis, false);
    }
}
