package io.whatnot.core.wire;

import io.whatnot.core.protocol.v1.V1;
import java.util.concurrent.CompletableFuture;

/** A client's way to the nodes. An endpoint is {@code host:port}; what is wrong with one shows when it is used. */
public interface Wire extends AutoCloseable {
    /** Opens a control stream to a node. Failure to connect is told to the listener. */
    FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener);

    /** Opens a watch stream to a node. Failure to connect is told to the listener. */
    FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener);

    /** Asks a node for its status. */
    CompletableFuture<V1.StatusReply> status(String endpoint);

    /** Lets go of all connections; streams that are open end. */
    @Override
    void close();
}
