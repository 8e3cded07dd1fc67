package io.whatnot.node.raft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.NodeManager;
import com.alipay.sofa.jraft.RaftServiceFactory;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.closure.ReadIndexClosure;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.option.ReadOnlyOption;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import io.whatnot.core.engine.ReplicatedLog;
import io.whatnot.core.state.State;
import io.whatnot.core.time.SystemScheduler;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's log over JRaft, in memory or on disk. Snapshots, by count and by bytes, keep it short. Those of a log in
 * memory are gone with it when the process is; those of a log on disk are synced like it, and are there again.
 *
 * <p>A node that was a voter and comes back without its log is one without memory. What it may do then is {@link Amnesia}'s, {@link Elections}'
 * and {@link Rejoin}'s; how a cluster comes to be, {@link Founding}'s.
 */
public final class RaftLog implements ReplicatedLog, Rejoin.Leading {
    private static final Logger LOG = LoggerFactory.getLogger(RaftLog.class);

    private static final int RPC_THREADS = 8;
    private static final long TRANSFER_MILLIS = 2_000;
    private static final long HAND_OVER_POLL_MILLIS = 2;

    private final RaftLogOptions options;
    private final FatalError fatal;
    private final PeerId self;
    private final DataFolder folder;
    private final MetadataStorage metadata;
    private final Amnesia amnesia;
    private final Elections elections;
    private final SizedLogStorage storage;
    private final RaftRpcServer server;
    private final ExecutorService rpcThreads;
    private final ExecutorService snapshotThread;
    /** For what isn't JRaft's; its streams are not those of JRaft's own. */
    private final RaftRpcClient aside = new RaftRpcClient();

    /** Asks and tells other nodes what is not JRaft's, and writes metadata that nobody waits for. */
    private final SystemScheduler scheduler = new SystemScheduler("whatnot-raft-aside");

    private final Founding founding;
    private final Rejoin rejoin;
    private final ReplicaDigests digests;
    private final NodeLevels levels;
    private final Members members;
    private final MembershipChanges changes;
    private final Autopilot autopilot;
    private volatile @Nullable Node node;
    private volatile @Nullable LogStateMachine machine;
    private volatile @Nullable Listener listener;
    private boolean closed;

    /**
     * A log that takes no part yet. Checks the folder and listens.
     *
     * @throws IOException if the folder can't be used or belongs to another node, or the address can't be listened at
     */
    public RaftLog(RaftLogOptions options, FatalError fatal) throws IOException {
        this.options = options;
        this.fatal = fatal;
        this.self = peer(options.endpoint());
        this.folder = DataFolder.open(options, fatal);
        this.metadata = folder.metadata();
        this.storage = folder.storage();
        this.amnesia = new Amnesia(
                metadata.metadata(),
                new SecureRandom().nextLong(),
                folder.hadMemory(),
                scheduler,
                options.electionTimeoutMillis());
        this.elections = new Elections(options.endpoint(), metadata, amnesia);
        this.rpcThreads = Executors.newFixedThreadPool(RPC_THREADS, Threads.named("whatnot-raft-rpc-"));
        this.snapshotThread = Executors.newSingleThreadExecutor(Threads.named("whatnot-snapshot-"));
        PeerId listen = peer(options.listen());
        this.server = new RaftRpcServer(
                options.cluster(), new InetSocketAddress(listen.getIp(), listen.getPort()), rpcThreads);
        this.aside.configure(new RaftNodeOptions(options.cluster(), options.node() + " (aside)", null));
        OwnLog own = new OwnLog();
        RaftMembership membership = new RaftMembership(options.endpoint(), metadata, amnesia, own);
        this.members = new Members(options.self(), options.members(), metadata, aside, scheduler, fatal, membership);
        this.changes = new MembershipChanges(options.endpoint(), members, membership);
        membership.count(changes);
        this.autopilot = new Autopilot(
                options.autopilotDeadMillis(), options.endpoint(), members, membership, changes, scheduler);
        List<String> founders = options.members().stream().map(RaftMember::raft).toList();
        this.founding = new Founding(options.endpoint(), founders, metadata, aside, scheduler, fatal);
        this.rejoin = new Rejoin(
                this,
                amnesia,
                options.endpoint(),
                () -> metadata.metadata().membership().counted(),
                members::others,
                aside,
                scheduler,
                fatal);
        Supplier<List<PeerId>> others =
                () -> members.others().stream().map(RaftLog::peer).toList();
        this.digests = new ReplicaDigests(
                options.endpoint(),
                members::all,
                options.digestEntries(),
                snapshotThread,
                ReplicaDigests.over(aside, others),
                why -> {
                    folder.distrust();
                    fatal.stop(why);
                });
        this.levels = new NodeLevels(options.node(), options.levelMax(), others, aside);
        ForcedReforming forced =
                new ForcedReforming(options.endpoint(), metadata, members, membership, own, this::voteAsIfForgotten);
        RaftProcessors.register(
                server,
                rpcThreads,
                amnesia,
                elections,
                this::serves,
                List.of(founding, rejoin, digests, levels, members, forced));
        try {
            server.listen();
        } catch (IOException e) {
            close();
            throw new IOException(
                    "can't listen for other nodes at " + options.listen() + ": " + rootMessage(e)
                            + ". Is a node running there already? Set listen.raft to a free address of this machine",
                    e);
        }
    }

