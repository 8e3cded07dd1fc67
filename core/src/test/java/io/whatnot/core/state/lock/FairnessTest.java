package io.whatnot.core.state.lock;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who waits behind whom: first come, first served, but never behind those who wait for oneself. */
class FairnessTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");
    private final Client dan = machine.open("dan");
    private final Client eve = machine.open("eve");

    // ---- first come, first served

    @Test
    void thoseWhoWaitForTheSameAreGrantedInTheOrderOfTheirArrival() {
        ann.lock(element("/a"));
        for (Client next : List.of(bob, cid, dan)) {
            queued(next.lock(element("/a")));
        }
        Client holder = ann;
        for (Client next : List.of(bob, cid, dan)) {
            holder.release(holder.last());
            assertThat(machine.events())
                    .containsExactly("UNLOCKED /a by " + holder.name(), "LOCKED /a by " + next.name());
            holder = next;
        }
    }

    @Test
    void aPrefixThatWaitsIsNotStarvedByElementsBelowIt() {
        LeaseId first = granted(ann.lock(element("/a/1"))).id();
        LeaseId waits = queued(bob.lock(prefix("/a"))).id();
        refused(ErrorCode.LOCK_TIMEOUT, cid.tryLock(element("/a/2")));
        queued(dan.lock(element("/a/3/deep")));
        ann.release(first);
        assertThat(machine.events()).containsExactly("UNLOCKED /a/1 by ann", "LOCKED /a/** by bob");
        bob.release(waits);
        assertThat(machine.events()).containsExactly("UNLOCKED /a/** by bob", "LOCKED /a/3/deep by dan");
    }

    @Test
    void oneWhoWantsAllIsNotStarvedByThoseWhoShare() {
        LeaseId shared = granted(ann.lock(element("/a").shared())).id();
        queued(bob.lock(element("/a")));
        queued(cid.lock(element("/a").shared()));
        ann.release(shared);
        assertThat(machine.events()).containsExactly("UNLOCKED /a (shared) by ann", "LOCKED /a by bob");
    }

    @Test
    void thoseWhoShareAreGrantedTogether() {
        LeaseId held = granted(ann.lock(prefix("/a"))).id();
        queued(bob.lock(element("/a/x").shared()));
        queued(cid.lock(prefix("/a").shared()));
        queued(dan.lock(element("/a/x")));
        queued(eve.lock(element("/a/y").shared()));
        ann.release(held);
        assertThat(machine.revisions())
                .containsExactly(List.of(
                        "UNLOCKED /a/** by ann",
                        "LOCKED /a/x (shared) by bob",
                        "LOCKED /a/** (shared) by cid",
                        "LOCKED /a/y (shared) by eve"));
    }

    @Test
    void whatConflictsWithNothingOvertakes() {
        LeaseId held = granted(ann.lock(element("/a/1"))).id();
        queued(bob.lock(element("/a/1")));
        granted(cid.lock(element("/a/2")));
        granted(dan.lock(element("/b")));
        queued(eve.lock(element("/a/1")));
        ann.release(held);
        assertThat(machine.events()).containsExactly("UNLOCKED /a/1 by ann", "LOCKED /a/1 by bob");
    }

    @Test
    void grantsOfOneRevisionComeInTheOrderOfArrivalWhereverTheyAre() {
        LeaseId held = granted(ann.lock(prefix("/a"))).id();
        queued(bob.lock(element("/a/z")));
        queued(cid.lock(element("/a/b/c")));
        queued(dan.lock(element("/a")));
        queued(eve.lock(element("/a/a")));
        ann.release(held);
        assertThat(machine.events())
                .containsExactly(
                        "UNLOCKED /a/** by ann",
                        "LOCKED /a/z by bob",
                        "LOCKED /a/b/c by cid",
                        "LOCKED /a by dan",
                        "LOCKED /a/a by eve");
    }

    // ---- several targets

    @Test
    void whoWaitsForSeveralTargetsHoldsNoneOfThem() {
        ann.lock(element("/a"));
        queued(bob.lock(element("/a"), element("/b")));
        assertThat(machine.state().locks().leaseCount()).isEqualTo(1);
        written(cid.put("/b", "")); // for a mutation looks at held locks alone
    }

    @Test
    void severalTargetsAreGrantedInOneStepOnceAllAreFree() {
        LeaseId first = granted(ann.lock(element("/a"))).id();
        LeaseId second = granted(bob.lock(element("/b"))).id();
        queued(cid.lock(element("/a"), element("/b").shared()));
        ann.release(first);
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann");
        bob.release(second);
        assertThat(machine.revisions())
                .containsExactly(List.of("UNLOCKED /b by bob", "LOCKED /a by cid", "LOCKED /b (shared) by cid"));
    }

    @Test
    void whoWaitsForSeveralTargetsKeepsHisPlaceInEachLine() {
        ann.lock(element("/a"));
        queued(bob.lock(element("/a"), element("/b")));
        queued(cid.lock(element("/b")));
        ann.release(ann.last());
        assertThat(machine.events()).containsExactly("UNLOCKED /a by ann", "LOCKED /a by bob", "LOCKED /b by bob");
        bob.release(new LeaseId(bob.session(), 1));
        assertThat(machine.events()).contains("LOCKED /b by cid");
    }

    // ---- one request of an owner

    @Test
    void anOwnerWaitsWithOneRequestAtMost() {
        ann.lock(element("/a"), element("/b"));
        queued(bob.lock(element("/a")));
        refused(ErrorCode.OWNER_BUSY, bob.lock(element("/b")));
        queued(bob.as("another").lock(element("/b")));
    }

    @Test
    void anOwnerWhoWaitsStillGetsWhatIsFree() {
        ann.lock(element("/a"));
        queued(bob.lock(element("/a")));
        granted(bob.lock(element("/b")));
    }

    @Test
    void anOwnerWithoutANameIsAnotherOneWithEachRequest() {
        ann.as("").lock(element("/a"));
        queued(ann.as("").lock(element("/a")));
        queued(ann.as("").lock(element("/a")));
    }

    @Test
    void ownersOfTheSameNameInDifferentSessionsAreNotTheSame() {
        granted(ann.as("main").lock(element("/a")));
        queued(bob.as("main").lock(element("/a")));
    }

    @Test
    void anOwnerMayWaitAgainOnceItsWaitIsOver() {
        ann.lock(element("/a"), element("/b"));
        LeaseId waits = queued(bob.lock(element("/a"))).id();
        bob.cancel(waits);
        queued(bob.lock(element("/b")));
    }

    // ---- never behind those who wait for oneself

    @Test
    void aHolderDoesNotWaitBehindOneWhoWaitsForHim() {
        ann.lock(element("/a"));
        queued(bob.lock(element("/a"), element("/b")));
        granted(ann.lock(element("/b")));
        refused(ErrorCode.LOCK_TIMEOUT, cid.tryLock(element("/b")));
    }

    @Test
    void aHolderDoesNotWaitBehindOneWhoWaitsForHimThroughOthers() {
        granted(ann.lock(element("/a")));
        granted(bob.lock(element("/x")));
        queued(bob.lock(element("/a")));
        queued(cid.lock(element("/x"), element("/b")));
        granted(ann.lock(element("/b")));
    }

    @Test
    void aHolderDoesNotWaitBehindOneWhoWaitsInLineForHim() {
        granted(ann.lock(element("/a")));
        queued(bob.lock(element("/a"), element("/x")));
        queued(cid.lock(element("/x"), element("/b")));
        granted(ann.lock(element("/b")));
    }

    @Test
    void inLineTooAHolderIsServedBeforeThoseWhoWaitForHim() {
        granted(ann.lock(element("/a")));
        LeaseId inTheWay = granted(dan.lock(element("/b"))).id();
        queued(bob.lock(element("/a"), element("/b")));
        queued(ann.lock(element("/b")));
        dan.release(inTheWay);
        assertThat(machine.events()).containsExactly("UNLOCKED /b by dan", "LOCKED /b by ann");
    }

    @Test
    void whoHoldsNothingOfWhatTheFirstWaitsForWaitsBehindHim() {
        granted(ann.lock(element("/a")));
        granted(cid.lock(element("/c")));
        queued(bob.lock(element("/a"), element("/b")));
        queued(cid.lock(element("/b")));
    }

    @Test
    void whoComesToBeWaitedForPassesThoseWhoWaitForHim() {
        granted(ann.lock(element("/a")));
        granted(bob.lock(element("/b")));
        queued(cid.lock(element("/a"), element("/c")));
        LeaseId behind = queued(bob.lock(element("/c"))).id();
        // From now on cid waits for ann, and ann for bob: so bob need not wait behind cid any more.
        queued(ann.lock(element("/b")));
        assertThat(machine.events()).containsExactly("LOCKED /c by bob");
        assertThat(bob.holds(behind)).isTrue();
    }

    @Test
    void whoComesToBeWaitedForByTheReleaseOfOneWhoWaitsPassesToo() {
        LeaseId shared = granted(ann.lock(element("/p").shared())).id();
        granted(bob.lock(element("/p").shared()));
        granted(cid.lock(element("/c")));
        granted(dan.lock(element("/d")));
        queued(eve.lock(element("/p")));
        queued(bob.lock(element("/c")));
        queued(ann.lock(element("/p").shared(), element("/d"), element("/s")));
        LeaseId behind = queued(cid.lock(element("/s"))).id();
        // Until now eve waited for ann, so ann did not wait behind eve. Now she does, and through eve and bob for cid.
        ann.release(shared);
        assertThat(machine.events()).containsExactly("UNLOCKED /p (shared) by ann", "LOCKED /s by cid");
        assertThat(cid.holds(behind)).isTrue();
    }

    @Test
    void whoComesToBeWaitedForByTheCancelOfOneWhoWaitsPassesToo() {
        Client fay = machine.open("fay");
        granted(ann.lock(element("/a")));
        granted(dan.lock(element("/d")));
        granted(eve.lock(element("/e")));
        granted(fay.lock(element("/r").shared()));
        LeaseId cancelled = queued(bob.lock(element("/a"), element("/r"))).id();
        queued(cid.lock(element("/r"), element("/d"), element("/c")));
        queued(ann.lock(element("/c"), element("/e"), element("/s")));
        LeaseId behind = queued(dan.lock(element("/s"))).id();
        // Until now cid waited for bob and so for ann, who did not wait behind cid. Now she does, and so for dan.
        bob.cancel(cancelled);
        assertThat(machine.events()).containsExactly("LOCKED /s by dan");
        assertThat(dan.holds(behind)).isTrue();
    }

    @Test
    void whoComesToBeWaitedForByTheDropOfANamespacePassesToo() {
        Client fay = machine.open("fay");
        granted(ann.in("other").lock(element("/o")));
        granted(bob.lock(element("/b")));
        granted(cid.lock(element("/c")));
        granted(dan.lock(element("/d")));
        granted(fay.lock(element("/f")));
        queued(bob.in("other").lock(element("/o")));
        queued(dan.lock(element("/c")));
        queued(eve.lock(element("/b"), element("/d"), element("/p")));
        queued(ann.lock(element("/p"), element("/f"), element("/s")));
        LeaseId behind = queued(cid.lock(element("/s"))).id();
        // Until now eve waited for bob and so for ann, who did not wait behind eve. Now she does, and so for cid.
        ann.in("other").dropNamespace();
        assertThat(machine.events()).containsExactly("UNLOCKED /o by ann", "LOCKED /s by cid");
        assertThat(cid.holds(behind)).isTrue();
    }

    @Test
    void sharersWhoBothWantAllWaitForEachOtherUntilOneGivesUp() {
        granted(ann.lock(element("/a").shared()));
        granted(bob.lock(element("/a").shared()));
        queued(ann.lock(element("/a")));
        queued(bob.lockWithin(500, element("/a")));
        machine.pass(500);
        assertThat(machine.pushes()).containsExactly("bob.2: LOCK_TIMEOUT in place 2: ann.1 holds /a (shared)");
        bob.release(new LeaseId(bob.session(), 1));
        assertThat(machine.events()).containsExactly("UNLOCKED /a (shared) by bob", "LOCKED /a by ann");
    }
}
