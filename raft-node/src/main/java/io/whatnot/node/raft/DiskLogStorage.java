package io.whatnot.node.raft;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.impl.RocksDBLogStorage;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * JRaft's log on disk, in RocksDB: an entry is synced before its append returns, so before it is acknowledged.
 * Configurations are remembered in the metadata before their entries are in it. When it is opened every entry is read once:
 * a log with a hole or with bytes that have changed is refused as a whole. A write that fails stops the node.
 */
final class DiskLogStorage implements SizedLogStorage {
    private final Path folder;
    private final LogStorage rocks;
    private final Predicate<Voters> configurations;
    private final FatalError fatal;
    private final EntrySizes sizes = new EntrySizes();
    private final List<ConfigurationEntry> found = new ArrayList<>();
    private volatile long first;
    private volatile long last;
    private long lastTerm;
    private boolean open = true;

    private DiskLogStorage(Path folder, LogStorage rocks, Predicate<Voters> configurations, FatalError fatal) {
        this.folder = folder;
        this.rocks = rocks;
        this.configurations = configurations;
        this.fatal = fatal;
    }

    /**
     * Opens a log, or makes one.
     *
     * @param group JRaft's name for the cluster
     * @param folder where it is
     * @param configurations remembers a configuration, and tells whether it could
     * @throws IOException if it can't be opened, or not all of it can be read
     */
    static DiskLogStorage open(String group, Path folder, Predicate<Voters> configurations, FatalError fatal)
            throws IOException {
        RocksOptions.register();
        RaftOptions synced = new RaftOptions();
        synced.setSync(true);
        LogStorage rocks = new RocksDBLogStorage(folder.toString(), synced);
        LogStorageOptions options = new LogStorageOptions();
        options.setGroupId(group);
        options.setConfigurationManager(new ConfigurationManager());
        options.setLogEntryCodecFactory(LogEntryV2CodecFactory.getInstance());
        if (!rocks.init(options)) {
            throw new IOException("RocksDB can't open it, for the reason that it has just given");
        }
        DiskLogStorage storage = new DiskLogStorage(folder, rocks, configurations, fatal);
        try {
            storage.readAll();
        } catch (IOException | RuntimeException e) {
            storage.shutdown();
            throw e;
        }
        return storage;
    }

    private void readAll() throws IOException {
        first = rocks.getFirstLogIndex();
        // What is before the first entry is dropped in the background and may be there yet.
        last = Math.max(rocks.getLastLogIndex(), first - 1);
        for (long index = first; index <= last; index++) {
            LogEntry entry = rocks.getEntry(index);
            if (entry == null
                    || entry.getId().getIndex() != index
                    || entry.getId().getTerm() < lastTerm) {
                throw new IOException(
                        "of its entries " + first + " to " + last + " entry " + index + " is missing or damaged");
            }
            lastTerm = entry.getId().getTerm();
            sizes.append(index, SizedLogStorage.bytes(entry));
            if (entry.getType() == EntryType.ENTRY_TYPE_CONFIGURATION) {
                found.add(configuration(entry));
            }
        }
    }

    private static ConfigurationEntry configuration(LogEntry entry) {
        Configuration old = new Configuration();
        if (entry.getOldPeers() != null) {
            old = new Configuration(entry.getOldPeers(), entry.getOldLearners());
        }
        return new ConfigurationEntry(
                new LogId(entry.getId().getIndex(), entry.getId().getTerm()),
                new Configuration(entry.getPeers(), entry.getLearners()),
                old);
    }

    /** The term of the last entry when it was opened; 0 if there was none. */
    long lastTermAtStart() {
        return lastTerm;
    }

    @Override
    public boolean init(LogStorageOptions options) {
        found.forEach(options.getConfigurationManager()::add);
        found.clear();
        return true;
    }

    @Override
    public synchronized void shutdown() {
        if (open) {
            open = false;
            last = first - 1;
            sizes.clear();
            rocks.shutdown();
        }
    }

    @Override
    public long bytes() {
        return sizes.sum();
    }

    @Override
    public long getFirstLogIndex() {
        return first;
    }

    /** The last entry's; 0 if there is none, as JRaft wants it. */
    @Override
    public long getLastLogIndex() {
        long index = last;
        return index < first ? 0 : index;
    }

    @Override
    public @Nullable LogEntry getEntry(long index) {
        return index < first || index > last ? null : rocks.getEntry(index);
    }

    @Override
    @Deprecated
    public long getTerm(long index) {
        LogEntry entry = getEntry(index);
        return entry == null ? 0 : entry.getId().getTerm();
    }

    @Override
    public boolean appendEntry(LogEntry entry) {
        return appendEntries(List.of(entry)) == 1;
    }

    @Override
    public int appendEntries(List<LogEntry> entries) {
        for (LogEntry entry : entries) {
            if (entry.getType() == EntryType.ENTRY_TYPE_CONFIGURATION
                    && !configurations.test(SizedLogStorage.voters(entry))) {
                return 0;
            }
        }
        long next = entries.get(0).getId().getIndex();
        if (last >= first && next != last + 1) {
            throw new IllegalStateException("entry " + next + " can't follow entry " + last);
        }
        if (!written(rocks.appendEntries(entries) == entries.size())) {
            return 0;
        }
        for (LogEntry entry : entries) {
            sizes.append(entry.getId().getIndex(), SizedLogStorage.bytes(entry));
        }
        first = last < first ? next : first;
        last = next + entries.size() - 1;
        return entries.size();
    }

    @Override
    public boolean truncatePrefix(long firstIndexKept) {
        if (firstIndexKept <= first) {
            return true;
        }
        if (!written(rocks.truncatePrefix(firstIndexKept))) {
            return false;
        }
        sizes.dropBefore(firstIndexKept);
        first = firstIndexKept;
        last = Math.max(last, firstIndexKept - 1);
        return true;
    }

    @Override
    public boolean truncateSuffix(long lastIndexKept) {
        if (last > lastIndexKept && last >= first && !written(rocks.truncateSuffix(lastIndexKept))) {
            return false;
        }
        sizes.dropAfter(lastIndexKept);
        last = Math.min(last, lastIndexKept);
        return true;
    }

    /** Drops all. RocksDBLogStorage's own would leave an entry of term 0 as the last, which compares as the oldest of all. */
    @Override
    public boolean reset(long nextLogIndex) {
        return truncateSuffix(first - 1) && truncatePrefix(nextLogIndex);
    }

    private boolean written(boolean done) {
        if (!done) {
            fatal.stop("the log can't be written to " + folder
                    + ", for the reason that RocksDB has just given. What is not"
                    + " on disk was not acknowledged. Make the folder writable, or free disk space, and start the node"
                    + " again");
        }
        return done;
    }
}
