package io.whatnot.node.raft;

import com.alipay.sofa.jraft.option.NodeOptions;
import org.jspecify.annotations.Nullable;

/** JRaft's options for a node, with what our transport wants to know besides. */
final class RaftNodeOptions extends NodeOptions {
    private final String cluster;
    private final String node;
    private final @Nullable Elections elections;

    /** @param elections what stands between JRaft and the votes of others; null where no votes are asked for */
    RaftNodeOptions(String cluster, String node, @Nullable Elections elections) {
        this.cluster = cluster;
        this.node = node;
        this.elections = elections;
    }

    String cluster() {
        return cluster;
    }

    String node() {
        return node;
    }

    @Nullable
    Elections elections() {
        return elections;
    }
}
