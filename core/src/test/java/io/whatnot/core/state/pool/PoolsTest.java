package io.whatnot.core.state.pool;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import org.junit.jupiter.api.Test;

/** Pools: how they are made, replaced, resized and taken away, and what becomes of those who use them. */
class PoolsTest {
    private final Machine machine = new Machine().found(4);
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");
    private final Client cid = machine.open("cid");

    private Result.PoolView pool(String path) {
        return ann.pool(path).pool().orElseThrow();
    }

    // ---- which pool serves

    @Test
    void aPoolServesItsOwnPathAndOneOfAPrefixWhatIsBelowAndHasNoNearer() {
        done(ann.createPool("/p", 5, true, false));
        done(ann.createPool("/p/q", 1));
        assertThat(granted(ann.claim("/p", 1)).pool()).isEqualTo(AbsolutePath.parse("/p"));
        assertThat(granted(ann.claim("/p/x/y", 1)).pool()).isEqualTo(AbsolutePath.parse("/p"));
        assertThat(machine.events()).containsExactly("CLAIMED 1 slot at /p/x/y of pool /p by ann");
        assertThat(granted(ann.claim("/p/q", 1)).pool()).isEqualTo(AbsolutePath.parse("/p/q"));
        // The nearer one does not serve what is below it.
        assertThat(granted(ann.claim("/p/q/r", 1)).pool()).isEqualTo(AbsolutePath.parse("/p"));
        assertThat(pool("/p").used()).isEqualTo(3);
        assertThat(pool("/p/q").used()).isEqualTo(1);
    }

    @Test
    void whichPoolServesAClaimIsSettledWhenItIsMade() {
        done(ann.createPool("/p", 1, true, false));
        LeaseId held = granted(ann.claim("/p/q", 1)).id();
        LeaseId waits = queued(bob.claim("/p/q", 1)).id();

        done(cid.createPool("/p/q", 1));
        assertThat(bob.waitsWith(waits)).isTrue();
        granted(cid.claim("/p/q", 1));

        done(ann.release(held));
        assertThat(machine.events())
                .containsExactly(
                        "RELEASED 1 slot at /p/q of pool /p by ann", "CLAIMED 1 slot at /p/q of pool /p by bob");
    }

    @Test
    void poolsOfOneNamespaceServeNoOther() {
        done(ann.createPool("/", 1, true, false));
        done(ann.in("m").createPool("/p", 1));
        refused(ErrorCode.NO_SUCH_POOL, ann.in("m").claim("/", 1));
        granted(ann.claim("/p", 1));
        granted(ann.in("m").claim("/p", 1));
    }

    @Test
    void aPoolNeedsNoElementAndIsNone() {
        done(ann.createPool("/p/deep", 1));
        assertThat(ann.read("/p/deep")).isEqualTo("-");
        assertThat(machine.events()).isEmpty();
        assertThat(ann.read("/p")).isEqualTo("-");
    }

    // ---- made, and replaced

    @Test
    void whereThereIsAPoolAnotherIsMadeOnlyByPurgingIt() {
        done(ann.createPool("/p", 2));
        assertThat(refused(ErrorCode.POOL_EXISTS, bob.createPool("/p", 3)).message())
                .contains("a pool of 2 at /p", "purge");
        assertThat(pool("/p").size()).isEqualTo(2);
    }

    @Test
    void aPurgeEndsTheClaimsAndLetsThoseWhoWaitGoOnInTheirOrder() {
        done(ann.createPool("/p", 4));
        LeaseId lost = granted(ann.claim("/p", 4)).id();
        LeaseId large = queued(bob.claim("/p", 3)).id();
        LeaseId first = queued(cid.as("1").claim("/p", 1)).id();
        LeaseId second = queued(cid.as("2").claim("/p", 2)).id();

        done(bob.createPool("/p", 2, true, true));

        assertThat(machine.events())
                .containsExactly("RELEASED 4 slots at /p by ann, ADMIN", "CLAIMED 1 slot at /p by cid");
        assertThat(machine.pushes())
                .hasSize(3)
                .anyMatch(push -> push.startsWith("ann.") && push.contains("LEASE_LOST: ADMIN"))
                .anyMatch(push -> push.startsWith("bob.") && push.contains("CLAIM_TOO_LARGE"));
        assertThat(bob.waitsWith(large)).isFalse();
        assertThat(cid.holds(first)).isTrue();
        assertThat(cid.waitsWith(second)).isTrue();
        refused(ErrorCode.LEASE_LOST, ann.release(lost));
        assertThat(pool("/p").used()).isEqualTo(1);
        assertThat(pool("/p/below").prefix()).isTrue();
    }

