package io.whatnot.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Entry;
import io.whatnot.core.protocol.log.V1Log;
import io.whatnot.core.testing.Comparison;
import io.whatnot.core.testing.Invariants;
import io.whatnot.core.testing.Seeds;
import io.whatnot.core.testing.StateComparison;
import io.whatnot.core.testing.Workload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class ImageTest {
    private static final int ENTRIES = 120;

    @Test
    void aRestoredStateIsTheSameAndGoesOnIdentically(TestInfo test) {
        Seeds.of(test).run(50, (seed, steps) -> {
            Workload workload = new Workload(seed);
            NamespaceStateMachine machine = machine(workload);
            byte[] image = image(machine.state());
            NamespaceStateMachine restored = new NamespaceStateMachine();
            restored.restore(read(image));
            assertThat(image(restored.state())).isEqualTo(image);
            assertThat(StateComparison.words(restored.state())).isEqualTo(StateComparison.words(machine.state()));
            assertThat(restored.state().nextDeadlineMillis())
                    .isEqualTo(machine.state().nextDeadlineMillis());
            Invariants.check(restored.state());
            for (int i = 0; i < ENTRIES; i++) {
                Entry entry = workload.next();
                Applied applied = machine.apply(entry);
                steps.add(entry, applied);
                assertThat(restored.apply(entry)).isEqualTo(applied);
                workload.learn(entry, applied);
            }
            assertThat(image(restored.state())).isEqualTo(image(machine.state()));
        });
    }

    @Test
    void anImageThatIsCutShortAnywhereIsRefused() throws IOException {
        byte[] image = someImage();
        for (int length = 0; length < image.length; length++) {
            byte[] cut = Arrays.copyOf(image, length);
            assertThat(catchThrowable(() -> read(cut))).as("cut to %s", length).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anImageWithoutItsChecksumIsSaidToBeCutShort() throws IOException {
        byte[] image = image(machine(new Workload(3)).state());

        assertThatThrownBy(() -> read(Arrays.copyOf(image, image.length - 1)))
                .isInstanceOf(IOException.class)
                .hasMessage("the image is cut short: it has no checksum");
    }

    @Test
    void anImageWithAnyByteAlteredIsRefused() throws IOException {
        byte[] image = someImage();
        SplittableRandom random = new SplittableRandom(1);
        for (int at = 0; at < image.length; at++) {
            for (int mask : new int[] {1, 0x80, 1 + random.nextInt(255)}) {
                byte[] altered = image.clone();
                altered[at] ^= (byte) mask;
                assertThat(catchThrowable(() -> read(altered)))
                        .as("byte %s xor %s", at, mask)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void anImageWithAPartLeftOutOrRepeatedIsRefused() throws IOException {
        byte[] image = someImage();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2_000; i++) {
            int from = random.nextInt(image.length - 101);
            int to = from + 1 + random.nextInt(100);
            byte[] without = new byte[image.length - (to - from)];
            System.arraycopy(image, 0, without, 0, from);
            System.arraycopy(image, to, without, from, image.length - to);
            byte[] twice = Arrays.copyOf(image, image.length + to - from);
            System.arraycopy(image, from, twice, to, image.length - from);
            for (byte[] altered : new byte[][] {without, twice}) {
                assertThat(catchThrowable(() -> read(altered)))
                        .as("from %s to %s", from, to)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void whatFollowsAnImageIsLeftUnread() throws IOException {
        byte[] image = someImage();
        byte[] more = Arrays.copyOf(image, image.length + 3);
        InputStream in = new ByteArrayInputStream(more);
        ImageReader.read(in);

        assertThat(in.available()).isEqualTo(3);
    }

    @Test
    void anImageOfAnotherFormatIsRefusedByName() throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        V1Log.Record.newBuilder()
                .setHeader(V1Log.Header.newBuilder().setFormat(99))
                .build()
                .writeDelimitedTo(image);

        assertThatThrownBy(() -> read(image.toByteArray()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("format 99");
    }

    @Test
    void deadlinesThatCouldNotFireAreKept() throws IOException {
        State state = State.empty(Settings.DEFAULT);
        state.breakDeadline(Deadline.ofSession(1, 2));
        state.breakDeadline(Deadline.ofLease(1, 2, 3));
        state.breakDeadline(Deadline.ofWait(1, 2, 4));
        state.breakDeadline(Deadline.ofElement(1, "n", AbsolutePath.parse("/a")));
        byte[] image = image(state.publish());

        State restored = read(image);
        assertThat(restored.broken).hasSize(4);
        assertThat(image(restored)).isEqualTo(image);
    }

    /** An image with something of everything in it. */
    private static byte[] someImage() throws IOException {
        long seed = 0;
        byte[] image;
        do {
            image = image(machine(new Workload(++seed)).state());
        } while (image.length < 1_000 || image.length > 10_000);
        return image;
    }

    /** A machine that has done some work. */
    private static NamespaceStateMachine machine(Workload workload) {
        NamespaceStateMachine machine = new NamespaceStateMachine(Comparison.settings(workload.limits()));
        for (int i = 0; i < ENTRIES; i++) {
            Entry entry = workload.next();
            workload.learn(entry, machine.apply(entry));
        }
        return machine;
    }

    private static byte[] image(State state) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ImageWriter.write(state, image);
        return image.toByteArray();
    }

    private static State read(byte[] image) throws IOException {
        return ImageReader.read(new ByteArrayInputStream(image));
    }
}
