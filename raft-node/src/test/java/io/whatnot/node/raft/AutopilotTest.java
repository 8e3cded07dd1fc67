package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Status;
import io.whatnot.core.engine.ReplicatedLog.MemberChange;
import io.whatnot.core.engine.ReplicatedLog.MemberOutcome;
import io.whatnot.core.engine.VirtualScheduler;
import io.whatnot.node.raft.v1.RaftMessages.WhoResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whom the leader lets a waiting learner replace, and when. */
final class AutopilotTest {
    private static final String SELF = "n1:1";
    private static final String DEAD = "n2:1";
    private static final String LEARNER = "n4:1";
    private static final long DEAD_MILLIS = 2_000;

    private final VirtualScheduler scheduler = new VirtualScheduler();
    private final List<MemberChange> changes = new ArrayList<>();
    private final long begunNanos = scheduler.nanoTime();
    private long entriesASecond;
    private long learnerIsBehind;
    private boolean learnerForgot;
    private boolean leads = true;
    private boolean deadAnswers;

    @Test
    void aLearnerThatKeepsUpWithABusyLogTakesTheDeadVotersPlace() {
        entriesASecond = 50_000;
        begin();

        scheduler.pass(DEAD_MILLIS + 2_500);

        assertThat(changes).containsOnly(new MemberChange(MemberChange.Action.REPLACE, DEAD, LEARNER));
    }

    @Test
    void aLearnerThatIsFarBehindWaitsUntilItHasCaughtUp() {
        learnerIsBehind = 5_000;
        begin();
        scheduler.pass(10 * DEAD_MILLIS);
        assertThat(changes).isEmpty();

        learnerIsBehind = 10;
        scheduler.pass(2_500);

        assertThat(changes).isNotEmpty();
    }

    @Test
    void aLearnerThatHasForgottenTakesNobodysPlace() {
        learnerForgot = true;
        begin();

        scheduler.pass(10 * DEAD_MILLIS);

        assertThat(changes).isEmpty();
    }

    @Test
    void aVoterThatAnswersAgainInTimeKeepsItsPlace() {
        begin();
        scheduler.pass(DEAD_MILLIS - 500);
        deadAnswers = true;

        scheduler.pass(10 * DEAD_MILLIS);

        assertThat(changes).isEmpty();
    }

    @Test
    void aNodeThatDoesNotLeadReplacesNobodyAndCountsAnewWhenItLeads() {
        leads = false;
        begin();
        scheduler.pass(10 * DEAD_MILLIS);
        assertThat(changes).isEmpty();

        leads = true;
        scheduler.pass(DEAD_MILLIS - 500);
        assertThat(changes).isEmpty();
        scheduler.pass(2_500);

        assertThat(changes).isNotEmpty();
    }

    private void begin() {
        new Autopilot(DEAD_MILLIS, SELF, peers, consensus, recorder, scheduler).begin();
    }

    private long applied() {
        return 1_000_000 + entriesASecond * (scheduler.nanoTime() - begunNanos) / TimeUnit.SECONDS.toNanos(1);
    }

    private final Autopilot.Changes recorder = new Autopilot.Changes() {
        @Override
        public boolean isBusy() {
            return false;
        }

        @Override
        public void change(MemberChange change, Consumer<MemberOutcome> told) {
            changes.add(change);
        }
    };

    private final Autopilot.Peers peers = new Autopilot.Peers() {
        @Override
        public CompletableFuture<WhoResponse> ask(String raft) {
            if (raft.equals(DEAD) && !deadAnswers) {
                return CompletableFuture.failedFuture(new IOException("no answer"));
            }
            return CompletableFuture.completedFuture(WhoResponse.newBuilder()
                    .setAppliedIndex(applied() - learnerIsBehind)
                    .setAmnesiac(learnerForgot)
                    .build());
        }

        @Override
        public String nameOf(String raft) {
            return raft;
        }
    };

    private final MembershipChanges.Consensus consensus = new MembershipChanges.Consensus() {
        @Override
        public boolean leads() {
            return leads;
        }

        @Override
        public List<String> voters() {
            return List.of(SELF, DEAD, "n3:1");
        }

        @Override
        public List<String> learners() {
            return List.of(LEARNER);
        }

        @Override
        public String leader() {
            return SELF;
        }

        @Override
        public long appliedIndex() {
            return applied();
        }

        @Override
        public long longestTtlMillis() {
            return 0;
        }

        @Override
        public void addLearner(String raft, Closure done) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void removeLearner(String raft, Closure done) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void addVoter(String raft, Closure done) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void removeVoter(String raft, Closure done) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Status transfer(String raft) {
            throw new UnsupportedOperationException();
        }
    };
}
