package io.whatnot.client;

import java.util.List;

/**
 * The cluster has lost its memory, wholly or in part, and re-formed. Elements and values may be gone or as they were
 * before; watches are resynced. What this client held it has reclaimed by itself.
 *
 * @param epoch the term in which the cluster re-formed; it grows each time
 * @param kept the leases, claims among them, that are held on, with the tokens they had
 * @param lost the leases that are lost, for {@link LossReason#MEMORY_LOST} or because that took too long
 */
public record Recovered(long epoch, List<LeaseContext> kept, List<LeaseContext> lost) {
    public Recovered {
        kept = List.copyOf(kept);
        lost = List.copyOf(lost);
    }
}
