package io.whatnot.core.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.protocol.log.V1Log;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A log that keeps what is appended until told what becomes of it. */
final class ScriptedLog implements ReplicatedLog {
    /** An entry that was appended. */
    record Appended(long term, ByteString bytes, Context context) {
        long timeMillis() {
            return message().getTime();
        }

        List<ByteString> requests() {
            return message().getRequestsList();
        }

        List<String> texts() {
            return requests().stream().map(ByteString::toStringUtf8).toList();
        }

        private V1Log.Entry message() {
            try {
                return V1Log.Entry.parseFrom(bytes);
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** What was appended and has neither been applied nor failed. */
    final Deque<Appended> underWay = new ArrayDeque<>();
    /** All that ever was appended. */
    final List<Appended> all = new ArrayList<>();
    /** Who asked for a read index and has no answer. */
    final Deque<Reader> readers = new ArrayDeque<>();

    private final List<Long> notes = new ArrayList<>();
    private final Deque<Runnable> writing = new ArrayDeque<>();
    private boolean keepsNotes;
    /** Who asked for the others' feature levels and has no answer. */
    final Deque<Consumer<List<NodeLevel>>> askers = new ArrayDeque<>();

    boolean hasRoom = true;
    boolean closed;
    private @Nullable Listener listener;
    private long index;

    @Override
    public void start(Listener listener) {
        this.listener = listener;
    }

    Listener listener() {
        return Objects.requireNonNull(listener);
    }

    /** What was asked of the members, in order; each is answered at once. */
    final List<MemberChange> changes = new ArrayList<>();

    MemberOutcome changed = MemberOutcome.DONE;

    @Override
    public void changeMembers(MemberChange change, Consumer<MemberOutcome> told) {
        changes.add(change);
        told.accept(changed);
    }

    @Override
    public void append(long term, byte[] entry, Context context) {
        Appended appended = new Appended(term, ByteString.copyFrom(entry), context);
        underWay.add(appended);
        all.add(appended);
    }

    /** The oldest entry that is under way is committed. */
    void commit() {
        Appended next = underWay.remove();
        listener().applied(++index, next.bytes, next.context);
    }

    void commitAll() {
        while (!underWay.isEmpty()) {
            commit();
        }
    }

    /** An entry of another leader's is committed. */
    void apply(byte[] entry) {
        listener().applied(++index, ByteString.copyFrom(entry), null);
    }

    /** Nobody knows what becomes of what is under way. */
    void failAll() {
        List<Appended> failing = new ArrayList<>(underWay);
        underWay.clear();
        failing.forEach(each -> each.context.failed());
    }

    @Override
    public void readIndex(Reader reader) {
        readers.add(reader);
    }

    /** The oldest question for the read index is answered. */
    void caughtUp() {
        readers.remove().caughtUp();
    }

    @Override
    public void askLevels(Consumer<List<NodeLevel>> told) {
        askers.add(told);
    }

    @Override
    public void noteLongestTtl(long millis, Runnable then) {
        if (keepsNotes) {
            notes.add(millis);
            writing.add(then);
        } else {
            then.run();
        }
    }

    /** From now on ttls are written down only when told. */
    void keepsNotes() {
        keepsNotes = true;
    }

    /** What it was to write down. */
    List<Long> notes() {
        return notes;
    }

    /** All of it is written. */
    void written() {
        while (!writing.isEmpty()) {
            writing.remove().run();
        }
    }

    @Override
    public boolean hasRoom() {
        return hasRoom;
    }

    @Override
    public void close() {
        closed = true;
    }
}
