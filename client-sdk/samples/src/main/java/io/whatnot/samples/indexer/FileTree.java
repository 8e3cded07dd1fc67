package io.whatnot.samples.indexer;

import io.whatnot.core.model.PathException;
import io.whatnot.core.model.SubPath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The directory tree that is indexed: its directories and their files, without what comes and goes. */
record FileTree(Path root) {
    private static final Set<String> PASSED_OVER = Set.of("target", ".git", ".idea", "node_modules");

    /** All directories that have files of their own, in order. */
    List<Path> directories() throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .filter(this::isIndexed)
                    .filter(directory -> !files(directory).isEmpty())
                    .sorted()
                    .toList();
        }
    }

    private boolean isIndexed(Path directory) {
        for (Path name : root.relativize(directory)) {
            if (PASSED_OVER.contains(name.toString())) {
                return false;
            }
        }
        return true;
    }

    /** The files of a directory, in order; those that can't be read, or can't be named in the cluster, are left out. */
    List<Path> files(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && Files.isReadable(path))
                    .filter(path -> isName(path.getFileName().toString()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isName(String name) {
        try {
            SubPath.of(name);
            return true;
        } catch (PathException e) {
            return false;
        }
    }

    /** SHA-256 and size, as they are written into the cluster. */
    static String digest(Path file) throws IOException {
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        long size = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                size += read;
            }
        }
        return HexFormat.of().formatHex(sha256.digest()) + " " + size;
    }
}
