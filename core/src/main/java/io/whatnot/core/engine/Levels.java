package io.whatnot.core.engine;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.time.Scheduler;
import java.util.ArrayList;
import java.util.List;

/**
 * What the leader does about the feature level. It founds the cluster at the newest level that all nodes support, as soon as
 * all of them have said what they do; until then, and for good if one was older, what applying does is the first level's.
 * And it lets nobody raise the level to one that some node doesn't support, or hasn't said that it does.
 */
final class Levels {
    /** Until a cluster is founded the nodes are asked that often. */
    static final long FOUNDING_MILLIS = 500;

    private final String endpoint;
    private final int levelMax;
    private final ReplicatedLog log;
    private final NamespaceStateMachine machine;
    private final Proposer proposer;
    private final Scheduler scheduler;
    private long term;

    /**
     * @param endpoint where clients reach this node
     * @param levelMax the newest level that the software of this node supports
     */
    Levels(
            String endpoint,
            int levelMax,
            ReplicatedLog log,
            NamespaceStateMachine machine,
            Proposer proposer,
            Scheduler scheduler) {
        this.endpoint = endpoint;
        this.levelMax = levelMax;
        this.log = log;
        this.machine = machine;
        this.proposer = proposer;
        this.scheduler = scheduler;
    }

    /** This node leads. Twice for a term is once. */
    void start(long term) {
        synchronized (this) {
            if (term == this.term) {
                return;
            }
            this.term = term;
        }
        found(term);
    }

    /** This node leads no more. */
    synchronized void stop() {
        term = 0;
    }

    private synchronized boolean isFounding(long inTerm) {
        return term == inTerm && !machine.state().isFounded();
    }

    private void found(long inTerm) {
        if (!isFounding(inTerm)) {
            return;
        }
        log.askLevels(others -> {
            if (isFounding(inTerm) && others.stream().allMatch(ReplicatedLog.NodeLevel::isKnown)) {
                proposer.found(others.stream()
                        .mapToInt(ReplicatedLog.NodeLevel::levelMax)
                        .reduce(levelMax, Math::min));
            }
            if (isFounding(inTerm)) {
                scheduler.schedule(FOUNDING_MILLIS, () -> found(inTerm));
            }
        });
    }

    /** Goes on if all nodes support that level; else refuses, naming those that don't. */
    void ifSupported(int level, Runnable goOn, Answer.Sink refused) {
        if (level <= machine.state().level()) {
            goOn.run();
            return;
        }
        log.askLevels(others -> {
            List<String> problems = new ArrayList<>();
            if (levelMax < level) {
                problems.add("the leader, " + endpoint + ", supports levels up to " + levelMax);
            }
            for (ReplicatedLog.NodeLevel other : others) {
                if (!other.isKnown()) {
                    problems.add(other.node() + " does not say what it supports: " + other.problem());
                } else if (other.levelMax() < level) {
                    problems.add(other.node() + " supports levels up to " + other.levelMax());
                }
            }
            if (problems.isEmpty()) {
                goOn.run();
            } else {
                refused.answer(Answer.refusedBeforeTheLog(
                        ErrorCode.UNSUPPORTED,
                        "the cluster stays at feature level "
                                + machine.state().level() + ", for not all nodes support level " + level + ": "
                                + String.join("; ", problems)
                                + ". Have all of them run a version that does, then raise the level again"));
            }
        });
    }
}
