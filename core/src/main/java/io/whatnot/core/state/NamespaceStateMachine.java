package io.whatnot.core.state;

import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordination service as a function: applied to the same entries it gives the same state, answers and events, on
 * every node and in every run.
 *
 * <p>One thread applies. The state it publishes after each entry never changes again: any thread may read it, for as
 * long as it likes, without a lock.
 *
 * <p>A command that throws, which is a bug, is rolled back and answered INTERNAL with an id, on all nodes alike; the
 * others of its entry go on. An {@link Error} other than an assertion's is the machine's and goes to the caller, who is
 * to stop the node.
 */
public final class NamespaceStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceStateMachine.class);

    private final int levelMax;
    private volatile State state;

    /** Before the first entry of a cluster founded with the usual limits. */
    public NamespaceStateMachine() {
        this(Settings.DEFAULT);
    }

    /** Before the first entry of a cluster founded with these limits. All nodes must be founded with the same. */
    public NamespaceStateMachine(Settings founding) {
        this(founding, FeatureLevel.NEWEST);
    }

    /** The same as software that supports feature levels up to that one; it applies no entry that needs a higher one. */
    public NamespaceStateMachine(Settings founding, int levelMax) {
        this.levelMax = levelMax;
        state = State.empty(founding).publish();
    }

    /** The state after the last entry. */
    public State state() {
        return state;
    }

    /** Goes on from another state, read from an image. */
    public void restore(State restored) {
        state = restored;
    }

    /** Applies the next entry of the log.
     *
     * @throws UnsupportedLevelException if it takes newer software to do so: nothing of it is applied */
    public Applied apply(Entry entry) {
        requireKnown(entry);
        try {
            return apply(entry, false);
        } catch (UnsupportedLevelException e) {
            throw e;
        } catch (RuntimeException | AssertionError bug) {
            // Nothing of it was published. Again, with a way back before each step: that costs more, so only now.
            return apply(entry, true);
        }
    }

    /** What older software can't even read it must not answer, not even with a refusal: others might. */
    private void requireKnown(Entry entry) {
        for (Request request : entry.requests()) {
            if (request != null) {
                requireKnown("a command in the log needs", FeatureLevel.neededInTheLog(request.command()));
            }
        }
    }

    private void requireKnown(String what, int level) {
        if (level > levelMax) {
            throw UnsupportedLevelException.of(what, level, levelMax);
        }
    }

    private Applied apply(Entry entry, boolean careful) {
        Application application = new Application(state.edit(), careful);
        application.draft.entries++;
        application.draft.timeMillis = Math.max(application.draft.timeMillis, entry.timeMillis());
        application.found(entry.foundingLevel());
        application.fireDue();
        List<Result> results = new ArrayList<>(entry.requests().size());
        for (Request request : entry.requests()) {
            results.add(application.answer(request, results.size()));
        }
        State next = application.draft.publish();
        state = next;
        Step.Output output = application.output;
        return new Applied(next.timeMillis, next.revision, results, output.events, output.pushes, output.dropped);
    }

    /** One entry at work. */
    private final class Application {
        final Step.Output output = new Step.Output();
        private final boolean careful;
        State draft;

        Application(State draft, boolean careful) {
            this.draft = draft;
            this.careful = careful;
        }

        /** The first leader has found out what all nodes support. */
        void found(int level) {
            if (level != 0 && !draft.isFounded()) {
                requireKnown("the cluster is founded at", level);
                draft.foundedLevel = level;
            }
        }

        /** Everything whose deadline has passed, each in its own revision. */
        void fireDue() {
            for (OrderedMap.Entry<Deadline, Boolean> first = draft.deadlines.first();
                    first != null && first.key().atMillis() <= draft.timeMillis;
                    first = draft.deadlines.first()) {
                Deadline deadline = first.key();
                State before = checkpoint();
                Step.Output.Mark mark = output.mark();
                try {
                    draft.removeDeadline(deadline);
                    Step step = new Step(draft, output);
                    if (deadline.kind() != Deadline.Kind.SWEEP) { // which takes one if it finds something
                        step.revision();
                    }
                    fire(step, deadline);
                } catch (RuntimeException | AssertionError bug) {
                    if (!careful) {
                        throw bug;
                    }
                    revertTo(before, mark);
                    LOG.error("bug {}-{}: a deadline could not fire and is taken out", draft.entries, deadline, bug);
                    draft.breakDeadline(deadline);
                    if (deadline.kind() == Deadline.Kind.RECOVERY) {
                        Recovery.giveUp(draft);
                    }
                }
            }
        }

        Result answer(@Nullable Request request, int place) {
            String id = draft.entries + "-" + place;
            if (request == null) {
                return new Refused(ErrorCode.INTERNAL, "bug " + id + ": the request can't be read");
            }
            State before = checkpoint();
            Step.Output.Mark mark = output.mark();
            try {
                return NamespaceStateMachine.this.answer(new Step(draft, output), request);
            } catch (UnsupportedLevelException e) {
                throw e;
            } catch (RuntimeException | AssertionError bug) {
                if (!careful) {
                    throw bug;
                }
                revertTo(before, mark);
                LOG.error("bug {}: rolled back and answered INTERNAL: {}", id, request, bug);
                Refused internal = new Refused(
                        ErrorCode.INTERNAL,
                        "bug " + id + ": the request was rolled back on all nodes; their logs have that id");
                keep(before, request, internal);
                return internal;
            }
        }

        private void keep(State before, Request request, Refused internal) {
            try {
                if (request.sequence() != 0 && draft.sessions.get(request.session()) != null) {
                    draft.sessions.keep(request, internal);
                }
            } catch (RuntimeException | AssertionError bug) {
                LOG.error("even its answer can't be kept", bug);
                draft = before.edit();
            }
        }

        private State checkpoint() {
            if (!careful) {
                return draft;
            }
            State before = draft.publish();
            draft = before.edit();
            return before;
        }

        private void revertTo(State before, Step.Output.Mark mark) {
            draft = before.edit();
            output.revertTo(mark);
        }
    }

    private static void fire(Step step, Deadline deadline) {
        LeaseId id = new LeaseId(deadline.session(), deadline.sequence());
        switch (deadline.kind()) {
            case SESSION -> SessionExecutor.expire(step, deadline.session());
            case LEASE -> LockExecutor.expire(step, id);
            case WAIT -> LockExecutor.timeOut(step, id);
            case ELEMENT ->
                ElementExecutor.end(step, deadline.namespace(), Objects.requireNonNull(deadline.path()), Cause.EXPIRED);
            case RECOVERY -> Recovery.end(step);
            case SWEEP -> PruneExecutor.sweep(step, deadline.namespace(), Objects.requireNonNull(deadline.path()));
        }
    }

    /** The answer to a request: the one it was given before, or else what carrying it out gives. */
    private Result answer(Step step, Request request) {
        State state = step.state;
        Command command = request.command();
        if (command.isOfNoSession()) {
            return execute(step, request);
        }
        if (state.sessions.get(request.session()) == null) {
            return Recovery.mayBeReclaimed(state, request.session())
                    ? Recovery.refusal(state)
                    : noSession(request.session());
        }
        state.sessions.acknowledge(request);
        if (request.sequence() == 0) {
            return execute(step, request);
        }
        Result before = LockExecutor.answerTo(state, new LeaseId(request.session(), request.sequence()));
        if (before == null) {
            before = state.sessions.answerTo(request);
        }
        if (before == null && !isFreeing(state, request)) {
            before = state.sessions.refuseIfFull(request, state.settings.answersMax(), state.settings.answerBytesMax());
        }
        if (before != null) {
            return before;
        }
        if (!Recovery.mayGoOn(state, request)) {
            return Recovery.refusal(state);
        }
        Result result = execute(step, request);
        if (!LockExecutor.isKeptAsLease(result) && !isForNow(result) && state.sessions.get(request.session()) != null) {
            state.sessions.keep(request, result);
        }
        return result;
    }

    static Refused noSession(long session) {
        return new Refused(
                ErrorCode.SESSION_EXPIRED,
                "there is no session " + session + ": it was closed, it ran out, or never was");
    }

    /** What is refused only for now is asked again, under the same number. */
    private static boolean isForNow(Result result) {
        return result instanceof Refused refused && refused.code() == ErrorCode.RECOVERING;
    }

    /** What makes room is carried out even where no room is left for its answer: it can be done only so often. */
    private static boolean isFreeing(State state, Request request) {
        if (request.command() instanceof LeaseCommand.Release release) {
            return state.locks.lease(new LeaseId(request.session(), release.lease())) != null;
        }
        if (request.command() instanceof LeaseCommand.Cancel cancel) {
            return LockExecutor.answerTo(state, new LeaseId(request.session(), cancel.request())) != null;
        }
        return request.command() instanceof SessionCommand.Close;
    }

    private Result execute(Step step, Request request) {
        Command command = request.command();
        if (FeatureLevel.neededInTheLog(command) > step.state.level()) {
            return Objects.requireNonNull(step.state.refuseAbove(command));
        }
        if (command instanceof LeaseCommand lease) {
            return LockExecutor.execute(step, request, lease);
        }
        if (command instanceof ElementCommand element) {
            return ElementExecutor.execute(step, request, element);
        }
        if (command instanceof Transaction transaction) {
            return TransactionExecutor.execute(step, request, transaction);
        }
        if (command instanceof SessionCommand session) {
            return SessionExecutor.execute(step, request, session);
        }
        if (command instanceof NamespaceCommand namespace) {
            return NamespaceExecutor.execute(step, request, namespace);
        }
        if (command instanceof PoolCommand pool) {
            return PoolExecutor.execute(step, request, pool);
        }
        if (command instanceof PruneCommand prune) {
            return PruneExecutor.execute(step, request, prune);
        }
        if (command instanceof AdminCommand.RaiseLevel raise) {
            requireKnown("the cluster is raised to", raise.level());
        }
        if (command instanceof AdminCommand admin) {
            return AdminExecutor.execute(step, request, admin);
        }
        if (command instanceof ClusterCommand cluster) {
            return Recovery.execute(step, cluster);
        }
        throw new AssertionError(command);
    }
}
