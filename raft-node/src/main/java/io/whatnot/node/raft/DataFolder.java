package io.whatnot.node.raft;

import io.whatnot.core.time.Scheduler;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's data folder, opened: its metadata, and its log, which is in memory or in the folder too. What the node remembers
 * is decided by what is there and not by what is set: a log that is there, whole, and this node's is its memory; where there
 * is none a node that was a voter has lost it. What can be neither is refused, and left as it is.
 */
final class DataFolder {
    private static final Logger LOG = LoggerFactory.getLogger(DataFolder.class);
    private static final long PAUSE_MILLIS = 20;

    private final Path folder;
    private final MetadataStorage metadata;
    private final LogFolder logFolder;
    private final FatalError fatal;
    private final SizedLogStorage storage;
    private final boolean onDisk;
    private final boolean whole;
    private final AtomicBoolean told;
    private boolean distrusted;

    private DataFolder(
            Path folder,
            MetadataStorage metadata,
            LogFolder logFolder,
            @Nullable DiskLogStorage disk,
            Predicate<Voters> configurations,
            boolean whole,
            FatalError fatal) {
        this.folder = folder;
        this.metadata = metadata;
        this.logFolder = logFolder;
        this.storage = disk != null ? disk : new MemoryLogStorage(configurations);
        this.onDisk = disk != null;
        this.whole = whole;
        this.told = new AtomicBoolean(whole || !onDisk);
        this.fatal = fatal;
    }

    /**
     * Opens it and counts the start.
     *
     * @throws IOException if it can't be used, belongs to another node, or was put together from different times
     */
    static DataFolder open(RaftLogOptions options, FatalError fatal) throws IOException {
        Path folder = options.folder();
        MetadataFile file = new MetadataFile(folder);
        LogFolder logFolder = new LogFolder(folder);
        clear(options, file, logFolder);
        RaftMetadata found = file.read().orElse(null);
        RaftMetadata known = found != null
                ? found
                : RaftMetadata.blank(options.cluster(), options.node(), new SecureRandom().nextLong());
        if (!known.cluster().equals(options.cluster()) || !known.node().equals(options.node())) {
            throw new IOException("the data folder " + folder + " belongs to node " + known.node() + " of cluster "
                    + known.cluster() + ", and this is node " + options.node() + " of cluster " + options.cluster()
                    + ". Set data to this node's own folder");
        }
        if (options.join() && !known.founders().isEmpty()) {
            throw new IOException(
                    "the data folder " + folder + " belongs to a node that founded its cluster, so it can't"
                            + " join one as a new node. Start it without --join; or, for a new node, set node to a new name and"
                            + " data to an empty folder");
        }
        LogFolder.Owner owner = logFolder.owner().orElse(null);
        boolean whole = false;
        if (owner != null && owner.whole()) {
            whole = true;
            check(owner, found, options, logFolder);
            if (owner.start() < known.incarnation()) {
                logFolder.write(LogFolder.Owner.of(known, true));
            }
        } else {
            logFolder.delete();
        }
        MetadataStorage metadata = new MetadataStorage(file, known, fatal);
        Predicate<Voters> configurations =
                configuration -> metadata.noteConfiguration(configuration, options.endpoint());
        DiskLogStorage disk =
                options.logOnDisk() ? openLog(whole, known, configurations, options, logFolder, fatal) : null;
        boolean counted = false;
        try {
            if (!metadata.change(old -> options.join() ? old.started().joining() : old.started())) {
                throw new IOException("the Raft metadata can't be written to " + folder
                        + ". Make it writable, or free disk space, or set data to another folder");
            }
            if (disk != null) {
                whole |= !known.voter();
                writeOwner(logFolder, LogFolder.Owner.of(metadata.metadata(), whole));
            }
            counted = true;
        } finally {
            if (!counted && disk != null) {
                disk.shutdown();
            }
        }
        return new DataFolder(folder, metadata, logFolder, disk, configurations, whole, fatal);
    }

