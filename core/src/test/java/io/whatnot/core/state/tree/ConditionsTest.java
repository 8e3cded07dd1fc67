package io.whatnot.core.state.tree;

import static io.whatnot.core.state.Answers.deleted;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Revision;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.Machine;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final Condition IF_ABSENT = new Condition(true, 0, 0);

    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");

    @Test
    void onlyTheFirstOfThoseWhoWantItAbsentRegistersIt() {
        written(ann.put("/a", "first", IF_ABSENT));
        Revision at = new Revision(machine.revision());
        assertThat(refused(ErrorCode.ELEMENT_EXISTS, ann.put("/a", "second", IF_ABSENT))
                        .detail())
                .isEqualTo(new Detail.Present(1, at));
        assertThat(ann.read("/a")).isEqualTo("first");
    }

    @Test
    void theRootIsNeverAbsent() {
        refused(ErrorCode.ELEMENT_EXISTS, ann.put("/", "", IF_ABSENT));
    }

    @Test
    void onlyTheVersionThatWasReadIsReplaced() {
        ann.put("/a", "1");
        assertThat(written(ann.put("/a", "2", ifVersion(1))).version()).isEqualTo(2);
        Revision at = new Revision(machine.revision());
        assertThat(refused(ErrorCode.CONDITION_FAILED, ann.put("/a", "lost", ifVersion(1)))
                        .detail())
                .isEqualTo(new Detail.Present(2, at));
        assertThat(ann.read("/a")).isEqualTo("2");
    }

    @Test
    void theRevisionOfTheLastChangeTellsWhatWasRegisteredAnewFromWhatWasThereBefore() {
        long first = written(ann.put("/a", "1")).revision().value();
        ann.delete("/a");
        long anew = written(ann.put("/a", "2")).revision().value();
        refused(ErrorCode.CONDITION_FAILED, ann.put("/a", "lost", new Condition(false, 1, first)));
        written(ann.put("/a", "3", new Condition(false, 1, anew)));
    }

    @Test
    void bothVersionAndRevisionMustBeRightIfBothAreAskedFor() {
        long at = written(ann.put("/a", "1")).revision().value();
        refused(ErrorCode.CONDITION_FAILED, ann.put("/a", "", new Condition(false, 2, at)));
        refused(ErrorCode.CONDITION_FAILED, ann.put("/a", "", new Condition(false, 1, at + 1)));
        written(ann.put("/a", "", new Condition(false, 1, at)));
    }

    @Test
    void whatIsNotThereIsInNoVersion() {
        assertThat(refused(ErrorCode.CONDITION_FAILED, ann.put("/a", "", ifVersion(1)))
                        .detail())
                .isEqualTo(new Detail.Present(0, Revision.NONE));
        refused(ErrorCode.CONDITION_FAILED, ann.put("/a", "", new Condition(false, 0, 1)));
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void aDeleteHasConditionsToo() {
        ann.put("/a", "1");
        ann.put("/a", "2");
        refused(ErrorCode.CONDITION_FAILED, ann.delete("/a", false, ifVersion(1)));
        refused(ErrorCode.CONDITION_FAILED, ann.delete("/a", true, ifVersion(1)));
        assertThat(deleted(ann.delete("/a", false, ifVersion(2))).count()).isEqualTo(1);
        refused(ErrorCode.NO_SUCH_ELEMENT, ann.delete("/a", false, ifVersion(2)));
    }

    @Test
    void aFailedConditionTakesNoRevision() {
        ann.put("/a", "1");
        long before = machine.revision();
        ann.put("/a", "2", ifVersion(7));
        assertThat(machine.revision()).isEqualTo(before);
        assertThat(machine.events()).isEmpty();
    }

    private static Condition ifVersion(long version) {
        return new Condition(false, version, 0);
    }
}
