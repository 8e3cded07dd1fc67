package io.whatnot.node.raft;

import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.google.protobuf.Message;

/**
 * Keeps a node that lost its log out of elections: it neither stands nor votes until the leader has taken it out of the
 * configuration and in again, by which time it has everything that was committed without it. Otherwise a node that
 * forgot what it acknowledged could help a candidate that never had it to win.
 */
final class VoteGuard {
    private volatile boolean forgetful;

    VoteGuard(boolean forgetful) {
        this.forgetful = forgetful;
    }

    /** Whether the node has lost its log and not been taken in again yet. */
    boolean isForgetful() {
        return forgetful;
    }

    /** The leader has taken the node in again. */
    void remembers() {
        forgetful = false;
    }

    /** Whether a message of an election may not be sent, or not be heard, now. */
    boolean forbids(Message message) {
        return forgetful && (message instanceof RequestVoteRequest || message instanceof TimeoutNowRequest);
    }
}
