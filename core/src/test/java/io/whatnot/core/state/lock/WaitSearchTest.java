package io.whatnot.core.state.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Target;
import io.whatnot.core.testing.Seeds;
import io.whatnot.core.testing.Steps;
import io.whatnot.core.testing.WaitGraph;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** The searches against the naive graph, and the grants against granting the earliest that can be granted until none can. */
class WaitSearchTest {
    private static final int STEPS = 120;
    private static final int STEPS_BETWEEN_CHECKS = 6;

    @Test
    void grantsAndWaitsAreThoseOfTheRuleInSmallDenseSituations(TestInfo test) {
        Seeds.of(test).run(Integer.getInteger("wait.seeds", 10_000), (seed, steps) -> {
            Situation situation = new Situation(new SplittableRandom(seed), steps);
            for (int i = 0; i < STEPS; i++) {
                situation.step();
                if (i % STEPS_BETWEEN_CHECKS == 0) {
                    situation.check();
                }
            }
        });
    }

    private static final class Situation extends CrowdedLocks {
        Situation(SplittableRandom random, Steps steps) {
            super(random, steps, 3 + random.nextInt(8), random.nextInt(4) == 0 ? 2 : 1, 10);
        }

        @Override
        void ask(WaitingRequest asked) {
            Claim claim = Claim.of(asked);
            boolean mustWait = locks.mustWait(asked);
            steps.add((mustWait ? "waits: " : "granted: ") + claim);
            assertThat(mustWait).as("must wait: %s", claim).isEqualTo(graph().mustWait(claim));
            if (!mustWait) {
                grant(claim);
                settled();
            } else if (!locks.isWaiting(asked.owner())) {
                enqueue(asked);
            }
        }

        @Override
        void granting(Claim claim) {
            assertThat(claim).isEqualTo(graph().firstToGrant());
        }

        @Override
        void settled() {
            assertThat(graph().firstToGrant()).as("could be granted").isNull();
        }

        /** A request that did not arrive yet, so that everything has arrived before. */
        private WaitingRequest newcomer(Owner owner) {
            return new WaitingRequest(
                    WaitingRequest.NOT_ARRIVED,
                    new LeaseId(1, 0),
                    "n0",
                    List.of(Target.element("/")),
                    owner,
                    0,
                    0,
                    1,
                    "");
        }

        /** Who waits for whom, and what those who wait are told to be in their way. */
        void check() {
            WaitGraph graph = graph();
            for (Claim claim : waiting) {
                WaitingRequest request = waitingRequest(claim);
                for (int i = 0; i < owners; i++) {
                    Owner goal = new Owner(1, "owner" + i, 0);
                    if (!goal.equals(claim.owner())) {
                        assertThat(new WaitSearch(locks, newcomer(goal)).waits(request))
                                .as("%s waits for %s", claim, goal)
                                .isEqualTo(graph.waitsFor(claim, goal));
                    }
                }
                assertThat(locks.trace().obstacles(request, Integer.MAX_VALUE))
                        .hasSize(graph.holdersInTheWay(claim).size()
                                + graph.lineOf(claim).size());
            }
        }
    }
}
