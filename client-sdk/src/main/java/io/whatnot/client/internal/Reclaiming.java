package io.whatnot.client.internal;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LossReason;
import io.whatnot.client.Recovered;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.client.internal.PendingCall.Answered;
import io.whatnot.client.internal.PendingCall.Handler;
import io.whatnot.client.internal.TimeBound.Deadline;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.SessionCommand.Held;
import io.whatnot.core.model.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says, in a new epoch, what a session holds, part by part, until it is answered or the session's time is up. Until then
 * the session and its leases have the bounds that they had in the epoch before. Guarded.
 */
final class Reclaiming implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(Reclaiming.class);

    /** The most leases of a part, and about the most bytes. */
    private static final int LEASES_MAX = 500;

    private static final int BYTES_MAX = 256 << 10;
    private static final int TARGET_BYTES = 20;
    private static final int LEASE_BYTES = 60;

    private final SessionKeeper keeper;
    private final ClientSession session;
    private final long epoch;
    private final List<Long> outstanding;
    private final long mark;
    private final Deque<List<Held>> parts = new ArrayDeque<>();
    private final List<LeaseContext> kept = new ArrayList<>();
    private final List<LeaseContext> lost = new ArrayList<>();
    private @Nullable PendingCall call;

    /**
     * Nothing is sent yet.
     *
     * @param outstanding requests for leases that have no final answer
     */
    Reclaiming(SessionKeeper keeper, ClientSession session, long epoch, Set<Long> outstanding) {
        this.keeper = keeper;
        this.session = session;
        this.epoch = epoch;
        this.outstanding = List.copyOf(outstanding);
        this.mark = session.mark();
        List<Held> part = new ArrayList<>();
        int bytes = 0;
        for (ClientLease lease : session.leases.values()) {
            Held held = lease.held();
            int more = bytes(held);
            if (part.size() >= LEASES_MAX || bytes + more > BYTES_MAX) {
                parts.add(part);
                part = new ArrayList<>();
                bytes = 0;
            }
            part.add(held);
            bytes += more;
        }
        parts.add(part);
    }

    private static int bytes(Held held) {
        int bytes = LEASE_BYTES + held.owner().length() + held.lease().label().length();
        for (Target target : held.lease().targets()) {
            AbsolutePath pool = target.pool();
            bytes += TARGET_BYTES
                    + target.path().toString().length()
                    + (pool == null ? 0 : pool.toString().length());
        }
        return bytes;
    }

    long epoch() {
        return epoch;
    }

    ClientSession session() {
        return session;
    }

    /** Sends the next part. */
    void send(Afterwards after) {
        List<Held> part = parts.remove();
        SessionCommand.Reclaim reclaim = new SessionCommand.Reclaim(
                session.secret,
                session.id,
                epoch,
                keeper.sessionTtlMillis(),
                keeper.clientName(),
                mark,
                part,
                outstanding,
                !parts.isEmpty());
        call = new PendingCall(null, 0, "", reclaim, true, PendingCall.NO_DEADLINE, this);
        keeper.sender().submit(call, after);
    }

    /** Sends nothing more. */
    void stop() {
        if (call != null) {
            keeper.sender().drop(call);
        }
    }

    @Override
    public void answered(Answered answer, Afterwards after) {
        if (session.reclaiming != this) {
            return;
        }
        if (answer.result() instanceof Result.Reclaimed reclaimed) {
            reclaimed.leases().forEach(lease -> reclaimed(lease, after));
            if (parts.isEmpty()) {
                done(reclaimed.deadlineMillis(), after);
            } else {
                send(after);
            }
        } else {
            Refused why = answer.result() instanceof Refused refused
                    ? refused
                    : new Refused(ErrorCode.INTERNAL, "a reclaim was answered with " + answer.result());
            keeper.notReclaimed(session, why, after);
        }
    }

    private void reclaimed(Result.ReclaimedLease answer, Afterwards after) {
        ClientLease lease = session.leases.get(answer.sequence());
        if (lease == null) {
            return; // released, or lost, while this was under way
        }
        if (answer.held()) {
            lease.reclaimed(answer.deadlineMillis(), epoch);
            kept.add(lease);
        } else {
            session.leases.remove(answer.sequence());
            lease.lose(LossReason.MEMORY_LOST, after);
            lost.add(lease);
        }
    }

    private void done(long deadlineMillis, Afterwards after) {
        session.reclaiming = null;
        session.epoch = epoch;
        session.deadline = new Deadline(deadlineMillis, epoch);
        LOG.warn(
                "the cluster lost its memory and re-formed in term {}; of what session {} held {} leases are kept and {}"
                        + " are lost",
                epoch,
                session.id,
                kept.size(),
                lost.size());
        tell(after);
        keeper.attached(session, after);
    }

    /** It is too late: all that has not been lost before now is. */
    void failed(Afterwards after) {
        stop();
        session.reclaiming = null;
        lost.addAll(session.leases.values());
        kept.clear();
        tell(after);
    }

    private void tell(Afterwards after) {
        Recovered recovered = new Recovered(epoch, kept, lost);
        after.then(() -> keeper.tellRecovered(recovered));
    }

    @Override
    public void failed(WhatnotException why, Afterwards after) {
        if (session.reclaiming == this) {
            keeper.notReclaimed(session, new Refused(why.code(), String.valueOf(why.getMessage())), after);
        }
    }
}