    @Test
    void aPurgeThatWouldMakeMoreEventsThanACommandMayIsRefusedBeforeItHasAnEffect() {
        done(ann.createPool("/p", 4));
        done(ann.set("eventsMax", 1));
        granted(ann.claim("/p", 1));
        done(bob.createPool("/p", 4, false, true));
        granted(ann.claim("/p", 1));
        granted(ann.claim("/p", 1));
        refused(ErrorCode.RESOURCE_EXHAUSTED, bob.createPool("/p", 4, false, true));
        refused(ErrorCode.RESOURCE_EXHAUSTED, bob.removePool("/p"));
        assertThat(pool("/p").used()).isEqualTo(2);
    }

    // ---- resized

    @Test
    void aPoolMadeLargerServesThoseWhoWait() {
        done(ann.createPool("/p", 1));
        granted(ann.claim("/p", 1));
        queued(bob.claim("/p", 1));
        done(cid.resizePool("/p", 2));
        assertThat(machine.events()).containsExactly("CLAIMED 1 slot at /p by bob");
    }

    @Test
    void aPoolMadeSmallerKeepsItsClaimsAndGrantsNothingUntilEnoughHaveEnded() {
        done(ann.createPool("/p", 3));
        LeaseId first = granted(ann.claim("/p", 2)).id();
        granted(ann.claim("/p", 1));
        LeaseId waits = queued(bob.claim("/p", 1)).id();

        done(cid.resizePool("/p", 1));
        assertThat(pool("/p").used()).isEqualTo(3);
        refused(ErrorCode.LOCK_TIMEOUT, cid.tryClaim("/p", 1));
        done(ann.release(first));
        assertThat(bob.waitsWith(waits)).isTrue();
        assertThat(pool("/p").used()).isEqualTo(1);
    }

    @Test
    void whoWaitsForMoreThanASmallerPoolHasIsToldSoAndHoldsUpNobody() {
        done(ann.createPool("/p", 3));
        granted(ann.claim("/p", 1));
        queued(bob.claim("/p", 3));
        LeaseId behind = queued(cid.claim("/p", 1)).id();

        done(ann.resizePool("/p", 2));

        assertThat(machine.pushes().get(0)).startsWith("bob.").contains("CLAIM_TOO_LARGE");
        assertThat(cid.holds(behind)).isTrue();
    }

    @Test
    void theSameSizeChangesNothingAndTakesNoRevision() {
        done(ann.createPool("/p", 3));
        long revision = machine.revision();
        done(ann.resizePool("/p", 3));
        assertThat(machine.revision()).isEqualTo(revision);
        done(ann.resizePool("/p", 4));
        assertThat(machine.revision()).isEqualTo(revision + 1);
    }

    // ---- taken away

    @Test
    void aPoolRemovedUnderItsWaitersEndsItsClaimsAndTellsThem() {
        done(ann.createPool("/p", 1));
        LeaseId held = granted(ann.claim("/p", 1)).id();
        LeaseId waits = queued(bob.claim("/p", 1)).id();

        done(cid.removePool("/p"));

        assertThat(machine.events()).containsExactly("RELEASED 1 slot at /p by ann, ADMIN");
        assertThat(machine.pushes())
                .hasSize(2)
                .anyMatch(push -> push.startsWith("ann.") && push.contains("LEASE_LOST: ADMIN"))
                .anyMatch(push -> push.startsWith("bob.") && push.contains("NO_SUCH_POOL"));
        assertThat(ann.holds(held)).isFalse();
        assertThat(bob.waitsWith(waits)).isFalse();
        refused(ErrorCode.NO_SUCH_POOL, bob.claim("/p", 1));
        refused(ErrorCode.NO_SUCH_POOL, cid.removePool("/p"));
        refused(ErrorCode.NO_SUCH_POOL, cid.resizePool("/p", 2));
        assertThat(machine.state().locks().pools().bytes()).isZero();
    }

    @Test
    void aNamespaceThatIsDroppedTakesItsPoolsAndClaimsWithIt() {
        done(ann.createPool("/p", 1));
        granted(ann.claim("/p", 1));
        queued(bob.claim("/p", 1));
        refused(ErrorCode.LOCKED, bob.dropNamespace());
        done(bob.dropByForce());
        assertThat(machine.pushes())
                .anyMatch(push -> push.startsWith("ann.") && push.contains("LEASE_LOST"))
                .anyMatch(push -> push.startsWith("bob.") && push.contains("NO_SUCH_NAMESPACE"));
        done(ann.createNamespace());
        refused(ErrorCode.NO_SUCH_POOL, ann.claim("/p", 1));
    }

