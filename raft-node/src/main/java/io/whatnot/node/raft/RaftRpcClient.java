package io.whatnot.node.raft;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.Message;
import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.time.SystemScheduler;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A node's way to the Raft servers of the others: to each one stream for what has to be quick and in order, and one for
 * the parts of snapshots. Streams open when they are needed, and again when they broke.
 */
final class RaftRpcClient implements RpcClient {
    static final int FRAME_BYTES_MAX = 16 << 20;

    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final Map<String, RaftStream> streams = new ConcurrentHashMap<>();
    private final SystemScheduler scheduler = new SystemScheduler("whatnot-raft-timeouts");
    private @Nullable RaftNodeOptions options;
    private volatile boolean stopped;

    void configure(RaftNodeOptions options) {
        this.options = options;
    }

    @Override
    public boolean init(RpcOptions opts) {
        return true;
    }

    @Override
    public void shutdown() {
        stopped = true;
        streams.values().forEach(stream -> stream.fail("this node is stopping"));
        channels.values().forEach(ManagedChannel::shutdownNow);
        scheduler.close();
    }

    /** JRaft asks before it sends, and would wait for a ping where the answer is no; streams open by themselves. */
    @Override
    public boolean checkConnection(Endpoint endpoint) {
        return !stopped;
    }

    @Override
    public boolean checkConnection(Endpoint endpoint, boolean createIfAbsent) {
        return !stopped;
    }

    @Override
    public void closeConnection(Endpoint endpoint) {
        for (String lane : new String[] {RaftStream.LOG_LANE, RaftStream.FILE_LANE}) {
            RaftStream stream = streams.remove(lane + endpoint);
            if (stream != null) {
                stream.fail("the connection is closed");
            }
        }
    }

    @Override
    public void registerConnectEventListener(ReplicatorGroup replicatorGroup) {
        // replicators notice by themselves whether the other end answers
    }

    @Override
    public Object invokeSync(Endpoint endpoint, Object request, InvokeContext context, long timeoutMs)
            throws InterruptedException, RemotingException {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        invokeAsync(
                endpoint,
                request,
                context,
                (result, failure) -> {
                    if (failure == null) {
                        answer.complete(result);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                },
                timeoutMs);
        try {
            return answer.get(timeoutMs + 100, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new RemotingException(e.getCause());
        } catch (TimeoutException e) {
            throw new InvokeTimeoutException(e);
        }
    }

    @Override
    public void invokeAsync(
            Endpoint endpoint, Object request, InvokeContext context, InvokeCallback callback, long timeoutMs)
            throws RemotingException {
        RaftNodeOptions mine = Objects.requireNonNull(options);
        Message message = (Message) request;
        if (stopped) {
            throw new RemotingException("this node is stopping");
        }
        String lane = message instanceof GetFileRequest ? RaftStream.FILE_LANE : RaftStream.LOG_LANE;
        RaftStream.Answer answer = answering(callback);
        if (message instanceof RequestVoteRequest vote && !vote.getPreVote()) {
            answer = elections(mine).standing(endpoint.toString(), vote.getTerm(), answer);
        }
        RaftStream.Pending pending = new RaftStream.Pending(answer);
        RaftStream stream = stream(lane, endpoint.toString(), mine);
        long id = stream.send(message, pending);
        Scheduler.Timer timer = scheduler.schedule(
                timeoutMs,
                () -> stream.expire(
                        id, new InvokeTimeoutException("no answer from " + endpoint + " within " + timeoutMs + " ms")));
        pending.timer = timer;
    }

    private static Elections elections(RaftNodeOptions mine) throws RemotingException {
        Elections elections = mine.elections();
        if (elections == null) {
            throw new RemotingException("votes are not asked for here");
        }
        return elections;
    }

    private static RaftStream.Answer answering(InvokeCallback callback) {
        Executor executor = callback.executor();
        return (result, failure) -> {
            if (executor == null) {
                callback.complete(result, failure);
            } else {
                executor.execute(() -> callback.complete(result, failure));
            }
        };
    }

    private RaftStream stream(String lane, String endpoint, RaftNodeOptions mine) {
        return streams.compute(lane + endpoint, (key, old) -> {
            if (old != null && !old.isOver()) {
                return old;
            }
            ManagedChannel channel = channels.computeIfAbsent(endpoint, RaftRpcClient::open);
            channel.resetConnectBackoff();
            return RaftStream.open(channel, mine.cluster(), mine.node(), lane);
        });
    }

    private static ManagedChannel open(String endpoint) {
        return NettyChannelBuilder.forTarget("dns:///" + endpoint)
                .negotiationType(NegotiationType.PLAINTEXT)
                .maxInboundMessageSize(FRAME_BYTES_MAX)
                .flowControlWindow(4 << 20)
                .directExecutor()
                .build();
    }
}
