package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import com.alipay.sofa.jraft.NodeManager;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcRequestClosure;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.time.SystemScheduler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A follower whose connection from the leader breaks hears the leader again at once, over the next one. */
@Timeout(60)
final class BrokenStreamTest {
    private static final String GROUP = "group";
    private static final long HELD = 2;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final SystemScheduler scheduler = new SystemScheduler("broken-stream");
    private final RaftRpcClient leader = new RaftRpcClient();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch letGo = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init")
    private RaftRpcServer server;

    @SuppressWarnings("NullAway.Init")
    private Follower follower;

    /** Takes what it is sent, but holds on to one request until it is told to let go. */
    private final class Follower extends NodeImpl {
        Follower(PeerId self) {
            super(GROUP, self);
        }

        @Override
        public RaftOptions getRaftOptions() {
            return new RaftOptions();
        }

        @Override
        public Message handleAppendEntriesRequest(AppendEntriesRequest request, RpcRequestClosure done) {
            if (request.getPrevLogIndex() == HELD) {
                held.countDown();
                try {
                    letGo.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return AppendEntriesResponse.newBuilder()
                    .setTerm(1)
                    .setSuccess(true)
                    .setLastLogIndex(request.getPrevLogIndex())
                    .build();
        }
    }

    @BeforeEach
    void start() throws Exception {
        server = new RaftRpcServer("test", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), threads);
        server.listen();
        leader.configure(new RaftNodeOptions("test", "n1", null));
        RaftLog.keepDescriptionsIn(folder.resolve("volatile")); // perhaps this is the first node of the process
        PeerId self = new PeerId("127.0.0.1", server.boundPort());
        NodeManager.getInstance().addAddress(self.getEndpoint());
        follower = new Follower(self);
        assertThat(NodeManager.getInstance().add(follower)).isTrue();
        RaftMetadata blank = RaftMetadata.blank("test", "n2", 1);
        FatalError fatal = why -> {
            throw new AssertionError(why);
        };
        MetadataStorage metadata = new MetadataStorage(new MetadataFile(folder), blank, fatal);
        Amnesia amnesia = new Amnesia(blank, 1, false, scheduler, 0);
        RaftProcessors.register(
                server,
                threads,
                amnesia,
                new Elections(self.toString(), metadata, amnesia),
                () -> true,
                List.of(new NodeLevels("n2", FeatureLevel.NEWEST, List::of, leader)));
    }

    @AfterEach
    void stop() {
        letGo.countDown();
        NodeManager.getInstance().remove(follower);
        NodeManager.getInstance().removeAddress(follower.getNodeId().getPeerId().getEndpoint());
        leader.shutdown();
        server.shutdown();
        scheduler.close();
        threads.shutdownNow();
    }

    private CompletableFuture<Object> append(long index) throws RemotingException {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        AppendEntriesRequest request = AppendEntriesRequest.newBuilder()
                .setGroupId(GROUP)
                .setServerId("127.0.0.1:1")
                .setPeerId(follower.getNodeId().getPeerId().toString())
                .setTerm(1)
                .setPrevLogTerm(1)
                .setPrevLogIndex(index)
                .setCommittedIndex(0)
                .setData(ByteString.EMPTY)
                .build();
        leader.invokeAsync(
                endpoint(),
                request,
                new InvokeContext(),
                (result, failure) -> {
                    if (failure == null) {
                        answer.complete(result);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                },
                30_000);
        return answer;
    }

    private Endpoint endpoint() {
        return follower.getNodeId().getPeerId().getEndpoint();
    }

    @Test
    void whatALeaderSendsOverANewStreamIsAnsweredThoughTheOldOneBrokeInTheMiddleOfItsWork() throws Exception {
        assertThat(append(1).get(10, TimeUnit.SECONDS)).isInstanceOf(AppendEntriesResponse.class);
        append(HELD);
        append(3);
        assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();

        leader.closeConnection(endpoint());
        CompletableFuture<Object> first = append(4);
        await().during(Duration.ofMillis(500)).until(() -> !first.isDone()); // its turn comes after what is held
        letGo.countDown();
        CompletableFuture<Object> second = append(5);

        assertThat(first)
                .succeedsWithin(5, TimeUnit.SECONDS)
                .asInstanceOf(type(AppendEntriesResponse.class))
                .returns(4L, AppendEntriesResponse::getLastLogIndex);
        assertThat(second)
                .succeedsWithin(5, TimeUnit.SECONDS)
                .asInstanceOf(type(AppendEntriesResponse.class))
                .returns(5L, AppendEntriesResponse::getLastLogIndex);
    }
}
