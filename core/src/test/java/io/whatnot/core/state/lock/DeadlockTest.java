package io.whatnot.core.state.lock;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.ImageReader;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.core.state.Machine;
import io.whatnot.core.state.Queries;
import io.whatnot.core.state.State;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who would wait for somebody who waits for him is refused, at once, and nobody else is. */
class DeadlockTest {
    private final Machine machine = new Machine().found(3);
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");

    private static List<Detail.Wait> cycle(Result refused) {
        return ((Detail.Deadlock) refused(ErrorCode.DEADLOCK, refused).detail()).cycle();
    }

    @Test
    void whoClosesTheCycleIsToldTheCycleAndKeepsWhatHeHolds() {
        LeaseId anns = granted(ann.lock(element("/a"))).id();
        LeaseId bobs = granted(bob.lock(element("/b"))).id();
        LeaseId waits = queued(ann.lock(element("/b"))).id();

        Result refused = bob.lock(element("/a"));

        assertThat(cycle(refused)).extracting(wait -> wait.request().id()).containsExactly(bob.last(), waits);
        assertThat(cycle(refused)).extracting(wait -> wait.held().id()).containsExactly(anns, bobs);
        assertThat(refused(ErrorCode.DEADLOCK, refused).message())
                .contains("cycle of 2", "bob", "wants /a", "ann", "who holds /b");
        bob.release(bobs);
        assertThat(machine.events()).containsExactly("UNLOCKED /b by bob", "LOCKED /b by ann");
    }

    @Test
    void aCycleOfThreeIsFoundAcrossNamespacesAndSeveralTargets() {
        granted(ann.lock(element("/a"), element("/a2")));
        granted(bob.in("m").lock(prefix("/b")));
        granted(cid.lock(element("/c").shared()));
        queued(ann.in("m").lock(element("/b/deep")));
        queued(bob.lock(element("/x"), prefix("/c")));

        assertThat(cycle(cid.lock(element("/y"), element("/a2").shared()))).hasSize(3);
    }

    @Test
    void twoWhoShareCanNotBothBecomeTheOnlyOne() {
        granted(ann.lock(element("/a").shared()));
        LeaseId bobs = granted(bob.lock(element("/a").shared())).id();
        queued(ann.lock(element("/a")));

        assertThat(cycle(bob.lock(element("/a")))).hasSize(2);

        bob.release(bobs);
        assertThat(machine.events()).contains("LOCKED /a by ann");
    }

    @Test
    void aCycleOfOneIsNone() {
        granted(ann.lock(prefix("/a")));
        granted(ann.lock(element("/a/b")));
        granted(ann.lock(prefix("/a")));
    }

    @Test
    void ownersOfOneSessionAreToldApart() {
        granted(ann.as("one").lock(element("/a")));
        granted(ann.as("two").lock(element("/b")));
        queued(ann.as("one").lock(element("/b")));
        granted(ann.as("three").lock(element("/c")));
        queued(ann.as("three").lock(element("/a"))); // waits for one, who waits for two, who waits for nobody
        assertThat(cycle(ann.as("two").lock(element("/c")))).hasSize(3);
    }

    @Test
    void toWaitBehindSomebodyInLineIsNoDeadlock() {
        granted(ann.lock(element("/a")));
        granted(cid.lock(element("/c")));
        queued(bob.lock(element("/a"), element("/c")));
        // Ann would wait behind bob, who waits for her: so she doesn't.
        queued(ann.lock(element("/c")));
        cid.release(new LeaseId(cid.session(), 1));
        assertThat(machine.events()).containsExactly("UNLOCKED /c by cid", "LOCKED /c by ann");
    }

