package io.whatnot.node.raft;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.RaftMetaStorageOptions;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's metadata as JRaft wants to keep it: on disk and synced before a call returns. A write that fails stops the
 * node: what it would say next might not be true after a restart.
 */
final class MetadataStorage implements RaftMetaStorage {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataStorage.class);

    private final MetadataFile file;
    private final FatalError fatal;
    private volatile RaftMetadata metadata;

    MetadataStorage(MetadataFile file, RaftMetadata metadata, FatalError fatal) {
        this.file = file;
        this.metadata = metadata;
        this.fatal = fatal;
    }

    @Override
    public boolean init(RaftMetaStorageOptions options) {
        return true;
    }

    @Override
    public void shutdown() {}

    /** What is on disk; never waits for a write. */
    RaftMetadata metadata() {
        return metadata;
    }

    /** Whether the change is on disk. */
    synchronized boolean change(UnaryOperator<RaftMetadata> change) {
        RaftMetadata changed = change.apply(metadata);
        if (changed.equals(metadata)) {
            return true;
        }
        try {
            file.write(changed);
        } catch (IOException e) {
            LOG.error("the Raft metadata can't be written to {}", file.path(), e);
            fatal.stop("the Raft metadata can't be written to " + file.path() + ": " + e.getMessage()
                    + ". Without it this node can't take part safely. Make the folder writable, or free disk space,"
                    + " and start the node again");
            return false;
        }
        metadata = changed;
        return true;
    }

    /** Remembers a configuration if it is the latest; call before its entry is acknowledged. */
    boolean noteConfiguration(RaftMetadata.Voters configuration) {
        return change(old -> configuration.isAtLeast(
                        old.configuration().term(), old.configuration().index())
                ? old.withConfiguration(configuration)
                : old);
    }

    /** The same for a node that wants to remember whether it ever was among the voters. */
    boolean noteConfiguration(RaftMetadata.Voters configuration, String self) {
        return change(old -> {
            RaftMetadata counted = configuration.voters().contains(self) ? old.counting() : old;
            return configuration.isAtLeast(
                            old.configuration().term(), old.configuration().index())
                    ? counted.withConfiguration(configuration)
                    : counted;
        });
    }

    @Override
    public boolean setTerm(long term) {
        return change(old -> old.withVote(term, old.votedFor()));
    }

    @Override
    public long getTerm() {
        return metadata().term();
    }

    @Override
    public boolean setVotedFor(PeerId peer) {
        return change(old -> old.withVote(old.term(), text(peer)));
    }

    @Override
    public PeerId getVotedFor() {
        String votedFor = metadata().votedFor();
        return votedFor.isEmpty() ? PeerId.emptyPeer() : PeerId.parsePeer(votedFor);
    }

    @Override
    public boolean setTermAndVotedFor(long term, PeerId peer) {
        return change(old -> old.withVote(term, text(peer)));
    }

    private static String text(PeerId peer) {
        return peer.isEmpty() ? "" : peer.getEndpoint().toString();
    }
}
