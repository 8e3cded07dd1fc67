package io.whatnot.node.faults;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a client does and is told, a line each, written before the client goes on: one that is killed leaves nothing out
 * but its last answers. Times are of the machine's monotonic clock, which all processes share.
 *
 * <p>A line is {@code nanos kind id words…}. The kinds: {@code b} something begins, {@code a} it is answered, {@code q} a
 * request for a lease waits, {@code g} it is granted, {@code k} the lease can be proven to be held then, {@code w} a watch
 * was told something, {@code v} a guarantee is broken.
 */
final class History implements AutoCloseable {
    private final FileOutputStream file;
    private final AtomicLong lastId = new AtomicLong();

    History(Path file) throws IOException {
        this.file = new FileOutputStream(file.toFile(), true);
    }

    /** Something begins, now or later; tells its number. */
    long begin(String words) {
        long id = lastId.incrementAndGet();
        write(System.nanoTime(), 'b', id, words);
        return id;
    }

    /** It was answered, now or earlier. */
    void answer(long id, String words) {
        write(System.nanoTime(), 'a', id, words);
    }

    /** Something else about it. */
    void note(char kind, long id, String words) {
        write(System.nanoTime(), kind, id, words);
    }

    /** Something else about it, at that time. */
    void note(long nanos, char kind, long id, String words) {
        write(nanos, kind, id, words);
    }

    /** A guarantee is broken. */
    void violation(String words) {
        write(System.nanoTime(), 'v', 0, words.replace('\n', ' '));
    }

    private void write(long nanos, char kind, long id, String words) {
        byte[] line = (nanos + " " + kind + " " + id + " " + words + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            file.write(line); // to the kernel, in one piece
        } catch (IOException e) {
            throw new UncheckedIOException("the history can't be written", e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
