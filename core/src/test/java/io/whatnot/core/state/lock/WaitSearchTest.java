package io.whatnot.core.state.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.testing.Seeds;
import io.whatnot.core.testing.Steps;
import io.whatnot.core.testing.WaitGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Few owners that hold and wait for much on few paths, so that who waits for whom matters all the time: the searches
 * against the naive graph, and the grants against granting the earliest that can be granted until none can.
 */
class WaitSearchTest {
    private static final int STEPS = 120;
    private static final int STEPS_BETWEEN_CHECKS = 6;
    private static final List<String> PATHS = List.of("/", "/a", "/a/a", "/a/b", "/b", "/b/a");

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

    private record Claim(LeaseId id, Owner owner, String namespace, List<Target> targets) implements WaitGraph.Claim {
        static Claim of(WaitingRequest request) {
            return new Claim(request.id(), request.owner(), request.namespace(), request.targets());
        }

        Lease lease() {
            return new Lease(id, namespace, targets, owner, 1, 0, 0, 0, "");
        }
    }

    private static final class Situation {
        private final SplittableRandom random;
        private final Steps steps;
        private final Locks locks = new Locks(new Edit());
        private final Map<LeaseId, Claim> held = new TreeMap<>();
        private final List<Claim> waiting = new ArrayList<>();
        private final int owners;
        private final int namespaces;
        private final int paths;
        private final int targetsMax;
        private final int prefixPercent;
        private final int sharedPercent;
        private long next;

        Situation(SplittableRandom random, Steps steps) {
            this.random = random;
            this.steps = steps;
            this.owners = 3 + random.nextInt(8);
            this.namespaces = random.nextInt(4) == 0 ? 2 : 1;
            this.paths = 2 + random.nextInt(PATHS.size() - 1);
            this.targetsMax = 1 + random.nextInt(3);
            this.prefixPercent = random.nextInt(3) * 30;
            this.sharedPercent = random.nextInt(4) * 30;
        }

        void step() {
            int choice = random.nextInt(10);
            if (choice < 3 && !held.isEmpty()) {
                release(List.copyOf(held.values()).get(random.nextInt(held.size())));
            } else if (choice < 4 && !waiting.isEmpty()) {
                withdraw(waiting.get(random.nextInt(waiting.size())));
            } else {
                ask(request());
            }
        }

        private WaitingRequest request() {
            Owner owner = new Owner(1, "owner" + random.nextInt(owners), 0);
            Map<String, Target> targets = new TreeMap<>();
            for (int i = random.nextInt(targetsMax); i >= 0; i--) {
                String path = PATHS.get(random.nextInt(paths));
                targets.put(
                        path,
                        new Target(
                                AbsolutePath.parse(path),
                                random.nextInt(100) < prefixPercent ? Scope.PREFIX : Scope.ELEMENT,
                                random.nextInt(100) < sharedPercent ? Mode.SHARED : Mode.EXCLUSIVE));
            }
            return new WaitingRequest(
                    WaitingRequest.NOT_ARRIVED,
                    new LeaseId(1, ++next),
                    "n" + random.nextInt(namespaces),
                    List.copyOf(targets.values()),
                    owner,
                    0,
                    0,
                    1,
                    "");
        }

        private void ask(WaitingRequest asked) {
            Claim claim = Claim.of(asked);
            boolean mustWait = locks.mustWait(asked);
            steps.add((mustWait ? "waits: " : "granted: ") + claim);
            assertThat(mustWait).as("must wait: %s", claim).isEqualTo(graph().mustWait(claim));
            if (!mustWait) {
                grant(claim);
                assertThat(graph().firstToGrant()).isNull();
            } else if (!locks.isWaiting(asked.owner())) {
                WaitingRequest arrived = locks.enqueue(asked);
                waiting.add(claim);
                follow(locks.grantsAfter(arrived));
            }
        }

        private void grant(Claim claim) {
            locks.grant(claim.lease());
            held.put(claim.id, claim);
        }

        private void release(Claim claim) {
            steps.add("released: " + claim);
            boolean elsewhere = locks.isWaiting(claim.owner);
            locks.end(claim.lease());
            held.remove(claim.id);
            follow(locks.grantsAfter(freed(claim, elsewhere)));
        }

        private void withdraw(Claim claim) {
            steps.add("withdrawn: " + claim);
            boolean elsewhere = locks.isWaitedFor(waitingRequest(claim));
            locks.withdraw(waitingRequest(claim));
            waiting.remove(claim);
            follow(locks.grantsAfter(freed(claim, elsewhere)));
        }

        private static List<Grants.Freed> freed(Claim claim, boolean elsewhere) {
            return claim.targets.stream()
                    .map(target -> new Grants.Freed(claim.namespace, target, elsewhere))
                    .toList();
        }

        private void follow(Grants grants) {
            for (WaitingRequest granted = grants.next(); granted != null; granted = grants.next()) {
                Claim claim = Claim.of(granted);
                steps.add("    next: " + claim);
                assertThat(claim).isEqualTo(graph().firstToGrant());
                locks.withdraw(granted);
                waiting.remove(claim);
                grant(claim);
            }
            assertThat(graph().firstToGrant()).as("could be granted").isNull();
        }

        private WaitGraph graph() {
            return new WaitGraph(List.copyOf(held.values()), waiting);
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

        private WaitingRequest waitingRequest(Claim claim) {
            WaitingRequest request = locks.waiting(claim.id);
            if (request == null) {
                throw new AssertionError(claim + " does not wait");
            }
            return request;
        }

        /** Who waits for whom, and what those who wait are told to be in their way. */
        void check() {
            WaitGraph graph = graph();
            for (Claim claim : waiting) {
                WaitingRequest request = waitingRequest(claim);
                for (int i = 0; i < owners; i++) {
                    Owner goal = new Owner(1, "owner" + i, 0);
                    if (!goal.equals(claim.owner)) {
                        assertThat(new WaitSearch(locks, newcomer(goal)).waits(request))
                                .as("%s waits for %s", claim, goal)
                                .isEqualTo(graph.waitsFor(claim, goal));
                    }
                }
                assertThat(locks.obstacles(request, Integer.MAX_VALUE))
                        .hasSize(graph.holdersInTheWay(claim).size()
                                + graph.lineOf(claim).size());
            }
        }
    }
}
