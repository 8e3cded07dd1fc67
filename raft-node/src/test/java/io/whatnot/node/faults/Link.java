package io.whatnot.node.faults;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * What becomes of the bytes from one process to another, on whatever connections they are. Touched by the network's thread
 * alone.
 */
final class Link {
    /** TCP makes of a lost packet one that comes that much later, at least. */
    private static final long RETRANSMISSION_MILLIS = 200;

    private final Random random;
    private final Set<Pipe> pipes = new HashSet<>();
    private boolean stalled;
    private long delayMillisMax;
    private int lossPercent;

    Link(Random random) {
        this.random = random;
    }

    void add(Pipe pipe) {
        pipes.add(pipe);
    }

    void remove(Pipe pipe) {
        pipes.remove(pipe);
    }

    boolean isStalled() {
        return stalled;
    }

    /** Nothing passes until it is healed; what was sent before that passes then. */
    void stall() {
        stalled = true;
    }

    /** Every piece comes up to so much later. */
    void delay(long millisMax) {
        delayMillisMax = millisMax;
    }

    /** Of a hundred pieces so many come later by what it takes to send them again. */
    void lose(int percent) {
        lossPercent = percent;
    }

    void heal() {
        stalled = false;
        delayMillisMax = 0;
        lossPercent = 0;
        Set.copyOf(pipes).forEach(Pipe::pump); // those that end leave the set
    }

    /** Both ends of all connections are told that they are broken. */
    void breakConnections() {
        Set.copyOf(pipes).forEach(Pipe::abort);
    }

    /** How much later a piece is to come. */
    long delayMillis() {
        long delay = delayMillisMax == 0 ? 0 : random.nextLong(delayMillisMax + 1);
        boolean lost = lossPercent > 0 && random.nextInt(100) < lossPercent;
        return lost ? delay + RETRANSMISSION_MILLIS : delay;
    }
}
