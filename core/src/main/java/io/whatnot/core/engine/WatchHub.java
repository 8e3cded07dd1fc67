package io.whatnot.core.engine;

import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.engine.EventHistory.Changes;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tells watchers what happens on this node, be it leader, follower or learner.
 *
 * <p>The apply thread puts what an entry brought about into the {@link Histories} and goes on; everything else happens
 * on one thread of the hub's own. A watch that keeps up is told as entries are applied. One that doesn't, because its
 * client gives no credit or its connection is full, is left behind, which costs nobody anything, and is served from the
 * history when there is room again. When the history no longer reaches back to where it was, it is told COMPACTED.
 * Nothing is ever left out silently.
 *
 * <p>All events of a revision go together, whatever they cost; so a watch's credit and a connection's room are bounds
 * that are overdrawn by one revision at most.
 */
final class WatchHub {
    /** The most watches of a connection. */
    static final int WATCHES_MAX = 10_000;

    /** The most revisions that wait to be told; beyond, all watches are served from the history. */
    static final int WAITING_MAX = 20_000;

    /** How often a connection is told how far it is, at least. */
    private static final long PROGRESS_MILLIS = 500;

    /** How many revisions are looked at for one watch before it is another's turn. */
    private static final int TURN = 1_000;
    /** The most frames of one connection that may wait to be dealt with. */
    private static final int FRAMES_WAITING_MAX = 10_000;

    private final String clusterName;
    private final NamespaceStateMachine machine;
    private final Histories histories;
    private final Views views;
    private final Counters counters;
    private final Scheduler scheduler;
    private final SerialExecutor executor;

    /** What was added to the histories and not told yet; the apply thread adds. */
    private final Queue<Histories.Dispatch> waiting = new ConcurrentLinkedQueue<>();

    private final AtomicInteger waitingCount = new AtomicInteger();
    /** Whether something was added to the histories but not to what waits. */
    private final AtomicBoolean overrun = new AtomicBoolean();
    /** Everything up to this revision was added to the histories, and to what waits or else overrun is set. */
    private volatile long added;

    private final AtomicBoolean turnWanted = new AtomicBoolean();

    private final Set<WatchConnection> connections = new LinkedHashSet<>();
    private final WatchIndex<Watch> live = new WatchIndex<>();
    /** Everything up to this revision has been told to those that are live. */
    private long dispatched;

    private final AtomicInteger watchCount = new AtomicInteger();
    /** Where clients reach the members of the cluster. */
    private volatile List<String> members = List.of();

    private Scheduler.@Nullable Timer progressTimer;

    WatchHub(
            String clusterName,
            NamespaceStateMachine machine,
            Histories histories,
            Views views,
            Counters counters,
            Scheduler scheduler,
            Executor executor) {
        this.clusterName = clusterName;
        this.machine = machine;
        this.histories = histories;
        this.views = views;
        this.counters = counters;
        this.scheduler = scheduler;
        this.executor = new SerialExecutor(executor);
    }

    /** How many watches there are. */
    int watchCount() {
        return watchCount.get();
    }

    // ---- from the apply thread

    /** An entry was applied. */
    void applied(Applied applied) {
        long epoch = Revision.epochOf(applied.revision());
        if (epoch != Revision.epochOf(added)) {
            // What was told before may be forgotten: whoever watches is to begin anew.
            histories.restart(Revision.startOf(epoch));
            overrun.set(true);
            added = Revision.startOf(epoch);
            wantTurn();
        }
        List<Histories.Dispatch> more = histories.add(applied);
        if (!more.isEmpty()) {
            counters.add(Counter.EVENTS, applied.events().size());
            // Once something found no room, nothing goes past it until the hub knows.
            if (overrun.get() || waitingCount.get() + more.size() > WAITING_MAX) {
                overrun.set(true);
            } else {
                waitingCount.addAndGet(more.size());
                waiting.addAll(more);
            }
        }
        added = applied.revision();
        if (!more.isEmpty()) {
            wantTurn();
        }
    }

    /** The state was replaced by a snapshot's: what happened in between is not known here. */
    void restored(State state) {
        histories.restart(state.revision());
        overrun.set(true);
        added = state.revision();
        wantTurn();
    }

    private void wantTurn() {
        if (turnWanted.compareAndSet(false, true)) {
            executor.execute(this::turn);
        }
    }

