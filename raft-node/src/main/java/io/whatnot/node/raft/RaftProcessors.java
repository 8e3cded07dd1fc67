package io.whatnot.node.raft;

import com.alipay.sofa.jraft.rpc.RaftServerService;
import com.alipay.sofa.jraft.rpc.RpcRequestClosure;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowResponse;
import com.alipay.sofa.jraft.rpc.impl.PingRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.AppendEntriesRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.GetFileRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.InstallSnapshotRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.ReadIndexRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.RequestVoteRequestProcessor;
import com.alipay.sofa.jraft.rpc.impl.core.TimeoutNowRequestProcessor;
import com.google.protobuf.Message;
import java.util.concurrent.Executor;

/**
 * What a node answers to others: JRaft's own requests but those of its command line, with a guard before elections, and
 * the requests of a node that has lost its log, of those that compare their states, and of a leader that asks for feature
 * levels.
 */
final class RaftProcessors {
    private RaftProcessors() {}

    static void register(
            RaftRpcServer server,
            Executor executor,
            VoteGuard guard,
            Rejoin rejoin,
            ReplicaDigests digests,
            NodeLevels levels) {
        AppendEntriesRequestProcessor appends = new AppendEntriesRequestProcessor(executor);
        server.registerConnectionClosedEventListener(appends);
        server.registerProcessor(appends);
        server.registerProcessor(new GetFileRequestProcessor(executor));
        server.registerProcessor(new InstallSnapshotRequestProcessor(executor));
        server.registerProcessor(new PingRequestProcessor(executor));
        server.registerProcessor(new ReadIndexRequestProcessor(executor));
        server.registerProcessor(new GuardedVotes(executor, guard));
        server.registerProcessor(new GuardedTimeoutNow(executor, guard));
        server.registerProcessor(rejoin);
        server.registerProcessor(digests);
        server.registerProcessor(levels);
    }

    /** Votes for nobody while the node is forgetful. */
    private static final class GuardedVotes extends RequestVoteRequestProcessor {
        private final VoteGuard guard;

        GuardedVotes(Executor executor, VoteGuard guard) {
            super(executor);
            this.guard = guard;
        }

        @Override
        public Message processRequest0(RaftServerService service, RequestVoteRequest request, RpcRequestClosure done) {
            if (guard.forbids(request)) {
                // The term asked for, not a higher one: nobody is to step down because of this.
                return RequestVoteResponse.newBuilder()
                        .setTerm(request.getTerm())
                        .setGranted(false)
                        .build();
            }
            return super.processRequest0(service, request, done);
        }
    }

    /** Is not made to stand for election while the node is forgetful. */
    private static final class GuardedTimeoutNow extends TimeoutNowRequestProcessor {
        private final VoteGuard guard;

        GuardedTimeoutNow(Executor executor, VoteGuard guard) {
            super(executor);
            this.guard = guard;
        }

        @Override
        public Message processRequest0(RaftServerService service, TimeoutNowRequest request, RpcRequestClosure done) {
            if (guard.forbids(request)) {
                return TimeoutNowResponse.newBuilder()
                        .setTerm(request.getTerm())
                        .setSuccess(false)
                        .build();
            }
            return super.processRequest0(service, request, done);
        }
    }
}
