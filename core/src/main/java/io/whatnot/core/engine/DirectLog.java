package io.whatnot.core.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A log of one process: what is appended is applied, by whichever thread finds nobody applying. It keeps nothing, so
 * the state lives as long as the process.
 */
public final class DirectLog implements ReplicatedLog {
    private record Appended(ByteString entry, Context context) {}

    private final Queue<Appended> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger rounds = new AtomicInteger();
    private volatile @Nullable Listener listener;
    private volatile boolean closed;
    private long index;

    @Override
    public void start(Listener listener) {
        this.listener = listener;
        listener.leading(1, null);
    }

    @Override
    public void append(long term, byte[] entry, Context context) {
        queue.add(new Appended(UnsafeByteOperations.unsafeWrap(entry), context));
        if (rounds.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Appended next = queue.poll(); next != null; next = queue.poll()) {
                apply(next);
            }
            seen = rounds.addAndGet(-seen);
        } while (seen != 0);
    }

    private void apply(Appended next) {
        Listener told = listener;
        if (closed || told == null) {
            next.context.failed();
        } else {
            told.applied(++index, next.entry, next.context);
        }
    }

    @Override
    public void readIndex(Reader reader) {
        if (closed) {
            reader.failed("the log is closed");
        } else {
            reader.caughtUp();
        }
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    /** There is no disk, and nothing to re-form. */
    @Override
    public void noteLongestTtl(long millis, Runnable then) {
        then.run();
    }

    @Override
    public void askLevels(Consumer<List<NodeLevel>> told) {
        told.accept(List.of()); // nobody else
    }

    @Override
    public void changeMembers(MemberChange change, Consumer<MemberOutcome> told) {
        told.accept(new MemberOutcome(
                MemberOutcome.Kind.WRONG, "this is one process alone, which has no members to change: " + change));
    }

    @Override
    public void close() {
        closed = true;
    }
}
