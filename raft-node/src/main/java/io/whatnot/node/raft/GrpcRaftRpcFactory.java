package io.whatnot.node.raft;

import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcFactory;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcServer;
import com.alipay.sofa.jraft.util.Endpoint;
import com.alipay.sofa.jraft.util.SPI;

/**
 * Has JRaft talk over gRPC. JRaft finds it by itself and knows only one for the whole process; a node's own settings come
 * to its clients by way of its {@link RaftNodeOptions}.
 */
@SPI(priority = 100)
public final class GrpcRaftRpcFactory implements RaftRpcFactory {
    /** For JRaft. */
    public GrpcRaftRpcFactory() {}

    @Override
    public void registerProtobufSerializer(String className, Object... args) {
        // every message says its type, and JRaft knows how to parse it
    }

    @Override
    public ConfigHelper<RpcClient> defaultJRaftClientConfigHelper(RpcOptions options) {
        if (!(options instanceof RaftNodeOptions ours)) {
            throw new IllegalArgumentException("this transport serves Whatnot's nodes alone");
        }
        return client -> ((RaftRpcClient) client).configure(ours);
    }

    @Override
    public RpcClient createRpcClient(ConfigHelper<RpcClient> helper) {
        RaftRpcClient client = new RaftRpcClient();
        helper.config(client);
        return client;
    }

    @Override
    public RpcServer createRpcServer(Endpoint endpoint, ConfigHelper<RpcServer> helper) {
        throw new UnsupportedOperationException("a node makes its Raft server itself");
    }
}
