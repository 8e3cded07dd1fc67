package io.whatnot.core.state.lock;

import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The table of conflicts, cell by cell. Something is held, or waited for by an earlier request, at {@code /p/q}; another
 * owner asks at each of these places: above, there, below, beside.
 */
class ConflictTableTest {
    private static final AbsolutePath P = AbsolutePath.parse("/p/q");
    private static final List<String> PLACES = List.of("/", "/p", "/p/q", "/p/q/r", "/p/q/r/s", "/p/qq", "/p/a", "/x");

    @Test
    void anElementHeldConflictsWithAnElementAtTheSamePath() {
        conflicts(Scope.ELEMENT, Scope.ELEMENT, "/p/q");
    }

    @Test
    void anElementHeldConflictsWithAPrefixAtOrAboveIt() {
        conflicts(Scope.ELEMENT, Scope.PREFIX, "/", "/p", "/p/q");
    }

    @Test
    void aPrefixHeldConflictsWithAnElementAtOrBelowIt() {
        conflicts(Scope.PREFIX, Scope.ELEMENT, "/p/q", "/p/q/r", "/p/q/r/s");
    }

    @Test
    void aPrefixHeldConflictsWithAPrefixAtAboveOrBelowIt() {
        conflicts(Scope.PREFIX, Scope.PREFIX, "/", "/p", "/p/q", "/p/q/r", "/p/q/r/s");
    }

    /** In just these places, whoever asks must wait for what is held, and behind what is waited for. */
    private static void conflicts(Scope held, Scope asked, String... places) {
        Map<String, Boolean> expected = new TreeMap<>();
        PLACES.forEach(place -> expected.put(place, List.of(places).contains(place)));
        for (Mode mine : Mode.values()) {
            for (Mode yours : Mode.values()) {
                Map<String, Boolean> heldAgainst = new TreeMap<>();
                Map<String, Boolean> behind = new TreeMap<>();
                for (String place : PLACES) {
                    Target first = new Target(P, held, mine);
                    Target second = new Target(AbsolutePath.parse(place), asked, yours);
                    heldAgainst.put(place, isHeldAgainst(first, second));
                    if (!place.equals("/")) {
                        behind.put(place, isBehind(first, second));
                    }
                }
                Map<String, Boolean> here = new TreeMap<>(expected);
                if (mine == Mode.SHARED && yours == Mode.SHARED) {
                    here.replaceAll((place, conflict) -> false);
                }
                assertThat(heldAgainst).as("held %s, asked %s", mine, yours).isEqualTo(here);
                here.remove("/"); // it would conflict with what the earlier request waits for
                assertThat(behind).as("waiting %s, asked %s", mine, yours).isEqualTo(here);
            }
        }
    }

    private static boolean isHeldAgainst(Target held, Target asked) {
        Machine machine = new Machine();
        granted(machine.open("ann").lock(held));
        Result answer = machine.open("bob").tryLock(asked);
        if (answer instanceof Result.Granted) {
            return false;
        }
        refused(ErrorCode.LOCK_TIMEOUT, answer);
        return true;
    }

    /** The earlier request waits because of another target of it, at a path that nothing else here touches. */
    private static boolean isBehind(Target waiting, Target asked) {
        Machine machine = new Machine();
        Client ann = machine.open("ann");
        Client bob = machine.open("bob");
        Client cid = machine.open("cid");
        granted(ann.lock(Target.element("/w/z")));
        LeaseId waits = queued(bob.lock(Target.element("/w/z"), waiting)).id();
        if (cid.lock(asked) instanceof Result.Granted) {
            return false;
        }
        bob.cancel(waits);
        assertThat(cid.holds(cid.last()))
                .as("granted as soon as that one does not wait any more")
                .isTrue();
        return true;
    }

    @Test
    void aLockHoldsForWhatIsNotRegisteredYet() {
        Machine machine = new Machine();
        Client ann = machine.open("ann");
        Client bob = machine.open("bob");
        granted(ann.lock(Target.prefix("/a")));
        refused(ErrorCode.LOCKED, bob.register("/a/new/and/deep"));
        refused(ErrorCode.LOCK_TIMEOUT, bob.tryLock(Target.element("/a/new/and/deep")));
    }

    @Test
    void aRequestConflictsIfAnyOfItsTargetsDoes() {
        Machine machine = new Machine();
        Client ann = machine.open("ann");
        Client bob = machine.open("bob");
        granted(ann.lock(Target.element("/a"), Target.element("/b").shared()));
        refused(ErrorCode.LOCK_TIMEOUT, bob.tryLock(Target.element("/c"), Target.element("/b")));
        granted(bob.tryLock(Target.element("/c"), Target.element("/b").shared()));
    }
}
