package io.whatnot.core.engine;

import io.whatnot.core.engine.Counters.Counter;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;

/** The rule about the first frame of a stream: it says hello, and to the right cluster. */
final class Greeting {
    private Greeting() {}

    /** Whether the stream may go on; else it is ended, and the client told why. */
    static boolean accept(
            boolean present, V1.Hello hello, String clusterName, FrameStream<?> stream, Counters counters) {
        if (present && (hello.getCluster().isEmpty() || hello.getCluster().equals(clusterName))) {
            return true;
        }
        counters.count(Counter.CONNECTIONS_REFUSED);
        stream.fail(
                present
                        ? new StreamFailure(
                                StreamFailure.Kind.REFUSED,
                                "this node is of cluster \"" + clusterName + "\", and the client wants \""
                                        + hello.getCluster() + "\"")
                        : new StreamFailure(StreamFailure.Kind.PROTOCOL, "the first frame has no hello"));
        return false;
    }
}
