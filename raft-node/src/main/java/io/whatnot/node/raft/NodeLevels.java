package io.whatnot.node.raft;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import io.whatnot.core.engine.ReplicatedLog.NodeLevel;
import io.whatnot.core.time.SystemScheduler;
import io.whatnot.node.raft.v1.RaftMessages.LevelRequest;
import io.whatnot.node.raft.v1.RaftMessages.LevelResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says to other nodes what feature levels the software of this one supports, and asks them for theirs. All
 * members are asked, learners too; before there are any, those of the settings.
 */
final class NodeLevels implements RpcProcessor<LevelRequest> {
    private static final long ANSWER_MILLIS = 1_000;
    private static final int TIMES = 4;
    private static final long PAUSE_MILLIS = 200;

    private final String name;
    private final int levelMax;
    private final Supplier<List<PeerId>> others;
    private final RaftRpcClient client;
    private final SystemScheduler scheduler = new SystemScheduler("whatnot-levels");

    NodeLevels(String name, int levelMax, Supplier<List<PeerId>> others, RaftRpcClient client) {
        this.name = name;
        this.levelMax = levelMax;
        this.others = others;
        this.client = client;
    }

    /** Tells what all of the others support, or why that is not known. */
    void ask(Consumer<List<NodeLevel>> told) {
        List<CompletableFuture<NodeLevel>> asked =
                others.get().stream().map(this::ask).toList();
        CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new)).thenRun(() -> {
            List<NodeLevel> levels = new ArrayList<>();
            asked.forEach(one -> levels.add(one.join()));
            told.accept(levels);
        });
    }

    private CompletableFuture<NodeLevel> ask(PeerId peer) {
        CompletableFuture<NodeLevel> asked = new CompletableFuture<>();
        ask(peer, 1, asked);
        return asked;
    }

    /** A node that has just come back may be out of reach once more, until the way to it is tried anew. */
    private void ask(PeerId peer, int time, CompletableFuture<NodeLevel> asked) {
        Consumer<NodeLevel> answered = level -> {
            if (level.isKnown() || time == TIMES) {
                asked.complete(level);
            } else {
                scheduler.schedule(PAUSE_MILLIS, () -> ask(peer, time + 1, asked));
            }
        };
        String node = "the node at " + peer.getEndpoint();
        try {
            client.invokeAsync(
                    peer.getEndpoint(),
                    LevelRequest.getDefaultInstance(),
                    new InvokeContext(),
                    (response, failure) -> answered.accept(level(node, response, failure)),
                    ANSWER_MILLIS);
        } catch (RemotingException e) {
            answered.accept(NodeLevel.unknown(node, String.valueOf(e.getMessage())));
        }
    }

    /** Asks nobody any more. */
    void close() {
        scheduler.close();
    }

    private static NodeLevel level(String node, @Nullable Object response, @Nullable Throwable failure) {
        if (response instanceof LevelResponse answer && answer.getLevelMax() > 0) {
            return NodeLevel.of(answer.getNode() + " (" + node + ")", answer.getLevelMax());
        }
        return NodeLevel.unknown(
                node, failure == null ? "it answers something else" : String.valueOf(failure.getMessage()));
    }

    @Override
    public String interest() {
        return LevelRequest.class.getName();
    }

    @Override
    public void handleRequest(RpcContext context, LevelRequest request) {
        context.sendResponse(
                LevelResponse.newBuilder().setNode(name).setLevelMax(levelMax).build());
    }
}
