package io.whatnot.core.model;

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

    /** The newest that this software knows. */
    public static final int NEWEST = TRANSACTIONS;

    private FeatureLevel() {}

    /** The level from which on a command may be carried out. */
    public static int neededBy(Command command) {
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