    // ---- on the hub's thread: telling what happened

    private void turn() {
        turnWanted.set(false);
        tellAll();
        new ArrayList<>(connections).forEach(this::catchUp);
    }

    /** Tells those that are live everything that was added by now. */
    private void tellAll() {
        long upTo = added; // before looking at what waits: all up to it is there by now
        if (overrun.getAndSet(false)) {
            leaveAllBehind();
        }
        for (Histories.Dispatch next = waiting.poll(); next != null; next = waiting.poll()) {
            waitingCount.decrementAndGet();
            dispatch(next.namespace(), next.changes());
        }
        dispatched = Math.max(dispatched, upTo);
    }

    /** Something waits nowhere but in the histories: all are served from there until they are where it is. */
    private void leaveAllBehind() {
        for (WatchConnection connection : connections) {
            for (Watch watch : connection.watches.values()) {
                if (watch.phase == Watch.Phase.LIVE) {
                    leaveBehind(watch, Math.max(watch.cursor, dispatched));
                }
            }
        }
    }

    private void leaveBehind(Watch watch, long cursor) {
        live.remove(watch.namespace, watch.path, watch.recursive, watch);
        watch.phase = Watch.Phase.BEHIND;
        watch.cursor = cursor;
        watch.connection.behind.add(watch);
    }

    /** Tells those that are live what happened in a namespace at a revision. */
    private void dispatch(String namespace, Changes changes) {
        Map<Watch, List<WatchEvent>> matched = new LinkedHashMap<>();
        for (WatchEvent event : changes.events()) {
            live.matching(namespace, event.path(), watch -> {
                if (changes.revision() > watch.cursor && watch.changes.contains(event.change())) {
                    matched.computeIfAbsent(watch, w -> new ArrayList<>(1)).add(event);
                }
            });
        }
        RevisionFrames frames = new RevisionFrames(changes.revision());
        Map<WatchConnection, Map<RevisionFrames.Told, List<Watch>>> byConnection = new LinkedHashMap<>();
        matched.forEach((watch, events) -> {
            if (watch.hasRoom()) {
                byConnection
                        .computeIfAbsent(watch.connection, c -> new LinkedHashMap<>())
                        .computeIfAbsent(new RevisionFrames.Told(events, watch.previousValue), t -> new ArrayList<>())
                        .add(watch);
            } else {
                leaveBehind(watch, Math.max(watch.cursor, changes.revision() - 1));
            }
        });
        byConnection.forEach((connection, groups) -> groups.forEach((told, watches) -> {
            if (connection.hasRoom()) {
                frames.send(connection, told, watches);
            } else {
                watches.forEach(watch -> leaveBehind(watch, Math.max(watch.cursor, changes.revision() - 1)));
            }
        }));
        if (changes.dropped()) {
            List<Watch> over = new ArrayList<>();
            live.all(namespace, over::add);
            over.stream()
                    .filter(watch -> changes.revision() > watch.cursor)
                    .forEach(watch -> endDropped(watch, changes.revision()));
        }
        dispatched = Math.max(dispatched, changes.revision());
    }

    private void endDropped(Watch watch, long revision) {
        end(
                watch,
                new Refused(
                        ErrorCode.NO_SUCH_NAMESPACE,
                        "namespace " + watch.namespace + " was dropped at revision " + revision));
    }

    // ---- on the hub's thread: those that are not live

    /** Goes on with the watches of a connection that are behind, each for a while. */
    private void catchUp(WatchConnection connection) {
        if (connection.behind.isEmpty()) {
            return;
        }
        boolean more = false;
        for (Watch watch : new ArrayList<>(connection.behind)) {
            if (watch.phase == Watch.Phase.STATE) {
                sendState(watch);
            }
            if (watch.phase == Watch.Phase.BEHIND) {
                more |= sendHistory(watch);
            }
        }
        if (more) {
            wantTurn();
        }
    }

