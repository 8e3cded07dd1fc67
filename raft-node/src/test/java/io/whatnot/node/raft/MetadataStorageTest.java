package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.entity.PeerId;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What JRaft is told to be kept is on disk when it is told so. */
final class MetadataStorageTest {
    private static final PeerId SOMEBODY = new PeerId("127.0.0.1", 7411);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<String> fatal = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private MetadataFile file;

    @SuppressWarnings("NullAway.Init")
    private MetadataStorage storage;

    @BeforeEach
    void open() {
        file = new MetadataFile(folder);
        storage = new MetadataStorage(file, RaftMetadata.blank("shop", "n1", 7), fatal::add);
    }

    private RaftMetadata onDisk() throws IOException {
        return file.read().orElseThrow();
    }

    @Test
    void termAndVoteAreOnDiskWhenTheCallReturns() throws IOException {
        assertThat(storage.setTermAndVotedFor(5, SOMEBODY)).isTrue();
        assertThat(onDisk().term()).isEqualTo(5);
        assertThat(onDisk().votedFor()).isEqualTo("127.0.0.1:7411");

        assertThat(storage.setTerm(6)).isTrue();
        assertThat(onDisk().term()).isEqualTo(6);

        assertThat(storage.setVotedFor(PeerId.emptyPeer())).isTrue();
        assertThat(onDisk().votedFor()).isEmpty();
    }

    @Test
    void anotherProcessIsToldTheSame() throws IOException {
        storage.setTermAndVotedFor(5, SOMEBODY);

        MetadataStorage next = new MetadataStorage(file, onDisk(), fatal::add);

        assertThat(next.getTerm()).isEqualTo(5);
        assertThat(next.getVotedFor()).isEqualTo(SOMEBODY);
    }

    @Test
    void whoNeverVotedVotedForNobody() {
        assertThat(storage.getTerm()).isZero();
        assertThat(storage.getVotedFor()).isEqualTo(PeerId.emptyPeer());
    }

    @Test
    void whoHasVotedIsAVoterEverAfter() throws IOException {
        storage.setTermAndVotedFor(5, SOMEBODY);
        storage.noteConfiguration(new Voters(3, 9, List.of("127.0.0.1:1"), List.of()));

        assertThat(onDisk().voter()).isTrue();
        assertThat(onDisk().configuration().all()).containsExactly("127.0.0.1:1");
    }

    @Test
    void theLatestConfigurationIsKeptThoughEarlierOnesComeAgain() throws IOException {
        Voters latest = new Voters(3, 9, List.of("127.0.0.1:1", "127.0.0.1:2"), List.of("127.0.0.1:1"));
        assertThat(storage.noteConfiguration(latest)).isTrue();

        assertThat(storage.noteConfiguration(new Voters(3, 8, List.of("127.0.0.1:1"), List.of())))
                .isTrue();
        assertThat(storage.noteConfiguration(new Voters(2, 50, List.of("127.0.0.1:1"), List.of())))
                .isTrue();

        assertThat(onDisk().configuration()).isEqualTo(latest);
    }

    @Test
    void theLongestTtlAndTheEpochOnlyGrow() throws IOException {
        storage.change(old -> old.withAtLeast(4, 1_024));
        storage.change(old -> old.withAtLeast(3, 2_048));

        assertThat(onDisk().epoch()).isEqualTo(4);
        assertThat(onDisk().longestTtlMillis()).isEqualTo(2_048);
    }

    @Test
    void whatChangesNothingIsNotWritten() throws IOException {
        storage.setTermAndVotedFor(5, SOMEBODY);
        Files.delete(file.path());

        assertThat(storage.setTermAndVotedFor(5, SOMEBODY)).isTrue();

        assertThat(file.path()).doesNotExist();
    }

    @Test
    void aWriteThatFailsIsNotClaimedToBeDoneAndStopsTheNode() throws IOException {
        storage.setTermAndVotedFor(5, SOMEBODY);
        Files.createDirectory(folder.resolve("raft-metadata.new"));

        assertThat(storage.setTermAndVotedFor(6, PeerId.emptyPeer())).isFalse();

        assertThat(fatal)
                .singleElement()
                .asString()
                .startsWith("the Raft metadata can't be written to " + file.path())
                .endsWith("Make the folder writable, or free disk space, and start the node again");
        assertThat(storage.getTerm()).as("what it says is what is on disk").isEqualTo(5);
        assertThat(onDisk().term()).isEqualTo(5);
    }
}
