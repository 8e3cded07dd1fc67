package io.whatnot.node.faults;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * One direction of a connection through the network: what is read from one side is written to the other, in order, when the
 * link lets it. Holds a bounded amount, then reads no more, so that the sender feels it.
 */
final class Pipe extends ChannelInboundHandlerAdapter {
    private static final int BYTES_MAX = 1 << 20;

    private record Piece(ByteBuf bytes, boolean last, long dueNanos) {}

    private final Link link;
    private final Deque<Piece> pieces = new ArrayDeque<>();
    private final Channel to;
    private final Channel from;
    private long heldBytes;
    private boolean waiting;

    Pipe(Link link, Channel from, Channel to) {
        this.link = link;
        this.from = from;
        this.to = to;
        link.add(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        heldBytes += bytes.readableBytes();
        hold(new Piece(bytes, false, due()));
        pump();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        hold(new Piece(Unpooled.EMPTY_BUFFER, true, due()));
        pump();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // a process that was killed resets its connections; the other end hears of it by
        // channelInactive
    }

    private long due() {
        long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(link.delayMillis());
        Piece before = pieces.peekLast();
        return before == null || before.dueNanos - due <= 0 ? due : before.dueNanos;
    }

    private void hold(Piece piece) {
        pieces.add(piece);
        readIfThereIsRoom();
    }

    /** Passes on what is due, unless the link is stalled. */
    void pump() {
        while (!link.isStalled()) {
            Piece piece = pieces.peek();
            if (piece == null) {
                break;
            }
            long left = piece.dueNanos - System.nanoTime();
            if (left > 0) {
                pumpAfter(left);
                break;
            }
            pieces.remove();
            pass(piece);
        }
        readIfThereIsRoom();
    }

    private void pumpAfter(long nanos) {
        if (!waiting) {
            waiting = true;
            from.eventLoop()
                    .schedule(
                            () -> {
                                waiting = false;
                                pump();
                            },
                            nanos,
                            TimeUnit.NANOSECONDS);
        }
    }

    private void pass(Piece piece) {
        if (piece.last) {
            link.remove(this);
            to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        int bytes = piece.bytes.readableBytes();
        to.writeAndFlush(piece.bytes).addListener(written -> {
            heldBytes -= bytes;
            readIfThereIsRoom();
        });
    }

    private void readIfThereIsRoom() {
        from.config().setAutoRead(heldBytes < BYTES_MAX);
    }

    /** Both ends are reset, and what was under way is lost. */
    void abort() {
        link.remove(this);
        for (Channel end : new Channel[] {from, to}) {
            if (end.isActive()) {
                end.config().setOption(ChannelOption.SO_LINGER, 0);
            }
            end.close();
        }
        pieces.forEach(piece -> piece.bytes.release());
        pieces.clear();
    }
}
