package io.whatnot.client.internal;

import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.client.internal.PendingCall.Answered;
import io.whatnot.client.internal.PendingCall.Handler;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.protocol.QueryCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.Wire;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which node calls go to: one at a time, the leader where it is known and can be reached. When the line to it breaks the next
 * is tried. When it is silent another is opened besides, and it is left only if it is still silent by then: it may be this
 * process that is slow to hear, and sending everything again would make all slower.
 */
final class Lines {
    private static final Logger LOG = LoggerFactory.getLogger(Lines.class);

    /** How long a node may take to answer at all. */
    private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** How long a line may be silent while a call is under way. */
    private static final long SILENT_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
    /** How long a node may go on saying that it can't reach the leader before another is tried. */
    private static final long LEADERLESS_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final RequestSender owner;
    private final Guard guard;
    private final Wire wire;
    private final ClusterView view;
    private final Scheduler scheduler;
    private final ClientOptions options;

    private @Nullable ControlLine line;
    /** On its way to become the line: for the leader is there, or in case that the line is not only slow. */
    private @Nullable ControlLine candidate;

    private int failures;
    private long leaderlessSinceNanos;
    private String lastFailure = "no node was tried yet";
    private boolean connecting;
    private boolean askingHowFar;
    private boolean closed;

    Lines(RequestSender owner, Guard guard, Wire wire, ClusterView view, Scheduler scheduler, ClientOptions options) {
        this.owner = owner;
        this.guard = guard;
        this.wire = wire;
        this.view = view;
        this.scheduler = scheduler;
        this.options = options;
    }

    /** The line that calls go to, open or not; null if there is none. */
    @Nullable
    ControlLine current() {
        return line;
    }

    // ---- lines that are opened

    /** A node says who leads, and who is there. */
    void leaderIs(ControlLine from, V1.Leader leader, Afterwards after) {
        if (!options.followLeader()) {
            return;
        }
        view.membersAre(leader.getMembersList());
        view.leaderIs(leader.getEndpoint().isEmpty() ? null : leader.getEndpoint());
        if (from != line) {
            return;
        }
        if (!leader.getEndpoint().isEmpty()) {
            owner.retryLeaderless();
        }
        if (candidate != null && candidate.endpoint.equals(leader.getEndpoint())) {
            candidate.spare = false;
        } else if (candidate != null) {
            dismiss(candidate, after);
            candidate = null;
        }
        boolean elsewhere = !leader.getHere()
                && !leader.getEndpoint().isEmpty()
                && !leader.getEndpoint().equals(from.endpoint);
        if (elsewhere && candidate == null && !view.isAvoided(leader.getEndpoint(), scheduler.nanoTime())) {
            candidate = connect(leader.getEndpoint(), after);
        }
    }

    /** Looks for a line, or for a spare one if there is a line that is silent. */
    void want(Afterwards after) {
        if (connecting || closed) {
            return;
        }
        connecting = true;
        long millis = failures == 0 ? 0 : Math.min(1_000, 20L << Math.min(failures, 6));
        if (millis == 0) {
            after.then(() -> guard.run(this::connectNow));
        } else {
            after.then(() -> scheduler.schedule(millis, () -> guard.run(this::connectNow)));
        }
    }

    private void connectNow(Afterwards after) {
        connecting = false;
        long now = scheduler.nanoTime();
        if (closed || candidate != null) {
            return;
        }
        if (line == null) {
            line = connect(view.forCommands(now), after);
        } else if (isSilent(line, now)) {
            view.failed(line.endpoint, now);
            lastFailure = line.endpoint
                    + (line.open ? ": it has not answered for a while" : ": it could not be reached in time");
            LOG.debug("{}; trying another", lastFailure);
            candidate = connect(view.forCommands(now), after);
            // At one and the same node what is pushed goes to the stream that attached last.
            candidate.spare = !candidate.endpoint.equals(line.endpoint);
        }
    }

    private ControlLine connect(String endpoint, Afterwards after) {
        LOG.debug("connecting to {}", endpoint);
        ControlLine to = new ControlLine(owner, endpoint, scheduler.nanoTime());
        List<V1.Call> attachments = owner.attachments(to);
        V1.Hello hello = V1.Hello.newBuilder()
                .setClient(options.name())
                .setCluster(options.cluster())
                .build();
        after.then(() -> to.start(wire, hello, attachments));
        owner.sweepLater();
        return to;
    }

    /** Something was heard on a line for the first time. */
    void opened(ControlLine now, Afterwards after) {
        now.open = true;
        failures = 0;
        view.answered(now.endpoint);
        LOG.debug("connected to {}", now.endpoint);
        ControlLine old = line;
        if (now != candidate || old == null) {
            return;
        }
        candidate = null;
        if (now.spare && !isSilent(old, scheduler.nanoTime())) {
            view.answered(old.endpoint);
            dismiss(now, after); // it was slow, or we were
            return;
        }
        line = now;
        owner.retryLeaderless();
        dismiss(old, after);
    }

    // ---- nodes that lag

