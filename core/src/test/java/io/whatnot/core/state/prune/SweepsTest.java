package io.whatnot.core.state.prune;

import static io.whatnot.core.state.Answers.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.Client;
import io.whatnot.core.state.ImageReader;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.core.state.Machine;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** How what is idle is found and removed when there is more than one entry may look at or one revision may remove. */
class SweepsTest {
    private static final long IDLE = 1_600;
    private static final long PAUSE = 20;
    private static final int LOOKS_MAX = 2_000;
    private static final int PRUNED_MAX = 1_000;

    private final Machine machine = new Machine().found(7);
    private final Client ann = machine.open("ann");

    private void register(String parent, int children) {
        for (int i = 0; i < children; i++) {
            ann.register(parent + "/" + i);
        }
    }

    private List<WatchEvent> pruned() {
        return machine.last().events().stream()
                .filter(event -> event.change() == Change.PRUNED)
                .toList();
    }

    private boolean isUnderWay(String policy) {
        return Objects.requireNonNull(machine.state().policies().at("n", AbsolutePath.parse(policy)))
                        .cursor()
                != null;
    }

    private static byte[] image(State state) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ImageWriter.write(state, image);
        return image.toByteArray();
    }

    @Test
    void atMostAThousandGoInOneRevisionDeepestFirst() {
        register("/p/q", 1_500);
        done(ann.prunePolicy("/p", IDLE));
        long before = machine.revision();
        machine.pass(IDLE);
        assertThat(pruned()).hasSize(PRUNED_MAX);
        assertThat(machine.revision()).isEqualTo(before + 1);
        machine.pass(PAUSE);
        assertThat(pruned()).hasSize(502);
        assertThat(pruned())
                .extracting(event -> event.path().depth())
                .isSortedAccordingTo(Comparator.reverseOrder())
                .endsWith(2, 1);
        assertThat(machine.revision()).isEqualTo(before + 2);
        assertThat(ann.get("/p")).isEmpty();
    }

    @Test
    void aSweepOverMoreThanAnEntryMayLookAtGoesOnInLaterOnes() {
        register("/p/a", LOOKS_MAX);
        register("/p/b", 10);
        done(ann.prunePolicy("/p", IDLE));
        machine.pass(IDLE / 2);
        for (int i = 0; i < LOOKS_MAX; i++) {
            ann.touch("/p/a/" + i);
        }
        machine.pass(IDLE / 2);
        assertThat(pruned()).as("these come first, and are in use").isEmpty();
        assertThat(isUnderWay("/p")).isTrue();
        machine.pass(PAUSE);
        assertThat(pruned()).hasSize(11);
        assertThat(isUnderWay("/p")).isFalse();
        machine.pass(IDLE);
        machine.pass(PAUSE);
        machine.pass(PAUSE);
        assertThat(ann.get("/p")).isEmpty();
    }

    @Test
    void policiesShareWhatAnEntryMayLookAtAndAllGetTheirTurn() {
        register("/p", LOOKS_MAX - 1);
        register("/q", LOOKS_MAX - 1);
        register("/r", 5);
        done(ann.prunePolicy("/p", IDLE, true));
        done(ann.prunePolicy("/q", IDLE, true));
        done(ann.prunePolicy("/r", IDLE, true));
        for (int i = 0; i < LOOKS_MAX - 1; i++) {
            ann.put("/p/" + i, "x");
            ann.put("/q/" + i, "x");
        }
        machine.pass(IDLE);
        assertThat(pruned()).isEmpty();
        for (int i = 0; i < 4 && ann.get("/r").isPresent(); i++) {
            machine.pass(PAUSE / 2);
        }
        assertThat(ann.get("/r")).isEmpty();
    }

    @Test
    void aReplicaRestoredInTheMidstOfASweepGoesOnAlike() throws IOException {
        register("/p/a", 2_500);
        register("/p/b", 20);
        done(ann.prunePolicy("/p", IDLE));
        done(ann.prunePolicy("/p/b", 0));
        machine.pass(IDLE / 2);
        ann.touch("/p/a/7");
        machine.pass(IDLE / 2);
        assertThat(isUnderWay("/p")).isTrue();

        byte[] image = image(machine.state());
        NamespaceStateMachine restored = new NamespaceStateMachine();
        restored.restore(ImageReader.read(new ByteArrayInputStream(image)));
        assertThat(image(restored.state())).isEqualTo(image);
        List<Applied> expected = new ArrayList<>();
        List<Applied> found = new ArrayList<>();
        for (long millis = machine.now(); millis < 3 * IDLE; millis += 10) {
            expected.add(machine.apply(millis));
            found.add(restored.apply(new Entry(millis, List.of())));
        }
        assertThat(found).isEqualTo(expected);
        assertThat(image(restored.state())).isEqualTo(image(machine.state()));
        assertThat(ann.get("/p/a")).isEmpty();
    }

    @Test
    void whileTheClusterRecoversNothingIsPruned() {
        ann.register("/p/a");
        done(ann.prunePolicy("/p", IDLE));
        machine.reform(3, 4 * IDLE);
        long until = machine.state().recoveringUntilMillis();
        machine.pass(IDLE);
        machine.apply(until - 1);
        assertThat(pruned()).isEmpty();
        machine.apply(until);
        machine.apply(until + IDLE - 1);
        assertThat(pruned()).isEmpty();
        machine.apply(until + IDLE);
        assertThat(pruned()).hasSize(2);
    }

    @Test
    void aPolicyIsOfASecondTo366DaysOrNever() {
        AbsolutePath path = AbsolutePath.parse("/p");
        for (long wrong : new long[] {-1, 1, 999, 366L * 24 * 3_600_000 + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> new PruneCommand.SetPolicy("n", path, wrong, false, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(wrong))
                    .hasMessageContaining("from 1000 to 31622400000");
        }
        assertThat(new PruneCommand.SetPolicy("n", path, 1_000, true, 0).never())
                .isFalse();
        assertThat(new PruneCommand.SetPolicy("n", path, 366L * 24 * 3_600_000, true, 0).never())
                .isFalse();
        assertThat(new PruneCommand.SetPolicy("n", path, 0, false, 0).never()).isTrue();
        assertThatThrownBy(() -> new PruneCommand.SetPolicy("n", path, 0, true, 0))
                .hasMessageContaining("retains all values anyway");
        assertThatThrownBy(() -> new PruneCommand.SetPolicy("No Name", path, 0, false, 0))
                .hasMessageContaining("No Name");
    }
}
