package io.whatnot.node.raft;

/** What is to happen when a node can't go on. */
public interface FatalError {
    /** Stops the node; called by any thread, perhaps more than once, and does not wait. */
    void stop(String why);
}
