package io.whatnot.client;

/** How new what a read returns is. */
public enum Consistency {
    /** As of some moment between the call and its answer. Costs a round among the servers. */
    LINEARIZABLE,
    /** At least as new as everything this client has seen or done. Usually costs nothing besides the way there. */
    SESSION,
    /** Whatever the server that is asked has. */
    NODE
}
