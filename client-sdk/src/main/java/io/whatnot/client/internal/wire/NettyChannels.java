package io.whatnot.client.internal.wire;

import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;

/** Channels to nodes. */
public final class NettyChannels {
    private static final int FRAME_BYTES_MAX = 16 << 20;

    private NettyChannels() {}

    /** A channel to {@code host:port} that calls back on its event loop. */
    public static ManagedChannel open(String endpoint) {
        return NettyChannelBuilder.forTarget("dns:///" + endpoint)
                .negotiationType(NegotiationType.PLAINTEXT)
                .maxInboundMessageSize(FRAME_BYTES_MAX)
                .flowControlWindow(4 << 20)
                .directExecutor()
                .build();
    }
}