    /** The leader has got to that revision; is the node at the other end there in a second, too? */
    void leaderIsAt(Revision revision, Afterwards after) {
        view.leaderIsAt(revision.value(), scheduler.nanoTime());
        if (line != null && !view.isCurrent(line.revision) && !askingHowFar) {
            askingHowFar = true;
            long millis = TimeUnit.NANOSECONDS.toMillis(KnownRevisions.LAG_NANOS_MAX) + 1;
            after.then(() -> scheduler.schedule(millis, () -> guard.run(this::askHowFar)));
        }
    }

    /** Any answer tells how far the node is; unless one has come meanwhile, a read that costs little is asked for one. */
    private void askHowFar(Afterwards after) {
        askingHowFar = false;
        if (closed || line == null || view.isCurrent(line.revision)) {
            return;
        }
        V1.Read.Builder read = V1.Read.newBuilder().setConsistency(V1.Consistency.CONSISTENCY_NODE);
        QueryCodec.put(read, new Query.Settings());
        long deadline = scheduler.nanoTime() + TimeUnit.MILLISECONDS.toNanos(options.requestMillis());
        owner.submit(new PendingCall(read.build(), deadline, HOW_FAR), after);
    }

    /** What is wanted is in the frame, not in the answer; and a node that gives none is left for being silent. */
    private static final Handler HOW_FAR = new Handler() {
        @Override
        public void answered(Answered answer, Afterwards after) {}

        @Override
        public void failed(WhatnotException why, Afterwards after) {}
    };

    /** Goes to another node, if there is one, once that is open. */
    void leaveIfItLags(ControlLine from, Afterwards after) {
        long now = scheduler.nanoTime();
        if (from != line || candidate != null || !view.lagsAt(from.endpoint, from.revision, now)) {
            return;
        }
        List<String> others = view.good(now);
        if (!others.isEmpty()) {
            LOG.info("{} lags by more than a second; going on at {}", from.endpoint, others.get(0));
            candidate = connect(others.get(0), after);
        }
    }

    // ---- lines that are left

    /** Turns away from a line; what is under way there is sent again elsewhere. */
    private void dismiss(ControlLine old, Afterwards after) {
        old.over = true;
        after.then(() -> old.fail("it is not needed any more"));
        owner.takeBack(old, after);
    }

    /** A line is over, or is to be. */
    void lose(ControlLine gone, String why, Afterwards after) {
        LOG.debug("lost {}: {}", gone.endpoint, why);
        lastFailure = gone.endpoint + ": " + why;
        view.failed(gone.endpoint, scheduler.nanoTime());
        dismiss(gone, after);
        if (gone == candidate) {
            candidate = null;
            failures++;
        } else if (gone == line) {
            failures++;
            line = candidate;
            candidate = null;
            if (line == null && !owner.isIdle()) {
                want(after);
            }
        }
    }

    /** There was an answer, so there is a leader. */
    void answered() {
        leaderlessSinceNanos = 0;
    }

    /** A node can't do what it was asked for now. One that goes on saying that it can't reach a leader is left for another. */
    void refused(ControlLine from, Refused refused, Afterwards after) {
        lastFailure = refused.message();
        if (refused.code() != ErrorCode.UNAVAILABLE) {
            return;
        }
        long now = scheduler.nanoTime();
        if (leaderlessSinceNanos == 0) {
            leaderlessSinceNanos = now;
        } else if (now - leaderlessSinceNanos > LEADERLESS_NANOS && from == line) {
            leaderlessSinceNanos = 0;
            lose(from, refused.message(), after);
        }
    }

    // ---- the clock

    /** Sees to lines that are silent: to be called now and then while {@link #isUnderWay}, or any call is. */
    void look(Afterwards after) {
        long now = scheduler.nanoTime();
        ControlLine slow = candidate;
        if (slow != null && isSilent(slow, now)) {
            String silent = "it could not be reached in time";
            after.then(() -> slow.fail(silent));
            lose(slow, silent, after);
        }
        if (line != null && candidate == null && isSilent(line, now)) {
            want(after);
        }
    }

    /** Whether a line, or its way into a session, is being opened. */
    boolean isUnderWay() {
        return candidate != null || (line != null && (!line.open || !line.attaching.isEmpty()));
    }

    /** Whether there is a line on which a node answers. */
    boolean isReached() {
        return line != null && line.open && !isSilent(line, scheduler.nanoTime());
    }

    /** What to tell a caller whose call had no answer. */
    String lastHeard() {
        return lastFailure + (line != null && !line.open ? "; " + line.endpoint + " has not answered yet" : "");
    }

    private static boolean isSilent(ControlLine line, long now) {
        if (!line.open) {
            return now - line.openedNanos > CONNECT_NANOS;
        }
        // Without an answer to that nothing of the session's would ever be sent.
        if (line.attaching.values().stream().anyMatch(each -> now - each.sentNanos() > CONNECT_NANOS)) {
            return true;
        }
        return now - line.heardNanos > SILENT_NANOS
                && line.calls.values().stream().anyMatch(call -> now - call.sentNanos > SILENT_NANOS);
    }

    /** Lets go of all lines, for good. */
    void close(Afterwards after) {
        closed = true;
        for (ControlLine each : new ControlLine[] {candidate, line}) {
            if (each != null) {
                each.over = true;
                after.then(() -> each.fail("the client is closed"));
            }
        }
        line = null;
        candidate = null;
    }
}
