package io.whatnot.client.internal;

import io.whatnot.client.Outcome;
import io.whatnot.client.WatchListener;
import io.whatnot.client.WatchSubscription;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Guard.Afterwards;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.EventCodec;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.Wire;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps watches going: each is at some node, and goes on at another, after the last revision it was handed, when that
 * one is lost or no longer remembers. When no node does, it starts again from what is there, and its listener is told.
 */
final class WatchStream {
    private static final Logger LOG = LoggerFactory.getLogger(WatchStream.class);

    private static final long SWEEP_MILLIS = 500;
    /** A node tells its progress twice a second. */
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long PAUSE_MILLIS_MIN = 50;
    private static final long PAUSE_MILLIS_MAX = 1_000;

    private final Guard guard;
    private final Wire wire;
    private final ClusterView view;
    private final Scheduler scheduler;
    private final ClientOptions options;
    private final Executor listeners;

    private final Set<ClientSubscription> subscriptions = new LinkedHashSet<>();
    private final Map<String, WatchLine> lines = new LinkedHashMap<>();
    private @Nullable String preferred;
    private long lastId;
    private int failures;
    private boolean sweeping;
    private boolean closed;

    WatchStream(
            Guard guard, Wire wire, ClusterView view, Scheduler scheduler, ClientOptions options, Executor listeners) {
        this.guard = guard;
        this.wire = wire;
        this.view = view;
        this.scheduler = scheduler;
        this.options = options;
        this.listeners = listeners;
    }

    // ---- from users

    WatchSubscription start(WatchSpec spec, WatchListener listener) {
        ClientSubscription subscription = new ClientSubscription(this, spec, listener, listeners);
        guard.run(after -> {
            if (closed) {
                subscription.over(
                        new WhatnotException(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED, "the client is closed"),
                        after);
                return;
            }
            subscriptions.add(subscription);
            place(subscription, after);
        });
        return subscription;
    }

    void stop(ClientSubscription subscription) {
        guard.run(after -> {
            subscriptions.remove(subscription);
            leave(subscription, true, after);
        });
    }

    /** The listener has dealt with that many bytes. */
    void dealtWith(ClientSubscription subscription, long bytes) {
        guard.run(after -> give(subscription, subscription.creditDue(bytes), after));
    }

    /** More may be sent at once. */
    void credit(ClientSubscription subscription, long bytes) {
        guard.run(after -> give(subscription, bytes, after));
    }

    private static void give(ClientSubscription subscription, long bytes, Afterwards after) {
        WatchLine line = subscription.line;
        if (line != null && bytes > 0) {
            V1.WatchCall call = V1.WatchCall.newBuilder()
                    .setWatch(subscription.id)
                    .setCredit(bytes)
                    .build();
            after.then(() -> line.send(call));
        }
    }

    // ---- places

    /** Finds the subscription a node and starts it there. */
    private void place(ClientSubscription subscription, Afterwards after) {
        long now = scheduler.nanoTime();
        if (preferred == null || view.isAvoided(preferred, now) || view.isLagging(preferred, now)) {
            preferred = view.forWatches(now);
        }
        String endpoint = preferred;
        if (subscription.forgetful.contains(endpoint)) {
            endpoint = remembering(subscription, now);
            if (endpoint == null) {
                subscription.resync();
                endpoint = preferred;
            }
        }
        WatchLine line = lines.get(endpoint);
        if (line == null) {
            line = connect(endpoint, after);
        }
        subscription.line = line;
        subscription.id = ++lastId;
        line.subscriptions.put(subscription.id, subscription);
        V1.WatchCall start = V1.WatchCall.newBuilder()
                .setWatch(subscription.id)
                .setStart(subscription.startMessage())
                .build();
        WatchLine to = line;
        after.then(() -> to.send(start));
    }

    /** A node that is not known to have forgotten what the subscription needs; one that lags if there is no other. */
    private @Nullable String remembering(ClientSubscription subscription, long now) {
        return Stream.concat(view.good(now).stream(), view.endpoints().stream())
                .filter(other -> !subscription.forgetful.contains(other) && !view.isAvoided(other, now))
                .findFirst()
                .orElse(null);
    }

