package io.whatnot.core.state;

import static io.whatnot.core.state.Answers.deleted;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.registered;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.Target;
import org.junit.jupiter.api.Test;

/** That what is counted is what is there is held by {@code Invariants}, after every random command. */
class StateBytesTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    private void full() {
        machine.with(Limits.STATE_BYTES.max((int) machine.state().bytes()));
    }

    @Test
    void aLargerValueAndALongerPathCountByTheByte() {
        long before = machine.state().bytes();
        ann.put("/a", "1");
        long one = machine.state().bytes();
        ann.put("/a", "12345");
        assertThat(machine.state().bytes()).isEqualTo(one + 4);
        assertThat(one).isGreaterThan(before);
    }

    @Test
    void everythingThatIsGoneCountsNothing() {
        ann.put("/a/b", "1");
        long before = machine.state().bytes();
        ann.put("/a/c/d", "12345");
        granted(ann.lock(Target.element("/x"), Target.prefix("/y")));
        LeaseId lease = ann.last();
        queued(bob.lock(Target.element("/x")));
        LeaseId waits = bob.last();
        ann.putEphemeral("/e", "");
        done(bob.cancel(waits));
        done(ann.release(lease));
        deleted(ann.deleteAll("/a/c"));
        deleted(ann.delete("/e"));
        bob.put("/a/b", "1"); // whose marks forget what was kept for the others
        ann.put("/a/b", "1");

        // Both sessions keep an answer; those of before had none of bob.
        assertThat(machine.state().bytes() - before).isBetween(0L, 256L);
    }

    @Test
    void whatGrowsIsRefusedWhenTheStateIsFull() {
        ann.put("/a", "1");
        granted(ann.lock(Target.element("/l")));
        full();

        assertThat(refused(ErrorCode.RESOURCE_EXHAUSTED, ann.put("/b", "")).message())
                .contains("stateBytesMax", "delete elements");
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.put("/a", "12"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.putEphemeral("/a", "1"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.register("/c"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.registerUnique("/", ""));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.lock(Target.element("/d")));
        refused(ErrorCode.RESOURCE_EXHAUSTED, bob.lock(Target.element("/l")));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.in("other").createNamespace());
        refused(ErrorCode.RESOURCE_EXHAUSTED, machine.open(new Secret(7, 7), 10_000, "carl"));
    }

    @Test
    void whatDoesNotGrowPasses() {
        ann.put("/a", "12");
        granted(ann.lockFor(10_000, Target.element("/l")));
        LeaseId lease = ann.last();
        full();

        written(ann.put("/a", "1"));
        done(ann.register("/a"));
        Answers.renewed(ann.renew(lease));
        assertThat(ann.heartbeat()).isInstanceOf(Result.Alive.class);
        assertThat(machine.open(new Secret(0, 1), Machine.SESSION_TTL, "ann")).isInstanceOf(Result.Opened.class);
    }

    @Test
    void whatMakesRoomPassesAndThenThereIsRoom() {
        ann.put("/a", "x".repeat(5_000));
        granted(ann.lock(Target.element("/l")));
        LeaseId lease = ann.last();
        granted(bob.lock(Target.element("/m")));
        LeaseId bobs = bob.last();
        full();

        done(ann.release(lease));
        done(ann.revoke(bobs));
        deleted(ann.delete("/a"));
        registered(ann.registerUnique("/", "1"));
        full();
        done(ann.endSession(bob));
        done(ann.dropByForce());
        written(ann.put("/b", ""));
    }

    @Test
    void aHigherLimitMakesRoomToo() {
        full();
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.put("/b", ""));
        done(ann.set("stateBytesMax", 1 << 20));
        written(ann.put("/b", ""));
    }

    @Test
    void anAcquireThatWasGrantedBeforeIsAnsweredAgainThoughTheStateIsFull() {
        granted(ann.lock(Target.element("/l")));
        long sequence = ann.last().sequence();
        full();
        granted(machine.send(ann.request(sequence, ann.locking(0, 0, Target.element("/l")))));
    }
}
