package io.whatnot.node.raft;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.google.protobuf.ByteString;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.core.state.State;
import io.whatnot.node.raft.v1.RaftMessages.DigestNotice;
import io.whatnot.node.raft.v1.RaftMessages.DigestReceipt;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares what the replicas have become. Every so many entries each node digests its image, which is the same, byte for
 * byte, wherever the same entries were applied, and tells the others. Whoever differs from a majority that agrees is wrong,
 * whatever the reason, and stops, loudly: it must serve nobody, and comes back from the leader's snapshot. Where no
 * majority agrees a difference can only be reported.
 *
 * <p>Costs what writing a snapshot costs, on the snapshots' thread; nothing is told while an earlier digest is still made.
 */
final class ReplicaDigests implements RpcProcessor<DigestNotice> {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaDigests.class);

    /** Of each node so many of the latest things it said are kept. */
    private static final int KEPT = 4;

    private static final long ANSWER_MILLIS = 5_000;

    /** How the others are told. */
    interface Others {
        void tell(DigestNotice notice);
    }

    private final String self;
    private final long every;
    private final Executor executor;
    private final Others others;
    private final FatalError fatal;
    private final AtomicBoolean busy = new AtomicBoolean();
    /**
     * An entry. After a loss of memory others come to be under the indexes of those that are lost, but in later terms.
     *
     * @param term in which it was appended
     * @param index its place
     */
    private record Entry(long term, long index) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            return term == other.term ? Long.compare(index, other.index) : Long.compare(term, other.term);
        }
    }

    /** By node and entry; of the nodes that are known alone, so that whoever says too much harms only what it says. */
    private final Map<String, TreeMap<Entry, ByteString>> told = new TreeMap<>();

    private final Supplier<List<String>> members;

    /**
     * @param self this node, as the others know it
     * @param members all there are, this one too
     * @param every after so many entries; the same on all nodes
     * @param executor where digests are made
     */
    ReplicaDigests(
            String self,
            Supplier<List<String>> members,
            long every,
            Executor executor,
            Others others,
            FatalError fatal) {
        this.self = self;
        this.members = members;
        this.every = every;
        this.executor = executor;
        this.others = others;
        this.fatal = fatal;
    }

    /** Tells them over their Raft servers; nobody waits, and what gets lost is lost. */
    static Others over(RaftRpcClient client, Supplier<List<PeerId>> peers) {
        return notice -> {
            for (PeerId peer : peers.get()) {
                try {
                    client.invokeAsync(
                            peer.getEndpoint(),
                            notice,
                            new InvokeContext(),
                            (receipt, failure) -> {
                                if (failure != null) {
                                    LOG.debug("{} was not told a digest: {}", peer, failure.getMessage());
                                }
                            },
                            ANSWER_MILLIS);
                } catch (RemotingException e) {
                    LOG.debug("{} was not told a digest: {}", peer, e.getMessage());
                }
            }
        };
    }

    /** An entry was applied, and gave this state. */
    void applied(long index, long term, State state) {
        if (index % every == 0 && busy.compareAndSet(false, true)) {
            executor.execute(() -> {
                try {
                    ByteString digest = digest(state);
                    others.tell(DigestNotice.newBuilder()
                            .setNode(self)
                            .setIndex(index)
                            .setTerm(term)
                            .setDigest(digest)
                            .build());
                    note(self, new Entry(term, index), digest);
                } finally {
                    busy.set(false);
                }
            });
        }
    }

    static ByteString digest(State state) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ImageWriter.write(state, new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            return ByteString.copyFrom(digest.digest());
        } catch (NoSuchAlgorithmException | IOException e) {
            throw new IllegalStateException("a state can't be digested", e);
        }
    }

    @Override
    public String interest() {
        return DigestNotice.class.getName();
    }

    @Override
    public void handleRequest(RpcContext context, DigestNotice notice) {
        note(notice.getNode(), new Entry(notice.getTerm(), notice.getIndex()), notice.getDigest());
        context.sendResponse(DigestReceipt.getDefaultInstance());
    }

    private synchronized void note(String node, Entry entry, ByteString digest) {
        List<String> nodes = members.get();
        told.keySet().retainAll(nodes);
        if (!nodes.contains(node)) {
            LOG.debug("{} is no node of this cluster, and tells the digest of a state", node);
            return;
        }
        TreeMap<Entry, ByteString> said = told.computeIfAbsent(node, first -> new TreeMap<>());
        said.put(entry, digest);
        while (said.size() > KEPT) {
            said.pollFirstEntry();
        }
        Map<String, ByteString> here = new TreeMap<>();
        told.forEach((each, digests) -> {
            ByteString its = digests.get(entry);
            if (its != null) {
                here.put(each, its);
            }
        });
        ByteString mine = here.get(self);
        if (mine != null) {
            judge(entry.index, mine, here, nodes.size());
        }
    }

    private void judge(long index, ByteString mine, Map<String, ByteString> here, int nodes) {
        for (Map.Entry<String, ByteString> other : here.entrySet()) {
            ByteString theirs = other.getValue();
            if (theirs.equals(mine)) {
                continue;
            }
            LOG.error("after entry {} the state here is not that of {}", index, other.getKey());
            long agree = here.values().stream().filter(theirs::equals).count();
            if (agree > nodes / 2) {
                fatal.stop("after entry " + index + " the state of this node differs from that of " + agree
                        + " others, which agree: it must not be served. Keep the log of this node, report it, and start"
                        + " the node again: it will take the state from the leader");
                return;
            }
        }
    }
}
