package io.whatnot.node.raft;

import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.storage.LogStorage;
import io.whatnot.node.raft.RaftMetadata.Voters;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** JRaft's log wherever it is kept, with the sum of what its entries take: snapshots and refusals go by that. */
interface SizedLogStorage extends LogStorage {
    /** What an entry takes beside its bytes, about. */
    int ENTRY_BYTES = 150;

    /** About how many bytes the entries take. */
    long bytes();

    /** About how many bytes an entry takes. */
    static int bytes(LogEntry entry) {
        return ENTRY_BYTES + (entry.getData() == null ? 0 : entry.getData().capacity());
    }

    /** The configuration that an entry of that type is. */
    static Voters voters(LogEntry entry) {
        return new Voters(
                entry.getId().getTerm(),
                entry.getId().getIndex(),
                endpoints(entry.getPeers()),
                endpoints(entry.getOldPeers()),
                endpoints(entry.getLearners()));
    }

    private static List<String> endpoints(@Nullable Collection<PeerId> peers) {
        return peers == null
                ? List.of()
                : peers.stream().map(peer -> peer.getEndpoint().toString()).toList();
    }
}