    private void placeLater(List<ClientSubscription> displaced, long millis) {
        scheduler.schedule(
                millis,
                () -> guard.run(after -> displaced.stream()
                        .filter(subscription -> subscriptions.contains(subscription) && subscription.line == null)
                        .forEach(subscription -> place(subscription, after))));
    }

    private void leave(ClientSubscription subscription, boolean tell, Afterwards after) {
        WatchLine line = subscription.line;
        subscription.line = null;
        if (line == null || !line.subscriptions.remove(subscription.id, subscription)) {
            return;
        }
        if (line.subscriptions.isEmpty()) {
            line.over = true;
            lines.remove(line.endpoint, line);
            after.then(line::close);
        } else if (tell) {
            V1.WatchCall stop = V1.WatchCall.newBuilder()
                    .setWatch(subscription.id)
                    .setStop(V1.StopWatch.getDefaultInstance())
                    .build();
            after.then(() -> line.send(stop));
        }
    }

    private WatchLine connect(String endpoint, Afterwards after) {
        WatchLine line = new WatchLine(this, endpoint, scheduler.nanoTime());
        lines.put(endpoint, line);
        V1.Hello hello = V1.Hello.newBuilder()
                .setClient(options.name())
                .setCluster(options.cluster())
                .build();
        after.then(() -> line.start(wire, hello));
        sweepLater();
        return line;
    }

    // ---- what comes back

    void received(WatchLine from, V1.WatchReply reply) {
        guard.run(after -> {
            if (from.over) {
                return;
            }
            from.heardNanos = scheduler.nanoTime();
            if (!from.open) {
                from.open = true;
                failures = 0;
                view.answered(from.endpoint);
            }
            try {
                read(from, reply, after);
            } catch (IllegalArgumentException e) {
                LOG.error("{} sent what this version can't read", from.endpoint, e);
                lose(from, "unreadable: " + e.getMessage(), after);
            }
        });
    }

    private void read(WatchLine from, V1.WatchReply reply, Afterwards after) {
        switch (reply.getKindCase()) {
            case STARTED -> {
                ClientSubscription subscription =
                        from.subscriptions.get(reply.getStarted().getWatch());
                if (subscription != null) {
                    subscription.started(reply.getStarted(), after);
                }
            }
            case STATE -> state(from, reply.getState(), after);
            case EVENTS -> events(from, reply.getEvents(), after);
            case PROGRESS -> {
                if (options.followLeader()) {
                    view.membersAre(reply.getProgress().getMembersList());
                }
                from.subscriptions.forEach((id, subscription) -> {
                    if (!reply.getProgress().getBehindList().contains(id)) {
                        subscription.progress(reply.getProgress().getRevision(), after);
                    }
                });
                leaveIfItLags(from, reply.getProgress().getRevision(), after);
            }
            case ENDED -> ended(from, reply.getEnded(), after);
            case KIND_NOT_SET -> {
                // something that only newer versions know
            }
        }
    }

    private void state(WatchLine from, V1.State message, Afterwards after) {
        ClientSubscription subscription = from.subscriptions.get(message.getWatch());
        if (subscription == null) {
            return;
        }
        if (subscription.isBehind(message.getRevision())) {
            leave(subscription, true, after);
            placeLater(List.of(subscription), PAUSE_MILLIS_MAX);
            return;
        }
        List<ElementView> elements = new ArrayList<>(message.getElementsCount());
        long bytes = 0;
        for (V1.Element element : message.getElementsList()) {
            elements.add(CommonCodec.decode(element));
            bytes += element.getSerializedSize();
        }
        subscription.state(new Revision(message.getRevision()), elements, bytes, message.getLast(), after);
    }

    private static void events(WatchLine from, V1.Events message, Afterwards after) {
        Revision revision = new Revision(message.getRevision());
        List<WatchEvent> events = null;
        long bytes = 0;
        for (long id : message.getWatchesList()) {
            ClientSubscription subscription = from.subscriptions.get(id);
            if (subscription == null) {
                continue;
            }
            if (events == null) { // the same for all: a frame is about one namespace
                events = new ArrayList<>(message.getEventsCount());
                for (V1.Event event : message.getEventsList()) {
                    events.add(EventCodec.decode(subscription.spec.namespace(), revision, event));
                    bytes += event.getSerializedSize();
                }
            }
            subscription.events(revision, events, bytes, message.getLast(), after);
        }
    }

