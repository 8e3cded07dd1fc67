package io.whatnot.node.faults;

import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.GrpcWire;
import io.whatnot.node.rpc.PeerChannels;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Asks all nodes several times a second, on ways that no fault is on, in which term they are and who leads. */
final class LeaderSampling implements AutoCloseable {
    private static final long PAUSE_MILLIS = 200;
    private static final long ANSWER_MILLIS = 500;

    private final FaultyNetwork network;
    private final Leaders leaders;
    private final GrpcWire wire = new GrpcWire(PeerChannels::open);
    private final Thread thread = new Thread(this::run, "leader-sampling");
    private volatile boolean closed;
    private final AtomicLong samples = new AtomicLong();
    private final AtomicLong complete = new AtomicLong();

    private LeaderSampling(FaultyNetwork network, Leaders leaders) {
        this.network = network;
        this.leaders = leaders;
    }

    /** Goes on until it is closed. */
    static LeaderSampling start(FaultyNetwork network, Leaders leaders) {
        LeaderSampling sampling = new LeaderSampling(network, leaders);
        sampling.thread.setDaemon(true);
        sampling.thread.start();
        return sampling;
    }

    private void run() {
        try {
            while (!closed) {
                sample();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it is closed
        }
    }

    private void sample() throws InterruptedException {
        long asked = System.nanoTime();
        List<CompletableFuture<V1.StatusReply>> answers = IntStream.range(0, network.nodes())
                .mapToObj(node -> wire.status(network.clientListener(node)))
                .toList();
        long deadline = asked + TimeUnit.MILLISECONDS.toNanos(ANSWER_MILLIS);
        long known = 0;
        int answered = 0;
        for (CompletableFuture<V1.StatusReply> answer : answers) {
            try {
                V1.StatusReply status = answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                answered++;
                known = Math.max(known, status.getTerm());
                if (status.getRole().equals("leader")) {
                    leaders.led(System.nanoTime(), status.getTerm());
                }
            } catch (ExecutionException | TimeoutException e) {
                // it is down, or paused: then not all are known
            }
        }
        samples.incrementAndGet();
        if (answered == network.nodes()) {
            complete.incrementAndGet();
            leaders.known(asked, known);
        }
    }

    /** How often. */
    String summary() {
        return samples + " times the nodes were asked who leads, and " + complete + " times all answered";
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        wire.close();
    }
}
