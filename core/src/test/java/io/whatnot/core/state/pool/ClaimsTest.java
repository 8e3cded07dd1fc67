package io.whatnot.core.state.pool;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.state.Answers.blocked;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.renewed;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Claims: so many slots of a pool, granted in the order of their arrival, and given back like leases. */
class ClaimsTest {
    private static final AbsolutePath P = AbsolutePath.parse("/p");

    private final Machine machine = new Machine().found(4);
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");

    @BeforeEach
    void aPoolOfThree() {
        done(ann.createPool("/p", 3));
    }

    private long used() {
        return ann.pool("/p").pool().orElseThrow().used();
    }

    // ---- who gets slots, and when

    @Test
    void aClaimTakesAsManySlotsAsItAsksForAndTheNextMustWaitForThem() {
        granted(ann.claim("/p", 2));
        assertThat(machine.events()).containsExactly("CLAIMED 2 slots at /p by ann");
        granted(bob.claim("/p", 1));
        assertThat(used()).isEqualTo(3);

        assertThat(queued(cid.claim("/p", 1)).position()).isEqualTo(1);
        assertThat(used()).isEqualTo(3);
    }

    @Test
    void aReleaseGivesAllItsSlotsBackAndServesAsManyAsFitInTheirOrder() {
        LeaseId all = granted(ann.claim("/p", 3)).id();
        queued(bob.claim("/p", 2));
        queued(cid.claim("/p", 1));

        done(ann.release(all));

        assertThat(machine.events())
                .containsExactly(
                        "RELEASED 3 slots at /p by ann", "CLAIMED 2 slots at /p by bob", "CLAIMED 1 slot at /p by cid");
        assertThat(used()).isEqualTo(3);
    }

    @Test
    void aLargeClaimIsNotStarvedBySmallOnes() {
        LeaseId first = granted(ann.as("1").claim("/p", 1)).id();
        LeaseId second = granted(ann.as("2").claim("/p", 1)).id();
        LeaseId large = queued(bob.claim("/p", 3)).id();

        // There is a free slot, but who asks for it now has come after the large claim.
        LeaseId small = queued(cid.claim("/p", 1)).id();
        refused(ErrorCode.LOCK_TIMEOUT, cid.as("other").tryClaim("/p", 1));

        done(ann.release(first));
        assertThat(bob.holds(large)).isFalse();
        done(ann.release(second));
        assertThat(bob.holds(large)).isTrue();
        assertThat(cid.waitsWith(small)).isTrue();
        done(bob.release(large));
        assertThat(cid.holds(small)).isTrue();
    }

    @Test
    void whenALargeClaimGivesUpThoseBehindItAreServed() {
        granted(ann.claim("/p", 1));
        queued(bob.lockWithin(500, Target.claim(P, 3)));
        queued(cid.claim("/p", 2));

        machine.pass(500);

        assertThat(machine.events()).containsExactly("CLAIMED 2 slots at /p by cid");
        assertThat(machine.pushes().get(0)).contains("LOCK_TIMEOUT in place 1: ann", "holds 1 slot at /p");
    }

    @Test
    void aCancelledClaimLetsThoseBehindItPass() {
        granted(ann.claim("/p", 2));
        LeaseId large = queued(bob.claim("/p", 2)).id();
        LeaseId small = queued(cid.claim("/p", 1)).id();
        done(bob.cancel(large));
        assertThat(cid.holds(small)).isTrue();
    }

    @Test
    void oneOwnerMayHoldSeveralClaimsButWaitWithOneOnly() {
        granted(ann.claim("/p", 1));
        granted(ann.claim("/p", 2));
        queued(ann.claim("/p", 1));
        refused(ErrorCode.OWNER_BUSY, ann.claim("/p", 1));
        assertThat(used()).isEqualTo(3);
    }

