package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.PeerId;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What JRaft wants of a log, kept in memory and kept on disk. */
@ParameterizedClass(name = "on disk: {0}")
@ValueSource(booleans = {false, true})
final class LogStorageTest {
    private static final long TERM = 7;

    /** What was to be remembered on disk, and whether it could. */
    private final List<Voters> remembered = new ArrayList<>();

    private boolean diskWorks = true;

    @Parameter
    boolean onDisk;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private SizedLogStorage storage;

    @BeforeEach
    void open() throws IOException {
        Predicate<Voters> remember = voters -> {
            remembered.add(voters);
            return diskWorks;
        };
        storage = onDisk
                ? DiskLogStorage.open("test", folder.resolve("log"), remember, why -> {
                    throw new AssertionError(why);
                })
                : new MemoryLogStorage(remember);
    }

    @AfterEach
    void close() {
        storage.shutdown();
    }

    private static LogEntry entry(long index) {
        return entry(index, "entry " + index);
    }

    private static LogEntry entry(long index, String text) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_DATA);
        entry.setId(new LogId(index, TERM));
        entry.setData(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        return entry;
    }

    private void append(long from, long to) {
        assertThat(storage.appendEntries(LongStream.rangeClosed(from, to)
                        .mapToObj(LogStorageTest::entry)
                        .toList()))
                .isEqualTo((int) (to - from + 1));
    }

    private String text(long index) {
        return StandardCharsets.UTF_8
                .decode(Objects.requireNonNull(storage.getEntry(index))
                        .getData()
                        .duplicate())
                .toString();
    }

    private static LogEntry configuration(long index) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_CONFIGURATION);
        entry.setId(new LogId(index, TERM));
        entry.setPeers(List.of(new PeerId("127.0.0.1", 1), new PeerId("127.0.0.1", 2)));
        entry.setOldPeers(List.of(new PeerId("127.0.0.1", 2)));
        return entry;
    }

    @Test
    void aConfigurationIsRememberedBeforeItIsAppended() {
        assertThat(storage.appendEntries(List.of(entry(1), configuration(2)))).isEqualTo(2);

        assertThat(remembered)
                .containsExactly(new Voters(TERM, 2, List.of("127.0.0.1:1", "127.0.0.1:2"), List.of("127.0.0.1:2")));
    }

    @Test
    void aConfigurationThatCannotBeRememberedIsNotAppended() {
        diskWorks = false;

        assertThat(storage.appendEntries(List.of(entry(1), configuration(2)))).isZero();

        assertThat(storage.getLastLogIndex()).isZero();
    }

    /** It has these entries, each the right one, and none besides. */
    private void assertHolds(long first, long last) {
        assertThat(storage.getFirstLogIndex()).isEqualTo(first);
        if (last < first) {
            assertThat(storage.getLastLogIndex()).isLessThan(first);
        } else {
            assertThat(storage.getLastLogIndex()).isEqualTo(last);
        }
        assertThat(storage.getEntry(first - 1)).isNull();
        assertThat(storage.getEntry(last + 1)).isNull();
        for (long index = first; index <= last; index++) {
            assertThat(text(index)).isEqualTo("entry " + index);
        }
    }

    @Test
    void anEmptyLogBeginsAtOneAndEndsBeforeIt() {
        assertHolds(1, 0);
        assertThat(storage.bytes()).isZero();
    }

    @Test
    void whatIsAppendedIsThere() {
        assertThat(storage.appendEntry(entry(1))).isTrue();
        append(2, 5);

        assertHolds(1, 5);
    }

    @Test
    @SuppressWarnings("deprecation") // JRaft still has it
    void anEntryHasItsTermAndOneThatIsNotThereHasNone() {
        append(1, 2);

        assertThat(storage.getTerm(2)).isEqualTo(TERM);
        assertThat(storage.getTerm(3)).isZero();
    }

    @Test
    void theLogGrowsAsFarAsItHasTo() {
        for (long index = 1; index <= 10_000; index += 100) {
            append(index, index + 99);
        }

        assertHolds(1, 10_000);
    }

    @Test
    void theLogGrowsRightWhenItsBeginningIsInTheMiddleOfTheRing() {
        append(1, 1_000);
        storage.truncatePrefix(900);
        append(1_001, 5_000);

        assertHolds(900, 5_000);
    }

    @Test
    void aLogThatIsCutAsItGrowsTakesNoMoreRoom() {
        for (long index = 1; index <= 100_000; index += 100) {
            append(index, index + 99);
            storage.truncatePrefix(index);
        }

        assertHolds(99_901, 100_000);
        assertThat(storage.bytes()).isLessThan(100 * 200);
    }

    @Test
    void aGapIsNotTaken() {
        append(1, 3);

        assertThatThrownBy(() -> storage.appendEntry(entry(5))).hasMessage("entry 5 can't follow entry 3");
        assertThatThrownBy(() -> storage.appendEntry(entry(3))).hasMessage("entry 3 can't follow entry 3");
        assertHolds(1, 3);
    }

    @Test
    void theBeginningIsCutBeforeTheFirstThatIsKept() {
        append(1, 10);

        assertThat(storage.truncatePrefix(4)).isTrue();

        assertHolds(4, 10);
        assertThat(storage.truncatePrefix(2)).as("what is gone already").isTrue();
        assertHolds(4, 10);
    }

    @Test
    void aLogCutBeyondItsEndIsEmptyAndGoesOnThere() {
        append(1, 10);

        storage.truncatePrefix(21);

        assertHolds(21, 20);
        assertThat(storage.bytes()).isZero();
        append(21, 22);
        assertHolds(21, 22);
    }

    @Test
    void theEndIsCutBehindTheLastThatIsKeptAndReplaced() {
        append(1, 10);

        assertThat(storage.truncateSuffix(6)).isTrue();

        assertHolds(1, 6);
        append(7, 8);
        assertHolds(1, 8);
        assertThat(storage.truncateSuffix(9)).as("what was never there").isTrue();
        assertHolds(1, 8);
    }

    @Test
    void aLogOfWhichAllIsCutFromTheEndIsEmpty() {
        append(1, 10);
        storage.truncatePrefix(5);

        storage.truncateSuffix(4);

        assertHolds(5, 4);
        assertThat(storage.bytes()).isZero();
        append(5, 6);
        assertHolds(5, 6);
    }

    @Test
    void aLogThatIsResetIsEmptyAndGoesOnWhereItIsTold() {
        append(1, 3_000);

        assertThat(storage.reset(500)).isTrue();

        assertHolds(500, 499);
        assertThat(storage.bytes()).isZero();
        append(500, 501);
        assertHolds(500, 501);
    }

    @Test
    void aLogThatWasShutDownHasLetGoOfItsEntries() {
        append(1, 10);

        storage.shutdown();

        assertThat(storage.getEntry(1)).isNull();
        assertThat(storage.getEntry(10)).isNull();
        assertThat(storage.bytes()).isZero();
    }

    @Test
    void itsBytesAreThoseOfTheEntriesThatAreThere() {
        storage.appendEntry(entry(1, "x".repeat(1_000)));
        long one = storage.bytes();
        storage.appendEntry(entry(2, "x".repeat(2_000)));
        long two = storage.bytes();
        storage.appendEntry(entry(3, "x".repeat(3_000)));

        assertThat(one).isBetween(1_000L, 1_500L);
        assertThat(two - one).isEqualTo(one + 1_000);
        storage.truncateSuffix(2);
        assertThat(storage.bytes()).isEqualTo(two);
        storage.truncatePrefix(2);
        assertThat(storage.bytes()).isEqualTo(two - one);
    }

    @Test
    void anEntryWithoutDataCountsToo() {
        storage.appendEntry(configuration(1));

        assertThat(storage.bytes()).isPositive();
        assertThat(storage.getEntry(1)).isEqualTo(configuration(1));
    }

    @Test
    void whoReadsWhileOthersAppendAndCutFindsTheRightEntryOrNone() throws Exception {
        long last = onDisk ? 3_000 : 50_000; // there each waits for the disk
        CountDownLatch reading = new CountDownLatch(1);
        CompletableFuture<Long> reader = CompletableFuture.supplyAsync(() -> {
            long found = 0;
            long end;
            do {
                long first = storage.getFirstLogIndex();
                end = storage.getLastLogIndex();
                for (long index = Math.max(1, first - 2); index <= Math.min(end, first + 50); index++) {
                    LogEntry entry = storage.getEntry(index);
                    if (entry != null) {
                        assertThat(entry.getId().getIndex()).isEqualTo(index);
                        found++;
                    }
                }
                reading.countDown();
            } while (end < last);
            return found;
        });
        assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();

        for (long index = 1; index <= last; index++) {
            storage.appendEntry(entry(index));
            if (index % 500 == 0) {
                storage.truncatePrefix(index - 1_500);
            }
        }

        assertThat(reader.get(30, TimeUnit.SECONDS)).isPositive();
        assertHolds(last - 1_500, last);
    }
}
