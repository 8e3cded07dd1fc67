package io.whatnot.client.internal;

import io.whatnot.client.internal.TimeBound.Deadline;
import io.whatnot.core.model.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A session as its client knows it. Guarded. */
final class ClientSession {
    /** How many ends one request tells the cluster that this client knows of. */
    private static final int ENDS_TOLD_MAX = 64;

    final Secret secret;
    /** 0 until it is open. */
    long id;
    /** The epoch in which it was opened, or last reclaimed. */
    long epoch;
    /** While it is being reclaimed in a new epoch: nothing else goes out. */
    @Nullable
    Reclaiming reclaiming;
    /** The cluster time it ends at, as far as was heard. May be read without guard. */
    volatile Deadline deadline = Deadline.NONE;
    /** Whether it is of no use any more: it ended, or can't be proven not to have. */
    boolean over;

    /** Numbers of requests without an answer. */
    final TreeSet<Long> unanswered = new TreeSet<>();
    /** Ends of waits and leases that the cluster keeps until it hears that this client knows. */
    final Set<Long> ends = new LinkedHashSet<>();

    final Map<Long, LeaseTicket> tickets = new HashMap<>();
    final Map<Long, ClientLease> leases = new HashMap<>();
    int heartbeatsUnderWay;

    private long lastSequence;

    ClientSession(Secret secret) {
        this.secret = secret;
    }

    /** Whether what is said of it in that epoch counts: not before it was reclaimed there, nor after. */
    boolean isOf(long epoch) {
        return reclaiming == null && epoch == this.epoch;
    }

    /** A number for a request, which from now on waits for an answer. */
    long nextSequence() {
        unanswered.add(++lastSequence);
        return lastSequence;
    }

    /** The lowest number without an answer. */
    long mark() {
        return unanswered.isEmpty() ? lastSequence + 1 : unanswered.first();
    }

    /** Some ends for a call to tell. */
    List<Long> endsToTell(PendingCall call) {
        List<Long> told = new ArrayList<>();
        for (Iterator<Long> it = ends.iterator(); it.hasNext() && told.size() < ENDS_TOLD_MAX; ) {
            told.add(it.next());
        }
        call.endsTold = told;
        return told;
    }

    /** A call has its answer, so whatever it told is known. */
    void answered(PendingCall call) {
        unanswered.remove(call.sequence);
        call.endsTold.forEach(ends::remove);
    }
}