    /** Sends from the history; whether there is more that could be sent at once. */
    private boolean sendHistory(Watch watch) {
        EventHistory history = histories.of(watch.namespace);
        for (int i = 0; i < TURN && watch.hasRoom(); i++) {
            if (watch.cursor < histories.floor(watch.namespace)) {
                compact(watch);
                return false;
            }
            Changes next = history == null ? null : history.after(watch.cursor);
            if (next == null || next.revision() > dispatched) {
                if (histories.of(watch.namespace) == history) {
                    watch.phase = Watch.Phase.LIVE;
                    watch.connection.behind.remove(watch);
                    live.add(watch.namespace, watch.path, watch.recursive, watch);
                    return false;
                }
                return true;
            }
            if (watch.cursor < histories.floor(watch.namespace)) {
                compact(watch);
                return false;
            }
            List<WatchEvent> events =
                    next.events().stream().filter(watch::matches).toList();
            if (!events.isEmpty()) {
                new RevisionFrames(next.revision())
                        .send(watch.connection, new RevisionFrames.Told(events, watch.previousValue), List.of(watch));
            }
            watch.cursor = next.revision();
            if (next.dropped()) {
                endDropped(watch, next.revision());
                return false;
            }
        }
        return watch.hasRoom();
    }

    private void compact(Watch watch) {
        counters.count(Counter.WATCHES_COMPACTED);
        long oldest = histories.floor(watch.namespace);
        end(
                watch,
                new Refused(
                        ErrorCode.COMPACTED,
                        "this node's history of namespace " + watch.namespace + " goes back to revision " + oldest
                                + ", and the watch is at " + watch.cursor,
                        new Detail.Oldest(new Revision(oldest))));
    }

    /** Sends the next parts of the initial state. */
    private void sendState(Watch watch) {
        InitialState initial = watch.initial;
        if (initial == null || initial.isLost()) {
            end(
                    watch,
                    new Refused(
                            ErrorCode.VIEW_EXPIRED,
                            "the initial state was not read within " + Views.HELD_MILLIS / 1000
                                    + " s, or too many are being read at once; start the watch again"));
            return;
        }
        while (watch.hasRoom()) {
            if (initial.sendPart(watch)) {
                dropState(watch);
                watch.phase = Watch.Phase.BEHIND;
                return;
            }
        }
        initial.hold();
    }

    private static void dropState(Watch watch) {
        if (watch.initial != null) {
            watch.initial.release();
            watch.initial = null;
        }
    }

    private void end(Watch watch, Refused why) {
        watch.connection.send(V1.WatchReply.newBuilder()
                .setEnded(V1.Ended.newBuilder().setWatch(watch.id).setRefused(ResultCodec.encode(why)))
                .build());
        forget(watch);
    }

    private void forget(Watch watch) {
        if (watch.phase == Watch.Phase.LIVE) {
            live.remove(watch.namespace, watch.path, watch.recursive, watch);
        }
        dropState(watch);
        watch.phase = Watch.Phase.ENDED;
        watch.connection.behind.remove(watch);
        if (watch.connection.watches.remove(watch.id, watch)) {
            watchCount.decrementAndGet();
        }
    }

    /** Tells every connection how far it is. */
    private void progress() {
        tellAll();
        State state = machine.state();
        for (WatchConnection connection : connections) {
            if (connection.hasRoom() && !connection.watches.isEmpty()) {
                V1.Progress.Builder progress = V1.Progress.newBuilder()
                        .setRevision(dispatched)
                        .setTime(state.timeMillis())
                        .addAllBehind(connection.behind.stream()
                                .map(watch -> watch.id)
                                .toList());
                List<String> endpoints = members;
                if (!endpoints.equals(connection.toldMembers)) {
                    progress.addAllMembers(endpoints);
                    connection.toldMembers = endpoints;
                }
                connection.send(V1.WatchReply.newBuilder().setProgress(progress).build());
            }
        }
        scheduleProgress();
    }

    private void scheduleProgress() {
        progressTimer = connections.isEmpty()
                ? null
                : scheduler.schedule(PROGRESS_MILLIS, () -> executor.execute(this::progress));
    }

    /** Clients that do nothing but watch are to find the members, too, when those they know are gone. */
    void membersAre(List<String> endpoints) {
        members = endpoints;
    }

    // ---- from clients

