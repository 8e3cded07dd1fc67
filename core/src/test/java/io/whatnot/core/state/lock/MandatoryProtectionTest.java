package io.whatnot.core.state.lock;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.blocked;
import static io.whatnot.core.state.Answers.deleted;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import org.junit.jupiter.api.Test;

/** A lock is not advice: what others hold can't be changed, and a change that names a lease needs it. */
class MandatoryProtectionTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    // ---- the locks of others

    @Test
    void whatAnotherHasLockedIsNeitherPutNorRegisteredNorDeleted() {
        ann.put("/a", "1");
        ann.lock(element("/a"), element("/new"));
        refused(ErrorCode.LOCKED, bob.put("/a", "2"));
        refused(ErrorCode.LOCKED, bob.putFor(500, "/a", "2"));
        refused(ErrorCode.LOCKED, bob.putEphemeral("/a", "2"));
        refused(ErrorCode.LOCKED, bob.delete("/a"));
        refused(ErrorCode.LOCKED, bob.deleteAll("/a"));
        refused(ErrorCode.LOCKED, bob.put("/new", ""));
        refused(ErrorCode.LOCKED, bob.register("/new"));
        assertThat(bob.read("/a")).isEqualTo("1");
        assertThat(bob.get("/new")).isEmpty();
    }

    @Test
    void theRefusalTellsTheHolderSinceWhenAndForHowLongButNotTheToken() {
        machine.pass(100);
        Result.Granted held = granted(ann.lockFor(5_000, prefix("/a")));
        machine.pass(1_000);
        Result.Refused refused = refused(ErrorCode.LOCKED, bob.put("/a/x", ""));
        assertThat(blocked(ErrorCode.LOCKED, refused).blockers())
                .containsExactly(new Blocker(
                        held.id(), false, prefix("/a"), new Actor("ann", ann.session()), "main", "", 100, 4_000));
        assertThat(blocked(ErrorCode.LOCKED, refused).position()).isZero();
        assertThat(refused.message()).isEqualTo("/a/x is locked: ann (1) holds /a/**");
    }

    @Test
    void theHolderPasses() {
        ann.lock(prefix("/a"));
        written(ann.put("/a/x", "1"));
        done(ann.register("/a/y"));
        deleted(ann.deleteAll("/a"));
    }

    @Test
    void anotherOwnerOfTheSameSessionDoesNot() {
        ann.as("one").lock(element("/a"));
        refused(ErrorCode.LOCKED, ann.as("two").put("/a", ""));
        refused(ErrorCode.LOCKED, ann.as("").put("/a", ""));
    }

    @Test
    void aPrefixProtectsWhatIsNotThereYet() {
        ann.lock(prefix("/a"));
        refused(ErrorCode.LOCKED, bob.put("/a/new/and/deep", ""));
        written(bob.put("/aa", ""));
    }

    @Test
    void anElementDoesNotProtectWhatIsBelowIt() {
        ann.register("/a");
        ann.lock(element("/a"));
        written(bob.put("/a/x", ""));
    }

    @Test
    void aSharedLockKeepsOthersChangesOutToo() {
        ann.lock(element("/a").shared());
        refused(ErrorCode.LOCKED, bob.put("/a", ""));
        written(ann.put("/a", ""));
    }

    @Test
    void thoseWhoShareKeepEachOthersChangesOut() {
        ann.lock(element("/a").shared());
        LeaseId bobs = granted(bob.lock(element("/a").shared())).id();
        refused(ErrorCode.LOCKED, ann.put("/a", ""));
        refused(ErrorCode.LOCKED, bob.under(bobs).put("/a", ""));
    }

    @Test
    void whatIsOnlyWaitedForIsNotProtected() {
        ann.lock(element("/a"));
        queued(bob.lock(element("/a"), prefix("/b")));
        written(machine.open("cid").put("/b/x", ""));
    }

    @Test
    void registeringWhatIsRegisteredIsCheckedAllTheSame() {
        ann.register("/a");
        ann.lock(element("/a"));
        refused(ErrorCode.LOCKED, bob.register("/a"));
    }

    @Test
    void whatIsLockedIsToldLockedEvenIfItIsNotThere() {
        ann.lock(element("/a"));
        bob.createNamespace();
        refused(ErrorCode.LOCKED, bob.delete("/a"));
    }

    @Test
    void onceTheLockIsReleasedOthersPass() {
        ann.lock(prefix("/"));
        refused(ErrorCode.LOCKED, bob.put("/a", ""));
        ann.release(ann.last());
        written(bob.put("/a", ""));
    }

    // ---- parents

    @Test
    void aParentThatWouldBeRegisteredMustNotBeLockedEither() {
        ann.lock(element("/a/b"));
        refused(ErrorCode.LOCKED, bob.put("/a/b/c", ""));
        refused(ErrorCode.LOCKED, bob.register("/a/b/c/d"));
        assertThat(bob.get("/a")).isEmpty();
        ann.register("/a/b");
        written(bob.put("/a/b/c", ""));
    }

    @Test
    void theNamedLeaseNeedNotCoverTheParentsButNobodyElseMayHoldThem() {
        LeaseId held = granted(bob.lock(element("/a/b/c"))).id();
        ann.lock(element("/a/b"));
        refused(ErrorCode.LOCKED, bob.under(held).put("/a/b/c", ""));
        ann.release(ann.last());
        written(bob.under(held).put("/a/b/c", ""));
    }

    // ---- recursive deletes

    @Test
    void aRecursiveDeleteMeetsTheLocksBelow() {
        ann.register("/a/b/c");
        ann.lock(element("/a/b/c"));
        assertThat(blocked(ErrorCode.LOCKED, bob.deleteAll("/a")).blockers())
                .map(machine.words()::blocker)
                .containsExactly("ann.2 holds /a/b/c");
        refused(ErrorCode.LOCKED, bob.deleteAll("/"));
        assertThat(bob.get("/a/b/c")).isPresent();
    }

    @Test
    void alsoThoseOnWhatIsNotRegistered() {
        ann.register("/a");
        ann.lock(element("/a/not/there").shared());
        refused(ErrorCode.LOCKED, bob.deleteAll("/a"));
    }

    @Test
    void aRecursiveDeletePassesOnesOwnLocksBelow() {
        ann.register("/a/b/c");
        ann.lock(element("/a/b/c"));
        assertThat(deleted(ann.deleteAll("/a")).count()).isEqualTo(3);
    }

    @Test
    void aDeleteThatIsNotRecursiveMeetsOnlyTheLocksOnTheElementItself() {
        ann.register("/a");
        ann.lock(element("/a/not/there"));
        deleted(bob.delete("/a"));
    }

    // ---- under a lease

    @Test
    void aChangeUnderALeasePassesAsItsOwner() {
        LeaseId held = granted(ann.as("").lock(prefix("/a"))).id();
        refused(ErrorCode.LOCKED, ann.as("").put("/a/x", ""));
        written(ann.as("").under(held).put("/a/x", ""));
        done(ann.as("anybody").under(held).register("/a/y"));
        deleted(ann.as("anybody").under(held).deleteAll("/a"));
    }

    @Test
    void aChangeUnderALeasePassesTheOtherLocksOfThatOwner() {
        LeaseId held = granted(ann.as("one").lock(element("/a/b"))).id();
        granted(ann.as("one").lock(element("/a")));
        written(ann.as("two").under(held).put("/a/b", ""));
    }

    @Test
    void aSharedLeaseAllowsAChangeIfNobodyElseShares() {
        LeaseId held = granted(ann.as("").lock(element("/a").shared())).id();
        written(ann.as("").under(held).put("/a", ""));
    }

    @Test
    void aLeaseThatWasReleasedIsStale() {
        LeaseId held = granted(ann.lock(element("/a"))).id();
        ann.release(held);
        refused(ErrorCode.STALE_TOKEN, ann.under(held).put("/a", ""));
        refused(ErrorCode.STALE_TOKEN, ann.under(held).register("/a"));
        refused(ErrorCode.STALE_TOKEN, ann.under(held).delete("/a"));
    }

    @Test
    void aLeaseThatRanOutIsStaleThoughNobodyElseHasLocked() {
        LeaseId held = granted(ann.lockFor(500, element("/a"))).id();
        written(ann.under(held).put("/a", "in time"));
        machine.pass(500);
        refused(ErrorCode.STALE_TOKEN, ann.under(held).put("/a", "too late"));
        assertThat(ann.read("/a")).isEqualTo("in time");
    }

    @Test
    void aLeaseThatIsStillWaitedForIsStale() {
        bob.lock(element("/a"));
        LeaseId waits = queued(ann.lock(element("/a"))).id();
        refused(ErrorCode.STALE_TOKEN, ann.under(waits).put("/a", ""));
    }

    @Test
    void aLeaseMustCoverThePath() {
        LeaseId held = granted(ann.lock(element("/a"))).id();
        refused(ErrorCode.STALE_TOKEN, ann.under(held).put("/b", ""));
        refused(ErrorCode.STALE_TOKEN, ann.under(held).put("/a/x", ""));
        refused(ErrorCode.STALE_TOKEN, ann.under(held).put("/", ""));
        refused(ErrorCode.STALE_TOKEN, ann.under(held).in("other").put("/a", ""));
        assertThat(machine.state().elements().hasNamespace("other")).isFalse();
        written(ann.under(held).put("/a", ""));
    }

    @Test
    void aRecursiveDeleteNeedsALeaseOnThePrefix() {
        LeaseId element = granted(ann.lock(element("/a"))).id();
        ann.register("/a/x");
        refused(ErrorCode.STALE_TOKEN, ann.under(element).deleteAll("/a"));
        LeaseId prefix = granted(ann.lock(prefix("/a"))).id();
        deleted(ann.under(prefix).deleteAll("/a"));
    }

    @Test
    void aLeaseOfAnotherSessionIsNoneOfOnes() {
        LeaseId anns = granted(ann.lock(element("/a"))).id();
        refused(ErrorCode.STALE_TOKEN, bob.under(anns).put("/a", ""));
    }

    // ---- who passes

    @Test
    void readsPassEveryLock() {
        ann.put("/a/x", "1");
        ann.lock(prefix("/"));
        assertThat(bob.read("/a/x")).isEqualTo("1");
        AbsolutePath root = AbsolutePath.ROOT;
        assertThat(machine.ask(new Query.List("n", root, true, true, root, 10, 0)))
                .isInstanceOfSatisfying(
                        Result.Page.class, page -> assertThat(page.elements()).hasSize(2));
        assertThat(machine.ask(new Query.Closest("n", AbsolutePath.parse("/a/y"))))
                .isInstanceOf(Result.Found.class);
    }

    @Test
    void endsByTtlAndSessionPassEveryLock() {
        bob.putFor(500, "/a", "");
        bob.putEphemeral("/b", "");
        ann.lock(prefix("/"));
        machine.pass(500);
        bob.close();
        assertThat(ann.get("/a")).isEmpty();
        assertThat(ann.get("/b")).isEmpty();
    }

    @Test
    void aRefusedChangeLeavesNoTrace() {
        ann.lock(element("/a/b"));
        long before = machine.revision();
        bob.put("/a/b/c", "");
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(machine.events()).isEmpty();
    }
}
