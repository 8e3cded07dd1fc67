package io.whatnot.client.internal.wire;

import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.whatnot.core.wire.Endpoints;

/** Channels to nodes. */
public final class NettyChannels {
    private static final int FRAME_BYTES_MAX = 16 << 20;

    private NettyChannels() {}

    /** A channel to {@code host:port} that calls back on its event loop.
     *
     * @throws IllegalArgumentException if that is no endpoint */
    public static ManagedChannel open(String endpoint) {
        // A name that gRPC can't read costs it the threads that it has taken for the channel by then.
        return NettyChannelBuilder.forTarget("dns:///" + Endpoints.checked(endpoint))
                .negotiationType(NegotiationType.PLAINTEXT)
                .maxInboundMessageSize(FRAME_BYTES_MAX)
                .flowControlWindow(4 << 20)
                .directExecutor()
                .build();
    }
}
