package io.whatnot.core.engine;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.protocol.EntryCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import io.whatnot.core.time.Scheduler;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes between a node's election and its serving anybody. Its disk has to know of the longest ttl in use; and when
 * the cluster re-forms, so that committed entries may be gone, a new epoch has to have begun.
 */
final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    /** How long after an entry that failed, though this node still leads, it is appended again. */
    private static final long AGAIN_MILLIS = 50;

    private final NamespaceStateMachine machine;
    private final ReplicatedLog log;
    private final Scheduler scheduler;
    private final LongConsumer serve;
    private long term;
    /** The epoch that has to have begun before this node serves; 0 if none has to. */
    private volatile long epochToBegin;

    private volatile long noted;
    /** What the disk was last asked to know of because of what was applied. */
    private long asked;

    /**
     * Nobody leads yet.
     *
     * @param serve told the term when this node may serve in it
     */
    Leadership(NamespaceStateMachine machine, ReplicatedLog log, Scheduler scheduler, LongConsumer serve) {
        this.machine = machine;
        this.log = log;
        this.scheduler = scheduler;
        this.serve = serve;
    }

    /** This node was elected. Twice for a term is once. */
    synchronized void begin(long term, ReplicatedLog.@Nullable Reforming reforming) {
        if (term == this.term) {
            return;
        }
        this.term = term;
        State state = machine.state();
        if (reforming != null && state.epoch() < term) {
            epochToBegin = term;
            beginEpoch(term, Math.max(reforming.longestTtlMillis(), state.longestTtlMillis()));
        } else {
            epochToBegin = 0;
            note(state.longestTtlMillis(), () -> serveIn(term));
        }
    }

    private void beginEpoch(long term, long longestTtlMillis) {
        LOG.warn(
                "the cluster has re-formed after a majority of its voters had lost their memory: epoch {} begins, and"
                        + " what was committed before may be gone",
                term);
        Request request = new Request(0, 0, 0, List.of(), "", new ClusterCommand.Epoch(term, longestTtlMillis));
        ByteString encoded = RequestCodec.encode(request);
        // Cluster time stands still until this is applied: nobody serves.
        byte[] entry = EntryCodec.encode(machine.state().timeMillis(), List.of(encoded));
        log.append(term, entry, () -> scheduler.schedule(AGAIN_MILLIS, () -> appendAgain(term, longestTtlMillis)));
    }

    private synchronized void appendAgain(long term, long longestTtlMillis) {
        if (this.term == term && epochToBegin == term) {
            beginEpoch(term, longestTtlMillis);
        }
    }

    private synchronized void serveIn(long term) {
        if (this.term == term && epochToBegin == 0) {
            serve.accept(term);
        }
    }

    /** This node leads no more. */
    synchronized void end() {
        term = 0;
        epochToBegin = 0;
    }

    /** Whether this node may answer for the cluster. */
    boolean isServing() {
        return epochToBegin == 0;
    }

    /** An entry was applied, or a snapshot's state taken over. */
    void applied() {
        State state = machine.state();
        long awaited = epochToBegin;
        if (awaited != 0 && state.epoch() >= awaited) {
            begun(awaited, state);
        } else if (state.longestTtlMillis() > asked) {
            asked = state.longestTtlMillis();
            note(state.longestTtlMillis(), () -> {});
        }
    }

    private synchronized void begun(long epoch, State state) {
        if (epochToBegin == epoch) {
            epochToBegin = 0;
            note(state.longestTtlMillis(), () -> serveIn(epoch));
        }
    }

    /** Runs it once this node's disk knows of a ttl of that length. */
    void note(long millis, Runnable then) {
        if (millis <= noted) {
            then.run();
            return;
        }
        log.noteLongestTtl(millis, () -> {
            noted(millis);
            then.run();
        });
    }

    private synchronized void noted(long millis) {
        noted = Math.max(noted, millis);
    }
}