    /** Makes the folder, and removes what is not to be there any more. */
    private static void clear(RaftLogOptions options, MetadataFile file, LogFolder logFolder) throws IOException {
        Path folder = options.folder();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IOException(
                    "the data folder " + folder + " can't be made: " + e + ". Set data to a folder this user may write",
                    e);
        }
        if (!Files.isWritable(folder)) {
            throw new IOException("the data folder " + folder + " can't be written. Set data to one that can");
        }
        try {
            if (options.fresh()) {
                Files.deleteIfExists(file.path());
                logFolder.delete();
            }
            LogFolder.deleteAll(volatileIn(folder));
            Files.createDirectories(volatileIn(folder));
        } catch (IOException e) {
            throw new IOException(
                    "the data folder " + folder + " can't be emptied of what is left of an earlier run: " + e
                            + ". Let this user own what is in it, or set data to another folder",
                    e);
        }
    }

    /** Whether a whole log is this node's, and of the same time as its metadata. */
    private static void check(
            LogFolder.Owner owner, @Nullable RaftMetadata found, RaftLogOptions options, LogFolder logFolder)
            throws IOException {
        if (found == null) {
            throw new IOException(logFolder.path() + " has a log of node " + owner.node() + " of cluster "
                    + owner.cluster()
                    + ", but the raft-metadata beside it is gone, and with it what this node has voted"
                    + " for. Put it back; or take the node out of the cluster, remove its data folder, and add it again"
                    + " under a new name");
        }
        if (!owner.cluster().equals(found.cluster())
                || !owner.node().equals(found.node())
                || owner.nonce() != found.nonce()) {
            throw new IOException("the log in " + logFolder.path() + " is of another node, or of an earlier one of that"
                    + " name: of node " + owner.node() + " of cluster " + owner.cluster() + " with the number "
                    + Long.toHexString(owner.nonce()) + ", and this is node " + found.node() + " of cluster "
                    + found.cluster() + " with the number " + Long.toHexString(found.nonce())
                    + ". Put this node's own log there. " + logFolder.remedy());
        }
        if (owner.start() > found.incarnation()) {
            throw oldMetadata(
                    options,
                    "says that this node has started " + found.incarnation()
                            + " times, but its log was last opened at the " + owner.start() + "th");
        }
        if (owner.start() < found.incarnation() - 1) {
            throw new IOException(
                    "the log in " + logFolder.path() + " is an old copy: it was last opened when this node"
                            + " started for the " + owner.start() + "th time, and that was " + found.incarnation()
                            + " times. Put the latest back. " + logFolder.remedy());
        }
        if (!options.logOnDisk()) {
            throw new IOException(
                    "the data folder " + options.folder() + " keeps its log on disk, and raft.log is memory:"
                            + " that would be to forget it. Set raft.log to rocksdb; or, if this node is to forget, remove "
                            + logFolder.path() + " before you start it");
        }
    }

    private static IOException oldMetadata(RaftLogOptions options, String how) {
        return new IOException(
                "the raft-metadata in " + options.folder() + " is an old copy, which does not know what this"
                        + " node has promised since: it " + how
                        + ". Put the latest back; if it is lost, take the node out of the"
                        + " cluster, remove its data folder, and add it again under a new name");
    }

    private static DiskLogStorage openLog(
            boolean whole,
            RaftMetadata known,
            Predicate<Voters> configurations,
            RaftLogOptions options,
            LogFolder logFolder,
            FatalError fatal)
            throws IOException {
        if (!whole) {
            if (known.voter()) {
                LOG.warn(
                        "there is no log of this node in {}, though it was a voter: it has lost its memory. From now on its"
                                + " log is there",
                        logFolder.path());
            }
            writeOwner(logFolder, LogFolder.Owner.of(known, false));
        }
        DiskLogStorage disk =
                logFolder.open(known.cluster(), whole, volatileIn(options.folder()), configurations, fatal);
        if (disk.lastTermAtStart() > known.term()) {
            disk.shutdown();
            throw oldMetadata(
                    options,
                    "knows of no term after " + known.term() + ", but its log has an entry of term "
                            + disk.lastTermAtStart());
        }
        return disk;
    }

    private static void writeOwner(LogFolder logFolder, LogFolder.Owner owner) throws IOException {
        try {
            logFolder.write(owner);
        } catch (IOException e) {
            throw new IOException(
                    logFolder.path() + " can't be written: " + e.getMessage()
                            + ". Make it writable, or free disk space, or set data to another folder",
                    e);
        }
    }

    private static Path volatileIn(Path folder) {
        return folder.resolve("volatile");
    }

    MetadataStorage metadata() {
        return metadata;
    }

    SizedLogStorage storage() {
        return storage;
    }

    /** Whether log and snapshots outlive the process. */
    boolean isOnDisk() {
        return onDisk;
    }

    /** Whether the log had all that this node ever acknowledged when it was opened. */
    boolean hadMemory() {
        return whole;
    }

    /** For what may be gone when the process is. */
    Path volatileFolder() {
        return volatileIn(folder);
    }

    Path snapshots() {
        return onDisk ? logFolder.snapshots() : volatileFolder().resolve("snapshots");
    }

    /** What to do if log or snapshots can't be used. */
    String remedy() {
        return onDisk
                ? logFolder.remedy()
                : "Start the node again: it then is one that has lost its memory, and the leader sends it what it needs";
    }

    /**
     * Has the disk say, soon, that the log is whole; once, where it did not say so before.
     *
     * @param index an entry that shows it
     * @param stored up to where the log, or a snapshot, is on disk
     */
    void becomesWhole(long index, LongSupplier stored, Scheduler scheduler) {
        if (!told.get() && !told.getAndSet(true)) {
            scheduler.schedule(0, () -> writeWhole(index, stored, scheduler));
        }
    }

    private void writeWhole(long index, LongSupplier stored, Scheduler scheduler) {
        if (stored.getAsLong() < index) {
            scheduler.schedule(PAUSE_MILLIS, () -> writeWhole(index, stored, scheduler));
            return;
        }
        writeWhole(true);
    }

    /**
     * Has what is on disk be no memory any more, because it may be wrong: the next start is one without memory, and takes
     * everything from the leader.
     */
    synchronized void distrust() {
        becomesIncomplete();
        distrusted = true;
    }

    /** Has what is on disk be no memory until it becomes whole anew. */
    void becomesIncomplete() {
        if (onDisk) {
            writeWhole(false);
            told.set(false);
        }
    }

    private synchronized void writeWhole(boolean all) {
        if (distrusted) {
            return;
        }
        try {
            writeOwner(logFolder, LogFolder.Owner.of(metadata.metadata(), all));
        } catch (IOException e) {
            LOG.error("{} does not say now whether it has all", logFolder.path(), e);
            fatal.stop(String.valueOf(e.getMessage()));
        }
    }

    /** Gives up the log, and removes what is not to outlive the process. */
    void close() {
        storage.shutdown();
        try {
            LogFolder.deleteAll(volatileFolder());
        } catch (IOException e) {
            LOG.warn("{} could not be removed", volatileFolder(), e);
        }
    }
}