    @Test
    void whoWaitsIsToldWhoHasTheSlotsAndWhoIsBeforeHim() {
        LeaseId anns = granted(ann.claim("/p", 2)).id();
        LeaseId bobs = queued(bob.claim("/p", 2)).id();

        Result.Queued cids = queued(cid.claim("/p", 1));

        assertThat(cids.position()).isEqualTo(2);
        assertThat(cids.blockers()).extracting(Blocker::id).containsExactly(bobs);
        assertThat(blocked(ErrorCode.LOCK_TIMEOUT, cid.as("x").tryClaim("/p", 3))
                        .blockers())
                .extracting(Blocker::id)
                .containsExactly(anns, bobs, cids.id());
    }

    // ---- how claims end

    @Test
    void aClaimWithATtlRunsOutAndIsRenewedLikeALease() {
        LeaseId claim = granted(ann.lockFor(1_000, Target.claim(P, 3))).id();
        machine.pass(900);
        assertThat(renewed(ann.renew(claim)).deadlineMillis()).isEqualTo(1_900);
        machine.pass(900);
        assertThat(ann.holds(claim)).isTrue();
        queued(bob.claim("/p", 1));

        machine.pass(100);

        assertThat(machine.events())
                .containsExactly("RELEASED 3 slots at /p by ann, EXPIRED", "CLAIMED 1 slot at /p by bob");
        refused(ErrorCode.LEASE_LOST, ann.renew(claim));
    }

    @Test
    void releasingWhatIsNoLongerHeldFreesNothing() {
        LeaseId claim = granted(ann.claim("/p", 2)).id();
        granted(bob.claim("/p", 1));
        done(ann.release(claim));
        assertThat(used()).isEqualTo(1);

        refused(ErrorCode.LEASE_LOST, ann.release(claim));
        refused(ErrorCode.LEASE_LOST, ann.release(claim));
        assertThat(used()).isEqualTo(1);
        done(bob.cancel(bob.last()));
        assertThat(used()).isZero();
    }

    @Test
    void aSessionThatEndsGivesItsSlotsBackAndLeavesTheLine() {
        granted(ann.claim("/p", 2));
        granted(ann.in("m").lock(element("/x")));
        queued(bob.claim("/p", 3));
        queued(cid.claim("/p", 1));

        done(bob.close());
        assertThat(machine.events()).containsExactly("CLAIMED 1 slot at /p by cid");
        done(ann.close());
        assertThat(machine.events())
                .containsExactly("RELEASED 2 slots at /p by ann, SESSION_ENDED", "UNLOCKED /x by ann, SESSION_ENDED");
        assertThat(cid.pool("/p").pool().orElseThrow().used()).isEqualTo(1);
    }

    @Test
    void anOperatorMayRevokeAClaim() {
        LeaseId claim = granted(ann.claim("/p", 3)).id();
        queued(bob.claim("/p", 3));
        done(cid.revoke(claim));
        assertThat(machine.events())
                .containsExactly("RELEASED 3 slots at /p by ann, ADMIN", "CLAIMED 3 slots at /p by bob");
        assertThat(machine.pushes().get(0)).contains("LEASE_LOST: ADMIN");
    }

    @Test
    void aClaimSentAgainIsAnsweredAgainAndTakesNoMoreSlots() {
        Request request = ann.request(ann.locking(0, 0, Target.claim(P, 2)));
        Result first = machine.send(request);
        assertThat(granted(first).pool()).isEqualTo(P);
        assertThat(machine.send(request)).isEqualTo(first);
        assertThat(used()).isEqualTo(2);
    }

    // ---- claims and locks

    @Test
    void aClaimConflictsWithNoLockAndProtectsNothing() {
        granted(ann.lock(Target.prefix("/p")));
        LeaseId claim = granted(bob.claim("/p", 1)).id();
        refused(ErrorCode.LOCKED, bob.put("/p", "x"));
        refused(ErrorCode.STALE_TOKEN, bob.under(claim).put("/p", "x"));
        written(ann.put("/p", "x"));
    }

