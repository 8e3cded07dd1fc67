package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.state.Applied;
import io.whatnot.core.state.ImageReader;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.Queries;
import io.whatnot.core.state.State;
import io.whatnot.core.testing.Comparison;
import io.whatnot.core.testing.EventReplay;
import io.whatnot.core.testing.Invariants;
import io.whatnot.core.testing.ReferenceModel;
import io.whatnot.core.testing.Seeds;
import io.whatnot.core.testing.StateComparison;
import io.whatnot.core.testing.Steps;
import io.whatnot.core.testing.Workload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Random work, done by the state machine and by the reference model: both must say the same, entry by entry. With
 * {@code -Dmodel.commands=…} for longer.
 */
class ModelTest {
    private static final int ENTRIES = 400;
    private static final int ENTRIES_BETWEEN_COMPARISONS = 20;
    private static final int ENTRIES_BETWEEN_IMAGES = 40;

    private final AtomicLong commands = new AtomicLong();

    @Test
    void theStateMachineDoesWhatTheSpecificationSays(TestInfo test) {
        long wanted = Long.getLong("model.commands", 1_000_000);
        Seeds.of(test).runWhile(begun -> commands.get() < wanted, this::run);
        System.out.println(commands + " commands");
    }

    private void run(long seed, Steps steps) throws IOException {
        Workload workload = new Workload(seed);
        ReferenceModel model = new ReferenceModel(workload.limits());
        NamespaceStateMachine machine = new NamespaceStateMachine(Comparison.settings(workload.limits()));
        NamespaceStateMachine other = new NamespaceStateMachine(Comparison.settings(workload.limits()));
        State old = machine.state();
        byte[] oldImage = image(old);
        steps.add(workload.limits());
        for (int i = 1; i <= ENTRIES; i++) {
            Entry entry = workload.next();
            State before = machine.state();
            Applied applied = machine.apply(entry);
            steps.add(entry, applied);
            requireEqual(Comparison.withoutMessages(applied), model.apply(entry));
            assertThat(other.apply(entry)).isEqualTo(applied);
            EventReplay.check(before, entry, applied, machine.state());
            Invariants.check(machine.state());
            workload.learn(entry, applied);
            commands.addAndGet(entry.requests().size());
            Query query = workload.query();
            assertThat(Comparison.withoutMessage(Queries.answer(machine.state(), query)))
                    .as("%s", query)
                    .isEqualTo(model.answer(query));
            if (i % ENTRIES_BETWEEN_COMPARISONS == 0) {
                assertThat(StateComparison.words(machine.state())).isEqualTo(StateComparison.words(model));
            }
            if (i % ENTRIES_BETWEEN_IMAGES == 0) {
                byte[] image = image(machine.state());
                assertThat(image(other.state())).isEqualTo(image);
                other = restored(image);
                assertThat(image(old)).isEqualTo(oldImage);
                old = machine.state();
                oldImage = image;
            }
        }
    }

    /** Part by part, for a short message. */
    private static void requireEqual(Applied applied, Applied expected) {
        if (!applied.equals(expected)) {
            assertThat(applied.timeMillis()).as("time").isEqualTo(expected.timeMillis());
            assertThat(applied.events()).as("events").isEqualTo(expected.events());
            assertThat(applied.pushes()).as("pushes").isEqualTo(expected.pushes());
            assertThat(applied.results()).as("results").isEqualTo(expected.results());
            assertThat(applied).isEqualTo(expected);
        }
    }

    /** A machine that goes on from an image. */
    private static NamespaceStateMachine restored(byte[] image) throws IOException {
        NamespaceStateMachine restored = new NamespaceStateMachine();
        restored.restore(ImageReader.read(new ByteArrayInputStream(image)));
        assertThat(image(restored.state())).isEqualTo(image);
        return restored;
    }

    private static byte[] image(State state) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ImageWriter.write(state, image);
        return image.toByteArray();
    }
}
