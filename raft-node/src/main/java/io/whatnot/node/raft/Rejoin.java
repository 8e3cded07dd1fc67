package io.whatnot.node.raft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.util.Endpoint;
import io.whatnot.core.time.SystemScheduler;
import io.whatnot.core.wire.Endpoints;
import io.whatnot.node.raft.v1.RaftMessages.RejoinRequest;
import io.whatnot.node.raft.v1.RaftMessages.RejoinResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a voter that lost its log becomes one again without an operator: it asks each node it knows until the leader has
 * taken it out of the configuration and in again. Being taken in waits until it has the log; and a configuration without
 * it has been committed before, so whatever was committed with its earlier, forgotten help is on a majority without it.
 */
final class Rejoin implements RpcProcessor<RejoinRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(Rejoin.class);

    private static final long PAUSE_MILLIS = 300;
    private static final long ANSWER_MILLIS = 30_000;

    private final RaftLog log;
    private final VoteGuard guard;
    private final PeerId self;
    private final List<String> others;
    private final RaftRpcClient client;
    private final SystemScheduler scheduler = new SystemScheduler("whatnot-rejoin");
    private int turn;
    private @Nullable String leader;

    Rejoin(RaftLog log, VoteGuard guard, PeerId self, List<String> voters, RaftRpcClient client) {
        this.log = log;
        this.guard = guard;
        this.self = self;
        this.others = voters.stream()
                .filter(voter -> !voter.equals(self.getEndpoint().toString()))
                .toList();
        this.client = client;
    }

    // ---- the node that is back

    /** Asks until it is done. */
    void begin() {
        scheduler.schedule(PAUSE_MILLIS, this::ask);
    }

    private void ask() {
        if (!guard.isForgetful() || others.isEmpty()) {
            return;
        }
        String to = leader != null ? leader : others.get(Math.floorMod(turn++, others.size()));
        leader = null;
        RejoinRequest request = RejoinRequest.newBuilder()
                .setNode(self.getEndpoint().toString())
                .build();
        PeerId peer = RaftLog.peer(to);
        try {
            client.invokeAsync(
                    new Endpoint(peer.getIp(), peer.getPort()),
                    request,
                    new InvokeContext(),
                    (response, failure) -> scheduler.schedule(0, () -> answered(response, failure)),
                    ANSWER_MILLIS);
        } catch (RemotingException e) {
            answered(null, e);
        }
    }

    private void answered(@Nullable Object response, @Nullable Throwable failure) {
        if (response instanceof RejoinResponse answer && answer.getDone()) {
            guard.remembers();
            LOG.info("the leader has taken this node in again; it votes from now on");
            return;
        }
        if (response instanceof RejoinResponse answer) {
            leader = Endpoints.isOne(answer.getLeader()) ? answer.getLeader() : null;
            LOG.debug("not taken in yet: {}", answer.getProblem());
        } else if (failure != null) {
            LOG.debug("not taken in yet: {}", failure.getMessage());
        }
        scheduler.schedule(PAUSE_MILLIS, this::ask);
    }

    void close() {
        scheduler.close();
    }

    // ---- the node that is asked

    @Override
    public String interest() {
        return RejoinRequest.class.getName();
    }

    @Override
    public void handleRequest(RpcContext context, RejoinRequest request) {
        if (!Endpoints.isOne(request.getNode())) {
            context.sendResponse(RejoinResponse.newBuilder()
                    .setProblem("\"" + request.getNode() + "\" is no host:port of a node")
                    .build());
            return;
        }
        Node node = log.node();
        PeerId peer = RaftLog.peer(request.getNode());
        if (node == null || !node.isLeader()) {
            PeerId leader = node == null ? null : node.getLeaderId();
            context.sendResponse(RejoinResponse.newBuilder()
                    .setLeader(leader == null ? "" : leader.getEndpoint().toString())
                    .setProblem("this node does not lead")
                    .build());
            return;
        }
        LOG.info("{} is back without its log; it is taken out of the configuration and in again", peer);
        Configuration without = new Configuration(node.listPeers());
        if (without.contains(peer)) {
            node.removePeer(peer, status -> add(node, peer, status, context));
        } else {
            add(node, peer, Status.OK(), context);
        }
    }

    private void add(Node node, PeerId peer, Status removed, RpcContext context) {
        if (!removed.isOk()) {
            refuse(peer, "it can't be taken out of the configuration: " + removed.getErrorMsg(), context);
            return;
        }
        AtomicBoolean settled = new AtomicBoolean();
        node.addPeer(peer, added -> {
            settled.set(true);
            if (added.isOk()) {
                LOG.info("{} is a voter again", peer);
                context.sendResponse(RejoinResponse.newBuilder().setDone(true).build());
            } else {
                refuse(peer, "it can't be taken into the configuration: " + added.getErrorMsg(), context);
            }
        });
        scheduler.schedule(PAUSE_MILLIS, () -> nudge(settled));
    }

    /**
     * JRaft notices that a node has caught up when the node answers to an entry. If it was quicker than whoever waits for
     * that, and nobody writes anything, it would never be noticed.
     */
    private void nudge(AtomicBoolean settled) {
        if (!settled.get()) {
            log.nudge();
            scheduler.schedule(PAUSE_MILLIS, () -> nudge(settled));
        }
    }

    private static void refuse(PeerId peer, String why, RpcContext context) {
        LOG.warn("{} is not a voter again yet: {}", peer, why);
        context.sendResponse(RejoinResponse.newBuilder().setProblem(why).build());
    }
}
