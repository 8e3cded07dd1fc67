package io.whatnot.core.model;

/**
 * What a client, or a node, asks the cluster to do: a log entry carries it to every node, where the state machine carries it out.
 * A command checks by itself whatever can be checked without knowing the state.
 */
public sealed interface Command
        permits NamespaceCommand,
                ElementCommand,
                Transaction,
                SessionCommand,
                LeaseCommand,
                AdminCommand,
                ClusterCommand,
                PoolCommand,
                PruneCommand {
    /** Whether requests with it name no session, and so no sequence. */
    default boolean isOfNoSession() {
        return this instanceof SessionCommand.Open
                || this instanceof SessionCommand.Reclaim
                || this instanceof ClusterCommand;
    }
}
