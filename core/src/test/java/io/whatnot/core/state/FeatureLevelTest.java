package io.whatnot.core.state;

import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a replica makes of feature levels; level 2 is that of puts that ask for the element to be present. */
class FeatureLevelTest {
    private final Machine machine = new Machine();
    private final Client ann = machine.open("ann");

    /** A replica of older software, which is told the same. */
    private final Machine older = new Machine(FeatureLevel.FIRST);

    private final Client annOnTheOlder = older.open("ann");

    // ---- what a level allows

    @Test
    void aCommandOfAHigherLevelIsUnsupportedHasNoEffectAndSaysTheWayOut() {
        written(ann.put("/a", "before"));
        long revision = machine.revision();

        assertThat(refused(ErrorCode.UNSUPPORTED, ann.put("/a", "after", Condition.PRESENT))
                        .message())
                .contains("needs feature level 2", "the cluster is at 1", "upgrade all nodes", "whatnot admin level 2");

        assertThat(ann.read("/a")).isEqualTo("before");
        assertThat(machine.revision()).isEqualTo(revision);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void thatACommandWasUnsupportedStaysItsAnswerAlsoWhenTheLevelHasBeenRaised() {
        written(ann.put("/a", "before"));
        Request put = ann.request(ann.putting("/a", "after", 0, false, Condition.PRESENT));
        refused(ErrorCode.UNSUPPORTED, machine.send(put));
        done(machine.open("op").raiseLevel(2));

        Request again = ann.request(put.sequence(), put.sequence(), List.of(), put.command());
        refused(ErrorCode.UNSUPPORTED, machine.send(again));
        assertThat(ann.read("/a")).isEqualTo("before");
    }

    @Test
    void fromLevel2OnAPutMayAskForTheElementToBePresent() {
        done(ann.raiseLevel(2));
        done(ann.createNamespace());

        refused(ErrorCode.NO_SUCH_ELEMENT, ann.put("/a", "1", Condition.PRESENT));
        assertThat(ann.read("/a")).isEqualTo("-");
        written(ann.put("/a", "1"));
        written(ann.put("/a", "2", Condition.PRESENT));
        assertThat(ann.read("/a")).isEqualTo("2");
        refused(ErrorCode.CONDITION_FAILED, ann.put("/a", "3", new Condition(false, 1, 0, true)));
        written(ann.put("/a", "3", new Condition(false, 2, 0, true)));
    }

    // ---- how it is settled and raised

    @Test
    void aClusterThatNobodyHasFoundedIsAtTheFirstLevel() {
        assertThat(machine.state().level()).isEqualTo(1);
        assertThat(machine.state().isFounded()).isFalse();
    }

    @Test
    void aClusterIsFoundedOnceAndThatTakesNoRevision() {
        long revision = machine.revision();
        machine.found(1).found(2);
        assertThat(machine.state().level()).isEqualTo(1);
        assertThat(machine.state().isFounded()).isTrue();
        assertThat(machine.revision()).isEqualTo(revision);

        Machine newer = new Machine().found(2).found(1);
        assertThat(newer.state().level()).isEqualTo(2);
    }

    @Test
    void whatWasRaisedByHandIsNotFoundedAnyMore() {
        done(ann.raiseLevel(1));
        machine.found(2);
        assertThat(machine.state().level()).isEqualTo(1);
    }

    @Test
    void aLevelIsNeverLoweredAndRaisingItToWhatItIsChangesNothing() {
        done(ann.raiseLevel(2));
        long revision = machine.revision();

        assertThat(refused(ErrorCode.INVALID_ARGUMENT, ann.raiseLevel(1)).message())
                .contains("is at feature level 2", "never lowered");
        done(ann.raiseLevel(2));

        assertThat(machine.state().level()).isEqualTo(2);
        assertThat(machine.revision()).isEqualTo(revision);
    }

    @Test
    void raisingALevelTakesARevisionForWhatCommandsDoDependsOnIt() {
        long revision = machine.revision();
        Result.Done raised = (Result.Done) ann.raiseLevel(2);
        assertThat(raised.revision().value()).isEqualTo(revision + 1);
        assertThat(machine.revision()).isEqualTo(revision + 1);
    }

    // ---- older software

    @Test
    void replicasOfOlderAndNewerSoftwareBecomeTheSameAtTheOlderLevel() throws IOException {
        machine.found(1);
        older.found(1);
        for (Client each : new Client[] {ann, annOnTheOlder}) {
            written(each.put("/a", "1"));
            done(each.raiseLevel(1));
            written(each.put("/a", "2", new Condition(false, 1, 0)));
        }
        assertThat(image(machine.state())).isEqualTo(image(older.state()));
    }

    @Test
    void aReplicaThatMeetsACommandOfALevelItDoesNotKnowSaysWhichItNeedsAndKeepsItsState() throws IOException {
        byte[] before = image(older.state());

        assertThatThrownBy(() -> annOnTheOlder.put("/a", "1", Condition.PRESENT))
                .isInstanceOf(UnsupportedLevelException.class)
                .hasMessageContaining("needs feature level 2")
                .hasMessageContaining("supports levels up to 1")
                .hasMessageContaining("start the node with a version that supports level 2");
        assertThat(image(older.state())).isEqualTo(before);
    }

    @Test
    void aReplicaThatIsRaisedBeyondWhatItKnowsSaysSoAndKeepsItsState() throws IOException {
        byte[] before = image(older.state());

        assertThatThrownBy(() -> annOnTheOlder.raiseLevel(2))
                .isInstanceOf(UnsupportedLevelException.class)
                .hasMessageContaining("the cluster is raised to feature level 2");
        assertThat(image(older.state())).isEqualTo(before);
        assertThatThrownBy(() -> ann.raiseLevel(FeatureLevel.NEWEST + 1))
                .isInstanceOf(UnsupportedLevelException.class)
                .hasMessageContaining("supports levels up to " + FeatureLevel.NEWEST);
    }

    @Test
    void aReplicaOfAClusterThatIsFoundedBeyondWhatItKnowsSaysSo() {
        assertThatThrownBy(() -> older.found(2))
                .isInstanceOf(UnsupportedLevelException.class)
                .hasMessageContaining("the cluster is founded at feature level 2");
        assertThat(older.state().isFounded()).isFalse();
    }

    @Test
    void aRaiseThatIsRefusedForAnotherReasonStopsNobody() {
        done(ann.close());
        refused(ErrorCode.SESSION_EXPIRED, machine.send(ann.request(new AdminCommand.RaiseLevel(77))));
    }

    // ---- images

    @Test
    void theLevelIsInTheImage() throws IOException {
        assertThat(restored(machine.state(), 2).isFounded()).isFalse();
        done(ann.raiseLevel(2));
        State restored = restored(machine.state(), 2);
        assertThat(restored.level()).isEqualTo(2);
        assertThat(restored.isFounded()).isTrue();
    }

    @Test
    void anImageOfALevelThatIsNotKnownIsRefusedByName() throws IOException {
        restored(machine.state(), 1);
        done(ann.raiseLevel(2));

        assertThatThrownBy(() -> restored(machine.state(), 1))
                .isInstanceOf(UnsupportedLevelException.class)
                .hasMessageContaining("the image is of feature level 2")
                .hasMessageContaining("supports levels up to 1");
    }

    @Test
    void aDamagedImageIsNotTakenForThatOfANewerVersion() throws IOException {
        done(ann.raiseLevel(2));
        byte[] image = image(machine.state());
        image[image.length - 1] ^= 1;

        assertThatThrownBy(() -> ImageReader.read(new ByteArrayInputStream(image), 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }

    private static State restored(State state, int levelMax) throws IOException {
        return ImageReader.read(new ByteArrayInputStream(image(state)), levelMax);
    }

    private static byte[] image(State state) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ImageWriter.write(state, image);
        return image.toByteArray();
    }
}
