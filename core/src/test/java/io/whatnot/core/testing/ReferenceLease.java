package io.whatnot.core.testing;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Token;
import java.util.List;

/** A lease of the reference model. */
record ReferenceLease(
        LeaseId id,
        String namespace,
        List<Target> targets,
        ReferenceOwner owner,
        long token,
        long ttlMillis,
        long deadlineMillis,
        long sinceMillis,
        String label)
        implements WaitGraph.Claim {
    boolean covers(String namespace, Target target) {
        return this.namespace.equals(namespace) && targets.stream().anyMatch(mine -> mine.covers(target));
    }

    Result.Granted granted() {
        return new Result.Granted(
                id, new Token(token), deadlineMillis, targets.get(0).pool());
    }
}
