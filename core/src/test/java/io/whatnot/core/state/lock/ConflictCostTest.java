package io.whatnot.core.state.lock;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.Answers;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What it costs to find out whether a lock is in the way. */
class ConflictCostTest {
    private static final int TRIES = 1_000;

    @Test
    void itDoesNotGrowWithTheLocksThatAreBelow() {
        long few = cpuNanos(locksBelow(10));
        long many = cpuNanos(locksBelow(30_000));
        // Were they looked at one by one it would be hundreds of times as much.
        assertThat(many).isLessThan(5 * few + 100_000_000);
    }

    private static Client locksBelow(int count) {
        Machine machine = new Machine();
        Client ann = machine.open("ann");
        for (int i = 0; i < count; i++) {
            if (i % 10_000 == 9_999) { // a session owns only so much
                ann = machine.open("ann");
            }
            Answers.granted(ann.as("").lock(element("/a/" + i)));
        }
        return machine.open("bob");
    }

    /** The least that so many tries took, of a few times. */
    private static long cpuNanos(Client bob) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            long begun = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            for (int i = 0; i < TRIES; i++) {
                tryInVain(bob, prefix("/a"));
                tryInVain(bob, prefix("/"));
                Answers.granted(bob.as("").tryLock(element("/a")));
                Answers.done(bob.release(bob.last()));
            }
            least = Math.min(least, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begun);
        }
        return least;
    }

    private static void tryInVain(Client bob, Target target) {
        Answers.refused(ErrorCode.LOCK_TIMEOUT, bob.as("").tryLock(target));
    }
}