    @Test
    void whoHoldsClaimsBelowAPrefixHoldsNoLocksThere() {
        granted(ann.claim("/p", 1));
        granted(bob.lock(element("/q")));
        // Were the claim taken for a lock, ann would seem to hold all that is locked below.
        refused(ErrorCode.LOCK_TIMEOUT, ann.tryLock(Target.prefix("/")));
    }

    @Test
    void claimsAreListedWithTheLocksOfTheirPath() {
        LeaseId lock = granted(bob.lock(element("/p"))).id();
        LeaseId claim = granted(ann.claim("/p", 3)).id();
        LeaseId waits = queued(cid.claim("/p", 2)).id();
        for (Query query : List.of(
                new Query.Locks("n", P, Scope.ELEMENT, 10),
                new Query.Locks("n", AbsolutePath.ROOT, Scope.PREFIX, 10))) {
            Result.Locks locks = (Result.Locks) machine.ask(query);
            assertThat(locks.held()).extracting(Blocker::id).containsExactly(lock, claim);
            assertThat(locks.waiting())
                    .extracting(waiting -> waiting.request().id())
                    .containsExactly(waits);
            assertThat(locks.held().get(1).target().slots()).isEqualTo(3);
        }
        Result.Locks elsewhere =
                (Result.Locks) machine.ask(new Query.Locks("n", AbsolutePath.parse("/q"), Scope.PREFIX, 10));
        assertThat(elsewhere.held()).isEmpty();
        assertThat(elsewhere.waiting()).isEmpty();
    }

    // ---- bad input

    @Test
    void moreSlotsThanThePoolHasAreRefusedAtOnceAlsoToWhoWouldWait() {
        assertThat(refused(ErrorCode.CLAIM_TOO_LARGE, ann.claim("/p", 4)).message())
                .contains("4 slots", "the pool at /p has 3", "resize");
        refused(ErrorCode.CLAIM_TOO_LARGE, ann.claim("/p", Target.SLOTS_MAX));
        assertThat(machine.state().locks().waitingCount()).isZero();
    }

    @Test
    void whereThereIsNoPoolNothingIsClaimedNorMade() {
        refused(ErrorCode.NO_SUCH_POOL, ann.claim("/q", 1));
        refused(ErrorCode.NO_SUCH_POOL, ann.claim("/p/below", 1));
        refused(ErrorCode.NO_SUCH_POOL, ann.in("other").claim("/p", 1));
        assertThat(machine.state().elements().hasNamespace("other")).isFalse();
    }

    @Test
    void noNegativeNorHugeNorMixedClaimCanBeMade() {
        for (long slots : new long[] {0, -1, Long.MIN_VALUE, Target.SLOTS_MAX + 1, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> Target.claim(P, slots))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("slots is " + slots);
        }
        assertThatThrownBy(() -> ann.locking(0, 0, Target.claim(P, 1), element("/a")))
                .hasMessageContaining("ask for a claim by itself");
        LeaseCommand.Acquire served = ann.locking(0, 0, Target.claim(P, 1).servedBy(P));
        assertThatThrownBy(() -> ann.request(served)).hasMessageContaining("names a pool");
    }

    @Test
    void asManyMayWaitForAPoolAsAtAPath() {
        done(ann.set("waitersMax", 2));
        granted(ann.claim("/p", 3));
        queued(bob.as("1").claim("/p", 1));
        queued(bob.as("2").claim("/p", 1));
        refused(ErrorCode.TOO_MANY_WAITERS, cid.claim("/p", 1));
    }

    @Test
    void aClaimCountsAmongWhatASessionOwnsHoweverManySlotsItHas() {
        done(ann.set("ownedMax", 2));
        granted(bob.claim("/p", 2));
        granted(bob.claim("/p", 1));
        refused(ErrorCode.RESOURCE_EXHAUSTED, bob.claim("/p", 1));
    }
}
