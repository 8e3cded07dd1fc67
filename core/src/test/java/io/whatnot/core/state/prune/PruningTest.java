package io.whatnot.core.state.prune;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.PruneView;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is pruned, when, and what keeps an element from it. */
class PruningTest {
    private static final long IDLE = 1_600;

    private final Machine machine = new Machine().found(7);
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    /** The paths that the latest entry pruned, in the order of their events. */
    private List<String> pruned() {
        return machine.last().events().stream()
                .filter(event -> event.change() == Change.PRUNED)
                .map(event -> event.path().toString())
                .toList();
    }

    private @Nullable PruneView view(String path) {
        return ann.get(path).orElseThrow().prune();
    }

    // ---- when

    @Test
    void anElementGoesWhenItHasBeenIdleForAsLongAsThePolicySaysAndNotBefore() {
        ann.put("/p/a", "x");
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE - 1);
        assertThat(pruned()).isEmpty();
        long before = machine.revision();
        machine.pass(1);
        assertThat(pruned()).containsExactly("/p/a", "/p");
        assertThat(machine.revision()).isEqualTo(before + 1);
        WatchEvent event = machine.last().events().get(0);
        assertThat(event.cause()).isEqualTo(Cause.EXPIRED);
        assertThat(event.value()).isNull();
        assertThat(event.previous()).isEqualTo(Value.of("x"));
        assertThat(ann.read("/p/a")).isEqualTo("-");
    }

    @Test
    void aSweepThatFindsNothingTakesNoRevision() {
        ann.put("/p/a", "x");
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE / 2);
        done(ann.touch("/p/a"));
        long before = machine.revision();
        machine.pass(IDLE / 2);
        assertThat(pruned()).isEmpty();
        assertThat(machine.revision()).isEqualTo(before);
    }

    @Test
    void whatWasIdleBeforeThePolicyCountsAsIdleOnlyFromThenOn() {
        ann.put("/p/a", "x");
        machine.pass(10 * IDLE);
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE - 1);
        assertThat(pruned()).isEmpty();
    }

    @Test
    void elementsThatBecomeIdleOneAfterTheOtherGoSoonAfter() {
        done(ann.prunePolicy("/p", IDLE));
        TreeMap<String, Long> put = new TreeMap<>();
        for (int i = 0; i < 15; i++) {
            put.put("/p/" + i, machine.now());
            ann.put("/p/" + i, "x");
            machine.pass(IDLE / 20);
        }
        while (ann.get("/p").isPresent()) {
            machine.pass(5);
            for (String path : pruned()) {
                Long since = put.remove(path);
                assertThat(since == null ? IDLE : machine.now() - since)
                        .as(path)
                        .isBetween(IDLE, IDLE + IDLE / 16 + 5);
            }
        }
        assertThat(put).isEmpty();
    }

    // ---- activity

    @Test
    void aTouchKeepsTheElementAndWhatItLiesBelowAndTakesNoRevision() {
        ann.put("/p/a/b", "x");
        ann.put("/p/c", "x");
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE / 2);
        long before = machine.revision();
        done(ann.touch("/p/a/b"));
        assertThat(machine.revision()).isEqualTo(before);
        machine.pass(IDLE / 2);
        assertThat(pruned()).containsExactly("/p/c");
        machine.pass(IDLE / 2);
        assertThat(pruned()).containsExactly("/p/a/b", "/p/a", "/p");
    }

    @Test
    void whatIsNotThereCantBeTouched() {
        ann.register("/p");
        assertThat(refused(ErrorCode.NO_SUCH_ELEMENT, ann.touch("/p/a")).message())
                .contains("/p/a is not registered", "register it");
        refused(ErrorCode.NO_SUCH_NAMESPACE, ann.in("nowhere").touch("/p"));
    }

    @Test
    void aTouchIsForbiddenByNoLock() {
        ann.register("/p");
        granted(bob.lock(prefix("/p")));
        done(ann.touch("/p"));
    }

    @Test
    void aChangeKeepsTheElementAndSoDoesTheDeletionOfOneBelow() {
        ann.put("/p/a", "x");
        ann.put("/p/b/c", "x");
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE / 2);
        ann.put("/p/a", "y");
        ann.delete("/p/b/c");
        machine.pass(IDLE / 2);
        assertThat(pruned()).isEmpty();
        machine.pass(IDLE / 2);
        assertThat(pruned()).containsExactly("/p/a", "/p/b", "/p");
    }

    @Test
    void aReadKeepsNothing() {
        ann.put("/p/a", "x");
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE / 2);
        assertThat(ann.read("/p/a")).isEqualTo("x");
        machine.pass(IDLE / 2);
        assertThat(pruned()).containsExactly("/p/a", "/p");
    }

    @Test
    void aLockKeepsTheElementAndItIsIdleOnlyFromItsEndOn() {
        ann.put("/p/a", "x");
        ann.put("/p/b", "x");
        done(ann.prunePolicy("/p", IDLE));
        LeaseId lease = granted(bob.lock(element("/p/a"))).id();
        machine.pass(3 * IDLE);
        assertThat(pruned()).containsExactly("/p/b");
        machine.pass(IDLE / 2); // so that the next sweep comes before it has been idle for long enough
        done(bob.release(lease));
        machine.pass(IDLE - 1);
        assertThat(ann.read("/p/a")).isEqualTo("x");
        machine.pass(1 + IDLE / 16);
        assertThat(pruned()).containsExactly("/p/a", "/p");
    }

    @Test
    void aLockOnAPrefixKeepsWhatIsBelowWhileItIsHeldAndForAsLongAfter() {
        ann.put("/p/a", "x");
        done(ann.prunePolicy("/p", IDLE));
        LeaseId lease = granted(bob.lock(prefix("/p"))).id();
        machine.pass(3 * IDLE);
        assertThat(pruned()).isEmpty();
        done(bob.release(lease));
        machine.pass(IDLE - 1);
        assertThat(pruned()).isEmpty();
        machine.pass(1 + IDLE / 16);
        assertThat(pruned()).containsExactly("/p/a", "/p");
    }

    @Test
    void aLockOnAPathBelowThatNobodyRegisteredKeepsTheElement() {
        ann.put("/p/a", "x");
        done(ann.prunePolicy("/p", IDLE));
        granted(bob.lock(element("/p/a/b")));
        machine.pass(3 * IDLE);
        assertThat(pruned()).isEmpty();
    }

    @Test
    void aWaitingRequestKeepsTheElement() {
        ann.put("/p/a/b", "x");
        done(ann.prunePolicy("/p", IDLE));
        granted(ann.lock(element("/z")));
        LeaseId waits = queued(bob.lock(element("/z"), element("/p/a"))).id();
        machine.pass(3 * IDLE);
        assertThat(pruned()).containsExactly("/p/a/b");
        done(bob.cancel(waits));
        machine.pass(IDLE - 1);
        assertThat(pruned()).isEmpty();
        machine.pass(1 + IDLE / 16);
        assertThat(pruned()).containsExactly("/p/a", "/p");
    }

    @Test
    void aClaimKeepsTheElementThatItIsForAndNotThePoolsOwn() {
        done(ann.createPool("/pool", 2, true, false));
        ann.put("/pool/a", "x");
        ann.put("/pool/b", "x");
        done(ann.prunePolicy("/", IDLE));
        LeaseId claim = granted(bob.claim("/pool/a", 2)).id();
        LeaseId waits = queued(ann.claim("/pool/b", 1)).id();
        machine.pass(3 * IDLE);
        assertThat(pruned()).isEmpty();
        done(ann.cancel(waits));
        machine.pass(IDLE + IDLE / 16);
        assertThat(pruned()).containsExactly("/pool/b");
        done(bob.release(claim));
        machine.pass(IDLE + IDLE / 16);
        assertThat(pruned()).containsExactly("/pool/a", "/pool");
        // The pool itself is no element, and stays.
        granted(bob.claim("/pool/a", 2));
    }

    // ---- what stays

    @Test
    void theRootAndEphemeralElementsStay() {
        ann.putEphemeral("/p/e", "x");
        ann.put("/q", "x");
        done(ann.prunePolicy("/", IDLE));
        machine.pass(10 * IDLE);
        assertThat(pruned()).containsExactly("/q");
        assertThat(ann.read("/p/e")).isEqualTo("x");
        assertThat(ann.get("/")).isPresent();
    }

    @Test
    void anElementWithATtlIsPrunedAndItsTtlForgotten() {
        ann.putFor(10 * IDLE, "/p/t", "x");
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE);
        assertThat(pruned()).containsExactly("/p/t", "/p");
        machine.pass(20 * IDLE);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void valuesStayIfThePolicyRetainsThemAndSoDoesWhatTheyLieBelow() {
        ann.put("/p/a/v", "x");
        ann.register("/p/a/w");
        ann.register("/p/b/c");
        done(ann.prunePolicy("/p", IDLE, true));
        machine.pass(IDLE);
        assertThat(pruned()).containsExactly("/p/a/w", "/p/b/c", "/p/b");
        assertThat(ann.read("/p/a/v")).isEqualTo("x");
    }

    // ---- which policy

    @Test
    void theNearestPolicyIsInForce() {
        ann.register("/p/a");
        ann.register("/p/q/a");
        done(ann.prunePolicy("/p", IDLE));
        done(ann.prunePolicy("/p/q", 4 * IDLE));
        machine.pass(IDLE);
        assertThat(pruned()).containsExactly("/p/a");
        machine.pass(3 * IDLE);
        assertThat(pruned()).contains("/p/q/a", "/p/q");
    }

    @Test
    void whereItSaysNeverNothingGoesUntilThatPolicyIsTakenAway() {
        ann.register("/p/a");
        ann.register("/p/q/a");
        done(ann.prunePolicy("/p", IDLE));
        done(ann.prunePolicy("/p/q", 0));
        assertThat(view("/p/q/a")).isEqualTo(new PruneView(AbsolutePath.parse("/p/q"), 0, false, 0));
        machine.pass(10 * IDLE);
        assertThat(pruned()).containsExactly("/p/a");
        done(ann.removePrunePolicy("/p/q"));
        machine.pass(1);
        assertThat(pruned()).containsExactly("/p/q/a", "/p/q", "/p");
    }

    @Test
    void withoutAPolicyNothingGoes() {
        ann.register("/p/a");
        done(ann.prunePolicy("/p", IDLE));
        done(ann.removePrunePolicy("/p"));
        machine.pass(10 * IDLE);
        assertThat(pruned()).isEmpty();
        assertThat(view("/p/a")).isNull();
        long before = machine.revision();
        done(ann.removePrunePolicy("/p"));
        assertThat(machine.revision()).isEqualTo(before);
    }

    @Test
    void thePolicyStaysWhenItsElementIsPruned() {
        ann.register("/p/a");
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE);
        ann.register("/p/b");
        machine.pass(IDLE + IDLE / 16);
        assertThat(pruned()).containsExactly("/p/b", "/p");
    }

    @Test
    void anotherPolicyReplacesTheOneThatIsThereAndTheSameOneChangesNothing() {
        ann.register("/p");
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE / 2);
        long before = machine.revision();
        done(ann.prunePolicy("/p", IDLE));
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(view("/p")).isEqualTo(new PruneView(AbsolutePath.parse("/p"), IDLE, false, IDLE / 2));
        done(ann.prunePolicy("/p", 2 * IDLE));
        assertThat(machine.revision()).isEqualTo(before + 1);
        machine.pass(2 * IDLE - 1);
        assertThat(pruned()).isEmpty();
        machine.pass(1);
        assertThat(pruned()).containsExactly("/p");
    }

    @Test
    void theDescriptionOfAnElementShowsThePolicyInForce() {
        ann.register("/p/a/b");
        assertThat(view("/p/a/b")).isNull();
        done(ann.prunePolicy("/p", IDLE, true));
        machine.pass(100);
        ann.touch("/p/a");
        machine.pass(200);
        assertThat(view("/p/a")).isEqualTo(new PruneView(AbsolutePath.parse("/p"), IDLE, true, 200));
        assertThat(view("/p/a/b")).isEqualTo(new PruneView(AbsolutePath.parse("/p"), IDLE, true, 300));
        assertThat(view("/")).isNull();
    }

    // ---- who may

    @Test
    void aPolicyIsAChangeOfAllThatIsBelow() {
        LeaseId lease = granted(bob.lock(element("/p/q"))).id();
        refused(ErrorCode.LOCKED, ann.prunePolicy("/p", IDLE));
        refused(ErrorCode.LOCKED, ann.removePrunePolicy("/p"));
        done(bob.prunePolicy("/p", IDLE));
        refused(ErrorCode.STALE_TOKEN, bob.under(lease).prunePolicy("/p", 0));
        done(ann.prunePolicy("/other", IDLE));
    }

    @Test
    void thereAreOnlySoManyPolicies() {
        for (int i = 0; i < 1_000; i++) {
            done(ann.prunePolicy("/p/" + i, IDLE));
        }
        assertThat(refused(ErrorCode.RESOURCE_EXHAUSTED, ann.prunePolicy("/p", IDLE))
                        .message())
                .contains("has 1000 pruning policies", "remove some");
        done(ann.prunePolicy("/p/7", 2 * IDLE));
        done(ann.in("m").prunePolicy("/p", IDLE));
        done(ann.removePrunePolicy("/p/7"));
        done(ann.prunePolicy("/p", IDLE));
    }

    @Test
    void policiesTakeRoomAndGiveItBack() {
        done(ann.createNamespace());
        long before = machine.state().bytes() - machine.state().sessions().bytes();
        done(ann.prunePolicy("/p", IDLE));
        assertThat(machine.state().bytes() - machine.state().sessions().bytes()).isGreaterThan(before + 500);
        done(ann.removePrunePolicy("/p"));
        assertThat(machine.state().bytes() - machine.state().sessions().bytes()).isEqualTo(before);
    }

    @Test
    void withTheNamespaceItsPoliciesGo() {
        done(ann.prunePolicy("/p", IDLE));
        done(ann.dropNamespace());
        ann.register("/p/a");
        machine.pass(10 * IDLE);
        assertThat(pruned()).isEmpty();
        assertThat(machine.state().policies().namespaces()).isEmpty();
    }

    @Test
    void belowTheLevelThatHasItNothingIsPruned() {
        Machine old = new Machine().found(6);
        Client cid = old.open("cid");
        cid.register("/p");
        refused(ErrorCode.UNSUPPORTED, cid.prunePolicy("/p", IDLE));
        refused(ErrorCode.UNSUPPORTED, cid.removePrunePolicy("/p"));
        refused(ErrorCode.UNSUPPORTED, cid.touch("/p"));
        done(cid.raiseLevel(7));
        done(cid.prunePolicy("/p", IDLE));
    }
}
