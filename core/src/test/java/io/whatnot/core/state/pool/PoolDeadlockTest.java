package io.whatnot.core.state.pool;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A pool of one takes part in deadlocks as a lock does; a larger pool never is taken for one. */
class PoolDeadlockTest {
    private final Machine machine = new Machine().found(4);
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");

    private static List<Detail.Wait> cycle(Result refused) {
        return ((Detail.Deadlock) refused(ErrorCode.DEADLOCK, refused).detail()).cycle();
    }

    @Test
    void aCycleThroughAPoolOfOneIsCutAndTold() {
        done(ann.createPool("/p", 1));
        LeaseId claim = granted(ann.claim("/p", 1)).id();
        LeaseId lock = granted(bob.lock(element("/a"))).id();
        LeaseId waits = queued(ann.lock(element("/a"))).id();

        Result refused = bob.claim("/p", 1);

        assertThat(cycle(refused)).extracting(wait -> wait.request().id()).containsExactly(bob.last(), waits);
        assertThat(cycle(refused)).extracting(wait -> wait.held().id()).containsExactly(claim, lock);
        assertThat(refused(ErrorCode.DEADLOCK, refused).message()).contains("bob", "wants 1 slot at /p");
    }

    @Test
    void whoWouldWaitForHisOwnClaimOnAPoolOfOneIsACycleOfOne() {
        done(ann.createPool("/p", 1));
        granted(ann.claim("/p", 1));
        assertThat(cycle(ann.claim("/p", 1))).hasSize(1);
        // Another owner of the session may release it, so he may wait.
        queued(ann.as("other").claim("/p", 1));
    }

    @Test
    void aCycleOverTwoPoolsOfOneAndALockIsFound() {
        done(ann.createPool("/p", 1));
        done(ann.createPool("/q", 1));
        granted(ann.claim("/p", 1));
        granted(bob.claim("/q", 1));
        granted(cid.lock(element("/a")));
        queued(ann.claim("/q", 1));
        queued(bob.lock(element("/a")));
        assertThat(cycle(cid.claim("/p", 1))).hasSize(3);
    }

    @Test
    void whoWaitsForALargerPoolIsInNoDeadlockForSomebodyElseMayRelease() {
        done(ann.createPool("/p", 2));
        granted(ann.claim("/p", 1));
        LeaseId others = granted(cid.claim("/p", 1)).id();
        granted(bob.lock(element("/a")));
        queued(ann.lock(element("/a")));

        LeaseId waits = queued(bob.claim("/p", 1)).id();

        done(cid.release(others));
        assertThat(bob.holds(waits)).isTrue();
    }

    @Test
    void aPoolThatBecomesOneOfOneClosesCyclesAndTheYoungestRequestFails() {
        done(ann.createPool("/p", 2));
        granted(ann.claim("/p", 2));
        granted(bob.lock(element("/a")));
        LeaseId older = queued(bob.claim("/p", 1)).id();
        LeaseId youngest = queued(ann.lock(element("/a"))).id();

        done(cid.resizePool("/p", 1));

        assertThat(ann.waitsWith(youngest)).isFalse();
        assertThat(bob.waitsWith(older)).isTrue();
        assertThat(machine.pushes()).hasSize(1);
        assertThat(machine.pushes().get(0)).startsWith("ann.").contains("DEADLOCK of 2");
    }

    @Test
    void nobodyWaitsInLineBehindThoseWhoWaitForHisClaim() {
        done(ann.createPool("/p", 1));
        granted(ann.claim("/p", 1));
        granted(bob.lock(element("/a").shared()));
        queued(bob.claim("/p", 1));
        queued(cid.lock(element("/a"))); // waits for bob, who waits for ann

        // So ann, who would share with bob, does not wait behind cid.
        granted(ann.lock(element("/a").shared()));
    }

    @Test
    void whenAPoolGrowsThoseWhoPassedThroughItWaitInLineAgain() {
        done(ann.createPool("/p", 1));
        granted(ann.claim("/p", 1));
        granted(bob.lock(element("/a").shared()));
        queued(bob.claim("/p", 1));
        queued(cid.lock(element("/a")));

        done(ann.resizePool("/p", 2)); // bob is served, and waits for nobody

        queued(ann.lock(element("/a").shared()));
    }
}
