package io.whatnot.core.model;

/**
 * What a client asks the cluster to do: a log entry carries it to every node, where the state machine carries it out.
 * A command checks by itself whatever can be checked without knowing the state.
 */
public sealed interface Command permits NamespaceCommand, ElementCommand, SessionCommand, LeaseCommand, AdminCommand {}
