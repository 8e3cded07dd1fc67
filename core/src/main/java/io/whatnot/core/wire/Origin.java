package io.whatnot.core.wire;

/** Where a stream comes from, as far as the node itself can tell; nothing that the other end says goes into it. */
public enum Origin {
    /** From this process, or by loopback from this machine. */
    HERE,
    /** From the address of a machine that the configuration names as a node's. */
    NODE,
    /** From anywhere else, or from where that is not known. */
    ELSEWHERE
}
