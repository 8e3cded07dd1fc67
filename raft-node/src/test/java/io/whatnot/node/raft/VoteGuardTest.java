package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.google.protobuf.Message;
import io.whatnot.node.raft.v1.RaftMessages.RejoinRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who lost its log keeps out of elections, and of nothing else. */
final class VoteGuardTest {
    private static final List<Message> ELECTIONS =
            List.of(RequestVoteRequest.getDefaultInstance(), TimeoutNowRequest.getDefaultInstance());
    private static final List<Message> REST = List.of(
            AppendEntriesRequest.getDefaultInstance(),
            InstallSnapshotRequest.getDefaultInstance(),
            RejoinRequest.getDefaultInstance());

    @Test
    void whoRemembersTakesPartInEverything() {
        VoteGuard guard = new VoteGuard(false);

        assertThat(guard.isForgetful()).isFalse();
        assertThat(ELECTIONS).noneMatch(guard::forbids);
        assertThat(REST).noneMatch(guard::forbids);
    }

    @Test
    void whoIsForgetfulKeepsOutOfElectionsAlone() {
        VoteGuard guard = new VoteGuard(true);

        assertThat(guard.isForgetful()).isTrue();
        assertThat(ELECTIONS).allMatch(guard::forbids);
        assertThat(REST).noneMatch(guard::forbids);
    }

    @Test
    void whoWasTakenInAgainTakesPartInEverything() {
        VoteGuard guard = new VoteGuard(true);

        guard.remembers();

        assertThat(guard.isForgetful()).isFalse();
        assertThat(ELECTIONS).noneMatch(guard::forbids);
    }
}
