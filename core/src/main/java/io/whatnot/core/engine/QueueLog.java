package io.whatnot.core.engine;

import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells every step of every queue as this node applies it: who waits, where and behind whom, who is granted, refused,
 * cancelled, timed out or cut out of a deadlock, what is released, revoked or expires; each with the entry, the revision and
 * the cluster time. For people who look for the reason of something afterwards. It knows what an entry brought about, and
 * changes nothing.
 *
 * <p>Whoever applies only puts the entry aside; words are made and written elsewhere. {@link #ENTRIES_MAX} may wait for that;
 * what comes while as many do is left out, and how many entries that were is said where they are missing, and counted.
 */
public final class QueueLog {
    /** The most entries that wait to be told. */
    static final int ENTRIES_MAX = 1_000;

    private final Executor executor;
    private final Consumer<String> lines;
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicLong leftOut = new AtomicLong();

    /**
     * @param executor where lines are made; runs one thing after the other
     * @param lines where they go
     */
    public QueueLog(Executor executor, Consumer<String> lines) {
        this.executor = executor;
        this.lines = lines;
    }

    /** An entry was applied. Never waits; false if too many entries wait to be told, and this one is left out. */
    boolean applied(long index, Entry entry, Applied applied) {
        if (!isAboutQueues(entry, applied)) {
            return true;
        }
        if (pending.incrementAndGet() > ENTRIES_MAX) {
            pending.decrementAndGet();
            leftOut.incrementAndGet();
            return false;
        }
        executor.execute(() -> tell(index, entry, applied));
        return true;
    }

    private static boolean isAboutQueues(Entry entry, Applied applied) {
        return !applied.pushes().isEmpty()
                || entry.requests().stream()
                        .anyMatch(request -> request != null && request.command() instanceof LeaseCommand)
                || applied.events().stream().anyMatch(QueueLog::isEnd);
    }

    /** Of a lease or a claim that its holder did not release. */
    private static boolean isEnd(WatchEvent event) {
        return (event.change() == Change.UNLOCKED || event.change() == Change.RELEASED)
                && event.cause() != Cause.REQUEST;
    }

    private void tell(long index, Entry entry, Applied applied) {
        try {
            long missing = leftOut.getAndSet(0);
            if (missing > 0) {
                lines.accept("here " + missing + " entries were left out: there were more than could be written");
            }
            String where =
                    "entry " + index + " revision " + applied.revision() + " time " + applied.timeMillis() + ": ";
            steps(entry, applied).forEach(step -> lines.accept(where + step));
        } finally {
            pending.decrementAndGet();
        }
    }

    /** First what ended by itself, then what was asked for, then what came of both. */
    private static List<String> steps(Entry entry, Applied applied) {
        List<String> steps = new ArrayList<>();
        applied.events().stream()
                .filter(QueueLog::isEnd)
                .forEach(event -> steps.add(event.path() + " in " + event.namespace() + " of " + event.actor()
                        + " ended: " + event.cause()));
        for (int i = 0; i < applied.results().size(); i++) {
            Request request = entry.requests().get(i);
            String step =
                    request == null ? null : step(request, applied.results().get(i));
            if (step != null) {
                steps.add(step);
            }
        }
        applied.pushes().forEach(push -> steps.add(step(push)));
        return steps;
    }

    private static @Nullable String step(Request request, Result result) {
        LeaseId id = new LeaseId(request.session(), request.sequence());
        if (request.command() instanceof LeaseCommand.Acquire acquire) {
            String who = id + ownerOf(request) + " asks for " + acquire.targets() + " in " + acquire.namespace()
                    + (acquire.label().isEmpty() ? "" : " \"" + acquire.label() + "\"");
            return who + ": " + outcome(result);
        }
        if (request.command() instanceof LeaseCommand.Release release) {
            return new LeaseId(id.session(), release.lease()) + " is released: " + outcome(result);
        }
        return request.command() instanceof LeaseCommand.Cancel cancel
                ? new LeaseId(id.session(), cancel.request()) + " is cancelled: " + outcome(result)
                : null;
    }

    private static String ownerOf(Request request) {
        return request.owner().isEmpty() ? "" : " of owner \"" + request.owner() + "\"";
    }

    private static String step(Applied.Push push) {
        return push.id().sequence() == 0
                ? "session " + push.id().session() + " ended, and waits for nothing any more: " + outcome(push.result())
                : push.id() + " is told: " + outcome(push.result());
    }

    private static String outcome(Result result) {
        if (result instanceof Result.Granted granted) {
            return "granted with token " + granted.token().value();
        }
        if (result instanceof Result.Queued queued) {
            return "waits in place " + queued.position() + " behind "
                    + queued.blockers().stream().map(QueueLog::words).collect(Collectors.joining(", "));
        }
        if (result instanceof Result.Refused refused) {
            return refused.code() + ", " + refused.message();
        }
        return "done";
    }

    private static String words(Blocker blocker) {
        return blocker.id() + " of " + blocker.holder() + ", who " + (blocker.waiting() ? "waits for " : "holds ")
                + blocker.target();
    }
}
