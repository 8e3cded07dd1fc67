package io.whatnot.core.testing.simulation;

import com.google.protobuf.MessageLite;
import io.whatnot.core.engine.Engine;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.StreamFailure.Kind;
import io.whatnot.core.wire.Wire;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The wires of a simulated world. A stream is like TCP: its frames arrive in order and once, or the stream is broken,
 * which each end finds out when it does. Frames take time, lines break, stay half open, and are cut in one direction or
 * both; who reads slowly holds the sender back.
 */
public final class SimulatedNetwork {
    private static final long MILLI = 1_000_000;
    /** So many frames may be on their way before the stream is not ready any more. */
    private static final int WINDOW = 24;

    private record Host(SimulatedProcess process, Engine engine) {}

    private record Link(String from, String to) implements Comparable<Link> {
        @Override
        public int compareTo(Link other) {
            int byFrom = from.compareTo(other.from);
            return byFrom != 0 ? byFrom : to.compareTo(other.to);
        }
    }

    private final Simulation simulation;
    private final SplittableRandom chance;
    private final Map<String, Host> hosts = new TreeMap<>();
    private final Set<Line<?, ?>> lines = new LinkedHashSet<>();
    private final Map<Link, Long> cutUntil = new TreeMap<>();
    private final Map<String, Long> slowUntil = new TreeMap<>();
    private final Map<String, Long> slowBy = new TreeMap<>();
    private long frames;

    /** A network of nobody. */
    public SimulatedNetwork(Simulation simulation) {
        this.simulation = simulation;
        this.chance = simulation.chance();
    }

    // ---- who is there

    /** A node can be reached from now on. */
    public void listen(String endpoint, SimulatedProcess process, Engine engine) {
        hosts.put(endpoint, new Host(process, engine));
    }

    /** A process has died: the other ends of its lines find out sooner or later. */
    public void died(SimulatedProcess process) {
        hosts.values().removeIf(host -> host.process == process);
        for (Line<?, ?> line : List.copyOf(lines)) {
            if (line.client == process || line.server == process) {
                line.sever(chance.nextInt(4) == 0);
            }
        }
    }

    /** How many frames have arrived. */
    public long frames() {
        return frames;
    }

    /** How many lines are not known to be over by both ends. */
    public int lines() {
        return lines.size();
    }

    // ---- faults

    /** Nothing gets from one to the other for a while. */
    public void cut(String from, String to, long forNanos) {
        cutUntil.merge(new Link(from, to), simulation.nanos() + forNanos, Math::max);
    }

    /** All cuts and delays are over, and whoever has a line that is broken finds out. */
    public void heal() {
        cutUntil.clear();
        slowUntil.clear();
        List.copyOf(lines).forEach(Line::findOut);
    }

    /** Everything to and from somebody takes longer for a while. */
    public void slowDown(String name, long byNanos, long forNanos) {
        slowBy.put(name, byNanos);
        slowUntil.put(name, simulation.nanos() + forNanos);
    }

    /** A line breaks. */
    public void breakLine(int which, boolean halfOpen) {
        if (!lines.isEmpty()) {
            new ArrayList<>(lines).get(Math.floorMod(which, lines.size())).sever(halfOpen);
        }
    }

    private boolean isCut(String from, String to) {
        Long until = cutUntil.get(new Link(from, to));
        return until != null && until > simulation.nanos();
    }

    private long delay(String from, String to) {
        long delay = MILLI / 20 + chance.nextLong(chance.nextInt(16) == 0 ? 15 * MILLI : MILLI / 2);
        return delay + slowness(from) + slowness(to);
    }

    private long slowness(String name) {
        Long until = slowUntil.get(name);
        return until == null || until <= simulation.nanos() ? 0 : slowBy.getOrDefault(name, 0L);
    }

    // ---- lines

