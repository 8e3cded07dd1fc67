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

    private final FuzzTarget target;
    private boolean loaded;

    /** The same, within bounds. */
    public Limited(FuzzTarget target) {
        this.target = target;
    }

    @Override
    public void take(byte[] input) throws Exception {
        if (!loaded) {
            target.take(input); // loads classes, which costs more than any input
            loaded = true;
        }
        long cpu = THREADS.getCurrentThreadCpuTime();
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        target.take(input);
        long bytesTaken = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        long cpuTaken = THREADS.getCurrentThreadCpuTime() - cpu;
        if (bytesTaken > BYTES_MAX + BYTES_MAX_A_BYTE * input.length) {
            throw new AssertionError(input.length + " bytes of input made it allocate " + bytesTaken);
        }
        if (cpuTaken > CPU_NANOS_MAX) {
            throw new AssertionError(input.length + " bytes of input kept it busy for " + cpuTaken / 1_000_000
                    + " ms of processor time");
        }
    }
}
