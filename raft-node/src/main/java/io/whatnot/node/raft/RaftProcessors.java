package io.whatnot.node.raft;

import com.alipay.sofa.jraft.rpc.RaftServerService;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcRequestClosure;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexResponse;
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
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * What a node answers to others: JRaft's own requests but those of its command line, what a node without memory says to elections
 * spelt out, and our own.
 */
final class RaftProcessors {
    private RaftProcessors() {}

    static void register(
            RaftRpcServer server,
            Executor executor,
            Amnesia amnesia,
            Elections elections,
            BooleanSupplier serves,
            List<RpcProcessor<?>> ours) {
        // It is not told of streams that end. It would throw away what it knows of that leader, and wait with a lock
        // for its
        // work to end which itself waits for that lock: 15 s in which the leader is not heard. Nothing has to be thrown
        // away: it numbers requests as they come in, whatever stream they come by, and answers each.
        server.registerProcessor(new AppendEntriesRequestProcessor(executor));
        server.registerProcessor(new GetFileRequestProcessor(executor));
        server.registerProcessor(new InstallSnapshotRequestProcessor(executor));
        server.registerProcessor(new PingRequestProcessor(executor));
        server.registerProcessor(new ReadIndexes(executor, serves));
        server.registerProcessor(new Votes(executor, amnesia, elections));
        server.registerProcessor(new TimeoutsNow(executor, amnesia));
        ours.forEach(server::registerProcessor);
    }

    /** Says on what terms it votes; votes for nobody right after a start, nor while it knows no configuration. */
    private static final class Votes extends RequestVoteRequestProcessor {
        private final Amnesia amnesia;
        private final Elections elections;

        Votes(Executor executor, Amnesia amnesia, Elections elections) {
            super(executor);
            this.amnesia = amnesia;
            this.elections = elections;
        }

        @Override
        public Message processRequest0(RaftServerService service, RequestVoteRequest request, RpcRequestClosure done) {
            if (!request.getPreVote() && (amnesia.isQuiet() || !elections.knowsVoters())) {
                // The term asked for, not a higher one: nobody is to step down because of this.
                return RequestVoteResponse.newBuilder()
                        .setTerm(request.getTerm())
                        .setGranted(false)
                        .build();
            }
            boolean conditional = amnesia.isAmnesiac();
            Message response = super.processRequest0(service, request, done);
            return !request.getPreVote() && response instanceof RequestVoteResponse vote && vote.getGranted()
                    ? elections.grant(vote, conditional)
                    : response;
        }
    }

    /** Does not stand because it is told to while it has no memory, or right after a start. */
    private static final class TimeoutsNow extends TimeoutNowRequestProcessor {
        private final Amnesia amnesia;

        TimeoutsNow(Executor executor, Amnesia amnesia) {
            super(executor);
            this.amnesia = amnesia;
        }

        @Override
        public Message processRequest0(RaftServerService service, TimeoutNowRequest request, RpcRequestClosure done) {
            if (amnesia.isAmnesiac() || amnesia.isQuiet()) {
                return TimeoutNowResponse.newBuilder()
                        .setTerm(request.getTerm())
                        .setSuccess(false)
                        .build();
            }
            return super.processRequest0(service, request, done);
        }
    }

    /** Answers where to read only as a leader that serves: one that begins a new epoch does not yet. */
    private static final class ReadIndexes extends ReadIndexRequestProcessor {
        private final BooleanSupplier serves;

        ReadIndexes(Executor executor, BooleanSupplier serves) {
            super(executor);
            this.serves = serves;
        }

        @Override
        public Message processRequest0(RaftServerService service, ReadIndexRequest request, RpcRequestClosure done) {
            return serves.getAsBoolean()
                    ? super.processRequest0(service, request, done)
                    : ReadIndexResponse.newBuilder()
                            .setIndex(0)
                            .setSuccess(false)
                            .build();
        }
    }
}
