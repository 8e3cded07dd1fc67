package io.whatnot.node.raft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.error.RaftError;
import io.whatnot.core.engine.ReplicatedLog.MemberChange;
import io.whatnot.core.engine.ReplicatedLog.MemberOutcome;
import io.whatnot.core.engine.ReplicatedLog.MemberOutcome.Kind;
import io.whatnot.core.wire.Endpoints;
import io.whatnot.node.raft.v1.RaftMessages.WhoResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leader does to change who the members are: one change at a time, step by step, on a thread of its own that may
 * wait. Who is to become a voter is a learner first, until it has caught up and its disk knows the longest ttl in use, so
 * that a slow newcomer never is in the way of the others. What is so already is done, so a change that was broken off by
 * a change of leaders is simply asked for again.
 */
final class MembershipChanges implements Autopilot.Changes {
    private static final Logger LOG = LoggerFactory.getLogger(MembershipChanges.class);

    static final int VOTERS_MAX = 9;
    static final int LEARNERS_MAX = 16;

    private static final long STEP_MILLIS = 60_000;
    private static final long CATCH_UP_MILLIS = 600_000;
    private static final long SILENT_MILLIS = 10_000;
    private static final long POLL_MILLIS = 50;

    /** The consensus of this node, which leads. */
    interface Consensus {
        /** Whether this node leads. */
        boolean leads();

        /** The voters by the latest configuration. */
        List<String> voters();

        List<String> learners();

        /** Who leads, as far as is known. */
        @Nullable
        String leader();

        /** How far this node has applied the log. */
        long appliedIndex();

        /** The longest ttl in use, as far as this node's disk knows. */
        long longestTtlMillis();

        void addLearner(String raft, Closure done);

        void removeLearner(String raft, Closure done);

        void addVoter(String raft, Closure done);

        void removeVoter(String raft, Closure done);

        Status transfer(String raft);
    }

    /** It was not done; why. */
    private static final class NotDone extends Exception {
        private static final long serialVersionUID = 1;

        final Kind kind;

        NotDone(Kind kind, String why) {
            super(why);
            this.kind = kind;
        }

        static NotDone wrong(String why) {
            return new NotDone(Kind.WRONG, why);
        }

        static NotDone later(String why) {
            return new NotDone(Kind.NOT_NOW, why);
        }

        static NotDone unknown(String why) {
            return new NotDone(Kind.UNKNOWN, why);
        }
    }

    private record UnderWay(MemberChange change, List<Consumer<MemberOutcome>> waiting) {}