    @Test
    void deletingAnElementLeavesThePoolOnItsPathAlone() {
        ann.put("/p", "x");
        done(ann.createPool("/p", 1));
        granted(ann.claim("/p", 1));
        ann.deleteAll("/p");
        assertThat(pool("/p").used()).isEqualTo(1);
    }

    // ---- under locks

    @Test
    void anothersLockForbidsToChangeThePoolsOnItsPath() {
        granted(ann.lock(element("/p")));
        refused(ErrorCode.LOCKED, bob.createPool("/p", 1));
        done(ann.createPool("/p", 1));
        refused(ErrorCode.LOCKED, bob.createPool("/p", 1, false, true));
        refused(ErrorCode.LOCKED, bob.resizePool("/p", 2));
        refused(ErrorCode.LOCKED, bob.removePool("/p"));
        assertThat(pool("/p").size()).isEqualTo(1);
    }

    @Test
    void aPoolOfAPrefixIsChangedOnlyWhenNothingBelowIsLockedByOthers() {
        LeaseId below = granted(ann.lock(element("/p/q"))).id();
        refused(ErrorCode.LOCKED, bob.createPool("/p", 1, true, false));
        done(bob.createPool("/p", 1));
        refused(ErrorCode.LOCKED, bob.createPool("/p", 1, true, true));
        done(ann.release(below));
        done(bob.createPool("/p", 1, true, true));
        granted(ann.lock(element("/p/q")));
        refused(ErrorCode.LOCKED, bob.resizePool("/p", 2));
        refused(ErrorCode.LOCKED, bob.removePool("/p"));
        refused(ErrorCode.LOCKED, bob.createPool("/p", 1, false, true));
    }

    @Test
    void aChangeMayNameTheLeaseItIsMadeUnder() {
        LeaseId lease = granted(ann.as("other").lock(prefix("/p"))).id();
        refused(ErrorCode.LOCKED, ann.createPool("/p/q", 1));
        done(ann.under(lease).createPool("/p/q", 1));
        done(ann.release(lease));
        refused(ErrorCode.STALE_TOKEN, ann.under(lease).resizePool("/p/q", 2));
    }

    // ---- limits and bad input

    @Test
    void aPoolHasAtLeastOneSlotAndNoMoreThanTheMost() {
        AbsolutePath path = AbsolutePath.parse("/p");
        for (long size : new long[] {0, -1, Target.SLOTS_MAX + 1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> new PoolCommand.Create("n", path, size, false, false, 0))
                    .hasMessageContaining("size of the pool is " + size);
            assertThatThrownBy(() -> new PoolCommand.Resize("n", path, size, 0))
                    .hasMessageContaining("size of the pool is " + size);
        }
        done(ann.createPool("/p", Target.SLOTS_MAX));
        granted(ann.claim("/p", Target.SLOTS_MAX));
        assertThat(pool("/p").used()).isEqualTo(Target.SLOTS_MAX);
    }

    @Test
    void poolsCountAmongWhatTheStateTakes() {
        long before = machine.state().bytes();
        done(ann.createPool("/p", 1));
        long with = machine.state().bytes();
        assertThat(with - before).isGreaterThan(500);
        done(ann.resizePool("/p", 7));
        done(ann.removePool("/p"));
        assertThat(machine.state().locks().bytes()).isZero();
    }

    @Test
    void belowTheLevelThatHasThemPoolsAndClaimsAreUnsupported() {
        Machine older = new Machine().found(3);
        Client dan = older.open("dan");
        assertThat(refused(ErrorCode.UNSUPPORTED, dan.createPool("/p", 1)).message())
                .contains("needs feature level 4", "whatnot admin level 4");
        refused(ErrorCode.UNSUPPORTED, dan.claim("/p", 1));
        done(dan.raiseLevel(4));
        done(dan.createPool("/p", 1));
        granted(dan.claim("/p", 1));
    }

    @Test
    void aNamespaceHasAsManyPoolsAsElementsAtMost() {
        done(ann.set("elementsMax", 2));
        done(ann.raiseLevel(FeatureLevel.NEWEST));
        done(ann.createPool("/a", 1));
        done(ann.createPool("/b", 1));
        assertThat(refused(ErrorCode.RESOURCE_EXHAUSTED, ann.createPool("/c", 1))
                        .message())
                .contains("namespace n has 2 pools", "remove some, or raise the setting elementsMax");
        done(ann.resizePool("/a", 5));
        done(ann.in("m").createPool("/c", 1));
        done(ann.removePool("/a"));
        done(ann.createPool("/c", 1));
    }
}
