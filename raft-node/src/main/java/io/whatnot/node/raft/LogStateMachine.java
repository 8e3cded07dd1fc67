package io.whatnot.node.raft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.LeaderChangeContext;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import com.google.protobuf.UnsafeByteOperations;
import io.whatnot.core.engine.ReplicatedLog;
import io.whatnot.core.state.State;
import io.whatnot.core.state.UnsupportedLevelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log's end of JRaft: brings committed entries, leadership and snapshots to the engine. */
final class LogStateMachine extends StateMachineAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(LogStateMachine.class);

    private final ReplicatedLog.Listener listener;
    private final Function<PeerId, @Nullable String> clientEndpoint;
    private final Runnable afterApplying;
    private final Executor snapshots;
    private final FatalError fatal;
    private final DataFolder folder;
    private final MetadataStorage metadata;
    private final Amnesia amnesia;
    private final Elections elections;
    private final String self;
    private final ReplicaDigests digests;
    private final int levelMax;
    private final AtomicBoolean snapshotUnderWay = new AtomicBoolean();
    /** Held while it is told who leads, by JRaft's thread or by who has learned where the leader is. */
    private final Object leadership = new Object();

    private @Nullable PeerId followed;
    private volatile long appliedIndex;
    private volatile long snapshotIndex;
    private volatile long bytesAfterSnapshot;

    LogStateMachine(
            ReplicatedLog.Listener listener,
            Function<PeerId, @Nullable String> clientEndpoint,
            Runnable afterApplying,
            Executor snapshots,
            FatalError fatal,
            DataFolder folder,
            Amnesia amnesia,
            Elections elections,
            String self,
            ReplicaDigests digests,
            int levelMax) {
        this.listener = listener;
        this.clientEndpoint = clientEndpoint;
        this.afterApplying = afterApplying;
        this.snapshots = snapshots;
        this.fatal = fatal;
        this.folder = folder;
        this.metadata = folder.metadata();
        this.amnesia = amnesia;
        this.elections = elections;
        this.self = self;
        this.digests = digests;
        this.levelMax = levelMax;
    }

    /** What JRaft hands back with an entry of this node's, or tells that it failed. */
    record Appended(ReplicatedLog.Context context) implements Closure {
        @Override
        public void run(Status status) {
            // Told of success elsewhere, by applying; whatever else JRaft says, the entry may have been replicated.
            if (!status.isOk()) {
                context.failed();
            }
        }
    }

    @Override
    public void onApply(Iterator entries) {
        while (entries.hasNext()) {
            ReplicatedLog.Context context = entries.done() instanceof Appended appended ? appended.context() : null;
            try {
                listener.applied(entries.getIndex(), UnsafeByteOperations.unsafeWrap(entries.getData()), context);
            } catch (UnsupportedLevelException e) {
                tooOld(e);
                entries.setErrorAndRollback(1, new Status(RaftError.ESTATEMACHINE, "%s", e.getMessage()));
                return;
            }
            appliedIndex = entries.getIndex();
            lookForItself();
            noteEpoch();
            digests.applied(appliedIndex, entries.getTerm(), listener.image());
            entries.next();
        }
        afterApplying.run();
    }

    /** Whether the log says that a leader knows of this node's loss. */
    private void lookForItself() {
        if (amnesia.isAmnesiac()) {
            if (elections.hasBegun(listener.image().epoch())) {
                amnesia.elected();
                return;
            }
            State.Rejoined rejoined = listener.image().rejoined(self);
            if (rejoined != null && amnesia.rejoined(rejoined.incarnation(), rejoined.term())) {
                LOG.info("this node has what was committed while it had no memory; its votes count again");
            }
        }
    }

    /** Has the epoch on disk soon; nothing waits for that. */
    private void noteEpoch() {
        long epoch = listener.image().epoch();
        if (epoch > metadata.metadata().epoch()) {
            LOG.info("epoch {} has begun", epoch);
            snapshots.execute(() -> metadata.change(old -> old.withAtLeast(epoch, 0)));
        }
    }

    /** Others go on; this node is no worse off than one that is not there. */
    private void tooOld(UnsupportedLevelException why) {
        LOG.error("this node's software is too old for its cluster: {}", why.getMessage());
        fatal.stop("its software is too old for its cluster: " + why.getMessage());
    }

    /** Where clients reach the members is other than before; perhaps that of the leader has come to be known. */
    void members(List<String> clients) {
        listener.members(clients);
        synchronized (leadership) {
            if (followed != null) {
                listener.following(clientEndpoint.apply(followed));
            }
        }
    }

    private void follow(@Nullable PeerId leader) {
        synchronized (leadership) {
            followed = leader;
            listener.following(leader == null ? null : clientEndpoint.apply(leader));
        }
    }

    private void lead(long term, ReplicatedLog.@Nullable Reforming reforming) {
        synchronized (leadership) {
            followed = null;
            listener.leading(term, reforming);
        }
    }

    @Override
    public void onLeaderStart(long term) {
        Elections.Unanimous all = elections.won(term);
        if (all == null) {
            LOG.info("this node leads in term {}", term);
            lead(term, null);
        } else {
            LOG.warn("this node leads in term {}, by the votes of all, and begins a new epoch", term);
            lead(term, new ReplicatedLog.Reforming(all.longestTtlMillis()));
        }
    }

    @Override
    public void onLeaderStop(Status status) {
        LOG.info("this node does not lead any more: {}", status.getErrorMsg());
        follow(null);
    }

    @Override
    public void onStartFollowing(LeaderChangeContext context) {
        LOG.info("following {} in term {}", context.getLeaderId(), context.getTerm());
        follow(context.getLeaderId());
    }

    @Override
    public void onStopFollowing(LeaderChangeContext context) {
        LOG.info(
                "not following {} any more: {}",
                context.getLeaderId(),
                context.getStatus().getErrorMsg());
        follow(null);
    }

    @Override
    public void onConfigurationCommitted(Configuration configuration) {
        List<String> voters = configuration.listPeers().stream()
                .map(peer -> peer.getEndpoint().toString())
                .sorted()
                .toList();
        LOG.info("the voters are {}", voters);
    }

    @Override
    public void onError(RaftException error) {
        LOG.error("this node can't go on", error);
        fatal.stop("the log can't go on: " + error.getStatus().getErrorMsg());
    }

    // ---- snapshots

    void snapshotIfDue(Node node, SizedLogStorage storage, long entries, long bytes) {
        boolean due = appliedIndex - snapshotIndex >= entries || storage.bytes() - bytesAfterSnapshot >= bytes;
        if (due && appliedIndex > snapshotIndex && snapshotUnderWay.compareAndSet(false, true)) {
            long index = appliedIndex;
            node.snapshot(status -> {
                if (status.isOk()) {
                    snapshotIndex = Math.max(snapshotIndex, index);
                    bytesAfterSnapshot = storage.bytes();
                } else {
                    LOG.warn("no snapshot could be made: {}", status.getErrorMsg());
                }
                snapshotUnderWay.set(false);
            });
        }
    }

    /** The last entry that was applied, or is in the snapshot that was taken in. */
    long appliedIndex() {
        return appliedIndex;
    }

    /** The last entry that is in a snapshot. */
    long snapshotIndex() {
        return snapshotIndex;
    }

    @Override
    public void onSnapshotSave(SnapshotWriter writer, Closure done) {
        State state = listener.image();
        snapshots.execute(() -> done.run(save(state, writer)));
    }

    private Status save(State state, SnapshotWriter writer) {
        Path of = Path.of(writer.getPath());
        try {
            SnapshotFiles.write(state, writer.getCurrentMeta(), of, folder.isOnDisk());
        } catch (IOException e) {
            LOG.error("the snapshot can't be written to {}", of, e);
            fatal.stop("a snapshot can't be written to " + of + ": " + e.getMessage()
                    + ". Without any the log would grow for ever. Make the folder writable, or free disk space, and start"
                    + " the node again");
            return new Status(RaftError.EIO, "the snapshot can't be written to %s: %s", of, e.getMessage());
        }
        return SnapshotFiles.NAMES.stream().allMatch(writer::addFile)
                ? Status.OK()
                : new Status(RaftError.EIO, "the snapshot has no place for its files");
    }

    @Override
    public boolean onSnapshotLoad(SnapshotReader reader) {
        Path of = Path.of(reader.getPath());
        try {
            SnapshotMeta meta = reader.load();
            State state = SnapshotFiles.read(meta, of, reader.listFiles(), levelMax);
            long index = meta.getLastIncludedIndex();
            metadata.noteConfiguration(SnapshotFiles.voters(meta), self);
            listener.restored(index, state);
            appliedIndex = index;
            snapshotIndex = index;
            lookForItself();
            noteEpoch();
            afterApplying.run();
            LOG.info("restored from a snapshot at entry {}, revision {}", index, state.revision());
            return true;
        } catch (UnsupportedLevelException e) {
            tooOld(e);
            return false;
        } catch (IOException e) {
            LOG.error("the snapshot in {} can't be used", of, e);
            fatal.stop("the snapshot in " + of + " can't be used, and nothing was taken from it (" + e.getMessage()
                    + "). " + folder.remedy());
            return false;
        }
    }
}
