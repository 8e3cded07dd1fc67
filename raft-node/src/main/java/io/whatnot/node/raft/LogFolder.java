package io.whatnot.node.raft;

import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.rocksdb.NativeLibraryLoader;

/**
 * Where a node keeps log and snapshots that outlive it, and whose they are. They count as its memory only if they are
 * <em>whole</em>: if they have all that this node ever acknowledged. They are not as long as a node without memory is still
 * being told what it has lost; should it stop before that, it begins again with nothing.
 */
final class LogFolder {
    /** In a node's data folder. */
    static final String NAME = "raft-log";

    private final Path folder;
    private final CheckedFile owner;

    LogFolder(Path data) {
        this.folder = data.resolve(NAME);
        this.owner = new CheckedFile(
                folder.resolve("owner"), "It says whose log this is. Make it readable for this user", remedy());
    }

    /**
     * Whose log it is.
     *
     * @param cluster the cluster it belongs to
     * @param node the node's name
     * @param nonce of the node's metadata
     * @param start how often the node had started when it was last opened
     * @param whole whether it has all that the node ever acknowledged
     */
    record Owner(String cluster, String node, long nonce, long start, boolean whole) {
        /** Of the node with that metadata. */
        static Owner of(RaftMetadata metadata, boolean whole) {
            return new Owner(metadata.cluster(), metadata.node(), metadata.nonce(), metadata.incarnation(), whole);
        }
    }

    Path path() {
        return folder;
    }

    private Path entries() {
        return folder.resolve("entries");
    }

    Path snapshots() {
        return folder.resolve("snapshots");
    }

    /** What to do if it can't be used. */
    String remedy() {
        return "If it can't be mended, remove " + folder + " and start the node again: it then is one that has lost its"
                + " memory, and the leader sends it what it needs";
    }

    /** Whose it is; nothing if there is no log.
     *
     * @throws IOException if there is one, and nobody knows whose */
    Optional<Owner> owner() throws IOException {
        if (!Files.exists(owner.path())) {
            if (Files.exists(folder) && !isEmpty(folder)) {
                throw new IOException(folder + " is damaged: it has no file "
                        + owner.path().getFileName() + " that says whose log it is. " + remedy());
            }
            return Optional.empty();
        }
        Map<String, String> values = owner.read();
        try {
            return Optional.of(new Owner(
                    owner.value(values, "cluster"),
                    owner.value(values, "node"),
                    Long.parseUnsignedLong(owner.value(values, "nonce"), 16),
                    Long.parseLong(owner.value(values, "start")),
                    owner.truth(values, "whole")));
        } catch (NumberFormatException e) {
            throw owner.damaged("a number in it is none: " + e.getMessage());
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.findAny().isEmpty();
        }
    }

    /** Says whose it is; returns when that is on disk. */
    void write(Owner of) throws IOException {
        Files.createDirectories(folder);
        owner.write("cluster=" + of.cluster() + "\n"
                + "node=" + of.node() + "\n"
                + "nonce=" + Long.toHexString(of.nonce()) + "\n"
                + "start=" + of.start() + "\n"
                + "whole=" + of.whole() + "\n");
    }

    /**
     * Opens the log that is there, or makes one.
     *
     * @param group JRaft's name for the cluster
     * @param library where RocksDB's native library may be put while the process runs
     * @throws IOException if one is to be there, and is not, or not whole
     */
    DiskLogStorage open(
            String group, boolean mustBeThere, Path library, Predicate<Voters> configurations, FatalError fatal)
            throws IOException {
        Path entries = entries();
        if (mustBeThere && !Files.exists(entries.resolve("CURRENT"))) {
            throw new IOException("the log in " + entries + " is gone, or part of it. " + remedy());
        }
        // Else it would be put where a process that is killed leaves it for ever.
        NativeLibraryLoader.getInstance().loadLibrary(library.toString());
        try {
            return DiskLogStorage.open(group, entries, configurations, fatal);
        } catch (IOException e) {
            throw new IOException(
                    "the log in " + entries + " can't be used: " + e.getMessage() + ". Does another process use it? "
                            + remedy(),
                    e);
        }
    }

    /** Removes log and snapshots, if there are any; last of all the word whose they are. */
    void delete() throws IOException {
        deleteAll(entries());
        deleteAll(snapshots());
        deleteAll(folder);
    }

    /** Removes a folder with all that is in it, if it is there. */
    static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
