package io.whatnot.node.raft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RaftError;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What membership is to this node's JRaft, and what this node is to the other members. */
final class RaftMembership implements Members.Here, MembershipChanges.Consensus {
    /** The log of this node, as far as membership needs it. */
    interface Log {
        /** JRaft; null while this node takes no part. */
        @Nullable
        Node node();

        /** Whether it may, should it lead, speak for the cluster. */
        boolean serves();

        /** How far it has applied the log. */
        long appliedIndex();

        /** Where clients reach the members is other than before. */
        void members(List<String> clients);
    }

    private final String self;
    private final MetadataStorage metadata;
    private final Amnesia amnesia;
    private final Log log;
    private @Nullable MembershipChanges changes;

    RaftMembership(String self, MetadataStorage metadata, Amnesia amnesia, Log log) {
        this.self = self;
        this.metadata = metadata;
        this.amnesia = amnesia;
        this.log = log;
    }

    /** Those that are about to become members count as such. */
    void count(MembershipChanges changes) {
        this.changes = changes;
    }

    // ---- what this node is

    @Override
    public boolean leads() {
        Node running = log.node();
        return running != null && running.isLeader() && log.serves();
    }

    @Override
    public boolean knowsLeader() {
        return leader() != null;
    }

    @Override
    public boolean isAmnesiac() {
        return amnesia.isAmnesiac();
    }

    @Override
    public long appliedIndex() {
        return log.appliedIndex();
    }

    @Override
    public boolean counts(String raft) {
        MembershipChanges now = changes;
        return metadata.metadata().configuration().members().contains(raft) || (now != null && now.concerns(raft));
    }

    @Override
    public void members(List<String> clients) {
        log.members(clients);
    }

    // ---- what JRaft does

    @Override
    public @Nullable String leader() {
        Node running = log.node();
        if (running == null) {
            return null;
        }
        if (running.isLeader()) {
            return self;
        }
        PeerId leader = running.getLeaderId();
        return leader == null || leader.isEmpty() ? null : leader.getEndpoint().toString();
    }

    @Override
    public List<String> voters() {
        return metadata.metadata().configuration().all();
    }

    @Override
    public List<String> learners() {
        return metadata.metadata().configuration().learners();
    }

    @Override
    public long longestTtlMillis() {
        return metadata.metadata().longestTtlMillis();
    }

    @Override
    public void addLearner(String raft, Closure done) {
        change(done, (node, then) -> node.addLearners(List.of(RaftLog.peer(raft)), then));
    }

    @Override
    public void removeLearner(String raft, Closure done) {
        change(done, (node, then) -> node.removeLearners(List.of(RaftLog.peer(raft)), then));
    }

    @Override
    public void addVoter(String raft, Closure done) {
        change(done, (node, then) -> node.addPeer(RaftLog.peer(raft), then));
    }

    @Override
    public void removeVoter(String raft, Closure done) {
        change(done, (node, then) -> node.removePeer(RaftLog.peer(raft), then));
    }

    private void change(Closure done, BiConsumer<Node, Closure> how) {
        Node running = log.node();
        if (running == null) {
            done.run(new Status(RaftError.EPERM, "the node does not run"));
            return;
        }
        try {
            how.accept(running, done);
        } catch (IllegalArgumentException | IllegalStateException e) {
            // JRaft's way to say that the configuration is another than it was a moment ago.
            done.run(new Status(RaftError.EBUSY, "%s", e.getMessage()));
        }
    }

    @Override
    public Status transfer(String raft) {
        Node running = log.node();
        return running == null
                ? new Status(RaftError.EPERM, "the node does not run")
                : running.transferLeadershipTo(RaftLog.peer(raft));
    }
}
