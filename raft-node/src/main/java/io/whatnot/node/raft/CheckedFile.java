package io.whatnot.node.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A small file that something hangs on: lines of {@code key=value} that a person can read, and a checksum. Written beside,
 * synced, and moved into place, so that there is always a whole one.
 *
 * @param path where it is
 * @param purpose what to say where it can't be read: what it is for, and what to do
 * @param remedy what to do if it is damaged
 */
record CheckedFile(Path path, String purpose, String remedy) {
    private static final String CHECKSUM = "crc32c=";

    /** What was written last, by keys.
     *
     * @throws IOException if the file can't be read, or is damaged */
    Map<String, String> read() throws IOException {
        String text;
        try {
            text = Files.readString(path, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw damaged("it is no text");
        } catch (IOException e) {
            throw new IOException(path + " can't be read: " + e.getMessage() + ". " + purpose, e);
        }
        int end = text.lastIndexOf(CHECKSUM);
        if (end < 0 || !text.substring(end + CHECKSUM.length()).strip().equals(checksum(text.substring(0, end)))) {
            throw damaged("its checksum is wrong or missing");
        }
        Map<String, String> values = new TreeMap<>();
        for (String line : text.substring(0, end).lines().toList()) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return values;
    }

    /** One of the values.
     *
     * @throws IOException if there is none of that name */
    String value(Map<String, String> values, String key) throws IOException {
        String value = values.get(key);
        if (value == null) {
            throw damaged("it has no " + key);
        }
        return value;
    }

    /** One that is true or false.
     *
     * @throws IOException if it is neither */
    boolean truth(Map<String, String> values, String key) throws IOException {
        String value = value(values, key);
        if (!value.equals("true") && !value.equals("false")) {
            throw damaged(key + " is \"" + value + "\"");
        }
        return value.equals("true");
    }

    IOException damaged(String how) {
        return new IOException(path + " is damaged: " + how + ". " + remedy);
    }

    /** Replaces what was written; returns when it is on disk.
     *
     * @param lines each {@code key=value} and the end of the line
     * @throws IOException if it can't be; what was written before is then still there */
    void write(String lines) throws IOException {
        byte[] bytes = (lines + CHECKSUM + checksum(lines) + "\n").getBytes(StandardCharsets.UTF_8);
        Path beside = path.resolveSibling(path.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(path.toAbsolutePath().resolveSibling("."));
    }

    /** Has a file's bytes, or a folder's names, on disk when it returns. */
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }
}
