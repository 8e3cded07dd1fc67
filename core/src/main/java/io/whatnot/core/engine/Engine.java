package io.whatnot.core.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.UnsupportedException;
import io.whatnot.core.protocol.EntryCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.Settings;
import io.whatnot.core.state.State;
import io.whatnot.core.state.UnsupportedLevelException;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Origin;
import io.whatnot.core.wire.Wire;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A node but for its transport and its consensus: the state machine between a log and the streams of clients.
 *
 * <p>The way of a request: {@link ControlHub} takes it in; {@link RequestHandler} checks it and, on a follower, passes it
 * on by {@link LeaderLink}; on the leader {@link Proposer} puts it into an entry; the log brings the entry to {@link #applied} on every node,
 * where the state machine carries it out. From there the answer goes back to where it came from, pushes go to the
 * sessions attached here, and events to {@link WatchHub}. Reads are {@link Reader}'s.
 */
public final class Engine implements ReplicatedLog.Listener, AutoCloseable {
    /**
     * What an engine has to know.
     *
     * @param clusterName the cluster's name; clients that want another are refused
     * @param endpoint where clients reach this node
     * @param electionTimeoutMillis of the log
     * @param levelMax the newest feature level that it supports, to be as older software is; see {@link FeatureLevel}
     * @param historyEventsMax the most events of a namespace that it keeps for watchers
     */
    public record Options(
            String clusterName, String endpoint, long electionTimeoutMillis, int levelMax, int historyEventsMax) {
        /** Those of this software, with as much history as usual. */
        public Options(String clusterName, String endpoint, long electionTimeoutMillis) {
            this(
                    clusterName,
                    endpoint,
                    electionTimeoutMillis,
                    FeatureLevel.NEWEST,
                    Histories.Bounds.DEFAULT.eventsMax());
        }

        /** As software of that level. */
        public Options withLevelMax(int newest) {
            return new Options(clusterName, endpoint, electionTimeoutMillis, newest, historyEventsMax);
        }

        /** With that much history. */
        public Options withHistoryEventsMax(int events) {
            return new Options(clusterName, endpoint, electionTimeoutMillis, levelMax, events);
        }
    }

    private final Options options;
    private final ReplicatedLog log;
    private final Scheduler scheduler;
    private final NamespaceStateMachine machine;
    private final Counters counters = new Counters();
    private final Leadership leadership;
    private final LeaderDuties duties;
    private final Levels levels;
    private final Proposer proposer;
    private final Reader reader;
    private final LeaderLink link;
    private final ControlHub controlHub;
    private final WatchHub watchHub;
    private volatile @Nullable QueueLog queueLog;
    private volatile long appliedIndex;

    /**
     * An engine that does nothing yet.
     *
     * @param log what it appends to and applies from
     * @param scheduler its clock and timer
     * @param replies where answers are put into frames
     * @param reads where queries are answered
     * @param watches where watchers are served
     * @param peers how a follower reaches the leader
     */
    public Engine(
            Options options,
            ReplicatedLog log,
            Scheduler scheduler,
            Executor replies,
            Executor reads,
            Executor watches,
            Wire peers) {
        this.options = options;
        this.log = log;
        this.scheduler = scheduler;
        this.machine = new NamespaceStateMachine(Settings.DEFAULT, options.levelMax);
        ClusterClock clock = new ClusterClock(scheduler, options.electionTimeoutMillis);
        Views views = new Views(scheduler);
        this.proposer = new Proposer(log, clock);
        this.leadership = new Leadership(machine, log, scheduler, this::serve);
        this.duties = new LeaderDuties(clock, proposer, scheduler);
        this.levels = new Levels(options.endpoint, options.levelMax, log, machine, proposer, scheduler);
        this.reader = new Reader(machine, log, duties, clock, views, scheduler, reads);
        this.link = new LeaderLink(options.clusterName, machine, peers, counters);
        RequestHandler handler = new RequestHandler(
                options.levelMax, machine, proposer, duties, new Admission(scheduler), leadership, levels, log, link);
        this.controlHub = new ControlHub(options.clusterName, machine, handler, reader, link, counters, replies);
        this.watchHub = new WatchHub(
                options.clusterName,
                machine,
                new Histories(Histories.Bounds.DEFAULT.withEvents(options.historyEventsMax)),
                views,
                counters,
                scheduler,
                watches);
    }

    /** Has every step of every queue told there. To be called before {@link #start}. */
    public void logQueues(QueueLog to) {
        queueLog = to;
    }

    /** Begins to apply, and to answer. */
    public void start() {
        log.start(this);
    }

    /** A client in this process opens a control stream. */
    public FrameListener<V1.ControlFrame> control(FrameStream<V1.ControlReply> stream) {
        return control(stream, Origin.HERE);
    }

    /** A client opens a control stream, from there. */
    public FrameListener<V1.ControlFrame> control(FrameStream<V1.ControlReply> stream, Origin origin) {
        return new FirstFrameTimeout<>(controlHub.open(stream, origin), stream, scheduler, counters);
    }

    /** A client opens a watch stream. */
    public FrameListener<V1.WatchFrame> watch(FrameStream<V1.WatchReply> stream) {
        return new FirstFrameTimeout<>(watchHub.open(stream), stream, scheduler, counters);
    }

    /** A client was turned away by the transport, for there are as many as may be. */
    public void connectionRefused() {
        counters.count(Counter.CONNECTIONS_REFUSED);
    }

    /** A client's stream was ended by the transport, for what came by it was no frame, or too large for one. */
    public void streamBroken() {
        counters.count(Counter.STREAMS_BROKEN);
    }

    /** How many clients' and followers' streams are open for requests. */
    public int connectionCount() {
        return controlHub.connectionCount();
    }

    /** What this node knows of itself; its members are for whoever knows them to add. */
    public V1.StatusReply.Builder status() {
        State state = machine.state();
        V1.Leader leader = controlHub.leader();
        V1.StatusReply.Builder status = V1.StatusReply.newBuilder()
                .setCluster(options.clusterName)
                .setLeader(leader)
                .setRole(leader.getHere() ? "leader" : leader.getEndpoint().isEmpty() ? "no leader known" : "follower")
                .setTerm(duties.term())
                .setAppliedIndex(appliedIndex)
                .setRevision(state.revision())
                .setTime(state.timeMillis())
                .setSessions(state.sessions().count())
                .setLeases(state.locks().leaseCount())
                .setWaiting(state.locks().waitingCount())
                .setNamespaces(state.elements().namespaceCount())
                .setStateBytes(state.bytes())
                .setStateBytesMax(state.settings().stateBytesMax())
                .setFeatureLevel(state.level())
                .setFeatureLevelMax(options.levelMax)
                .setConnections(controlHub.connectionCount())
                .setWatches(watchHub.watchCount());
        long elements = 0;
        for (String namespace : state.elements().namespaces()) {
            elements += state.elements().count(namespace);
        }
        Runtime jvm = Runtime.getRuntime();
        return status.setElements(elements)
                .putAllCounters(counters.all())
                .putCounters("heap_bytes", jvm.totalMemory() - jvm.freeMemory())
                .putCounters("heap_bytes_max", jvm.maxMemory());
    }

    /** The state as it is here. */
    public State state() {
        return machine.state();
    }

    // ---- from the log

    @Override
    public void applied(long index, ByteString entry, ReplicatedLog.@Nullable Context context) {
        Entry decoded;
        try {
            decoded = EntryCodec.decode(entry);
        } catch (UnsupportedException e) {
            throw new UnsupportedLevelException("entry " + index + " of the log is a newer version's: " + e.getMessage()
                    + "; the software of this node supports feature levels up to " + options.levelMax
                    + ": start the node with a newer version");
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new IllegalStateException("entry " + index + " of the log is no entry; this node can't go on", e);
        }
        Applied applied = machine.apply(decoded);
        appliedIndex = index;
        State state = machine.state();
        counters.count(Counter.ENTRIES_APPLIED);
        counters.add(Counter.REQUESTS_APPLIED, decoded.requests().size());
        watchHub.applied(applied);
        if (context instanceof Proposer.Batch batch) {
            batch.applied(applied.results(), applied.timeMillis());
        }
        controlHub.applied(applied);
        QueueLog steps = queueLog;
        if (steps != null && !steps.applied(index, decoded, applied)) {
            counters.count(Counter.QUEUE_LOG_LEFT_OUT);
        }
        reader.applied(state);
        duties.applied(state.nextDeadlineMillis());
        leadership.applied();
    }

    @Override
    public void leading(long term, ReplicatedLog.@Nullable Reforming reforming) {
        link.leaderIs(null);
        leadership.begin(term, reforming);
    }

    @Override
    public boolean isServing() {
        return leadership.isServing();
    }

    /** Everybody may come, in that term. */
    private void serve(long term) {
        State state = machine.state();
        // The time of a new cluster begins with 1: 0 stands for none.
        duties.start(term, Math.max(1, state.timeMillis()), state.nextDeadlineMillis());
        levels.start(term);
        controlHub.leaderIs(V1.Leader.newBuilder()
                .setEndpoint(options.endpoint)
                .setHere(true)
                .build());
    }

    @Override
    public void following(@Nullable String leader) {
        leadership.end();
        levels.stop();
        duties.stop();
        link.leaderIs(leader);
        controlHub.leaderIs(
                V1.Leader.newBuilder().setEndpoint(leader == null ? "" : leader).build());
    }

    @Override
    public void members(List<String> endpoints) {
        controlHub.membersAre(endpoints);
        watchHub.membersAre(endpoints);
    }

    @Override
    public State image() {
        return machine.state();
    }

    @Override
    public void restored(long index, State state) {
        machine.restore(state);
        appliedIndex = index;
        watchHub.restored(state);
        controlHub.restored(state);
        reader.applied(state);
        duties.applied(state.nextDeadlineMillis());
        leadership.applied();
    }

    /** Stops; what is under way is not answered any more. */
    @Override
    public void close() {
        log.close();
        leadership.end();
        levels.stop();
        duties.stop();
        link.leaderIs(null);
    }
}
