package io.whatnot.node.rpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;

/** Channels to the other nodes' servers for clients. */
public final class PeerChannels {
    private static final int FRAME_BYTES_MAX = 16 << 20;

    private PeerChannels() {}

    /** A channel to {@code host:port} that calls back on its event loop. */
    public static ManagedChannel open(String endpoint) {
        return NettyChannelBuilder.forTarget("dns:///" + endpoint)
                .negotiationType(NegotiationType.PLAINTEXT)
                .maxInboundMessageSize(FRAME_BYTES_MAX)
                .directExecutor()
                .build();
    }
}
