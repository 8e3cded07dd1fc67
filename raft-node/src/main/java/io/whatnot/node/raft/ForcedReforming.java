package io.whatnot.node.raft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import io.whatnot.core.engine.ReplicatedLog;
import io.whatnot.node.raft.RaftMetadata.Voters;
import io.whatnot.node.raft.v1.RaftMessages.ForceRequest;
import io.whatnot.node.raft.v1.RaftMessages.ForceResponse;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A voter's part in a re-forming that an operator forces ({@link ForcedReformingTool}): where some voters are dead for good
 * and a majority have lost their memory, all that are left are told to be the voters, without the agreement of a
 * majority. They elect a leader by the votes of all, the one that remembers most, and a new epoch begins. As nobody knows
 * what ttl the dead knew of, the longest that there can be is waited for.
 */
final class ForcedReforming implements RpcProcessor<ForceRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ForcedReforming.class);

    private final String self;
    private final MetadataStorage metadata;
    private final Members members;
    private final RaftMembership membership;
    private final RaftMembership.Log log;
    private final Runnable forget;

    /** @param forget has this node vote as if it had lost its memory, until it is caught up with the new epoch */
    ForcedReforming(
            String self,
            MetadataStorage metadata,
            Members members,
            RaftMembership membership,
            RaftMembership.Log log,
            Runnable forget) {
        this.self = self;
        this.metadata = metadata;
        this.members = members;
        this.membership = membership;
        this.log = log;
        this.forget = forget;
    }

    @Override
    public String interest() {
        return ForceRequest.class.getName();
    }

    @Override
    public void handleRequest(RpcContext context, ForceRequest request) {
        String problem = request.getVotersList().isEmpty() ? "" : force(request);
        RaftMetadata known = metadata.metadata();
        context.sendResponse(ForceResponse.newBuilder()
                .setName(members.nameOf(self))
                .setProblem(problem)
                .setLed(membership.knowsLeader())
                .setTerm(known.term())
                .setConfigurationTerm(known.configuration().term())
                .setConfigurationIndex(known.configuration().index())
                .addAllConfiguration(known.configuration().all())
                .addAllNames(known.configuration().all().stream()
                        .map(members::nameOf)
                        .toList())
                .build());
    }

    /** Takes them for the voters from now on; tells why not, or nothing. */
    private String force(ForceRequest request) {
        Set<String> remaining = Set.copyOf(request.getVotersList());
        Set<String> voters = Set.copyOf(metadata.metadata().configuration().all());
        Node running = log.node();
        if (running == null) {
            return "this node takes no part yet";
        }
        if (remaining.equals(voters)) {
            return ""; // it was told before
        }
        if (membership.knowsLeader()) {
            return "there is a leader; use whatnot member remove";
        }
        if (!remaining.contains(self) || !voters.containsAll(remaining)) {
            return remaining + " are not among the voters " + voters
                    + " that this node knows, or do not have it among them";
        }
        LOG.warn(
                "an operator forces the cluster to re-form with the voters {}, without the others of {}",
                remaining,
                voters);
        Voters forced = new Voters(
                request.getConfigurationTerm(), request.getConfigurationIndex(), List.copyOf(remaining), List.of());
        boolean written =
                metadata.change(old -> old.withConfiguration(forced).withAtLeast(0, ReplicatedLog.TTL_MILLIS_MAX));
        if (!written) {
            return "the metadata can't be written";
        }
        // A quorum of those that are left may remember less than the dead did: nobody may lead by it, without an epoch.
        forget.run();
        Configuration configuration = new Configuration();
        remaining.forEach(voter -> configuration.addPeer(RaftLog.peer(voter)));
        Status status = running.resetPeers(configuration);
        return status.isOk() ? "" : status.getErrorMsg();
    }
}
