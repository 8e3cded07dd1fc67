package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a log on disk has when it is opened again, and what it makes of damage. */
final class DiskLogStorageTest {
    private static final long TERM = 7;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<String> fatal = new ArrayList<>();
    private @Nullable DiskLogStorage open;

    @AfterEach
    void close() {
        if (open != null) {
            open.shutdown();
        }
    }

    /** Closes it if it is open, and opens it. */
    private DiskLogStorage reopen() throws IOException {
        close();
        open = null;
        DiskLogStorage storage = DiskLogStorage.open("test", folder, voters -> true, fatal::add);
        open = storage;
        return storage;
    }

    private static LogEntry entry(long index) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_DATA);
        entry.setId(new LogId(index, TERM));
        entry.setData(ByteBuffer.wrap(("entry " + index).repeat(20).getBytes(StandardCharsets.UTF_8)));
        return entry;
    }

    private static LogEntry configuration(long index) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_CONFIGURATION);
        entry.setId(new LogId(index, TERM));
        entry.setPeers(List.of(new PeerId("127.0.0.1", 1), new PeerId("127.0.0.1", (int) index)));
        return entry;
    }

    private static void append(DiskLogStorage storage, long from, long to) {
        assertThat(storage.appendEntries(LongStream.rangeClosed(from, to)
                        .mapToObj(DiskLogStorageTest::entry)
                        .toList()))
                .isEqualTo((int) (to - from + 1));
    }

    private static void assertHolds(DiskLogStorage storage, long first, long last) {
        assertThat(storage.getFirstLogIndex()).isEqualTo(first);
        assertThat(storage.getLastLogIndex()).isEqualTo(last);
        assertThat(storage.getEntry(first - 1)).isNull();
        for (long index = first; index <= last; index++) {
            assertThat(storage.getEntry(index)).isEqualTo(entry(index));
        }
    }

    @Test
    void whatWasAppendedIsThereAgainAndCounts() throws IOException {
        DiskLogStorage before = reopen();
        append(before, 1, 100);
        long bytes = before.bytes();

        DiskLogStorage after = reopen();

        assertHolds(after, 1, 100);
        assertThat(after.bytes()).isEqualTo(bytes);
        assertThat(after.lastTermAtStart()).isEqualTo(TERM);
        append(after, 101, 102);
        assertHolds(after, 1, 102);
    }

    @Test
    void whatWasCutStaysCut() throws IOException {
        DiskLogStorage before = reopen();
        append(before, 1, 100);
        before.truncatePrefix(41);
        before.truncateSuffix(90);
        long bytes = before.bytes();

        DiskLogStorage after = reopen();

        assertHolds(after, 41, 90);
        assertThat(after.bytes()).isEqualTo(bytes);
    }

    @Test
    void aLogThatWasResetIsEmptyAndHasNoEntryOfItsOwnMaking() throws IOException {
        DiskLogStorage before = reopen();
        append(before, 1, 100);
        before.reset(61);

        DiskLogStorage after = reopen();

        assertThat(after.getFirstLogIndex()).isEqualTo(61);
        assertThat(after.getLastLogIndex()).as("of none").isZero();
        assertThat(after.lastTermAtStart()).isZero();
        append(after, 61, 62);
        assertHolds(after, 61, 62);
    }

    @Test
    void jraftIsToldTheConfigurationsThatAreThereAndNoOthers() throws IOException {
        DiskLogStorage before = reopen();
        before.appendEntries(List.of(configuration(1), entry(2), configuration(3), entry(4), configuration(5)));
        before.truncateSuffix(4);
        ConfigurationManager told = new ConfigurationManager();
        LogStorageOptions options = new LogStorageOptions();
        options.setConfigurationManager(told);

        assertThat(reopen().init(options)).isTrue();

        assertThat(told.getLastConfiguration().getId()).isEqualTo(new LogId(3, TERM));
        assertThat(told.getLastConfiguration().getConf().getPeers())
                .containsExactly(new PeerId("127.0.0.1", 1), new PeerId("127.0.0.1", 3));
    }

    @Test
    void aByteThatHasChangedIsFoundAndTheLogRefused() throws IOException {
        append(reopen(), 1, 100);
        close();
        Path written = writeAheadLog();
        byte[] bytes = Files.readAllBytes(written);
        bytes[bytes.length / 2] ^= 1;
        Files.write(written, bytes);

        assertThatThrownBy(this::reopen).isInstanceOf(IOException.class);
    }

    /** As a crash leaves it: what was not written whole was not acknowledged. */
    @Test
    void anEntryThatWasNotWrittenToItsEndIsNotThere() throws IOException {
        DiskLogStorage before = reopen();
        append(before, 1, 100);
        append(before, 101, 101);
        close();
        Path written = writeAheadLog();
        byte[] bytes = Files.readAllBytes(written);
        Files.write(written, Arrays.copyOf(bytes, bytes.length - 10));

        assertHolds(reopen(), 1, 100);
    }

    @Test
    void aLogThatIsOpenAlreadyIsNotOpenedTwice() throws IOException {
        append(reopen(), 1, 1);

        assertThatThrownBy(() -> DiskLogStorage.open("test", folder, voters -> true, fatal::add))
                .hasMessage("RocksDB can't open it, for the reason that it has just given");
    }

    private Path writeAheadLog() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(each -> each.toString().endsWith(".log"))
                    .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
                    .orElseThrow();
        }
    }
}
