package io.whatnot.node.raft;

import com.alipay.sofa.jraft.util.SPI;
import com.alipay.sofa.jraft.util.timer.DefaultRaftTimerFactory;
import com.alipay.sofa.jraft.util.timer.DefaultTimer;
import com.alipay.sofa.jraft.util.timer.Timer;

/**
 * Timers that sleep until something is due. JRaft's own are wheels that turn every millisecond, several a node: a thousand
 * wake-ups a second each, also when nothing happens. JRaft finds this by itself, for the whole process.
 */
@SPI(priority = 100)
public final class IdleRaftTimerFactory extends DefaultRaftTimerFactory {
    /** For JRaft. */
    public IdleRaftTimerFactory() {}

    @Override
    public Timer createTimer(String name) {
        return new DefaultTimer(1, name);
    }
}
