package io.whatnot.node.raft;

import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.RpcContext;
import org.jspecify.annotations.Nullable;

/** What becomes of an answer that nobody waits for. */
final class NoContext implements RpcContext {
    @Override
    public void sendResponse(Object response) {
        // nobody waits for it
    }

    @Override
    public @Nullable Connection getConnection() {
        return null;
    }

    @Override
    public String getRemoteAddress() {
        return "nowhere";
    }
}