    /** A client has opened a watch stream. */
    FrameListener<V1.WatchFrame> open(FrameStream<V1.WatchReply> stream) {
        WatchConnection connection = new WatchConnection(stream);
        executor.execute(() -> {
            connections.add(connection);
            if (progressTimer == null) {
                scheduleProgress();
            }
        });
        return new FrameListener<>() {
            private final AtomicInteger framesWaiting = new AtomicInteger();
            private boolean greeted;

            @Override
            public void frame(V1.WatchFrame frame) {
                if (framesWaiting.incrementAndGet() > FRAMES_WAITING_MAX) {
                    cutOff(
                            connection,
                            StreamFailure.Kind.PROTOCOL,
                            "more than " + FRAMES_WAITING_MAX + " frames are waiting to be dealt with");
                    return;
                }
                greeted = greeted || Greeting.accept(frame.hasHello(), frame.getHello(), clusterName, stream, counters);
                if (!greeted) {
                    return;
                }
                executor.execute(() -> {
                    framesWaiting.decrementAndGet();
                    frame.getCallsList().forEach(call -> call(connection, call));
                });
            }

            @Override
            public void ready() {
                connection.ready();
                executor.execute(() -> catchUp(connection));
            }

            @Override
            public void closed(StreamFailure why) {
                connection.closed();
                executor.execute(() -> {
                    connections.remove(connection);
                    new ArrayList<>(connection.watches.values()).forEach(WatchHub.this::forget);
                });
            }
        };
    }

    private void call(WatchConnection connection, V1.WatchCall call) {
        if (connection.leavesAnswersUnread()) {
            cutOff(connection, StreamFailure.Kind.TOO_SLOW, "the client starts watches and does not read the answers");
        }
        if (connection.isCutOff()) {
            return;
        }
        switch (call.getKindCase()) {
            case START -> start(connection, call.getWatch(), call.getStart());
            case CREDIT -> {
                Watch watch = connection.watches.get(call.getWatch());
                if (watch != null) {
                    watch.addCredit(call.getCredit());
                    catchUp(connection);
                }
            }
            case STOP -> {
                Watch watch = connection.watches.get(call.getWatch());
                if (watch != null) {
                    forget(watch);
                }
            }
            case KIND_NOT_SET -> counters.count(Counter.MALFORMED_CALLS);
        }
    }

    private void cutOff(WatchConnection connection, StreamFailure.Kind kind, String why) {
        if (connection.cutOff(new StreamFailure(kind, why))) {
            counters.count(Counter.CONNECTIONS_CUT_OFF);
        }
    }

    private void start(WatchConnection connection, long id, V1.StartWatch start) {
        if (connection.watches.containsKey(id)) {
            cutOff(connection, StreamFailure.Kind.PROTOCOL, "watch " + id + " was started twice");
            return;
        }
        Watch watch;
        try {
            watch = Watch.of(connection, id, start);
        } catch (IllegalArgumentException e) {
            counters.count(Counter.MALFORMED_CALLS);
            refuse(connection, id, Answer.refusal(e));
            return;
        }
        if (connection.watches.size() >= WATCHES_MAX) {
            refuse(
                    connection,
                    id,
                    new Refused(
                            ErrorCode.RESOURCE_EXHAUSTED,
                            "the connection has " + WATCHES_MAX + " watches, as many as may; stop some"));
            return;
        }
        State state = machine.state();
        if (start.getAfter() != 0 && Revision.epochOf(start.getAfter()) != Revision.epochOf(state.revision())) {
            refuse(
                    connection,
                    id,
                    new Refused(
                            ErrorCode.COMPACTED,
                            "revision " + start.getAfter() + " is of another epoch than this node's "
                                    + state.revision(),
                            new Detail.Oldest(new Revision(histories.floor(watch.namespace)))));
            return;
        }
        watch.cursor = start.getAfter() == 0 ? state.revision() : start.getAfter();
        if (start.getInitialState()) {
            watch.phase = Watch.Phase.STATE;
            watch.initial = new InitialState(state, watch, views);
        }
        connection.watches.put(id, watch);
        connection.behind.add(watch);
        watchCount.incrementAndGet();
        connection.send(V1.WatchReply.newBuilder()
                .setStarted(V1.Started.newBuilder().setWatch(id).setAfter(watch.cursor))
                .build());
        wantTurn();
    }

    private void refuse(WatchConnection connection, long id, Refused why) {
        counters.countRefusal(why.code());
        connection.send(V1.WatchReply.newBuilder()
                .setEnded(V1.Ended.newBuilder().setWatch(id).setRefused(ResultCodec.encode(why)))
                .build());
    }
}