    private void voteAsIfForgotten() {
        amnesia.forced();
        folder.becomesIncomplete();
        rejoin.begin();
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    static PeerId peer(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        return new PeerId(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
    }

    // ---- as the engine sees it

    @Override
    public void start(Listener listener) {
        this.listener = listener;
        if (metadata.metadata().membership().joined() && !elections.knowsVoters()) {
            members.join(() -> takePart(listener));
        } else {
            founding.begin(() -> takePart(listener));
        }
    }

    /** The cluster is founded: this node is one of its voters, or was. */
    private synchronized void takePart(Listener listener) {
        if (closed) {
            return;
        }
        LogStateMachine fsm = new LogStateMachine(
                listener,
                this::clientEndpoint,
                this::afterApplying,
                snapshotThread,
                fatal,
                folder,
                amnesia,
                elections,
                options.endpoint(),
                digests,
                options.levelMax());
        machine = fsm;
        NodeOptions nodeOptions = nodeOptions(fsm);
        nodeOptions.setInitialConf(lastConfiguration());
        keepDescriptionsIn(folder.volatileFolder());
        NodeManager.getInstance().addAddress(self.getEndpoint());
        try {
            node = RaftServiceFactory.createAndInitRaftNode(options.cluster(), self, nodeOptions);
        } catch (IllegalStateException e) {
            LOG.error("the Raft part of this node can't begin", e);
            fatal.stop("its log can't be gone on with: log and snapshots do not fit together. " + folder.remedy());
            return;
        }
        members.begin();
        autopilot.begin();
        if (amnesia.isAmnesiac()) {
            LOG.warn("this node was a voter and has lost its memory; it tells the leader, or helps to elect one");
            rejoin.begin();
        }
    }

    /**
     * What JRaft is to go by until the log says more. While two configurations both had a say it is both together: where
     * that matters, in an election, all of them have to agree anyway.
     */
    private Configuration lastConfiguration() {
        Configuration last = new Configuration();
        metadata.metadata().configuration().all().forEach(endpoint -> last.addPeer(peer(endpoint)));
        metadata.metadata().configuration().learners().forEach(endpoint -> last.addLearner(peer(endpoint)));
        return last;
    }

    /**
     * At SIGUSR2 JRaft describes itself in files, in the folder the process was started in if nobody says otherwise. It is
     * told once, before the first node of the process.
     */
    static void keepDescriptionsIn(Path folder) {
        for (String what : new String[] {"node.describe", "node.metrics", "thread.pool.metrics"}) {
            String property = "jraft.signal." + what + ".dir";
            if (System.getProperty(property) == null) {
                System.setProperty(property, folder.toAbsolutePath().toString());
            }
        }
    }

    private NodeOptions nodeOptions(LogStateMachine fsm) {
        RaftNodeOptions nodeOptions = new RaftNodeOptions(options.cluster(), options.node(), elections);
        nodeOptions.setFsm(fsm);
        nodeOptions.setElectionTimeoutMs(options.electionTimeoutMillis());
        nodeOptions.setSnapshotIntervalSecs(0); // by size, not by time
        nodeOptions.setDisableCli(true);
        nodeOptions.setTimerPoolSize(2);
        nodeOptions.setRpcDefaultTimeout(2_000);
        nodeOptions.setLogUri(options.folder().toString());
        nodeOptions.setRaftMetaUri(options.folder().toString());
        nodeOptions.setSnapshotUri(folder.snapshots().toString());
        nodeOptions.setServiceFactory(new DefaultJRaftServiceFactory() {
            @Override
            public LogStorage createLogStorage(String uri, RaftOptions raftOptions) {
                return storage;
            }

            @Override
            public RaftMetaStorage createRaftMetaStorage(String uri, RaftOptions raftOptions) {
                return metadata;
            }
        });
        RaftOptions raftOptions = nodeOptions.getRaftOptions();
        raftOptions.setMaxElectionDelayMs(options.electionDelayMillisMax());
        raftOptions.setSync(folder.isOnDisk()); // of log and snapshots; the metadata is synced in any case
        raftOptions.setDisruptorBufferSize(4_096);
        raftOptions.setMaxReplicatorInflightMsgs(64);
        raftOptions.setMaxBodySize(256 << 10);
        raftOptions.setReadOnlyOptions(ReadOnlyOption.ReadOnlySafe);
        return nodeOptions;
    }

    @Override
    public void append(long term, byte[] entry, Context context) {
        Node running = node;
        if (running == null) {
            context.failed();
            return;
        }
        Task task = new Task(ByteBuffer.wrap(entry), new LogStateMachine.Appended(context), term);
        try {
            running.apply(task);
        } catch (RuntimeException e) {
            LOG.warn("an entry could not be appended", e);
            context.failed();
        }
    }

    @Override
    public void readIndex(Reader reader) {
        Node running = node;
        if (running == null) {
            reader.failed("the node is not running");
            return;
        }
        if (running.isLeader() && !serves()) {
            reader.failed("this node leads, and has not begun its epoch yet");
            return;
        }
        try {
            running.readIndex(new byte[0], new ReadIndexClosure() {
                @Override
                public void run(Status status, long index, byte[] context) {
                    if (status.isOk()) {
                        reader.caughtUp();
                    } else {
                        reader.failed(status.getErrorMsg());
                    }
                }
            });
        } catch (IllegalStateException e) {
            reader.failed(String.valueOf(e.getMessage())); // the node is stopping
        }
    }

    @Override
    public boolean hasRoom() {
        return storage.bytes() < options.logBytesMax();
    }

    @Override
    public void askLevels(Consumer<List<NodeLevel>> told) {
        levels.ask(told);
    }

    @Override
    public void changeMembers(MemberChange change, Consumer<MemberOutcome> told) {
        changes.change(change, told);
    }

    /** Makes a snapshot when the log has grown long enough since the last one; notes when it has become whole. */
    private void afterApplying() {
        LogStateMachine fsm = machine;
        Node running = node;
        if (fsm != null && !amnesia.isAmnesiac()) {
            folder.becomesWhole(
                    fsm.appliedIndex(), () -> Math.max(storage.getLastLogIndex(), fsm.snapshotIndex()), scheduler);
        }
        if (fsm != null && running != null) {
            fsm.snapshotIfDue(running, storage, options.snapshotEntries(), options.snapshotBytes());
        }
    }

    // ---- as the node sees it

    /** What this node is in its cluster, in a word: leader, follower, or that it has lost its log. */
    public String role() {
        Node running = node;
        if (running == null && metadata.metadata().membership().joined() && !elections.knowsVoters()) {
            return "joining";
        }
        if (running == null) {
            return founding.isFounded() ? "stopped" : "founding";
        }
        if (running.isLeader()) {
            return "leader";
        }
        Voters configuration = metadata.metadata().configuration();
        if (!configuration.members().contains(options.endpoint())) {
            return metadata.metadata().membership().counted() ? "removed" : "joining";
        }
        if (configuration.learners().contains(options.endpoint())) {
            return amnesia.isAmnesiac() ? "rejoining" : "learner";
        }
        return amnesia.isAmnesiac() ? "rejoining" : running.getLeaderId() == null ? "electing" : "follower";
    }

    /**
     * A member, as far as this node knows.
     *
     * @param who its name and endpoints; the name is its endpoint for nodes, and that for clients empty, where they are not
     *     known
     * @param role voter or learner; of a node of the settings that is none of both, "not a member now"
     */
    public record Listed(RaftMember who, String role) {}

    /** All members as far as this node knows, and the nodes of its settings that are none. */
    public List<Listed> members() {
        Voters configuration = metadata.metadata().configuration();
        Map<String, Listed> listed = new TreeMap<>();
        for (RaftMember member : options.members()) {
            listed.put(
                    member.raft(), new Listed(member, configuration.voters().isEmpty() ? "voter" : "not a member now"));
        }
        for (String raft : configuration.members()) {
            RaftMember member = members.at(raft);
            listed.put(
                    raft,
                    new Listed(
                            member == null ? new RaftMember(raft, "", raft) : member,
                            configuration.learners().contains(raft) ? "learner" : "voter"));
        }
        return List.copyOf(listed.values());
    }

    /** The term as far as this node knows. */
    public long term() {
        return metadata.metadata().term();
    }

    /** The voters as far as this node knows, by where nodes reach them. */
    List<String> voters() {
        return metadata.metadata().configuration().all();
    }

    /** What JRaft has appended here. */
    LogStorage entries() {
        return storage;
    }

    /** Where clients reach the node with that Raft endpoint; null if that is not known. */
    private @Nullable String clientEndpoint(@Nullable PeerId peer) {
        RaftMember member = peer == null ? null : members.at(peer.getEndpoint().toString());
        return member == null ? null : member.client();
    }

    /** What membership needs of this log. */
    private final class OwnLog implements RaftMembership.Log {
        @Override
        public @Nullable Node node() {
            return node;
        }

        @Override
        public boolean serves() {
            return RaftLog.this.serves();
        }

        @Override
        public long appliedIndex() {
            LogStateMachine fsm = machine;
            return fsm == null ? 0 : fsm.appliedIndex();
        }

        @Override
        public void members(List<String> clients) {
            LogStateMachine fsm = machine;
            if (fsm != null) {
                fsm.members(clients);
            }
        }
    }

    // ---- new epochs, and voters without memory

    /** Whether this node, should it lead, may say how far the log is: not before it has begun its epoch, if it is to. */
    private boolean serves() {
        Listener told = listener;
        long term = metadata.metadata().term();
        return told != null && (!elections.wouldLeadByAll(term) || told.image().epoch() >= term);
    }

    @Override
    public void noteLongestTtl(long millis, Runnable then) {
        if (millis <= metadata.metadata().longestTtlMillis()) {
            then.run();
        } else {
            scheduler.schedule(0, () -> {
                if (metadata.change(old -> old.withAtLeast(0, millis))) {
                    then.run();
                }
            });
        }
    }

    @Override
    public @Nullable String leaderElsewhere() {
        Node running = node;
        if (running == null) {
            return "";
        }
        if (running.isLeader()) {
            return serves() ? null : ""; // nothing comes before the entry that begins its epoch
        }
        PeerId leader = running.getLeaderId();
        return leader == null ? "" : leader.getEndpoint().toString();
    }

    @Override
    public long knownIncarnation(String voter) {
        Listener told = listener;
        State.Rejoined rejoined = told == null ? null : told.image().rejoined(voter);
        return rejoined == null ? 0 : rejoined.incarnation();
    }

    @Override
    public boolean isMember(String endpoint) {
        return metadata.metadata().configuration().members().contains(endpoint) || changes.concerns(endpoint);
    }

    @Override
    public void append(String voter, long incarnation) {
        long term = metadata.metadata().term();
        append(
                term,
                ReplicatedLog.rejoinedEntry(voter, incarnation, term),
                () -> LOG.debug("{} is to say so again", voter));
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        handOver(); // while all else still works
        founding.close();
        rejoin.close();
        autopilot.close();
        members.close();
        changes.close();
        scheduler.close();
        levels.close();
        aside.shutdown();
        Node running = node;
        if (running != null) {
            running.shutdown();
            try {
                running.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            NodeManager.getInstance().removeAddress(self.getEndpoint());
            node = null;
        }
        server.shutdown();
        rpcThreads.shutdownNow();
        snapshotThread.shutdownNow();
        folder.close();
    }

    /**
     * Lets another node lead, if this one does, so that nobody has to wait for an election time-out when this one goes. To
     * JRaft a node that hands over is no leader any more; it has to be there until the other has got what it lacks, and
     * been told.
     *
     * @return whether this node led, and now follows another
     */
    public boolean handOver() {
        Node running = node;
        if (running == null || !running.isLeader()) {
            return false;
        }
        Status status = running.transferLeadershipTo(PeerId.ANY_PEER);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TRANSFER_MILLIS);
        while (status.isOk() && System.nanoTime() - end < 0) {
            PeerId leader = running.getLeaderId();
            if (running.getNodeState() == com.alipay.sofa.jraft.core.State.STATE_FOLLOWER
                    && leader != null
                    && !leader.isEmpty()) {
                return true;
            }
            if (running.getNodeState() == com.alipay.sofa.jraft.core.State.STATE_LEADER) {
                return false; // the other did not take over
            }
            try {
                TimeUnit.MILLISECONDS.sleep(HAND_OVER_POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }
}