    /** A process's way to the nodes. */
    public Wire wire(SimulatedProcess process) {
        return new Wire() {
            @Override
            public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener) {
                return connect(process, endpoint, listener, engine -> engine::control);
            }

            @Override
            public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener) {
                return connect(process, endpoint, listener, engine -> engine::watch);
            }

            @Override
            public CompletableFuture<V1.StatusReply> status(String endpoint) {
                Host host = hosts.get(endpoint);
                return host == null
                        ? CompletableFuture.failedFuture(new IllegalStateException("nobody is there"))
                        : CompletableFuture.completedFuture(host.engine.status().build());
            }

            @Override
            public void close() {
                // lines are closed by whoever opened them
            }
        };
    }

    private <Q extends MessageLite, P extends MessageLite> FrameStream<Q> connect(
            SimulatedProcess client,
            String endpoint,
            FrameListener<P> listener,
            Function<Engine, Function<FrameStream<P>, FrameListener<Q>>> serve) {
        Host host = hosts.get(endpoint);
        Line<Q, P> line = new Line<>(client, host == null ? client : host.process, endpoint, listener);
        lines.add(line);
        if (host == null) {
            line.toServer.isSilent = true;
            line.sever(false);
            return line.toServer;
        }
        if (isCut(client.name(), endpoint) || isCut(endpoint, client.name())) {
            line.fallSilent();
            return line.toServer;
        }
        long arrives = simulation.nanos() + delay(client.name(), endpoint);
        line.toServer.lastArrivalNanos = arrives;
        host.process.after(arrives - simulation.nanos(), () -> line.accept(serve.apply(host.engine)));
        return line.toServer;
    }

    private final class Line<Q extends MessageLite, P extends MessageLite> {
        final SimulatedProcess client;
        final SimulatedProcess server;
        final End<Q> toServer;
        final End<P> toClient;
        private boolean severed;
        private boolean doomed;

        Line(SimulatedProcess client, SimulatedProcess server, String endpoint, FrameListener<P> listener) {
            this.client = client;
            this.server = server;
            this.toServer = new End<>(this, client, server, client.name(), endpoint);
            this.toClient = new End<>(this, server, client, endpoint, client.name());
            toServer.own = listener;
            toClient.receiver = listener;
            toServer.other = toClient;
            toClient.other = toServer;
        }

        void accept(Function<FrameStream<P>, FrameListener<Q>> serve) {
            if (severed || toServer.told) {
                return;
            }
            toClient.established = true;
            FrameListener<Q> listener = serve.apply(toClient);
            toServer.receiver = listener;
            toClient.own = listener;
            client.after(delay(toClient.fromName, toClient.toName), () -> {
                toServer.established = true;
                toServer.becomeReady();
            });
            toClient.becomeReady();
        }

        /** It breaks. The ends find out at once, or one of them much later. */
        void sever(boolean halfOpen) {
            if (severed) {
                return;
            }
            severed = true;
            toServer.isSilent = true;
            toClient.isSilent = true;
            toServer.flying.clear();
            toClient.flying.clear();
            StreamFailure why = new StreamFailure(Kind.UNREACHABLE, "the line broke");
            boolean clientLate = halfOpen && chance.nextBoolean();
            toServer.tellClosedAfter(chance.nextLong(clientLate ? 8_000 * MILLI : 10 * MILLI), why);
            toClient.tellClosedAfter(chance.nextLong(halfOpen && !clientLate ? 8_000 * MILLI : 10 * MILLI), why);
            simulation.after(9_000 * MILLI, () -> lines.remove(this));
        }

        /** What was sent is lost, so nothing more arrives; somebody notices after some seconds. */
        void fallSilent() {
            toServer.isSilent = true;
            toClient.isSilent = true;
            toServer.flying.clear();
            toClient.flying.clear();
            if (!doomed) {
                doomed = true;
                simulation.after(1_000 * MILLI + chance.nextLong(6_000 * MILLI), () -> sever(false));
            }
        }

        /** Both ends learn at once of what has befallen it. */
        void findOut() {
            if (doomed) {
                sever(false);
            } else if (severed) {
                StreamFailure why = new StreamFailure(Kind.UNREACHABLE, "the line broke");
                toServer.tellClosedAfter(chance.nextLong(10 * MILLI), why);
                toClient.tellClosedAfter(chance.nextLong(10 * MILLI), why);
            }
        }

        void overIfBothKnow() {
            if (toServer.told && toClient.told) {
                lines.remove(this);
            }
        }
    }

    /** The end of a line that sends frames of one kind. */
    private final class End<T extends MessageLite> implements FrameStream<T> {
        private final Line<?, ?> line;
        private final SimulatedProcess from;
        private final SimulatedProcess to;
        private final String fromName;
        private final String toName;
        private final Deque<T> flying = new ArrayDeque<>();
        private @Nullable FrameListener<T> receiver;
        private @Nullable FrameListener<?> own;
        private @Nullable End<?> other;
        private boolean established;
        private boolean isSilent;
        private boolean over;
        private boolean told;
        private boolean heldBack;
        private long lastArrivalNanos;

        End(Line<?, ?> line, SimulatedProcess from, SimulatedProcess to, String fromName, String toName) {
            this.line = line;
            this.from = from;
            this.to = to;
            this.fromName = fromName;
            this.toName = toName;
        }

        @Override
        public boolean isReady() {
            boolean ready = !over && established && flying.size() < WINDOW;
            heldBack |= !ready;
            return ready;
        }

        @Override
        public void send(T frame) {
            if (over || isSilent) {
                return;
            }
            if (isCut(fromName, toName)) {
                line.fallSilent();
                return;
            }
            flying.add(frame);
            lastArrivalNanos = Math.max(lastArrivalNanos, simulation.nanos() + delay(fromName, toName));
            to.after(lastArrivalNanos - simulation.nanos(), this::arrive);
        }

        private void arrive() {
            T frame = flying.poll();
            FrameListener<T> at = receiver;
            if (frame == null || at == null || other == null || other.told || other.over) {
                return;
            }
            frames++;
            simulation.trace(Arrays.hashCode(frame.toByteArray()));
            at.frame(frame);
            if (heldBack && flying.size() < WINDOW / 2) {
                becomeReady();
            }
        }

        private void becomeReady() {
            heldBack = false;
            from.after(0, () -> {
                FrameListener<?> listener = own;
                if (listener != null && !told && !over) {
                    listener.ready();
                }
            });
        }

        @Override
        public void close() {
            if (!over) {
                over = true;
                End<?> there = other;
                if (there != null && !isSilent) {
                    long left = Math.max(lastArrivalNanos - simulation.nanos(), delay(fromName, toName));
                    there.tellClosedAfter(left, StreamFailure.CLOSED);
                    tellClosedAfter(left + delay(toName, fromName), StreamFailure.CLOSED);
                }
            }
        }

        @Override
        public void fail(StreamFailure why) {
            if (over) {
                return;
            }
            over = true;
            End<?> there = other;
            if (there != null && !isSilent) {
                if (chance.nextBoolean()) {
                    flying.clear();
                }
                Kind kind = this == line.toServer || why.kind() == Kind.CLOSED ? Kind.UNREACHABLE : why.kind();
                long left = Math.max(lastArrivalNanos - simulation.nanos(), delay(fromName, toName));
                there.tellClosedAfter(left, new StreamFailure(kind, why.message()));
            }
            tellClosedAfter(0, new StreamFailure(Kind.UNREACHABLE, why.message()));
        }

        private void tellClosedAfter(long delayNanos, StreamFailure why) {
            from.after(delayNanos, () -> {
                if (told) {
                    return;
                }
                told = true;
                over = true;
                FrameListener<?> listener = own;
                if (listener != null) {
                    listener.closed(why);
                }
                line.overIfBothKnow();
            });
        }
    }
}
