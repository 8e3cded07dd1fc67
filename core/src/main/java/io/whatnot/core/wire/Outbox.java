package io.whatnot.core.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many threads' items on their way into one stream: packed into as few frames as there is waiting, with no delay when
 * there is nothing to wait for. Whoever finds nobody sending has the executor send, which may be the very same thread.
 *
 * @param <I> items
 * @param <F> frames
 */
public final class Outbox<I, F> {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    /** About the most bytes of a frame. */
    private static final int BYTES_MAX = 256 << 10;

    private final FrameStream<F> stream;
    private final Function<List<I>, F> pack;
    private final ToIntFunction<I> size;
    private final int itemsMax;
    private final Executor executor;
    private final Queue<I> items = new ConcurrentLinkedQueue<>();
    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean closed;

    /**
     * An outbox for a stream that nobody else sends into.
     *
     * @param pack makes a frame of items
     * @param size about how many bytes an item takes
     * @param itemsMax the most items of a frame
     * @param executor where frames are made and sent
     */
    public Outbox(
            FrameStream<F> stream, Function<List<I>, F> pack, ToIntFunction<I> size, int itemsMax, Executor executor) {
        this.stream = stream;
        this.pack = pack;
        this.size = size;
        this.itemsMax = itemsMax;
        this.executor = executor;
    }

    /** About how many bytes wait to be sent. Whoever adds keeps that within bounds. */
    public long bytes() {
        return bytes.get();
    }

    /** Adds an item, and sends if nobody else does. */
    public void add(I item) {
        addAll(List.of(item));
    }

    /** Adds items, to be packed into as few frames as they fit into, and sends if nobody else does. */
    public void addAll(List<I> more) {
        for (I item : more) {
            bytes.addAndGet(size.applyAsInt(item));
            items.add(item);
        }
        if (closed) {
            drop();
        } else {
            send();
        }
    }

    /** The stream is over: drops what waits, and whatever is added from now on. */
    public void close() {
        closed = true;
        drop();
    }

    private void drop() {
        for (I item = items.poll(); item != null; item = items.poll()) {
            bytes.addAndGet(-size.applyAsInt(item));
        }
    }

    /** Sends what waits, as far as the stream is ready; to be called when it has become so. */
    public void send() {
        if (rounds.getAndIncrement() == 0) {
            executor.execute(this::drain);
        }
    }

    private void drain() {
        int seen = rounds.get();
        do {
            try {
                while (stream.isReady() && !items.isEmpty()) {
                    List<I> batch = next();
                    if (!batch.isEmpty()) { // nobody has closed it in between
                        stream.send(pack.apply(batch));
                    }
                }
            } catch (RuntimeException | AssertionError e) {
                LOG.error("a frame could not be made or sent; the stream ends", e);
                close();
                stream.fail(new StreamFailure(StreamFailure.Kind.PROTOCOL, "internal error: " + e));
            }
            seen = rounds.addAndGet(-seen);
        } while (seen != 0);
    }

    private List<I> next() {
        List<I> batch = new ArrayList<>();
        int taken = 0;
        while (batch.size() < itemsMax && taken < BYTES_MAX) {
            I item = items.poll();
            if (item == null) {
                break;
            }
            batch.add(item);
            taken += size.applyAsInt(item);
        }
        bytes.addAndGet(-taken);
        return batch;
    }
}
