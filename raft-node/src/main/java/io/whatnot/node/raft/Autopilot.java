package io.whatnot.node.raft;

import io.whatnot.core.engine.ReplicatedLog.MemberChange;
import io.whatnot.core.engine.ReplicatedLog.MemberOutcome;
import io.whatnot.core.time.Scheduler;
import io.whatnot.node.raft.v1.RaftMessages.WhoResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a learner that waits, and has caught up, in the place of a voter that has not answered for a set time. The leader
 * does it, one at a time, and by the rules that an operator's changes follow: so never below a quorum, nor while another
 * voter is without its memory. The time begins anew with each leader.
 */
final class Autopilot {
    private static final Logger LOG = LoggerFactory.getLogger(Autopilot.class);

    private static final long PAUSE_MILLIS = 1_000;
    /** A learner that is further behind than that waits on. */
    private static final long BEHIND_MAX = 1_000;

    /** The other nodes. */
    interface Peers {
        /** What the node at that endpoint says of itself; fails if it does not answer. */
        CompletableFuture<WhoResponse> ask(String raft);

        /** How people call it. */
        String nameOf(String raft);
    }

    /** What carries changes of members out. */
    interface Changes {
        /** Whether one is under way. */
        boolean isBusy();

        void change(MemberChange change, Consumer<MemberOutcome> told);
    }

    private final long deadMillis;
    private final String self;
    private final Peers members;
    private final MembershipChanges.Consensus consensus;
    private final Changes changes;
    private final Scheduler scheduler;
    /** When each voter was last heard of, or first missed. */
    private final Map<String, Long> heardNanos = new HashMap<>();

    /** The learners that had caught up when they answered last. */
    private final Set<String> caughtUp = new HashSet<>();

    private volatile boolean closed;

    /** @param deadMillis for how long a voter has not answered when it is replaced; 0: nobody is */
    Autopilot(
            long deadMillis,
            String self,
            Peers members,
            MembershipChanges.Consensus consensus,
            Changes changes,
            Scheduler scheduler) {
        this.deadMillis = deadMillis;
        this.self = self;
        this.members = members;
        this.consensus = consensus;
        this.changes = changes;
        this.scheduler = scheduler;
    }

    void begin() {
        if (deadMillis > 0) {
            scheduler.schedule(PAUSE_MILLIS, this::look);
        }
    }

    void close() {
        closed = true;
    }

    private synchronized void look() {
        if (closed) {
            return;
        }
        if (consensus.leads()) {
            List<String> voters = consensus.voters();
            heardNanos.keySet().retainAll(voters);
            caughtUp.retainAll(consensus.learners());
            voters.stream().filter(voter -> !voter.equals(self)).forEach(this::listen);
            consensus.learners().forEach(this::listen);
            replaceWhoIsDead(voters);
        } else {
            heardNanos.clear();
            caughtUp.clear();
        }
        scheduler.schedule(PAUSE_MILLIS, this::look);
    }

    private void listen(String raft) {
        heardNanos.putIfAbsent(raft, scheduler.nanoTime());
        // As of the question: the log goes on, by more than BEHIND_MAX a second perhaps, until the answer is looked at.
        long wanted = consensus.appliedIndex() - BEHIND_MAX;
        members.ask(raft).whenComplete((who, failure) -> heard(raft, who, wanted));
    }

    private synchronized void heard(String raft, @Nullable WhoResponse who, long wanted) {
        if (who != null) {
            heardNanos.put(raft, scheduler.nanoTime());
        }
        if (who != null
                && !who.getAmnesiac()
                && who.getAppliedIndex() >= wanted
                && consensus.learners().contains(raft)) {
            caughtUp.add(raft);
        } else {
            caughtUp.remove(raft);
        }
    }

    private void replaceWhoIsDead(List<String> voters) {
        if (changes.isBusy()) {
            return;
        }
        long now = scheduler.nanoTime();
        for (String voter : voters) {
            Long heard = heardNanos.get(voter);
            if (voter.equals(self) || heard == null || now - heard < TimeUnit.MILLISECONDS.toNanos(deadMillis)) {
                continue;
            }
            String learner = waiting();
            if (learner == null) {
                LOG.debug("{} is dead, and no learner that has caught up waits", members.nameOf(voter));
                return;
            }
            LOG.warn(
                    "{} has not answered for {} ms; {} takes its place",
                    members.nameOf(voter),
                    TimeUnit.NANOSECONDS.toMillis(now - heard),
                    members.nameOf(learner));
            changes.change(
                    new MemberChange(MemberChange.Action.REPLACE, voter, learner),
                    result -> LOG.info("the place of {} was to be taken: {}", members.nameOf(voter), result));
            return;
        }
    }

    /** The first learner, by endpoint, that has caught up. */
    private @Nullable String waiting() {
        return caughtUp.stream().sorted().findFirst().orElse(null);
    }
}
