package io.whatnot.core.state;

import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.state.map.OrderedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a cluster does that has re-formed after a majority of its voters had lost their memory: a new epoch begins, and
 * until every lease that may have been forgotten has run out, nothing is granted and nothing changed.
 */
final class Recovery {
    /** The most voters of which it is remembered that they lost their memory. */
    static final int REJOINED_MAX = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private Recovery() {}

    /** The least power of two that is not below; 0 of 0. */
    static long roundedUp(long millis) {
        if (millis <= 1 || millis > 1L << 61) {
            return Math.min(millis, 1L << 61);
        }
        return Long.highestOneBit(millis - 1) << 1;
    }

    static Result execute(Step step, ClusterCommand command) {
        if (command instanceof ClusterCommand.Epoch epoch) {
            return begin(step, epoch);
        }
        if (command instanceof ClusterCommand.Rejoined rejoined) {
            return rejoined(step.state, rejoined);
        }
        throw new AssertionError(command);
    }

    // ---- the epoch

    private static Result begin(Step step, ClusterCommand.Epoch command) {
        State state = step.state;
        long epoch = command.term();
        if (epoch > Revision.EPOCH_MAX) {
            LOG.error(
                    "epoch {} can't begin: revisions end with epoch {}; this cluster takes no requests any more, export"
                            + " it and found another",
                    epoch,
                    Revision.EPOCH_MAX);
            return new Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "epoch " + epoch + " can't begin: the last that has revisions is " + Revision.EPOCH_MAX);
        }
        if (epoch == state.epoch) {
            return new Result.Done(new Revision(Revision.startOf(epoch)));
        }
        if (epoch < state.epoch || Revision.startOf(epoch) <= state.revision) {
            LOG.error("epoch {} can't begin: it is epoch {} already", epoch, Revision.epochOf(state.revision));
            return new Refused(
                    ErrorCode.INVALID_ARGUMENT,
                    "epoch " + epoch + " can't begin: it is epoch " + Revision.epochOf(state.revision) + " already");
        }
        if (state.isRecovering()) {
            state.removeDeadline(Deadline.ofRecovery(state.recoveringUntilMillis));
        }
        state.epoch = epoch;
        state.revision = Revision.startOf(epoch);
        state.noteTtl(command.longestTtlMillis());
        state.reclaimed = OrderedMap.empty();
        // One more than nothing: so that it is over by a deadline, whatever else there is, and never while it begins.
        state.recoveringUntilMillis = step.now() + Math.max(1, state.longestTtlMillis);
        state.addDeadline(Deadline.ofRecovery(state.recoveringUntilMillis));
        return new Result.Done(new Revision(state.revision));
    }

    /** Everything that may have been forgotten has run out. */
    static void end(Step step) {
        State state = step.state;
        state.recoveringUntilMillis = 0;
        state.reclaimed = OrderedMap.empty();
    }

    // ---- voters

    private static Result rejoined(State state, ClusterCommand.Rejoined command) {
        state.noteRejoined(command.voter(), new State.Rejoined(command.incarnation(), command.term()));
        if (state.rejoined.size() > REJOINED_MAX) {
            OrderedMap.Entry<String, State.Rejoined> oldest = null;
            for (OrderedMap.Entry<String, State.Rejoined> each : state.rejoined) {
                if (oldest == null || each.value().term() < oldest.value().term()) {
                    oldest = each;
                }
            }
            if (oldest != null) {
                state.forgetRejoined(oldest.key());
            }
        }
        return new Result.Done(new Revision(state.revision));
    }
}
