package io.whatnot.node.raft;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * JRaft's log, in memory: a ring of entries, with the sum of their bytes. Configurations are remembered on disk before
 * their entries are in it.
 */
final class MemoryLogStorage implements SizedLogStorage {
    private final Predicate<Voters> configurations;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable LogEntry[] ring = new @Nullable LogEntry[1024];
    private long first = 1;
    private long last;
    private long bytes;

    /** @param configurations remembers a configuration, and tells whether it could */
    MemoryLogStorage(Predicate<Voters> configurations) {
        this.configurations = configurations;
    }

    @Override
    public boolean init(LogStorageOptions options) {
        return true;
    }

    @Override
    public void shutdown() {
        write(() -> {
            ring = new @Nullable LogEntry[1024];
            first = last + 1;
            bytes = 0;
            return true;
        });
    }

    @Override
    public long bytes() {
        return read(() -> bytes);
    }

    @Override
    public long getFirstLogIndex() {
        return read(() -> first);
    }

    @Override
    public long getLastLogIndex() {
        return read(() -> last);
    }

    @Override
    public @Nullable LogEntry getEntry(long index) {
        lock.readLock().lock();
        try {
            return index < first || index > last ? null : ring[slot(index)];
        } finally {
            lock.readLock().unlock();
        }
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
        return write(() -> {
            for (LogEntry entry : entries) {
                append(entry);
            }
            return entries.size();
        });
    }

    private void append(LogEntry entry) {
        long index = entry.getId().getIndex();
        if (last < first) {
            first = index;
        } else if (index != last + 1) {
            throw new IllegalStateException("entry " + index + " can't follow entry " + last);
        }
        last = index;
        if (last - first >= ring.length) {
            grow();
        }
        ring[slot(index)] = entry;
        bytes += SizedLogStorage.bytes(entry);
    }

    private void grow() {
        @Nullable LogEntry[] larger = new @Nullable LogEntry[ring.length * 2];
        for (long index = first; index < last; index++) {
            larger[(int) (index & (larger.length - 1))] = ring[slot(index)];
        }
        ring = larger;
    }

    @Override
    public boolean truncatePrefix(long firstIndexKept) {
        return write(() -> {
            for (; first < firstIndexKept && first <= last; first++) {
                clear(first);
            }
            if (first < firstIndexKept) {
                first = firstIndexKept;
                last = firstIndexKept - 1;
            }
            return true;
        });
    }

    @Override
    public boolean truncateSuffix(long lastIndexKept) {
        return write(() -> {
            for (; last > lastIndexKept && last >= first; last--) {
                clear(last);
            }
            return true;
        });
    }

    @Override
    public boolean reset(long nextLogIndex) {
        return write(() -> {
            ring = new @Nullable LogEntry[1024];
            bytes = 0;
            first = nextLogIndex;
            last = nextLogIndex - 1;
            return true;
        });
    }

    private void clear(long index) {
        LogEntry entry = ring[slot(index)];
        ring[slot(index)] = null;
        bytes -= entry == null ? 0 : SizedLogStorage.bytes(entry);
    }

    private int slot(long index) {
        return (int) (index & (ring.length - 1));
    }

    private interface Action<T> {
        T run();
    }

    private <T> T read(Action<T> action) {
        lock.readLock().lock();
        try {
            return action.run();
        } finally {
            lock.readLock().unlock();
        }
    }

    private <T> T write(Action<T> action) {
        lock.writeLock().lock();
        try {
            return action.run();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
