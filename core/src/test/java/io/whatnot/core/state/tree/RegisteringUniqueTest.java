package io.whatnot.core.state.tree;

import static io.whatnot.core.state.Answers.blocked;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.registered;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.PathException;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Limits;
import io.whatnot.core.state.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegisteringUniqueTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    @Test
    void aUniqueChildIsNamedByItsRevisionAndItsIndexInTheCommand() {
        Result.Registered job = registered(ann.registerUnique("/jobs", "1"));

        assertThat(job.revision().value()).isEqualTo(machine.revision());
        assertThat(job.path()).hasToString("/jobs/000000000000000000" + machine.revision() + "-0");
        assertThat(ann.read(job.path().toString())).isEqualTo("1");
    }

    @Test
    void itIsRegisteredWithItsMissingParentsInOneRevision() {
        Result.Registered job = registered(ann.registerUnique("/a/b", ""));

        assertThat(machine.revisions())
                .containsExactly(List.of("ADDED /a by ann", "ADDED /a/b by ann", "ADDED " + job.path() + " by ann"));
        assertThat(ann.get(job.path().toString()).orElseThrow().value()).isEqualTo(Value.NONE);
    }

    @Test
    void uniqueChildrenAreInTheOrderInWhichTheyWereMade() {
        AbsolutePath first = registered(ann.registerUnique("/a", "")).path();
        for (int i = 0; i < 12; i++) {
            ann.put("/elsewhere", "" + i);
        }
        AbsolutePath second = registered(bob.registerUnique("/a", "")).path();

        assertThat(second).isGreaterThan(first);
    }

    @Test
    void askedAgainItTellsTheSamePathAndMakesNoOtherChild() {
        Request request =
                ann.request(new ElementCommand.RegisterUnique("n", AbsolutePath.parse("/a"), Value.of("1"), 0));
        Result.Registered once = registered(machine.send(request));
        bob.put("/b", "");

        assertThat(machine.send(request)).isEqualTo(once);
        assertThat(machine.state().elements().countBelow("n", AbsolutePath.parse("/a")))
                .isEqualTo(1);
    }

    @Test
    void aNameThatSomebodyGuessedIsPassedOver() {
        String guessed = "/a/000000000000000000" + (machine.revision() + 2) + "-0";
        written(bob.put(guessed, "bob's"));

        assertThat(registered(ann.registerUnique("/a", "ann's")).path()).hasToString(guessed.replace("-0", "-1"));
        assertThat(ann.read(guessed)).isEqualTo("bob's");
    }

    @Test
    void itIsRefusedBelowAPrefixThatAnotherHolds() {
        ann.lock(Target.prefix("/a"));

        blocked(ErrorCode.LOCKED, bob.registerUnique("/a", ""));
        registered(ann.registerUnique("/a", ""));
    }

    @Test
    void aLockOnTheParentAloneStopsItOnlyIfTheParentIsToBeMade() {
        ann.lock(Target.element("/a"));
        blocked(ErrorCode.LOCKED, bob.registerUnique("/a", ""));

        ann.register("/a");
        registered(bob.registerUnique("/a", ""));
    }

    @Test
    void aLeaseThatItNamesIsToCoverTheChild() {
        granted(ann.lock(Target.element("/a")));
        refused(ErrorCode.STALE_TOKEN, ann.under(ann.last()).registerUnique("/a", ""));
        granted(ann.lock(Target.prefix("/a")));
        registered(ann.under(ann.last()).registerUnique("/a", ""));
    }

    @Test
    void itIsBoundByTheLimitsOfElementsAndValues() {
        machine.with(Limits.ELEMENTS.max(2));
        registered(ann.registerUnique("/", "1"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.registerUnique("/", "1"));
        machine.with(Limits.VALUE_BYTES.max(1));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.registerUnique("/", "12"));
    }

    @Test
    void anElementThatEndsByItselfGetsNoUniqueChild() {
        ann.putFor(1_000, "/a", "");
        refused(ErrorCode.HAS_CHILDREN, ann.registerUnique("/a", ""));
    }

    @Test
    void aParentWithoutRoomForAChildIsNotEvenAsked() {
        AbsolutePath deepest = AbsolutePath.parse("/a".repeat(AbsolutePath.DEPTH_MAX));

        assertThatThrownBy(() -> new ElementCommand.RegisterUnique("n", deepest, Value.NONE, 0))
                .isInstanceOf(PathException.class);
    }
}
