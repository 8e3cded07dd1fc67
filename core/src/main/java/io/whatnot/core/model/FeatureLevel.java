package io.whatnot.core.model;

import java.util.Set;

/**
 * What a cluster's commands may do. The level is a number in the replicated state that only grows; applying follows it and
 * never the version of a node's software, so replicas of different versions become the same. Software knows all levels up
 * to its newest. A node that meets a higher one stops.
 *
 * <p>Whoever changes what applying does to the same entry, or adds a command, a field or a value to what the log carries,
 * adds a level: docs/adr/0011-feature-levels.md has what there is to do.
 */
public final class FeatureLevel {
    /** Of every cluster that nobody has raised. */
    public static final int FIRST = 1;

    /** Puts that ask for the element to be registered: {@link ElementCommand.Condition#ifPresent()}. */
    public static final int IF_PRESENT = 2;

    /** A request that would close a cycle of owners who wait for each other is refused. */
    public static final int DEADLOCK_BREAK = 3;

    /** Semaphore pools, and claims of their slots. */
    public static final int SEMAPHORE_POOLS = 4;

    /** {@link Transaction}. */
    public static final int TRANSACTIONS = 5;

    /** Settings of rates, by which the leader refuses before the log: {@link #RATE_SETTINGS}. */
    public static final int RATE_LIMITS = 6;

    /** Policies by which idle elements are pruned, and touching elements: {@link PruneCommand}. */
    public static final int PRUNING = 7;

    /** Settings of a namespace: whether deadlocks in it are cut. */
    public static final int NAMESPACE_SETTINGS = 8;

    /** The newest that this software knows. */
    public static final int NEWEST = NAMESPACE_SETTINGS;

    /** The names of the settings that are there from {@link #RATE_LIMITS} on. */
    public static final Set<String> RATE_SETTINGS = Set.of(
            "identityRate",
            "identityBurst",
            "sessionRate",
            "sessionBurst",
            "pathRate",
            "pathBurst",
            "sessionInFlightMax");

    private FeatureLevel() {}

    /** The level from which on a command may be carried out. */
    public static int neededBy(Command command) {
        if (command instanceof AdminCommand.ChangeSettings change
                && change.settings().stream().anyMatch(setting -> RATE_SETTINGS.contains(setting.name()))) {
            return RATE_LIMITS;
        }
        if (command instanceof PruneCommand) {
            return PRUNING;
        }
        if (command instanceof AdminCommand.SwitchDeadlockBreak) {
            return NAMESPACE_SETTINGS;
        }
        if (command instanceof Transaction) {
            return TRANSACTIONS;
        }
        if (command instanceof PoolCommand
                || (command instanceof LeaseCommand.Acquire acquire && acquire.isClaim())
                || (command instanceof SessionCommand.Reclaim reclaim
                        && reclaim.held().stream().anyMatch(held -> held.lease().isClaim()))) {
            return SEMAPHORE_POOLS;
        }
        return command instanceof ElementCommand.Put put && put.condition().ifPresent() ? IF_PRESENT : FIRST;
    }

    /**
     * The same of a command that is in the log. Settings are told by name, so older software reads any change of them, and
     * may have put it there: below the level of one it is answered as that does, there is none of that name.
     */
    public static int neededInTheLog(Command command) {
        return command instanceof AdminCommand.ChangeSettings ? FIRST : neededBy(command);
    }

    /** Why a command can't be carried out by a cluster of a lower level than it needs, and what to do about it. */
    public static Result.Refused refusal(Command command, int level) {
        int needed = neededBy(command);
        return new Result.Refused(
                ErrorCode.UNSUPPORTED,
                command.getClass().getSimpleName() + " as it was asked for needs feature level " + needed
                        + ", and the cluster is at " + level
                        + ": upgrade all nodes to a version that supports it, then run \"whatnot admin level " + needed
                        + "\"");
    }
}
