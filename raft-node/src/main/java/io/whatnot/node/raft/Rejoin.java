package io.whatnot.node.raft;

import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.util.Endpoint;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.Endpoints;
import io.whatnot.node.raft.v1.RaftMessages.RejoinRequest;
import io.whatnot.node.raft.v1.RaftMessages.RejoinResponse;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a voter that lost its memory becomes a full one again, without an operator: it tells the leader, whoever that is,
 * which appends an entry that says so. When that entry has come to the node, so has everything committed before the
 * leader heard of it.
 */
final class Rejoin implements RpcProcessor<RejoinRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(Rejoin.class);

    private static final long PAUSE_MILLIS = 200;
    private static final long ANSWER_MILLIS = 5_000;

    /** What the leader does when it hears of a loss. */
    interface Leading {
        /** Where the leader is, if it is another; empty if none is known; null if it is this node. */
        @Nullable
        String leaderElsewhere();

        /** The latest incarnation of a voter of which the log says that it has lost its memory; 0 if it says nothing. */
        long knownIncarnation(String voter);

        /** Whether it is one of the members. */
        boolean isMember(String node);

        /** Appends an entry that says that a voter of that incarnation has lost its memory. */
        void append(String voter, long incarnation);
    }

    private final Leading leading;
    private final Amnesia amnesia;
    private final String self;
    private final BooleanSupplier wasVoter;
    private final Supplier<List<String>> members;
    private final RaftRpcClient client;
    private final Scheduler scheduler;
    private final FatalError fatal;
    private int turn;
    private @Nullable String leader;
    private volatile boolean closed;

    /**
     * @param wasVoter whether this node has been among the voters
     * @param members the others
     */
    Rejoin(
            Leading leading,
            Amnesia amnesia,
            String self,
            BooleanSupplier wasVoter,
            Supplier<List<String>> members,
            RaftRpcClient client,
            Scheduler scheduler,
            FatalError fatal) {
        this.leading = leading;
        this.amnesia = amnesia;
        this.self = self;
        this.wasVoter = wasVoter;
        this.members = members;
        this.client = client;
        this.scheduler = scheduler;
        this.fatal = fatal;
    }

    // ---- the node that is back

    /** Tells whoever leads, until the log says that it was heard. */
    void begin() {
        scheduler.schedule(PAUSE_MILLIS, this::tell);
    }

    private void tell() {
        List<String> others = members.get();
        if (closed || !amnesia.isAmnesiac() || others.isEmpty()) {
            return;
        }
        String to = leader != null ? leader : others.get(Math.floorMod(turn++, others.size()));
        leader = null;
        RejoinRequest request = RejoinRequest.newBuilder()
                .setNode(self)
                .setIncarnation(amnesia.incarnation())
                .setCounted(wasVoter.getAsBoolean())
                .build();
        Endpoint endpoint = RaftLog.peer(to).getEndpoint();
        try {
            client.invokeAsync(
                    endpoint,
                    request,
                    new InvokeContext(),
                    (response, failure) -> scheduler.schedule(0, () -> answered(to, response, failure)),
                    ANSWER_MILLIS);
        } catch (RemotingException e) {
            answered(to, null, e);
        }
    }

    private void answered(String by, @Nullable Object response, @Nullable Throwable failure) {
        if (response instanceof RejoinResponse answer) {
            if (answer.getHopeless()) {
                fatal.stop(answer.getProblem());
                return;
            }
            leader = answer.getDone() ? by : Endpoints.isOne(answer.getLeader()) ? answer.getLeader() : null;
            LOG.debug(
                    "{} knows that the memory of this node is lost: {} {}", by, answer.getDone(), answer.getProblem());
        } else if (failure != null) {
            LOG.debug("{} was not told that the memory of this node is lost: {}", by, failure.getMessage());
        }
        scheduler.schedule(PAUSE_MILLIS, this::tell);
    }

    void close() {
        closed = true;
    }

    // ---- the node that is told

    @Override
    public String interest() {
        return RejoinRequest.class.getName();
    }

    @Override
    public void handleRequest(RpcContext context, RejoinRequest request) {
        context.sendResponse(answer(request.getNode(), request.getIncarnation(), request.getCounted()));
    }

    private RejoinResponse answer(String node, long incarnation, boolean wasVoter) {
        if (!Endpoints.isOne(node)) {
            return problem("\"" + node + "\" is no host:port of a node");
        }
        String elsewhere = leading.leaderElsewhere();
        if (elsewhere != null) {
            return RejoinResponse.newBuilder()
                    .setLeader(elsewhere)
                    .setProblem("this node does not lead")
                    .build();
        }
        if (!leading.isMember(node)) {
            return wasVoter ? hopeless(Members.removed(node)) : problem(node + " is no member; add it");
        }
        long known = leading.knownIncarnation(node);
        long starts = Amnesia.starts(incarnation);
        if (Amnesia.starts(known) == starts && known != incarnation) {
            return hopeless(
                    "two nodes go by the name of " + node + ", or its raft-metadata was copied: it was heard of after"
                            + " its start number " + starts
                            + " as another than this. Stop one of them; if it was a copy, remove the"
                            + " node from the cluster and add it again under a new name with an empty data folder");
        }
        if (known > incarnation) {
            return hopeless(
                    "node " + node + " says that it has started " + starts + " times, but was heard of when it had "
                            + Amnesia.starts(known)
                            + " times: its raft-metadata is an old copy, which does not know what it has"
                            + " promised since. Put the latest back; if it is lost, remove the node from the cluster and add it"
                            + " again under a new name with an empty data folder");
        }
        if (known < incarnation) {
            LOG.info("{} is back without its memory, after {} starts", node, starts);
            leading.append(node, incarnation);
        }
        return RejoinResponse.newBuilder().setDone(true).build();
    }

    private static RejoinResponse hopeless(String why) {
        return problem(why).toBuilder().setHopeless(true).build();
    }

    private static RejoinResponse problem(String what) {
        return RejoinResponse.newBuilder().setProblem(what).build();
    }
}
