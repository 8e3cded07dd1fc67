package io.whatnot.core.state.session;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.Answers;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import io.whatnot.core.state.State;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand that vanish at once, as much as a session may have. What that costs grows with how many they are, and not with
 * its square: ten times as many take about ten times as long, and surely not fifty times. The least of a few measurements
 * counts, for other things are done on the same machine.
 */
class ManyAtOnceTest {
    private static final int FEW = 990;
    private static final int MANY = 9_990;
    private static final long TOO_STEEP = 50;

    /** A machine in which all is ready for a session to end. */
    private record Ready(Machine machine, Client session) {
        long nanosOfTheEnd() {
            State before = machine.state();
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 5; i++) {
                machine.fallBackTo(before);
                long begun = System.nanoTime();
                done(session.close());
                least = Math.min(least, System.nanoTime() - begun);
            }
            machine.fallBackTo(before);
            return least;
        }
    }

    private static void requireLinear(IntFunction<Ready> prepare) {
        Ready few = prepare.apply(FEW);
        few.nanosOfTheEnd(); // to be compiled
        long ofMany = prepare.apply(MANY).nanosOfTheEnd();
        assertThat(ofMany).isLessThan(TOO_STEEP * few.nanosOfTheEnd());
    }

    /** So many requests of as many owners, a thousand to an entry, that all have to wait. */
    private static void queueMany(Machine machine, Client client, int count, Target target) {
        for (int done = 0; done < count; done += 999) {
            Request[] requests = new Request[Math.min(999, count - done)];
            Arrays.setAll(
                    requests,
                    i -> client.as("").request(new LeaseCommand.Acquire("n", List.of(target), 0, Client.WAIT, "")));
            machine.together(requests).forEach(Answers::queued);
        }
    }

    @Test
    void whoWaitBehindOneLockLeaveTheLineAtOnceAndTheNextBehindThemIsServed() {
        requireLinear(count -> {
            Machine machine = new Machine().found(FeatureLevel.NEWEST);
            Client ann = machine.open("ann");
            Client bob = machine.open("bob");
            granted(ann.lock(element("/a")));
            queueMany(machine, bob, count, element("/a"));
            return new Ready(machine, bob);
        });
        Machine machine = new Machine().found(FeatureLevel.NEWEST);
        Client ann = machine.open("ann");
        Client bob = machine.open("bob");
        Client cid = machine.open("cid");
        LeaseId anns = granted(ann.lock(element("/a"))).id();
        queueMany(machine, bob, MANY, element("/a"));
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
            queueMany(machine, bob, count, Target.claim(AbsolutePath.parse("/p"), 1));
            return new Ready(machine, bob);
        });
    }
}
