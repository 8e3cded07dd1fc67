package io.whatnot.core.testing;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Target;
import java.util.List;

/** A request for a lease of the reference model, which waits or was just made. */
record ReferenceRequest(
        LeaseId id,
        String namespace,
        List<Target> targets,
        ReferenceOwner owner,
        long ttlMillis,
        long sinceMillis,
        long deadlineMillis,
        String label)
        implements WaitGraph.Claim {}
