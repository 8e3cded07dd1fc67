package io.whatnot.core.state.lock;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import org.junit.jupiter.api.Test;

/** An owner is never in its own way; and the tokens of leases that one of its leases covers. */
class ReentranceTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");

    @Test
    void anOwnerLocksAgainWhatItHolds() {
        Result.Granted first = granted(ann.lock(element("/a")));
        Result.Granted second = granted(ann.tryLock(element("/a")));
        assertThat(second.id()).isNotEqualTo(first.id());
        ann.release(first.id());
        refused(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a")));
        ann.release(second.id());
        granted(bob.tryLock(element("/a")));
    }

    @Test
    void anotherOwnerOfTheSameSessionIsInTheWayLikeAnybody() {
        granted(ann.as("one").lock(element("/a")));
        refused(ErrorCode.LOCK_TIMEOUT, ann.as("two").tryLock(element("/a")));
    }

    @Test
    void anOwnerPassesThoseWhoWaitForWhatItHolds() {
        granted(ann.lock(element("/a")));
        queued(bob.lock(element("/a")));
        granted(ann.lock(element("/a")));
    }

    // ---- upgrades

    @Test
    void theOnlyOneWhoSharesMayHaveItAlone() {
        granted(ann.lock(element("/a").shared()));
        granted(ann.lock(element("/a")));
        refused(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a").shared()));
    }

    @Test
    void oneOfManyWhoShareWaitsForTheOthersButNotBehindThoseWhoWaitForHim() {
        granted(ann.lock(element("/a").shared()));
        granted(bob.lock(element("/a").shared()));
        queued(cid.lock(element("/a")));
        Result.Queued upgrade = queued(ann.lock(element("/a")));
        assertThat(upgrade.blockers()).map(machine.words()::blocker).containsExactly("bob.1 holds /a (shared)");
        bob.release(bob.last());
        assertThat(machine.events()).containsExactly("UNLOCKED /a (shared) by bob", "LOCKED /a by ann");
    }

    @Test
    void anElementGrowsIntoAPrefixOnceNobodyElseIsBelow() {
        granted(ann.lock(element("/a")));
        granted(ann.lock(element("/a/own")));
        granted(bob.lock(element("/a/x")));
        queued(ann.lock(prefix("/a")));
        bob.release(bob.last());
        assertThat(machine.events()).containsExactly("UNLOCKED /a/x by bob", "LOCKED /a/** by ann");
    }

    @Test
    void anOwnLockBelowIsToldFromThatOfAnother() {
        granted(ann.lock(element("/a/x"), element("/a/y").shared()));
        granted(ann.tryLock(prefix("/a").shared()));
        granted(bob.tryLock(element("/a/y").shared()));
        granted(ann.tryLock(prefix("/a").shared()));
        refused(ErrorCode.LOCK_TIMEOUT, ann.tryLock(prefix("/a")));
    }

    @Test
    void whatWasHeldBeforeAnUpgradeRemainsHeldAfterIt() {
        Result.Granted shared = granted(ann.lock(element("/a").shared()));
        Result.Granted alone = granted(ann.lock(element("/a")));
        ann.release(alone.id());
        granted(bob.tryLock(element("/a").shared()));
        refused(ErrorCode.LOCK_TIMEOUT, cid.tryLock(element("/a")));
        assertThat(ann.holds(shared.id())).isTrue();
    }

    // ---- tokens

    @Test
    void aLeaseThatIsCoveredByOneOfItsOwnerHasThatOnesToken() {
        Result.Granted outer = granted(ann.lock(prefix("/a")));
        assertThat(granted(ann.lock(element("/a"))).token()).isEqualTo(outer.token());
        assertThat(granted(ann.lock(element("/a/x"), prefix("/a/y").shared())).token())
                .isEqualTo(outer.token());
        assertThat(granted(ann.lock(prefix("/a"))).token()).isEqualTo(outer.token());
    }

    @Test
    void anUpgradeHasATokenOfItsOwnWhichIsThatOfWhatItCovers() {
        granted(ann.lock(prefix("/a").shared()));
        granted(bob.lock(element("/a/x").shared()));
        queued(ann.lock(prefix("/a")));
        bob.release(bob.last());
        assertThat(machine.pushes()).containsExactly("ann.2: granted ann.2 with token " + machine.revision());
        long upgraded = machine.revision();
        assertThat(granted(ann.lock(element("/a/x"))).token().value()).isEqualTo(upgraded);
    }

    @Test
    void aStrongerModeIsNotCovered() {
        Result.Granted shared = granted(ann.lock(prefix("/a").shared()));
        assertThat(granted(ann.lock(element("/a/x"))).token()).isGreaterThan(shared.token());
    }

    @Test
    void aWiderScopeIsNotCovered() {
        Result.Granted narrow = granted(ann.lock(element("/a")));
        assertThat(granted(ann.lock(prefix("/a"))).token()).isGreaterThan(narrow.token());
    }

    @Test
    void aLeaseIsNotCoveredByTwoTogether() {
        granted(ann.lock(element("/a")));
        Result.Granted second = granted(ann.lock(element("/b")));
        assertThat(granted(ann.lock(element("/a"), element("/b"))).token()).isGreaterThan(second.token());
    }

    @Test
    void aLeaseIsNotCoveredByAnotherOwnersOrInAnotherNamespace() {
        Result.Granted shared = granted(ann.as("one").lock(prefix("/a").shared()));
        assertThat(granted(ann.as("two").lock(element("/a").shared())).token()).isGreaterThan(shared.token());
        assertThat(granted(ann.as("one").in("other").lock(element("/a").shared()))
                        .token())
                .isGreaterThan(shared.token());
    }

    @Test
    void aCoveredLeaseGoesOnWithItsTokenWhenTheCoveringOneIsReleased() {
        Result.Granted outer = granted(ann.lock(prefix("/a")));
        Result.Granted inner = granted(ann.lock(element("/a/x")));
        ann.release(outer.id());
        assertThat(machine.events()).containsExactly("UNLOCKED /a/** by ann");
        refused(ErrorCode.LOCK_TIMEOUT, bob.tryLock(element("/a/x")));
        granted(bob.tryLock(element("/a/y")));
        assertThat(ann.holds(inner.id())).isTrue();
    }

    @Test
    void theGrantOfACoveredLeaseIsAnEventToo() {
        ann.lock(prefix("/a"));
        long before = machine.revision();
        ann.lock(element("/a/x"));
        assertThat(machine.events()).containsExactly("LOCKED /a/x by ann");
        assertThat(machine.revision()).isEqualTo(before + 1);
        assertThat(machine.last().events().get(0).token())
                .isNotNull()
                .satisfies(token -> assertThat(token.value()).isEqualTo(before));
    }

    @Test
    void whoeverLocksNextHasAGreaterTokenThanTheCoveredOne() {
        Result.Granted outer = granted(ann.lock(prefix("/a")));
        Result.Granted inner = granted(ann.lock(element("/a/x")));
        ann.release(outer.id());
        ann.release(inner.id());
        assertThat(granted(bob.lock(element("/a/x"))).token()).isGreaterThan(inner.token());
    }
}
