package io.whatnot.node.raft.model;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The states that are yet to be looked at, first in, first out, in chunks. Neighbours are much alike: all chunks but the one that
 * is being filled are compressed, to a small part of their size, so that what is looked at is bounded by what has been
 * seen, not by what waits.
 */
final class Frontier {
    private final int chunkSize;
    private final Deque<byte[]> compressed = new ArrayDeque<>();
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    private final Inflater inflater = new Inflater();
    private final byte[] buffer;
    private byte[] last = new byte[0];
    private boolean isLastTaken = true;

    Frontier(int chunkSize) {
        this.chunkSize = chunkSize;
        this.buffer = new byte[chunkSize + chunkSize / 8 + 64];
    }

    /** Begins a chunk; the one before it is complete. */
    void addChunk() {
        if (!isLastTaken) {
            deflater.reset();
            deflater.setInput(last);
            deflater.finish();
            compressed.addLast(Arrays.copyOf(buffer, deflater.deflate(buffer)));
        }
        last = new byte[chunkSize];
        isLastTaken = false;
    }

    /** The chunk that is being filled. */
    byte[] last() {
        return last;
    }

    /** Takes the first chunk out; the one that is being filled if it is the only one, and what is added to it later is seen. */
    byte[] next() {
        byte[] first = compressed.pollFirst();
        if (first == null) {
            isLastTaken = true;
            return last;
        }
        byte[] chunk = new byte[chunkSize];
        try {
            inflater.reset();
            inflater.setInput(first);
            if (inflater.inflate(chunk) != chunkSize) {
                throw new IllegalStateException("a chunk is shorter than what was compressed");
            }
        } catch (DataFormatException e) {
            throw new IllegalStateException(e);
        }
        return chunk;
    }
}
