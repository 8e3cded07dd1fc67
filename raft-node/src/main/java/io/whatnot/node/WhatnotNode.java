package io.whatnot.node;

import com.sun.management.UnixOperatingSystemMXBean;
import io.whatnot.core.engine.Engine;
import io.whatnot.core.engine.QueueLog;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.time.SystemScheduler;
import io.whatnot.core.wire.GrpcWire;
import io.whatnot.node.config.NodeConfig;
import io.whatnot.node.raft.FatalError;
import io.whatnot.node.raft.RaftLog;
import io.whatnot.node.raft.RaftLogOptions;
import io.whatnot.node.raft.RaftMember;
import io.whatnot.node.rpc.ClientServer;
import io.whatnot.node.rpc.NodeHosts;
import io.whatnot.node.rpc.PeerChannels;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running node of a cluster. */
public final class WhatnotNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WhatnotNode.class);

    /** Of the JVM, of the log, and to and from other nodes. */
    private static final int DESCRIPTORS_BESIDES = 100;

    private static final long CLIENTS_MOVE_MILLIS = 300;
    private static final long CLIENTS_POLL_MILLIS = 5;

    private final NodeConfig config;
    private final SystemScheduler scheduler = new SystemScheduler("whatnot-ticker");
    private final ExecutorService replies = Executors.newFixedThreadPool(2, daemons("whatnot-replies-"));
    private final ExecutorService reads = Executors.newFixedThreadPool(2, daemons("whatnot-reads-"));
    private final ExecutorService watches = Executors.newSingleThreadExecutor(daemons("whatnot-watches-"));
    private final ExecutorService queueSteps = Executors.newSingleThreadExecutor(daemons("whatnot-queue-log-"));
    private final GrpcWire peers = new GrpcWire(PeerChannels::open);
    private final RaftLog log;
    private final Engine engine;
    private final ClientServer server;

    private WhatnotNode(NodeConfig config, FatalError fatal, int levelMax) throws IOException {
        this.config = config;
        this.log = new RaftLog(raftOptions(config, levelMax), fatal);
        this.engine = new Engine(
                new Engine.Options(config.cluster(), config.self().client(), config.electionTimeoutMillis())
                        .withLevelMax(levelMax),
                log,
                scheduler,
                replies,
                reads,
                watches,
                peers);
        if (config.queueLog()) {
            engine.logQueues(new QueueLog(queueSteps, LoggerFactory.getLogger("whatnot.queue")::info));
        }
        try {
            this.server = new ClientServer(
                    address(config.listenClient()),
                    ClientServer.Limits.of(config.connectionsMax()),
                    engine,
                    hosts(),
                    this::status);
        } catch (IOException e) {
            log.close();
            stopThreads();
            throw new IOException(
                    "can't listen for clients at " + config.listenClient() + ": " + rootMessage(e)
                            + ". Is a node running there already? Set listen.client to a free address of this machine",
                    e);
        }
    }

    /**
     * Starts a node; it takes part in its cluster from when this returns.
     *
     * @param fatal told when the node can't go on by itself; it is then to be closed
     * @throws IOException if its folder or its addresses can't be used
     */
    public static WhatnotNode start(NodeConfig config, FatalError fatal) throws IOException {
        return start(config, fatal, FeatureLevel.NEWEST);
    }

    /**
     * Starts a node that is as older software would be, which supports feature levels up to that one only: for tests of
     * clusters of several versions.
     *
     * @param fatal told when the node can't go on by itself; it is then to be closed
     * @throws IOException if its folder or its addresses can't be used
     */
    public static WhatnotNode start(NodeConfig config, FatalError fatal, int levelMax) throws IOException {
        warnOfTooFewDescriptors(config);
        WhatnotNode node = new WhatnotNode(config, fatal, levelMax);
        node.engine.start();
        return node;
    }

    private static void warnOfTooFewDescriptors(NodeConfig config) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                && system.getMaxFileDescriptorCount() < config.connectionsMax() + DESCRIPTORS_BESIDES) {
            LOG.warn(
                    "the process may have {} descriptors (ulimit -n), which is too few for {} connections and {} besides;"
                            + " raise it, or lower connectionsMax",
                    system.getMaxFileDescriptorCount(),
                    config.connectionsMax(),
                    DESCRIPTORS_BESIDES);
        }
    }

    private static RaftLogOptions raftOptions(NodeConfig config, int levelMax) {
        List<RaftMember> members = config.nodes().stream()
                .map(member -> new RaftMember(member.id(), member.client(), member.raft()))
                .toList();
        return new RaftLogOptions(
                config.cluster(),
                config.node(),
                config.self().raft(),
                config.listenRaft(),
                members,
                config.data(),
                config.electionTimeoutMillis(),
                config.electionDelayMillisMax(),
                config.snapshotEntries(),
                config.snapshotBytes(),
                config.logBytesMax(),
                config.logOnDisk(),
                config.digestEntries(),
                levelMax,
                config.fresh(),
                config.join(),
                config.autopilotDeadMillis());
    }

    /** Of all nodes that are known, those too that came later. */
    private NodeHosts hosts() {
        return new NodeHosts(
                () -> log.members().stream()
                        .flatMap(member ->
                                Stream.of(member.who().client(), member.who().raft()))
                        .filter(endpoint -> !endpoint.isEmpty())
                        .toList(),
                reads);
    }

    private static InetSocketAddress address(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        return new InetSocketAddress(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** What the node knows about itself and its cluster. */
    public V1.StatusReply status() {
        V1.StatusReply.Builder status = engine.status()
                .setNode(config.node())
                .setRole(log.role())
                .setTerm(log.term())
                .setVersion(Versions.OWN);
        for (RaftLog.Listed member : log.members()) {
            status.addMembers(V1.Member.newBuilder()
                    .setNode(member.who().name())
                    .setEndpoint(member.who().client())
                    .setRaft(member.who().raft())
                    .setRole(member.role()));
        }
        return status.build();
    }

    /** The engine, for tests that look inside. */
    public Engine engine() {
        return engine;
    }

    /** Hands leadership over if it is here, gives clients time to follow it, and stops. */
    @Override
    public void close() {
        if (log.handOver()) {
            letClientsMove();
        }
        engine.close();
        server.close();
        peers.close();
        stopThreads();
    }

    /** They have been told who leads, and leave by themselves; those that are to use this node alone don't. */
    private void letClientsMove() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLIENTS_MOVE_MILLIS);
        try {
            while (engine.connectionCount() > 0 && System.nanoTime() - end < 0) {
                TimeUnit.MILLISECONDS.sleep(CLIENTS_POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stopThreads() {
        scheduler.close();
        replies.shutdown();
        reads.shutdown();
        watches.shutdown();
        queueSteps.shutdown();
    }

    private static ThreadFactory daemons(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
