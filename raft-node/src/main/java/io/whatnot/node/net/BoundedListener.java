package io.whatnot.node.net;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in so many connections and no more: one beyond is closed before anything is read from it, so that those that are
 * there notice nothing, and the process never runs out of descriptors.
 */
public final class BoundedListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BoundedListener.class);

    private static final long WARN_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** A connection that has said nothing for so long is asked whether it lives, and closed after as long again. */
    private static final long KEEP_ALIVE_SECONDS = 5;

    private final String whose;
    private final int connectionsMax;
    private final Runnable refused;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong warnNanos = new AtomicLong(System.nanoTime() - WARN_NANOS);
    private final EventLoopGroup acceptors;
    private final EventLoopGroup workers;

    /**
     * Nothing yet.
     *
     * @param whose whose connections these are, for logs and threads' names
     * @param connectionsMax the most connections at once
     * @param refused told of each that was closed for being one too many
     */
    public BoundedListener(String whose, int connectionsMax, Runnable refused) {
        this.whose = whose;
        this.connectionsMax = connectionsMax;
        this.refused = refused;
        this.acceptors = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("whatnot-" + whose + "-accept", true), NioIoHandler.newFactory());
        this.workers = new MultiThreadIoEventLoopGroup(
                0, new DefaultThreadFactory("whatnot-" + whose + "-io", true), NioIoHandler.newFactory());
    }

    /** Has a server listen by this, and ask those that are silent whether they are there. */
    public NettyServerBuilder listen(NettyServerBuilder server) {
        return server.channelFactory(Acceptor::new)
                .bossEventLoopGroup(acceptors)
                .workerEventLoopGroup(workers)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
    }

    /** How many connections there are. */
    public int connections() {
        return connections.get();
    }

    /** Lets go of its threads; to be called when its server is closed. */
    @Override
    public void close() {
        acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** Whether one more is let in. */
    private boolean admits(Channel channel) {
        if (connections.incrementAndGet() <= connectionsMax) {
            channel.closeFuture().addListener(closed -> connections.decrementAndGet());
            return true;
        }
        connections.decrementAndGet();
        refused.run();
        long now = System.nanoTime();
        long last = warnNanos.get();
        if (now - last >= WARN_NANOS && warnNanos.compareAndSet(last, now)) {
            LOG.warn("there are {} connections of {}, as many as may be; more are refused", connectionsMax, whose);
        }
        return false;
    }

    private final class Acceptor extends NioServerSocketChannel {
        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            int count = super.doReadMessages(accepted);
            if (count == 1) {
                Channel channel = (Channel) accepted.get(accepted.size() - 1);
                if (!admits(channel)) {
                    accepted.remove(accepted.size() - 1);
                    channel.unsafe().closeForcibly();
                }
            }
            return count;
        }
    }
}
