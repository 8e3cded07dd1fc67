package io.whatnot.core.state.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.testing.Seeds;
import io.whatnot.core.testing.Steps;
import io.whatnot.core.testing.WaitGraph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Whether a request closes a deadlock is found out by brute force: everybody who
 * waits for nothing gives up all he holds, again and again; who waits then still waits for ever. So the meaning of the word
 * is compared, and not two searches for cycles. {@code -Ddeadlock.seeds=} for more schedules.
 */
class DeadlockSearchTest {
    private static final int STEPS = 60;

    @Test
    void thoseAreRefusedWhoWouldWaitForEverAndNobodyElse(TestInfo test) {
        long[] deadlocks = new long[1];
        Seeds.of(test).run(Integer.getInteger("deadlock.seeds", 5_000), (seed, steps) -> {
            Situation situation = new Situation(new SplittableRandom(seed), steps);
            for (int i = 0; i < STEPS; i++) {
                situation.step();
            }
            deadlocks[0] += situation.deadlocks;
        });
        System.out.println(deadlocks[0] + " deadlocks");
        assertThat(deadlocks[0]).isPositive();
    }

    /** Here a deadlock is one of those that go over a namespace where they are cut, all ways gone to the end. */
    @Test
    void ofNamespacesThatAreSwitchedOffAndOnThoseFailThatWouldHaveIfTheyHadBeenOn(TestInfo test) {
        long[] found = new long[2];
        Seeds.of(test).run(Integer.getInteger("deadlock.seeds", 5_000), (seed, steps) -> {
            Situation situation = new Situation(new SplittableRandom(seed), steps);
            for (int i = 0; i < STEPS; i++) {
                situation.step();
                situation.perhapsSwitch();
            }
            found[0] += situation.deadlocks;
            found[1] += situation.cuts;
        });
        System.out.println(found[0] + " deadlocks refused, " + found[1] + " cut when it was switched on");
        assertThat(found[0]).isPositive();
        assertThat(found[1]).isPositive();
    }

    private static final class Situation extends CrowdedLocks {
        private long deadlocks;
        private long cuts;
        private boolean isSwitched;

        Situation(SplittableRandom random, Steps steps) {
            super(random, steps, 2 + random.nextInt(7), 2, 12);
        }

        @Override
        void ask(WaitingRequest asked) {
            Claim claim = Claim.of(asked);
            if (!locks.mustWait(asked)) {
                steps.add("granted: " + claim);
                grant(claim);
                settled();
            } else if (!locks.isWaiting(asked.owner())) {
                List<Locks.Wait> found = locks.deadlock(asked);
                steps.add((found.isEmpty() ? "waits: " : "deadlock: ") + claim);
                assertThat(!found.isEmpty())
                        .as("a deadlock: %s", claim)
                        .isEqualTo(isSwitched ? isInOneToBeCut(claim, waiting) : waitsForEver(claim));
                if (found.isEmpty()) {
                    enqueue(asked);
                } else {
                    deadlocks++;
                    check(found, asked);
                }
            }
        }

        /** The rest need not be looked at: nobody waited for ever before. */
        private boolean waitsForEver(Claim asked) {
            List<Claim> stillHeld = new ArrayList<>(held.values());
            List<Claim> stillWaiting = new ArrayList<>(waiting);
            stillWaiting.add(asked);
            boolean changed = true;
            while (changed) {
                Set<Owner> stuck = new HashSet<>();
                stillWaiting.forEach(claim -> stuck.add(claim.owner()));
                changed = stillHeld.removeIf(claim -> !stuck.contains(claim.owner()));
                for (WaitGraph.Claim granted = new WaitGraph(stillHeld, stillWaiting).firstToGrant();
                        granted != null;
                        granted = new WaitGraph(stillHeld, stillWaiting).firstToGrant()) {
                    stillWaiting.remove((Claim) granted);
                    stillHeld.add((Claim) granted);
                    changed = true;
                }
            }
            return !stillWaiting.isEmpty();
        }

        private static void check(List<Locks.Wait> cycle, WaitingRequest asked) {
            assertThat(cycle.get(0).request()).isEqualTo(asked);
            assertThat(cycle).extracting(Locks.Wait::request).doesNotHaveDuplicates();
            for (int i = 0; i < cycle.size(); i++) {
                Locks.Wait wait = cycle.get(i);
                Locks.Wait after = cycle.get((i + 1) % cycle.size());
                assertThat(wait.request().targets()).contains(wait.target());
                assertThat(wait.held().targets()).anyMatch(wait.target()::conflictsWith);
                assertThat(wait.held().owner()).isEqualTo(after.request().owner());
            }
        }

        @Override
        void settled() {
            if (!isSwitched) {
                assertThat(locks.youngestDeadlock()).as("nobody waits for ever").isEmpty();
            }
            assertThat(locks.deadlocks().next()).as("nobody waits for ever").isEmpty();
        }

        // ---- switches

        void perhapsSwitch() {
            isSwitched = true;
            String namespace = "n" + random.nextInt(2);
            if (random.nextInt(6) != 0) {
                return;
            }
            boolean on = !locks.cutsDeadlocksIn(namespace);
            steps.add((on ? "switched on: " : "switched off: ") + namespace);
            locks.cutDeadlocksIn(namespace, on);
            List<Claim> wanted = on ? thoseInOneToBeCut() : List.of();
            Deadlocks found = locks.deadlocks();
            List<Locks.Wait> cycle = found.next();
            assertThat(cycle.isEmpty()).as("to be cut: %s", wanted).isEqualTo(wanted.isEmpty());
            for (; !cycle.isEmpty(); cycle = found.next()) {
                WaitingRequest youngest = cycle.get(0).request();
                Claim victim = Claim.of(youngest);
                check(cycle, youngest);
                assertThat(victim).isEqualTo(thoseInOneToBeCut().get(0));
                assertThat(cycle)
                        .anyMatch(wait -> locks.cutsDeadlocksIn(wait.request().namespace()));
                assertThat(cycle).allMatch(wait -> wait.request().arrival() <= youngest.arrival());
                steps.add("    cut: " + victim);
                cuts++;
                takeOutOfLine(victim);
            }
            assertThat(thoseInOneToBeCut()).isEmpty();
        }

        /** By arrival, each that is in a deadlock to be cut with those before it. */
        private List<Claim> thoseInOneToBeCut() {
            List<Claim> found = new ArrayList<>();
            for (int i = 0; i < waiting.size(); i++) {
                if (isInOneToBeCut(waiting.get(i), waiting.subList(0, i))) {
                    found.add(waiting.get(i));
                }
            }
            return found;
        }

        private boolean isInOneToBeCut(Claim asked, List<Claim> earlier) {
            return new WaitGraph(List.copyOf(held.values()), earlier).wouldDeadlock(asked, locks::cutsDeadlocksIn);
        }
    }
}
