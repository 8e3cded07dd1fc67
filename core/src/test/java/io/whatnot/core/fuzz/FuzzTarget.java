package io.whatnot.core.fuzz;

/** Something that bytes from outside get to. */
@FunctionalInterface
public interface FuzzTarget {
    /** Hands it the bytes. What it is documented to refuse them by is caught; whatever is thrown from here is a finding. */
    void take(byte[] input) throws Exception;
}