    private void ended(WatchLine from, V1.Ended message, Afterwards after) {
        ClientSubscription subscription = from.subscriptions.get(message.getWatch());
        if (subscription == null) {
            return;
        }
        leave(subscription, false, after);
        Refused why = ResultCodec.decode(message.getRefused());
        if (why.code() == ErrorCode.COMPACTED) {
            LOG.info("{} no longer remembers what follows revision {}", from.endpoint, subscription.cursor);
            subscription.forgetful.add(from.endpoint);
            place(subscription, after);
        } else if (why.code() == ErrorCode.VIEW_EXPIRED || why.code().isRetryable()) {
            placeLater(List.of(subscription), PAUSE_MILLIS_MIN);
        } else {
            subscriptions.remove(subscription);
            subscription.end(Errors.of(why), after);
        }
    }

    /** A node tells its progress twice a second: one that lags is left by all watches that some other node may serve. */
    private void leaveIfItLags(WatchLine from, long revision, Afterwards after) {
        long now = scheduler.nanoTime();
        if (!view.lagsAt(from.endpoint, revision, now)) {
            return;
        }
        List<String> others = view.good(now);
        for (ClientSubscription subscription : List.copyOf(from.subscriptions.values())) {
            if (!subscription.forgetful.containsAll(others)) {
                LOG.info("{} lags by more than a second; a watch of it goes on elsewhere", from.endpoint);
                leave(subscription, true, after);
                place(subscription, after);
            }
        }
    }

    void closed(WatchLine gone, StreamFailure why) {
        guard.run(after -> {
            if (gone.over) {
                return;
            }
            if (why.kind() == StreamFailure.Kind.REFUSED) {
                WhatnotException refusal = new WhatnotException(
                        ErrorCode.UNAVAILABLE,
                        Outcome.NOT_APPLIED,
                        gone.endpoint + " refuses this client: " + why.message());
                for (ClientSubscription subscription : List.copyOf(gone.subscriptions.values())) {
                    subscriptions.remove(subscription);
                    subscription.end(refusal, after);
                }
                gone.subscriptions.clear();
            }
            lose(gone, why.message(), after);
        });
    }

    /** The node is lost; its watches go on elsewhere. */
    private void lose(WatchLine gone, String why, Afterwards after) {
        LOG.debug("lost {}: {}", gone.endpoint, why);
        gone.over = true;
        lines.remove(gone.endpoint, gone);
        view.failed(gone.endpoint, scheduler.nanoTime());
        after.then(gone::close);
        List<ClientSubscription> displaced = List.copyOf(gone.subscriptions.values());
        displaced.forEach(subscription -> subscription.line = null);
        gone.subscriptions.clear();
        long pause = failures == 0 ? 1 : Math.min(PAUSE_MILLIS_MAX, PAUSE_MILLIS_MIN << Math.min(failures, 5));
        failures++;
        if (!displaced.isEmpty() && !closed) {
            after.then(() -> placeLater(displaced, pause));
        }
    }

    private void sweepLater() {
        if (!sweeping && !closed) {
            sweeping = true;
            scheduler.schedule(SWEEP_MILLIS, () -> guard.run(this::sweep));
        }
    }

    private void sweep(Afterwards after) {
        sweeping = false;
        long now = scheduler.nanoTime();
        for (WatchLine line : List.copyOf(lines.values())) {
            if (now - line.heardNanos > SILENT_NANOS) {
                lose(line, "it was silent for too long", after);
            }
        }
        if (!lines.isEmpty()) {
            sweepLater();
        }
    }

    /** Ends all watches. */
    void close(Afterwards after) {
        closed = true;
        for (WatchLine line : List.copyOf(lines.values())) {
            line.over = true;
            after.then(line::close);
        }
        lines.clear();
        WhatnotException why =
                new WhatnotException(ErrorCode.UNAVAILABLE, Outcome.NOT_APPLIED, "the client was closed");
        subscriptions.forEach(subscription -> subscription.over(why, after));
        subscriptions.clear();
    }
}
