package io.whatnot.core.state.session;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand that vanish at once, as much as a session may have. What that costs grows with how many they are, and not with
 * its square: ten times as many take about ten times as long, and surely not fifty times. The least of a few measurements
 * counts, for other things are done on the same machine.
 */
class ManyAtOnceTest {
    private static final int FEW = 999;
    private static final int MANY = 9_990;
    private static final long TOO_STEEP = 50;

    /** A machine in which all is ready for a session to end. */
    private record Ready(Machine machine, Client session) {
        long nanosOfTheEnd() {
            long begun = System.nanoTime();
            done(session.close());
            return System.nanoTime() - begun;
        }
    }

    private static void requireLinear(IntFunction<Ready> prepare) {
        least(prepare, FEW); // to be compiled
        assertThat(least(prepare, MANY)).isLessThan(TOO_STEEP * least(prepare, FEW));
    }

    private static long least(IntFunction<Ready> prepare, int count) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            least = Math.min(least, prepare.apply(count).nanosOfTheEnd());
        }
        return least;
    }

    @Test
    void whoWaitBehindOneLockLeaveTheLineAtOnceAndTheNextBehindThemIsServed() {
        requireLinear(count -> {
            Machine machine = new Machine().found(FeatureLevel.NEWEST);
            Client ann = machine.open("ann");
            Client bob = machine.open("bob");
            granted(ann.lock(element("/a")));
            for (int i = 0; i < count; i++) {
                queued(bob.as("").lock(element("/a")));
            }
            return new Ready(machine, bob);
        });
        Machine machine = new Machine().found(FeatureLevel.NEWEST);
        Client ann = machine.open("ann");
        Client bob = machine.open("bob");
        Client cid = machine.open("cid");
        LeaseId anns = granted(ann.lock(element("/a"))).id();
        for (int i = 0; i < MANY; i++) {
            queued(bob.as("").lock(element("/a")));
        }
        LeaseId cids = queued(cid.lock(element("/a"))).id();

        done(bob.close());

        assertThat(machine.state().locks().waitingCount()).isEqualTo(1);
        ann.release(anns);
        assertThat(cid.holds(cids)).isTrue();
    }

    @Test
    void whatAnOwnerHoldsBelowAPrefixThatHeWaitsForIsGivenUpAtOnce() {
        requireLinear(count -> {
            Machine machine = new Machine().found(FeatureLevel.NEWEST);
            Client ann = machine.open("ann");
            Client bob = machine.open("bob");
            granted(ann.lock(element("/p/anns")));
            for (int i = 0; i < count / 15; i++) {
                Target[] targets = new Target[15];
                for (int j = 0; j < targets.length; j++) {
                    targets[j] = element("/p/" + i + "." + j);
                }
                granted(bob.lock(targets));
            }
            queued(bob.lock(prefix("/p")));
            return new Ready(machine, bob);
        });
    }

    @Test
    void whoWaitForAPoolLeaveItAtOnce() {
        requireLinear(count -> {
            Machine machine = new Machine().found(FeatureLevel.NEWEST);
            Client ann = machine.open("ann");
            Client bob = machine.open("bob");
            done(ann.createPool("/p", 1));
            granted(ann.tryClaim("/p", 1));
            for (int i = 0; i < count; i++) {
                queued(bob.as("").claim("/p", 1));
            }
            return new Ready(machine, bob);
        });
    }
}
