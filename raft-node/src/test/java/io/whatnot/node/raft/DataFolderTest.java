package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.time.SystemScheduler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node remembers is decided by what is in its folder, and what does not belong together is refused. */
final class DataFolderTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folders;

    private final SystemScheduler scheduler = new SystemScheduler("test");
    private final List<String> fatal = new ArrayList<>();
    private @Nullable DataFolder open;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path log;

    @BeforeEach
    void choose() {
        folder = folders.resolve("n1");
        log = folder.resolve("raft-log");
    }

    @AfterEach
    void close() {
        if (open != null) {
            open.close();
            open = null;
        }
        scheduler.close();
    }

    private DataFolder start(String node, boolean onDisk, boolean fresh) throws IOException {
        stop();
        String endpoint = "127.0.0.1:7401";
        DataFolder opened = DataFolder.open(
                new RaftLogOptions(
                        "shop",
                        node,
                        endpoint,
                        endpoint,
                        List.of(new RaftMember(node, "127.0.0.1:7400", endpoint)),
                        folder,
                        500,
                        200,
                        1_000,
                        1 << 20,
                        8 << 20,
                        onDisk,
                        1_000,
                        FeatureLevel.NEWEST,
                        fresh,
                        false,
                        0),
                fatal::add);
        open = opened;
        return opened;
    }

    private DataFolder start(boolean onDisk) throws IOException {
        return start("n1", onDisk, false);
    }

    private void stop() {
        if (open != null) {
            open.close();
            open = null;
        }
    }

    private static void vote(DataFolder in, long term) {
        assertThat(in.metadata().change(old -> old.withVote(term, "127.0.0.1:7401")))
                .isTrue();
    }

    private static LogEntry entry(long index, long term) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_DATA);
        entry.setId(new LogId(index, term));
        entry.setData(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        return entry;
    }

    /** A voter with a log on disk that has one entry of term 5. */
    private void makeVoter() throws IOException {
        DataFolder made = start(true);
        vote(made, 5);
        assertThat(made.storage().appendEntry(entry(1, 5))).isTrue();
        stop();
    }

    private Path copy(Path from, String name) throws IOException {
        Path to = folders.resolve(name);
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each)), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return to;
    }

    private String owner() throws IOException {
        return Files.readString(log.resolve("owner"));
    }

    // ---- what it remembers

    @Test
    void aLogOnDiskIsTheMemoryOfAVoter() throws IOException {
        makeVoter();
        for (int i = 0; i < 2; i++) {
            DataFolder again = start(true);

            assertThat(again.hadMemory()).isTrue();
            assertThat(again.storage().getEntry(1)).isEqualTo(entry(1, 5));
        }
    }

    @Test
    void aLogInMemoryIsNone() throws IOException {
        vote(start(false), 5);

        assertThat(start(false).hadMemory()).isFalse();
        assertThat(log).doesNotExist();
    }

    @Test
    void aVoterWhoseLogIsGoneHasNoMemoryAndBeginsANewOne() throws IOException {
        makeVoter();
        LogFolder.deleteAll(log);

        DataFolder again = start(true);

        assertThat(again.hadMemory()).isFalse();
        assertThat(again.storage().getLastLogIndex()).isZero();
        assertThat(owner()).contains("whole=false");
    }

    @Test
    void aVoterThatIsToKeepItsLogOnDiskFromNowOnHasNoMemoryOfWhatWasBefore() throws IOException {
        vote(start(false), 5);

        assertThat(start(true).hadMemory()).isFalse();
    }

    @Test
    void aLogThatWasNotWholeYetIsGivenUpAtTheNextStart() throws IOException {
        vote(start(false), 5);
        start(true).storage().appendEntry(entry(1, 5));

        DataFolder again = start(true);

        assertThat(again.hadMemory()).isFalse();
        assertThat(again.storage().getLastLogIndex()).isZero();
    }

    @Test
    void aLogThatHasBecomeWholeIsMemoryFromThenOnAndOnlyWhenItIsOnDisk() throws IOException {
        vote(start(false), 5);
        DataFolder back = start(true);
        AtomicLong stored = new AtomicLong(6);
        back.becomesWhole(7, stored::get, scheduler);
        AtomicLong looked = new AtomicLong();
        back.becomesWhole(8, looked::incrementAndGet, scheduler);
        assertThat(owner()).contains("whole=false");

        stored.set(7);

        await().untilAsserted(() -> assertThat(owner()).contains("whole=true"));
        assertThat(looked).as("once is enough").hasValue(0);
        assertThat(start(true).hadMemory()).isTrue();
        assertThat(fatal).isEmpty();
    }

    @Test
    void aLogThatIsNotTrustedAnyMoreIsNoMemory() throws IOException {
        makeVoter();
        start(true).distrust();

        DataFolder again = start(true);

        assertThat(again.hadMemory()).isFalse();
        assertThat(again.storage().getLastLogIndex()).isZero();
        assertThat(fatal).isEmpty();
    }

    @Test
    void toBeginAnewIsToForgetTheLogToo() throws IOException {
        makeVoter();

        DataFolder fresh = start("n1", true, true);

        assertThat(fresh.metadata().getTerm()).isZero();
        assertThat(fresh.storage().getLastLogIndex()).isZero();
    }

    // ---- what is refused

    private void assertRefused(boolean onDisk, String... why) throws IOException {
        LogFolder.deleteAll(folders.resolve("before"));
        Path before = copy(folder, "before");
        assertThatThrownBy(() -> start(onDisk))
                .isInstanceOf(IOException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(why));
        assertThat(folder.resolve("raft-metadata").toFile().exists())
                .isEqualTo(before.resolve("raft-metadata").toFile().exists());
        for (String file : List.of("raft-metadata", "raft-log/owner")) {
            if (Files.exists(before.resolve(file))) {
                assertThat(folder.resolve(file)).as("left as it was").hasSameBinaryContentAs(before.resolve(file));
            }
        }
    }

    @Test
    void aLogOnDiskIsNotForgottenBecauseOfASetting() throws IOException {
        makeVoter();

        assertRefused(
                false,
                "the data folder " + folder + " keeps its log on disk, and raft.log is memory",
                "Set raft.log to rocksdb; or, if this node is to forget, remove " + log);

        LogFolder.deleteAll(log);
        assertThat(start(false).hadMemory()).isFalse();
    }

    @Test
    void theLogOfAnotherNodeIsRefused() throws IOException {
        makeVoter();
        folder = folders.resolve("n2");
        vote(start("n2", true, false), 5);
        stop();
        LogFolder.deleteAll(folder.resolve("raft-log"));
        copy(log, "n2/raft-log");

        assertThatThrownBy(() -> start("n2", true, false))
                .hasMessageContaining("the log in " + folder.resolve("raft-log") + " is of another node")
                .hasMessageContaining("of node n1 of cluster shop with the number ")
                .hasMessageContaining("Put this node's own log there. ");
    }

    @Test
    void aLogWithoutTheMetadataBesideItIsRefused() throws IOException {
        makeVoter();
        Files.delete(folder.resolve("raft-metadata"));

        assertRefused(
                true, "but the raft-metadata beside it is gone", "Put it back; or take the node out of the cluster");
        assertRefused(false, "but the raft-metadata beside it is gone");
    }

    @Test
    void anOldCopyOfTheMetadataIsRefused() throws IOException {
        makeVoter();
        byte[] old = Files.readAllBytes(folder.resolve("raft-metadata"));
        vote(start(true), 6);
        stop();
        Files.write(folder.resolve("raft-metadata"), old);

        assertRefused(
                true,
                "is an old copy",
                "it says that this node has started 1 times, but its log was last opened at the 2th");
    }

    @Test
    void anOldCopyOfTheMetadataOfTheSameStartIsRefusedIfTheLogKnowsALaterTerm() throws IOException {
        makeVoter();
        DataFolder again = start(true);
        byte[] old = Files.readAllBytes(folder.resolve("raft-metadata"));
        vote(again, 9);
        again.storage().appendEntry(entry(2, 9));
        stop();
        Files.write(folder.resolve("raft-metadata"), old);

        assertRefused(true, "is an old copy", "it knows of no term after 5, but its log has an entry of term 9");
    }

    @Test
    void anOldCopyOfTheLogIsRefused() throws IOException {
        makeVoter();
        Path old = copy(log, "old");
        start(true);
        start(true);
        stop();
        LogFolder.deleteAll(log);
        Files.move(old, log);

        assertRefused(
                true, "the log in " + log + " is an old copy", "Put the latest back. If it can't be mended, remove ");
    }

    @Test
    void aStartThatEndedBetweenMetadataAndLogIsNoOldCopy() throws IOException {
        makeVoter();
        byte[] owner = Files.readAllBytes(log.resolve("owner"));
        for (int i = 0; i < 3; i++) {
            start(true);
            stop();
            Files.write(log.resolve("owner"), owner); // as if it had not come so far
            assertThat(start(true).hadMemory()).isTrue();
            stop();
            owner = Files.readAllBytes(log.resolve("owner"));
        }
    }

    @Test
    void aLogOfWhichNobodyKnowsWhoseItIsIsRefused() throws IOException {
        makeVoter();
        Path owner = log.resolve("owner");
        String text = Files.readString(owner);
        Files.writeString(owner, text.replace("whole=true", "whole=tru"));
        assertRefused(true, owner + " is damaged: its checksum is wrong or missing", "remove " + log);

        Files.delete(owner);
        assertRefused(true, log + " is damaged: it has no file owner", "remove " + log);
    }

    @Test
    void aLogOfWhichThereIsOnlyAPartIsRefused() throws IOException {
        makeVoter();
        LogFolder.deleteAll(log.resolve("entries"));

        assertRefused(true, "the log in " + log.resolve("entries") + " is gone, or part of it", "remove " + log);
    }

    @Test
    void aLogWithAnotherByteIsRefused() throws IOException {
        makeVoter();
        Path written = log.resolve("entries").resolve("000004.log");
        byte[] bytes = Files.readAllBytes(written);
        bytes[bytes.length / 2] ^= 1;
        Files.write(written, bytes);

        assertRefused(
                true,
                "the log in " + log.resolve("entries") + " can't be used: RocksDB can't open it",
                "Does another process use it?",
                "remove " + log);
    }

    @Test
    void aFolderInWhichTheMetadataCannotBeWrittenIsRefused() throws IOException {
        makeVoter();
        Files.createDirectory(folder.resolve("raft-metadata.new")); // nobody writes there, not even the superuser

        assertRefused(true, "the Raft metadata can't be written to " + folder, "Make it writable, or free disk space");
        assertRefused(false, "keeps its log on disk");
    }
}
