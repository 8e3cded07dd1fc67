package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot is taken whole, and for what it is, or not at all. */
final class SnapshotFilesTest {
    private static final SnapshotMeta META = SnapshotMeta.newBuilder()
            .setLastIncludedIndex(42)
            .setLastIncludedTerm(7)
            .addPeers("127.0.0.1:1")
            .addPeers("127.0.0.1:2")
            .addOldPeers("127.0.0.1:2")
            .build();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final State state = new NamespaceStateMachine().state();

    @BeforeEach
    void write() throws IOException {
        SnapshotFiles.write(state, META, folder, true);
    }

    private State read(SnapshotMeta meta, Collection<String> names) throws IOException {
        return SnapshotFiles.read(meta, folder, names, FeatureLevel.NEWEST);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        assertThat(read(META, SnapshotFiles.NAMES).revision()).isEqualTo(state.revision());
        assertThat(SnapshotFiles.voters(META))
                .isEqualTo(
                        new RaftMetadata.Voters(7, 42, List.of("127.0.0.1:1", "127.0.0.1:2"), List.of("127.0.0.1:2")));
    }

    @Test
    void aPlaceInTheLogThatIsNotItsOwnIsRefused() {
        for (SnapshotMeta wrong : List.of(
                META.toBuilder().setLastIncludedIndex(43).build(),
                META.toBuilder().setLastIncludedTerm(8).build(),
                META.toBuilder().setPeers(1, "127.0.0.1:3").build(),
                META.toBuilder().clearOldPeers().build(),
                META.toBuilder().addLearners("127.0.0.1:3").build())) {
            assertThatThrownBy(() -> read(wrong, SnapshotFiles.NAMES))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("its meta data are damaged: they say ");
        }
    }

    @Test
    void anyByteThatHasChangedAndAnyEndThatIsMissingIsFound() throws IOException {
        for (String name : SnapshotFiles.NAMES) {
            Path file = folder.resolve(name);
            byte[] whole = Files.readAllBytes(file);
            for (int i = 0; i < whole.length - 1; i++) { // a position ends with the end of a line, which is blank
                byte[] flipped = whole.clone();
                flipped[i] ^= 4;
                Files.write(file, flipped);
                assertThatThrownBy(() -> read(META, SnapshotFiles.NAMES))
                        .as("%s, byte %d", name, i)
                        .isInstanceOf(IOException.class);
                Files.write(file, Arrays.copyOf(whole, i));
                assertThatThrownBy(() -> read(META, SnapshotFiles.NAMES))
                        .as("%s, cut at %d", name, i)
                        .isInstanceOf(IOException.class);
            }
            Files.write(file, whole);
        }
    }

    @Test
    void filesThatASnapshotDoesNotHaveAreNoneOfIts() {
        for (List<String> names : List.of(List.of("position"), List.of("image", "positiom"), List.<String>of())) {
            assertThatThrownBy(() -> read(META, names))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("its files are said to be ");
        }
    }

    /** Older versions, of which there may be some in a cluster that is being upgraded. */
    @Test
    void aSnapshotThatDoesNotSayWhereItBelongsIsTaken() throws IOException {
        Files.delete(folder.resolve("position"));

        assertThat(read(META, List.of("image")).revision()).isEqualTo(state.revision());
    }
}
