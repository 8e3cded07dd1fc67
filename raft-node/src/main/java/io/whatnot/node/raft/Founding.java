package io.whatnot.node.raft;

import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import io.whatnot.core.time.Scheduler;
import io.whatnot.node.raft.v1.RaftMessages.FoundingRequest;
import io.whatnot.node.raft.v1.RaftMessages.FoundingResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a cluster comes to be, once. Each configured voter has drawn a number when its data folder was made. One that knows
 * the numbers of all others, none of which belongs to a cluster yet, founds the cluster with them, on its disk; the others
 * find their own number among those of a founder and join in. A voter that finds itself missing there has lost its disk:
 * it is not the voter of that name any more, and must not vote as if it were.
 */
final class Founding implements RpcProcessor<FoundingRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(Founding.class);

    private static final long PAUSE_MILLIS = 100;
    private static final long ANSWER_MILLIS = 2_000;
    private static final long TELL_EVERY = 50;

    private final String self;
    private final List<String> others;
    private final MetadataStorage metadata;
    private final RaftRpcClient client;
    private final Scheduler scheduler;
    private final FatalError fatal;
    private final Map<String, Long> nonces = new HashMap<>();
    private @Nullable Runnable founded;
    private long rounds;
    private boolean over;

    Founding(
            String self,
            List<String> voters,
            MetadataStorage metadata,
            RaftRpcClient client,
            Scheduler scheduler,
            FatalError fatal) {
        this.self = self;
        this.others = voters.stream().filter(voter -> !voter.equals(self)).toList();
        this.metadata = metadata;
        this.client = client;
        this.scheduler = scheduler;
        this.fatal = fatal;
    }

    /** Whether the cluster was founded, as far as this node's disk knows; who joins one takes no part in that. */
    boolean isFounded() {
        return !metadata.metadata().founders().isEmpty()
                || metadata.metadata().membership().joined();
    }

    /** Asks the others until the cluster is founded, then goes on with that; at once if it is. */
    synchronized void begin(Runnable founded) {
        this.founded = founded;
        proceed();
    }

    synchronized void close() {
        over = true;
    }

    private synchronized void proceed() {
        if (over) {
            return;
        }
        RaftMetadata known = metadata.metadata();
        if (known.founders().isEmpty() && nonces.keySet().containsAll(others)) {
            Map<String, Long> founders = new HashMap<>(nonces);
            founders.put(self, known.nonce());
            found(founders);
        }
        if (isFounded()) {
            over = true;
            Objects.requireNonNull(founded).run();
            return;
        }
        if (rounds++ % TELL_EVERY == TELL_EVERY - 1) {
            LOG.warn(
                    "the cluster is not founded yet: that takes all of {}; not heard of: {}",
                    others.size() + 1,
                    others.stream().filter(other -> !nonces.containsKey(other)).toList());
        }
        others.forEach(this::ask);
        scheduler.schedule(PAUSE_MILLIS, this::proceed);
    }

    private void found(Map<String, Long> founders) {
        if (metadata.change(old -> old.founders().isEmpty() ? old.founding(founders) : old)) {
            LOG.info("the cluster is founded by {}", founders.keySet());
        }
    }

    private void ask(String other) {
        FoundingRequest request = FoundingRequest.newBuilder()
                .setNode(self)
                .setNonce(metadata.metadata().nonce())
                .build();
        try {
            client.invokeAsync(
                    RaftLog.peer(other).getEndpoint(),
                    request,
                    new InvokeContext(),
                    (response, failure) -> answered(other, response, failure),
                    ANSWER_MILLIS);
        } catch (RemotingException e) {
            answered(other, null, e);
        }
    }

    private synchronized void answered(String other, @Nullable Object response, @Nullable Throwable failure) {
        if (over || isFounded()) {
            return;
        }
        if (!(response instanceof FoundingResponse answer)) {
            LOG.debug(
                    "{} was not asked about the founding: {}",
                    other,
                    failure == null ? response : failure.getMessage());
            return;
        }
        Map<String, Long> founders = answer.getFoundersMap();
        if (founders.isEmpty()) {
            nonces.put(other, answer.getNonce());
            return;
        }
        Long mine = founders.get(self);
        if (mine != null && mine == metadata.metadata().nonce()) {
            found(founders);
            return;
        }
        over = true;
        fatal.stop("the cluster was founded before, by "
                + founders.keySet().stream().sorted().toList()
                + ", and this node's data folder knows nothing of it: it is new, or was emptied. As the voter it was this"
                + " node would forget what it has promised. Put its raft-metadata back; or remove the node from the cluster"
                + " and add it again under a new name, with --join; or, to found a new cluster and lose what the old one has, stop all"
                + " nodes and start all of them with --fresh");
    }

    // ---- the node that is asked

    @Override
    public String interest() {
        return FoundingRequest.class.getName();
    }

    @Override
    public void handleRequest(RpcContext context, FoundingRequest request) {
        RaftMetadata known = metadata.metadata();
        context.sendResponse(FoundingResponse.newBuilder()
                .setNonce(known.nonce())
                .putAllFounders(known.founders())
                .build());
    }
}