    @Test
    void whoDoesNotWaitIsToldThatItIsLockedAndNotThatItIsADeadlock() {
        granted(ann.lock(element("/a")));
        granted(bob.lock(element("/b")));
        queued(ann.lock(element("/b")));
        refused(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a")));
    }

    @Test
    void aDeadlockThatIsClosedByAReclaimedLeaseIsCutAtItsYoungestRequest() {
        granted(bob.lock(element("/b")));
        granted(cid.lockFor(1_000, element("/a")));
        queued(ann.lock(element("/b")));
        LeaseId bobs = queued(bob.lock(element("/a"))).id();
        State once = machine.state();
        bob.cancel(bobs);
        machine.pass(1_000);
        Result.Granted forgotten = granted(ann.lock(element("/a"))); // she waits, and is given something else meanwhile

        machine.fallBackTo(once);
        machine.reform(7, 0);
        ann.reclaim(machine.state().epoch(), List.of(ann.held(forgotten, 0, element("/a"))), List.of(1L), false);

        assertThat(machine.pushes()).anyMatch(push -> push.contains("bob.2: DEADLOCK of 2"));
    }

    @Test
    void aClusterOfALowerLevelLetsThemWaitAndCutsTheDeadlocksWhenItIsRaised() {
        Machine old = new Machine().found(2);
        Client dan = old.open("dan");
        Client eve = old.open("eve");
        granted(dan.lock(element("/a")));
        granted(eve.lock(element("/b")));
        queued(dan.lock(element("/b")));
        queued(eve.lock(element("/a")));

        dan.raiseLevel(3);

        assertThat(old.pushes()).singleElement().asString().contains("eve", "DEADLOCK");
    }

    // ---- where they are not cut

    private void leaveDeadlocksTo(Client... here) {
        for (Client client : here) {
            done(client.createNamespace());
            done(client.deadlockBreak(false));
        }
    }

    @Test
    void whereItIsSwitchedOffADeadlockStaysUntilSomebodyGivesUp() {
        done(ann.raiseLevel(FeatureLevel.NAMESPACE_SETTINGS));
        leaveDeadlocksTo(ann);
        granted(ann.lock(element("/a")));
        granted(bob.lock(element("/b")));
        queued(ann.lockWithin(1_000, element("/b")));
        queued(bob.lockWithin(2_000, element("/a")));

        machine.pass(1_000);

        assertThat(machine.pushes()).singleElement().asString().contains("ann", "LOCK_TIMEOUT");
    }

    @Test
    void switchingItOnCutsWhatStandsAtOnceAndTellsTheYoungestOfEachCycle() {
        done(ann.raiseLevel(FeatureLevel.NAMESPACE_SETTINGS));
        leaveDeadlocksTo(ann);
        granted(ann.lock(element("/a")));
        granted(bob.lock(element("/b")));
        granted(cid.as("c").lock(element("/c")));
        granted(cid.as("d").lock(element("/d")));
        queued(ann.lock(element("/b")));
        queued(bob.lock(element("/a")));
        queued(cid.as("c").lock(element("/d")));
        queued(cid.as("d").lock(element("/c")));

        done(ann.deadlockBreak(true));

        assertThat(machine.pushes()).hasSize(2);
        assertThat(machine.pushes().get(0)).contains("bob", "DEADLOCK of 2");
        assertThat(machine.pushes().get(1)).contains("cid", "DEADLOCK of 2");
        assertThat(machine.state().locks().waitingCount()).isEqualTo(2);
    }

    @Test
    void whoIsInNoDeadlockOnceThoseBeforeHimHaveFailedGoesOnWaiting() {
        done(ann.raiseLevel(FeatureLevel.NAMESPACE_SETTINGS));
        leaveDeadlocksTo(ann);
        granted(ann.lock(element("/a")));
        granted(bob.lock(element("/b")));
        granted(cid.lock(element("/c")));
        queued(ann.lock(element("/b")));
        LeaseId bobs = queued(bob.lock(element("/a"), element("/c"))).id();
        LeaseId cids = queued(cid.lock(element("/b"))).id(); // waits for bob, who would wait for him too

        done(ann.deadlockBreak(true));

        assertThat(bob.waitsWith(bobs)).isFalse();
        assertThat(cid.waitsWith(cids)).isTrue();
    }

    @Test
    void aDeadlockOverSeveralNamespacesIsCutIfItIsSoInOneOfThem() {
        done(ann.raiseLevel(FeatureLevel.NAMESPACE_SETTINGS));
        leaveDeadlocksTo(ann);
        granted(ann.lock(element("/a")));
        granted(bob.in("m").lock(element("/b")));
        queued(ann.in("m").lock(element("/b")));

        assertThat(cycle(bob.lock(element("/a")))).hasSize(2);

        done(ann.in("m").deadlockBreak(false));
        queued(bob.lock(element("/a")));
        done(ann.in("m").deadlockBreak(true));
        assertThat(machine.pushes()).singleElement().asString().contains("bob", "DEADLOCK of 2");
    }

    @Test
    void theSwitchTakesARevisionOnceIsInTheDescriptionInTheImageAndGoesWithTheNamespace() throws IOException {
        refused(ErrorCode.UNSUPPORTED, ann.deadlockBreak(false));
        done(ann.raiseLevel(FeatureLevel.NAMESPACE_SETTINGS));
        assertThat(refused(ErrorCode.NO_SUCH_NAMESPACE, ann.deadlockBreak(false))
                        .message())
                .contains("no namespace n");
        leaveDeadlocksTo(ann);
        long revision = machine.revision();
        done(ann.deadlockBreak(false));
        assertThat(machine.revision()).isEqualTo(revision);
        assertThat(isCut(machine.state())).isFalse();

        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ImageWriter.write(machine.state(), image);
        assertThat(isCut(ImageReader.read(new ByteArrayInputStream(image.toByteArray()))))
                .isFalse();

        done(ann.dropNamespace());
        done(ann.createNamespace());
        assertThat(isCut(machine.state())).isTrue();
    }

    private static boolean isCut(State state) {
        return ((Result.Namespaces) Queries.answer(state, new Query.Namespaces()))
                .namespaces()
                .get(0)
                .deadlockBreak();
    }
}
