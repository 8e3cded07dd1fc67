package io.whatnot.core.engine;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.protocol.EntryCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.state.State;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The log, as the engine sees it: entries that are appended on the leader are applied on every node, in one order, none
 * lost once applied anywhere.
 */
public interface ReplicatedLog extends AutoCloseable {
    /** Begins: from now on the listener is told. */
    void start(Listener listener);

    /**
     * Appends an entry; never blocks. Either the listener is given the entry together with {@code context}, or {@code
     * context} is told that it failed, whatever becomes of the entry.
     *
     * @param term the leadership it is for: in any other it is not appended
     * @param entry the bytes; not to be changed any more
     * @param context handed back with the entry where it is applied in this process
     */
    void append(long term, byte[] entry, Context context);

    /**
     * Finds out, by asking a majority, how far the log was when this was called, and tells {@code reader} once this node
     * has applied as much. Works on any node that knows the leader.
     */
    void readIndex(Reader reader);

    /** Whether there is room for more; where there isn't, nothing but what makes room is to be appended. */
    boolean hasRoom();

    /**
     * Makes sure that this node's disk knows of a ttl of that length, so that a cluster which re-forms waits that long.
     * Never blocks.
     *
     * @param millis how long
     * @param then run once it does: at once, or by another thread if something has to be written first
     */
    void noteLongestTtl(long millis, Runnable then);

    /**
     * Finds out what feature levels the other nodes of the cluster support, and tells it once, about all of them, by any
     * thread or before this returns. Never blocks.
     */
    void askLevels(Consumer<List<NodeLevel>> told);

    /** The longest ttl that anything can have. */
    long TTL_MILLIS_MAX = LeaseCommand.TTL_MILLIS_MAX;

    /**
     * Changes who the members are, or who of them leads; of a node that leads. Never blocks.
     *
     * @param told once, by any thread or before this returns, what has become of it
     */
    void changeMembers(MemberChange change, Consumer<MemberOutcome> told);

    /**
     * A change of members: see {@link io.whatnot.core.model.AdminCommand.ChangeMembers}.
     *
     * @param action what
     * @param member whom
     * @param other who takes its place, if that is what it is about; else empty
     */
    record MemberChange(Action action, String member, String other) {
        /** What becomes of a member. */
        public enum Action {
            /** It becomes a voter, by way of a learner. */
            ADD,
            /** It becomes a learner. */
            ADD_LEARNER,
            /** A learner becomes a voter. */
            PROMOTE,
            /** It is no member any more. */
            REMOVE,
            /** Another takes its place. */
            REPLACE,
            /** It leads. */
            TRANSFER
        }
    }

    /**
     * What has become of a change of members.
     *
     * @param kind whether it is done, or why not
     * @param problem why not, for people
     */
    record MemberOutcome(Kind kind, String problem) {
        /** It is committed. */
        public static final MemberOutcome DONE = new MemberOutcome(Kind.DONE, "");

        /** Whether it is done, or why not. */
        public enum Kind {
            /** It is. */
            DONE,
            /** It can't be, ever, as it was asked for. */
            WRONG,
            /** There are as many as may be. */
            TOO_MANY,
            /** It can't be now, and is worth another try. */
            NOT_NOW,
            /** It was broken off: it, or a part of it, may have been done, or be yet. */
            UNKNOWN
        }
    }

    /**
     * What another node supports.
     *
     * @param node which
     * @param levelMax the newest feature level of its software; 0 if it did not say
     * @param problem then why not, else empty
     */
    record NodeLevel(String node, int levelMax, String problem) {
        /** One that has said so. */
        public static NodeLevel of(String node, int levelMax) {
            return new NodeLevel(node, levelMax, "");
        }

        /** One that hasn't. */
        public static NodeLevel unknown(String node, String problem) {
            return new NodeLevel(node, 0, problem);
        }

        /** Whether it has said so. */
        public boolean isKnown() {
            return levelMax != 0;
        }
    }

    /**
     * An entry that says that a leader of that term has heard of a voter's loss of memory.
     *
     * @param voter which
     * @param incarnation in which of its lives it had lost it
     */
    static byte[] rejoinedEntry(String voter, long incarnation, long term) {
        ClusterCommand rejoined = new ClusterCommand.Rejoined(voter, incarnation, term);
        return EntryCodec.encode(0, List.of(RequestCodec.encode(new Request(0, 0, 0, List.of(), "", rejoined))));
    }

    /** Hands leadership over if it is here, and stops. */
    @Override
    void close();

    /** What comes with an entry that was appended here. */
    interface Context {
        /** The entry will not be applied with this context. It may never be applied at all, or may be yet. */
        void failed();
    }

    /** Who asked for a read index. */
    interface Reader {
        /** Everything that was committed when it was asked for has been applied here. */
        void caughtUp();

        /** It could not be found out. */
        void failed(String why);
    }

    /**
     * What the leader of a cluster that re-forms has to know.
     *
     * @param longestTtlMillis the longest ttl that any voter's disk knows of
     */
    record Reforming(long longestTtlMillis) {}

    /** What the log tells; by one thread at a time, which must not be kept waiting. */
    interface Listener {
        /** The next entry is committed. */
        void applied(long index, ByteString entry, @Nullable Context context);

        /**
         * This node leads; all entries of earlier terms have been applied. May be told twice for a term.
         *
         * @param reforming of a leader that was elected although committed entries may be gone: it is to begin a new epoch
         *     before it serves anybody; else null
         */
        void leading(long term, @Nullable Reforming reforming);

        /** Whether this node may answer for the cluster: not while it leads and has yet to begin a new epoch. */
        boolean isServing();

        /**
         * This node does not lead.
         *
         * @param leader where clients reach the one that does; null if none is known
         */
        void following(@Nullable String leader);

        /** Where clients reach the members, as far as this node knows; told when it changes, by any thread. */
        void members(List<String> endpoints);

        /** The state now, to make a snapshot of; holding it costs nothing. */
        State image();

        /** The state is replaced by that of a snapshot, made when the entry of that index was the last applied. */
        void restored(long index, State state);
    }
}