    private final String self;
    private final Members members;
    private final Consensus consensus;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Threads.named("whatnot-members-"));
    private @Nullable UnderWay underWay;
    private volatile @Nullable String concerned;

    MembershipChanges(String self, Members members, Consensus consensus) {
        this.self = self;
        this.members = members;
        this.consensus = consensus;
    }

    void close() {
        thread.shutdownNow();
    }

    /** Whether a node is about to become a member, or another kind of member. */
    boolean concerns(String raft) {
        return raft.equals(concerned);
    }

    @Override
    public synchronized boolean isBusy() {
        return underWay != null;
    }

    /** Carries a change out, unless another is under way; who asks for the one that is, waits with who asked first. */
    @Override
    public void change(MemberChange change, Consumer<MemberOutcome> told) {
        UnderWay now;
        synchronized (this) {
            now = underWay;
            if (now != null && now.change.equals(change) && now.waiting.size() < VOTERS_MAX) {
                now.waiting.add(told);
                return;
            }
            if (now == null) {
                underWay = new UnderWay(change, new ArrayList<>(List.of(told)));
                thread.execute(() -> run(change));
                return;
            }
        }
        told.accept(new MemberOutcome(Kind.NOT_NOW, "another change of members is under way: " + now.change));
    }

    private void run(MemberChange change) {
        MemberOutcome outcome;
        try {
            LOG.info("{} begins", change);
            carryOut(change);
            LOG.info("{} is done", change);
            outcome = MemberOutcome.DONE;
        } catch (NotDone e) {
            LOG.info("{} is not done: {}", change, e.getMessage());
            outcome = new MemberOutcome(e.kind, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            outcome = new MemberOutcome(Kind.UNKNOWN, "the leader stops");
        } catch (RuntimeException e) {
            LOG.error("{} failed", change, e);
            outcome = new MemberOutcome(Kind.UNKNOWN, "the leader failed: " + e);
        }
        List<Consumer<MemberOutcome>> waiting;
        synchronized (this) {
            waiting = underWay == null ? List.of() : List.copyOf(underWay.waiting);
            underWay = null;
            concerned = null;
        }
        MemberOutcome told = outcome;
        waiting.forEach(one -> one.accept(told));
    }

    private void carryOut(MemberChange change) throws NotDone, InterruptedException {
        switch (change.action()) {
            case ADD -> add(change.member(), true);
            case ADD_LEARNER -> add(change.member(), false);
            case PROMOTE -> promote(member(change.member()));
            case REMOVE -> remove(member(change.member()));
            case REPLACE -> replace(member(change.member()), change.other());
            case TRANSFER -> transfer(member(change.member()));
        }
    }

    /** Where nodes reach whom people call so. */
    private String member(String nameOrRaft) throws NotDone {
        String found = members.find(nameOrRaft);
        if (found != null) {
            return found;
        }
        if (Endpoints.isOne(nameOrRaft)) {
            return nameOrRaft;
        }
        throw NotDone.wrong("\"" + nameOrRaft + "\" is no member; there are "
                + members.all().stream().map(members::nameOf).sorted().toList()
                + "; one that is not a member yet is named by host:port, where other nodes reach it");
    }

    // ---- in

    private void add(String nameOrRaft, boolean asVoter) throws NotDone, InterruptedException {
        String raft = member(nameOrRaft);
        if (consensus.voters().contains(raft)) {
            if (asVoter) {
                return;
            }
            throw NotDone.wrong(members.nameOf(raft) + " is a voter; remove it, and add a new node as a learner");
        }
        admit(raft);
        if (asVoter) {
            promote(raft);
        }
    }

    /** It becomes a learner, if it is none. */
    private void admit(String raft) throws NotDone, InterruptedException {
        if (consensus.learners().contains(raft)) {
            return;
        }
        if (consensus.learners().size() >= LEARNERS_MAX) {
            throw new NotDone(Kind.TOO_MANY, "there are " + LEARNERS_MAX + " learners, as many as may be");
        }
        WhoResponse who = newcomer(raft);
        concerned = raft;
        members.learn(who);
        step("to add " + who.getName() + " as a learner", done -> consensus.addLearner(raft, done));
    }

    /** Who is there, if it may become a member. */
    private WhoResponse newcomer(String raft) throws NotDone, InterruptedException {
        WhoResponse who;
        try {
            who = members.ask(raft).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Members.NotWho) {
                throw NotDone.wrong(
                        reason(e) + ". Start it under a name and endpoints of its own, and add it by these");
            }
            throw NotDone.later("the node at " + raft + " can't be added: " + reason(e)
                    + ". Start it, with --join and an empty data folder, before it is added");
        }
        if (who.getCounted()) {
            throw NotDone.wrong(who.getName() + " at " + raft + " has been a voter before, and is none now: it may have"
                    + " promised what it does not remember. Start it under a new name, with an empty data folder and"
                    + " another endpoint for nodes");
        }
        if (!who.getJoined()) {
            throw NotDone.wrong(who.getName() + " at " + raft + " was not started to join a cluster; start it with"
                    + " --join and an empty data folder");
        }
        return who;
    }

    private void promote(String raft) throws NotDone, InterruptedException {
        if (consensus.voters().contains(raft)) {
            return;
        }
        String name = members.nameOf(raft);
        if (!consensus.learners().contains(raft)) {
            throw NotDone.wrong(name + " is no learner; add it first");
        }
        if (consensus.voters().size() >= VOTERS_MAX) {
            throw new NotDone(
                    Kind.TOO_MANY,
                    "there are " + VOTERS_MAX + " voters, as many as may be; " + name + " can be a learner");
        }
        concerned = raft;
        awaitCaughtUp(raft, name);
        allow(MembershipRules.addition(views()));
        // A learner's replication does not count for commitment: JRaft has to begin anew with it as a voter.
        step("to let " + name + " be no learner", done -> consensus.removeLearner(raft, done));
        try {
            step("to make " + name + " a voter", done -> consensus.addVoter(raft, done));
        } catch (NotDone e) {
            if (consensus.leads() && !consensus.voters().contains(raft)) {
                step("to let " + name + " be a learner again", done -> consensus.addLearner(raft, done));
            }
            throw e;
        }
    }

    /** Until it has what was committed when this began, and its disk knows the longest ttl. */
    private void awaitCaughtUp(String raft, String name) throws NotDone, InterruptedException {
        long wanted = consensus.appliedIndex();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CATCH_UP_MILLIS);
        long heard = System.nanoTime();
        while (true) {
            requireLeading();
            try {
                WhoResponse who = members.ask(raft).get();
                heard = System.nanoTime();
                if (!who.getAmnesiac()
                        && who.getAppliedIndex() >= wanted
                        && who.getLongestTtlMillis() >= consensus.longestTtlMillis()) {
                    return;
                }
            } catch (ExecutionException e) {
                if (System.nanoTime() - heard > TimeUnit.MILLISECONDS.toNanos(SILENT_MILLIS)) {
                    throw NotDone.later(name + " does not answer, and stays a learner: " + reason(e));
                }
            }
            if (System.nanoTime() - end > 0) {
                throw NotDone.later(name + " has not caught up within " + CATCH_UP_MILLIS / 60_000
                        + " minutes, and stays a learner");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    // ---- out

    private void remove(String raft) throws NotDone, InterruptedException {
        String name = members.nameOf(raft);
        if (consensus.learners().contains(raft)) {
            step("to remove " + name, done -> consensus.removeLearner(raft, done));
        } else if (consensus.voters().contains(raft)) {
            if (consensus.voters().size() == 1) {
                throw NotDone.wrong(name + " is the only voter, without which there is no cluster; stop it instead");
            }
            allow(MembershipRules.removal(views(), raft));
            step("to remove " + name, done -> consensus.removeVoter(raft, done));
        }
    }

    /** A dead one goes before the new one has a say, one that lives goes after: at no time is there less of a quorum. */
    private void replace(String old, String nameOrRaft) throws NotDone, InterruptedException {
        String raft = member(nameOrRaft);
        if (raft.equals(old)) {
            throw NotDone.wrong(members.nameOf(raft) + " can't take its own place");
        }
        if (!consensus.voters().contains(raft)) {
            admit(raft);
            concerned = raft;
            awaitCaughtUp(raft, members.nameOf(raft));
        }
        boolean isWell =
                views().stream().filter(voter -> voter.raft().equals(old)).allMatch(MembershipRules.Voter::isWell);
        if (isWell) {
            promote(raft);
            remove(old);
        } else {
            remove(old);
            promote(raft);
        }
    }

    // ---- leadership

    private void transfer(String raft) throws NotDone, InterruptedException {
        String name = members.nameOf(raft);
        if (raft.equals(self)) {
            return;
        }
        if (!consensus.voters().contains(raft)) {
            throw NotDone.wrong(name + " is no voter; only voters lead");
        }
        MembershipRules.Voter view = view(raft).join();
        if (!view.isWell()) {
            throw NotDone.later(
                    name + (view.answers() ? " has lost its memory and has not caught up yet" : " does not answer"));
        }
        Status status = consensus.transfer(raft);
        if (!status.isOk()) {
            throw NotDone.later("leadership can't be handed over to " + name + " now: " + status.getErrorMsg());
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SILENT_MILLIS);
        while (!raft.equals(consensus.leader())) {
            if (consensus.leads()) {
                throw NotDone.later(name + " did not take over in time");
            }
            if (System.nanoTime() - end > 0) {
                throw NotDone.unknown("nobody has taken over yet");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS / 10);
        }
    }

    // ---- what all of them need

    private void requireLeading() throws NotDone {
        if (!consensus.leads()) {
            throw NotDone.unknown("this node does not lead any more");
        }
    }

    private static void allow(@Nullable String problem) throws NotDone {
        if (problem != null) {
            throw NotDone.later(problem);
        }
    }

    /** How the voters are now. */
    private List<MembershipRules.Voter> views() {
        List<CompletableFuture<MembershipRules.Voter>> asked =
                consensus.voters().stream().map(this::view).toList();
        List<MembershipRules.Voter> views = new ArrayList<>();
        for (CompletableFuture<MembershipRules.Voter> view : asked) {
            views.add(view.join());
        }
        return views;
    }

    /** How a voter is; always comes, soon. */
    private CompletableFuture<MembershipRules.Voter> view(String raft) {
        String name = members.nameOf(raft);
        if (raft.equals(self)) {
            return CompletableFuture.completedFuture(new MembershipRules.Voter(raft, name, true, false));
        }
        return members.ask(raft)
                .handle((who, failure) ->
                        new MembershipRules.Voter(raft, name, failure == null, failure == null && who.getAmnesiac()));
    }

    /** One change of the configuration, until it is committed. */
    private void step(String what, Consumer<Closure> begin) throws NotDone, InterruptedException {
        requireLeading();
        CompletableFuture<Status> done = new CompletableFuture<>();
        begin.accept(done::complete);
        Status status;
        try {
            status = done.get(STEP_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw NotDone.unknown("it takes longer than " + STEP_MILLIS / 1_000 + " s " + what);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        if (status.getRaftError() == RaftError.ECATCHUP || status.getRaftError() == RaftError.EBUSY) {
            throw NotDone.later("it was not possible " + what + ": " + status.getErrorMsg());
        }
        if (!status.isOk()) {
            throw NotDone.unknown("it is not sure " + what + ": " + status.getErrorMsg());
        }
    }

    private static String reason(ExecutionException e) {
        Throwable cause = e.getCause();
        return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
    }
}
