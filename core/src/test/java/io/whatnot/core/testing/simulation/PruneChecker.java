package io.whatnot.core.testing.simulation;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.map.OrderedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What is pruned, by the log alone: nothing that anybody has had to do with, by an event or a touch, for less than the
 * shortest time there is; nothing over what stays; nothing that is locked before and after.
 */
public final class PruneChecker implements Commit.Checker {
    private static final String RULE = "I3 nothing that is in use is pruned";

    private final Violations violations;
    /** By namespace and path: when somebody last had to do with it, or anything below, in cluster time. */
    private final TreeMap<String, TreeMap<AbsolutePath, Long>> active = new TreeMap<>();

    private long pruned;

    /** A checker that has seen nothing. */
    public PruneChecker(Violations violations) {
        this.violations = violations;
    }

    /** How many elements were pruned. */
    public long pruned() {
        return pruned;
    }

    @Override
    public void committed(Commit commit) {
        List<WatchEvent> gone = new ArrayList<>();
        for (WatchEvent event : commit.applied().events()) {
            if (event.change() == Change.PRUNED) {
                gone.add(event);
                check(commit, event);
            } else {
                note(event.namespace(), event.path(), event.timeMillis());
            }
        }
        pruned += gone.size();
        for (int i = 0; i < commit.entry().requests().size(); i++) {
            Request request = commit.entry().requests().get(i);
            if (request != null
                    && request.command() instanceof PruneCommand.Touch touch
                    && commit.applied().results().get(i) instanceof Result.Done
                    && commit.after().elements().get(touch.namespace(), touch.path()) != null) {
                note(touch.namespace(), touch.path(), commit.before().timeMillis());
            }
        }
    }

    private void note(String namespace, AbsolutePath path, long millis) {
        TreeMap<AbsolutePath, Long> paths = active.computeIfAbsent(namespace, name -> new TreeMap<>());
        for (int depth = 0; depth <= path.depth(); depth++) {
            paths.put(path.ancestor(depth), millis);
        }
    }

    private void check(Commit commit, WatchEvent event) {
        AbsolutePath path = event.path();
        Long last = active.getOrDefault(event.namespace(), new TreeMap<>()).get(path);
        if (path.isRoot()) {
            violations.add(RULE, event + " is of the root");
        }
        if (last != null && event.timeMillis() - last < PruneCommand.IDLE_AFTER_MILLIS_MIN) {
            violations.add(RULE, event + ", but somebody had to do with it at " + last);
        }
        Target all = new Target(path, Scope.PREFIX, Mode.EXCLUSIVE);
        for (OrderedMap.Entry<?, Lease> held : commit.before().locks().leases()) {
            Lease lease = held.value();
            if (lease.namespace().equals(event.namespace())
                    && !lease.isClaim()
                    && commit.after().locks().lease(lease.id()) != null
                    && lease.targets().stream().anyMatch(all::conflictsWith)) {
                violations.add(RULE, event + ", but it is locked by " + lease);
            }
        }
    }
}
