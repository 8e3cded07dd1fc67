package io.whatnot.node.raft;

import com.alipay.sofa.jraft.option.NodeOptions;

/** JRaft's options for a node, with what our transport wants to know besides. */
final class RaftNodeOptions extends NodeOptions {
    private final String cluster;
    private final String node;
    private final VoteGuard guard;

    RaftNodeOptions(String cluster, String node, VoteGuard guard) {
        this.cluster = cluster;
        this.node = node;
        this.guard = guard;
    }

    String cluster() {
        return cluster;
    }

    String node() {
        return node;
    }

    VoteGuard guard() {
        return guard;
    }
}
