package io.whatnot.client.internal;

import io.whatnot.client.Outcome;
import io.whatnot.client.WatchListener;
import io.whatnot.client.WatchSubscription;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.core.engine.SerialExecutor;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.v1.V1;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A watch that goes on over reconnects. Whole revisions are handed to its own serial executor, and credit for more is
 * given when the listener has dealt with them: a slow listener slows the node down, for this watch alone.
 */
final class ClientSubscription implements WatchSubscription {
    /** How many bytes may be on their way to the listener. */
    static final long CREDIT_BYTES = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ClientSubscription.class);

    final WatchSpec spec;
    private final WatchStream watches;
    private final WatchListener listener;
    private final SerialExecutor executor;
    private final CompletableFuture<Revision> started = new CompletableFuture<>();
    private volatile long delivered;
    private volatile boolean closed;

    // Guarded.
    @Nullable
    WatchLine line;
    /** Its number on its line. */
    long id;
    /** Everything up to this revision has been handed to the executor; 0 before anything was heard. */
    long cursor;
    /** Whether the node where it is has said that it has taken the watch in. What a node said before is not about it. */
    private boolean taken;
    /** Whether the initial state is still to come. */
    boolean wantsState;
    /** Whether that is because some events are lost: those after this revision. */
    boolean resyncing;
    /** Nodes that no longer remember what comes after the cursor. */
    final Set<String> forgetful = new HashSet<>();

    private long lostAfter;
    /** Whether the cluster had no revision yet when it started. */
    private boolean startedAtNothing;

    private List<ElementView> state = new ArrayList<>();
    private List<WatchEvent> revision = new ArrayList<>();
    private long bytes;
    private long creditOwed;
    /** Bytes that were handed to the executor, and that the listener has not dealt with. */
    private long outstanding;

    ClientSubscription(WatchStream watches, WatchSpec spec, WatchListener listener, Executor executor) {
        this.watches = watches;
        this.spec = spec;
        this.listener = listener;
        this.executor = new SerialExecutor(executor);
        this.wantsState = spec.initialState();
        this.cursor = spec.after();
    }

    /** What starts it, or starts it again, at some node. What was heard in part is forgotten. */
    V1.StartWatch startMessage() {
        if (!wantsState && startedAtNothing && cursor == 0) {
            resync(); // no message says "after revision 0": it would say "after whatever is there by now"
        }
        taken = false;
        state = new ArrayList<>();
        revision = new ArrayList<>();
        bytes = 0;
        long room = CREDIT_BYTES - outstanding;
        creditOwed = Math.min(0, room);
        return spec.start(wantsState, cursor, Math.max(0, room)).build();
    }

    // ---- what is heard

    void started(V1.Started message, Afterwards after) {
        taken = true;
        if (!wantsState) {
            cursor = Math.max(cursor, message.getAfter());
            long at = cursor;
            startedAtNothing = at == 0;
            after.then(() -> executor.execute(() -> {
                reached(at);
                started.complete(new Revision(at));
            }));
        }
    }

    /** Whether a state of that revision would be older than what was delivered already. */
    boolean isBehind(long revision) {
        return resyncing && revision < lostAfter;
    }

    void state(Revision at, List<ElementView> part, long size, boolean last, Afterwards after) {
        if (!wantsState) {
            throw new IllegalArgumentException("a state that nobody asked for");
        }
        state.addAll(part);
        bytes += size;
        if (!last) {
            // The state is gathered here whatever it takes, so credit for its parts is given at once.
            after.then(() -> watches.credit(this, size));
            bytes -= size;
            return;
        }
        List<ElementView> whole = state;
        state = new ArrayList<>();
        Revision before = new Revision(lostAfter);
        boolean resynced = resyncing;
        resyncing = false;
        wantsState = false;
        cursor = at.value();
        hand(at, after, () -> {
            if (resynced) {
                listener.resynced(before, at);
            }
            listener.initialState(at, whole);
            started.complete(at);
        });
    }

    void events(Revision at, List<WatchEvent> part, long size, boolean last, Afterwards after) {
        if (wantsState) {
            throw new IllegalArgumentException("events before the state that they follow");
        }
        revision.addAll(part);
        bytes += size;
        if (!last) {
            return;
        }
        List<WatchEvent> whole = revision;
        revision = new ArrayList<>();
        if (at.value() <= cursor) { // heard before, from another node
            long again = bytes;
            bytes = 0;
            after.then(() -> watches.credit(this, again));
            return;
        }
        cursor = at.value();
        forgetful.clear();
        hand(at, after, () -> listener.events(at, whole));
    }

    void progress(long revision, Afterwards after) {
        if (taken && !wantsState && revision > cursor) {
            cursor = revision;
            forgetful.clear();
            after.then(() -> executor.execute(() -> reached(revision)));
        }
    }

    /** No node remembers what comes after the cursor: what is there now, and then on. */
    void resync() {
        forgetful.clear();
        if (!wantsState) {
            lostAfter = cursor;
            resyncing = true;
            wantsState = true;
        }
    }

    void end(WhatnotException why, Afterwards after) {
        after.then(() -> executor.execute(() -> {
            started.completeExceptionally(why);
            if (!closed) {
                tell(() -> listener.ended(why));
            }
            closed = true;
        }));
    }

    /** Has the listener told, and then gives credit for as much again. */
    private void hand(Revision at, Afterwards after, Runnable telling) {
        long size = bytes;
        bytes = 0;
        outstanding += size;
        after.then(() -> executor.execute(() -> {
            if (!closed) { // what has not been told must not count as told: the next watch may go on from there
                tell(telling);
                delivered = Math.max(delivered, at.value());
            }
            watches.dealtWith(this, size);
        }));
    }

    /** Everything up to there has been told, unless the watch was closed and its listener is told nothing any more. */
    private void reached(long revision) {
        if (!closed) {
            delivered = Math.max(delivered, revision);
        }
    }

    private void tell(Runnable telling) {
        try {
            telling.run();
        } catch (Throwable e) { // whatever it is, the watch goes on
            LOG.error("the listener of a watch of {} in {} failed", spec.path(), spec.namespace(), e);
        }
    }

    /** How much credit to give now, after so much more was dealt with; small amounts are saved up. */
    long creditDue(long size) {
        outstanding -= size;
        creditOwed += size;
        if (creditOwed < CREDIT_BYTES / 4) {
            return 0;
        }
        long due = creditOwed;
        creditOwed = 0;
        return due;
    }

    // ---- for users

    @Override
    public CompletableFuture<Revision> started() {
        return started.copy();
    }

    @Override
    public Revision position() {
        return new Revision(delivered);
    }

    @Override
    public void close() {
        closed = true;
        watches.stop(this);
        started.completeExceptionally(
                new WhatnotException(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED, "the watch was closed"));
    }

    /** The client is closed: nobody is called any more. */
    void over(WhatnotException why, Afterwards after) {
        closed = true;
        after.then(() -> started.completeExceptionally(why));
    }

    boolean isClosed() {
        return closed;
    }
}
