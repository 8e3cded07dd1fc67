package io.whatnot.core.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * A target that may take no more than so much of the processor and of memory for an input. Both are counted for the thread
 * alone, so it makes no difference what else the machine does.
 */
public final class Limited implements FuzzTarget {
    private static final long CPU_NANOS_MAX = 2_000_000_000L;
    private static final long BYTES_MAX = 32L << 20;
    private static final long BYTES_MAX_A_BYTE = 4L << 10;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int ATTEMPTS = 3;

    private final FuzzTarget target;

    /** The same, within bounds. */
    public Limited(FuzzTarget target) {
        this.target = target;
    }

    /** What takes too much is given again: classes are loaded but once, and that costs more than any input. */
    @Override
    public void take(byte[] input) throws Exception {
        String excess = measure(input);
        for (int i = 1; i < ATTEMPTS && !excess.isEmpty(); i++) {
            excess = measure(input);
        }
        if (!excess.isEmpty()) {
            throw new AssertionError(input.length + " bytes of input " + excess);
        }
    }

    /** What it takes too much of; empty if of nothing. */
    private String measure(byte[] input) throws Exception {
        long cpu = THREADS.getCurrentThreadCpuTime();
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        target.take(input);
        long bytesTaken = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        long cpuTaken = THREADS.getCurrentThreadCpuTime() - cpu;
        if (bytesTaken > BYTES_MAX + BYTES_MAX_A_BYTE * input.length) {
            return "made it allocate " + bytesTaken;
        }
        return cpuTaken > CPU_NANOS_MAX ? "kept the processor busy for " + cpuTaken / 1_000_000 + " ms" : "";
    }
}
