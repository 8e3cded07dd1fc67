package io.whatnot.core.state.session;

import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;

/** About how much memory a kept answer takes, computed alike on all nodes. */
final class ResultSize {
    private static final int FIXED = 64;
    private static final int BLOCKER = 160;
    private static final int ELEMENT = 160;

    private ResultSize() {}

    static long of(Result result) {
        if (result instanceof Result.Refused refused) {
            long blockers = 0;
            if (refused.detail() instanceof Detail.Blocked blocked) {
                for (Blocker blocker : blocked.blockers()) {
                    blockers += of(blocker);
                }
            } else if (refused.detail() instanceof Detail.Deadlock deadlock) {
                for (Detail.Wait wait : deadlock.cycle()) {
                    blockers += of(wait.request()) + of(wait.held());
                }
            }
            return FIXED + refused.message().length() + blockers;
        }
        if (result instanceof Result.Transacted transacted) {
            long results = 0;
            for (Result each : transacted.results()) {
                results += of(each);
            }
            return FIXED + results;
        }
        if (result instanceof Result.Found found) {
            return FIXED + found.element().map(ResultSize::of).orElse(0L);
        }
        return result instanceof Result.Registered registered
                ? FIXED + registered.path().toString().length()
                : FIXED;
    }

    private static long of(ElementView element) {
        return (long) ELEMENT
                + element.path().toString().length()
                + element.value().size()
                + element.value().contentType().length()
                + element.actor().name().length();
    }

    private static long of(Blocker blocker) {
        return (long) BLOCKER
                + blocker.target().path().toString().length()
                + blocker.label().length()
                + blocker.owner().length()
                + blocker.holder().name().length();
    }
}
