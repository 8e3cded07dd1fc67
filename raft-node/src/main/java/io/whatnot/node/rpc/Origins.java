package io.whatnot.node.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.whatnot.core.wire.Origin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Finds out where calls come from, by the address at the other end of their connection. */
final class Origins implements ServerInterceptor {
    private static final Context.Key<Origin> ORIGIN = Context.keyWithDefault("whatnot-origin", Origin.ELSEWHERE);

    private final NodeHosts nodes;

    Origins(NodeHosts nodes) {
        this.nodes = nodes;
    }

    /** Of the call that is being begun. */
    static Origin current() {
        return ORIGIN.get();
    }

    Origin of(@Nullable SocketAddress peer) {
        InetAddress address = peer instanceof InetSocketAddress socket ? socket.getAddress() : null;
        if (address == null) {
            return Origin.ELSEWHERE;
        }
        if (address.isLoopbackAddress()) {
            return Origin.HERE;
        }
        return nodes.contains(address) ? Origin.NODE : Origin.ELSEWHERE;
    }

    @Override
    public <Q, P> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
        Origin origin = of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        return Contexts.interceptCall(Context.current().withValue(ORIGIN, origin), call, headers, next);
    }
}
