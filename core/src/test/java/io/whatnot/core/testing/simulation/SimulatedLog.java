package io.whatnot.core.testing.simulation;

import com.google.protobuf.ByteString;
import io.whatnot.core.engine.ReplicatedLog;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.state.ImageReader;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.core.state.Poison;
import io.whatnot.core.state.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The log of a simulated cluster. It keeps the promises that Raft makes: one total order; what is committed is for ever;
 * of the uncommitted tail of a leader that is deposed a first part is kept and the rest lost; a leader begins when it has
 * applied everything of earlier terms; a read index is not before what was committed when it was asked for. And it does
 * what Raft may do: lets replicas lag behind, installs snapshots instead of entries, leaves deposed leaders ignorant for
 * a while.
 */
public final class SimulatedLog {
    private static final long MILLI = 1_000_000;

    /** Looks on. */
    public interface Onlooker {
        /** An entry is committed. */
        void committed(long index, ByteString entry, long appendedNanos);

        /** A replica has applied the entry of that index, or was restored to it. */
        void replica(String node, long index, State state, boolean restored);
    }

    private record Committed(@Nullable ByteString entry) {}

    private static final class Pending {
        final @Nullable ByteString entry;
        final ReplicatedLog.@Nullable Context context;
        final @Nullable Port port;
        final long appendedNanos;
        boolean replicated;

        Pending(
                @Nullable ByteString entry,
                ReplicatedLog.@Nullable Context context,
                @Nullable Port port,
                long appendedNanos) {
            this.entry = entry;
            this.context = context;
            this.port = port;
            this.appendedNanos = appendedNanos;
        }
    }

    private final Simulation simulation;
    private final SplittableRandom chance;
    private final int voters;
    private final ByteString founding;
    private final Onlooker onlooker;
    private final List<Committed> committed = new ArrayList<>();
    private final Deque<Pending> tail = new ArrayDeque<>();
    private final Map<String, Port> ports = new TreeMap<>();
    private final Map<String, Image> images = new TreeMap<>();
    private long term;
    private @Nullable Port leader;
    /** The index of the entry that begins the term, once it is committed. */
    private long termBeginsAt;
    /** Besides what it takes anyway: how long it takes longer to replicate. */
    private long slowNanos;

    private boolean asksAgain;

    private record Image(long index, ByteString bytes) {}

    /**
     * A log without entries.
     *
     * @param voters how many nodes there are
     * @param founding the state before the first entry
     */
    public SimulatedLog(Simulation simulation, int voters, State founding, Onlooker onlooker) {
        this.simulation = simulation;
        this.chance = simulation.chance();
        this.voters = voters;
        this.founding = write(founding);
        this.onlooker = onlooker;
    }

    private static ByteString write(State state) {
        ByteString.Output bytes = ByteString.newOutput();
        try {
            ImageWriter.write(state, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteString();
    }

    private static State read(ByteString image) {
        try {
            return Poison.plant(ImageReader.read(image.newInput()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- nodes come and go

    /** The log as a new process of a node has it: at first nothing but the image that the node last made, if any. */
    public Port open(String node, SimulatedProcess process) {
        Port port = new Port(node, process);
        ports.put(node, port);
        return port;
    }

    /** A node is gone; if it led nobody does. */
    public void gone(String node) {
        Port port = ports.remove(node);
        if (port != null) {
            port.closed = true;
            if (port == leader) {
                leader = null;
            }
        }
    }

    private boolean isUp(Port port) {
        return !port.closed && !port.process.isDead();
    }

    private boolean takesPart(Port port) {
        return isUp(port) && !port.process.isStalled() && !port.isIsolated();
    }

    private boolean hasQuorum(Port of) {
        return takesPart(of) && ports.values().stream().filter(this::takesPart).count() > voters / 2;
    }

    /** The node that leads, by the latest term; null if none does. */
    public @Nullable String leader() {
        return leader == null ? null : leader.node;
    }

    /** Whether there is a leader that knows it is, and can get entries committed. */
    public boolean isLed() {
        return leader != null && leader.toldTerm == term && hasQuorum(leader);
    }

    /** Whether the leader, whether it knows or not, can get entries committed. */
    public boolean canCommit() {
        return leader != null && hasQuorum(leader);
    }

    /** The latest term. */
    public long term() {
        return term;
    }

    /** How many entries are committed. */
    public long committed() {
        return committed.size();
    }

    /** How far a node is. */
    public long applied(String node) {
        Port port = ports.get(node);
        return port == null ? 0 : port.applied;
    }

    // ---- faults

    /** Some node that can be elected is; false if none can, or only the one that leads already. */
    public boolean elect(int which, boolean another) {
        List<Port> able = ports.values().stream()
                .filter(port -> port.started && hasQuorum(port) && !(another && port == leader))
                .toList();
        if (able.isEmpty()) {
            return false;
        }
        elect(able.get(Math.floorMod(which, able.size())));
        return true;
    }

    private void elect(Port next) {
        Port old = leader;
        term++;
        leader = next;
        termBeginsAt = 0;
        long electedIn = term;
        simulation.trace(next.node);
        int kept = tail.isEmpty() ? 0 : chance.nextInt(tail.size() + 1);
        simulation.say(() -> next.node + " is elected in term " + electedIn + "; of " + tail.size()
                + " uncommitted entries " + kept + " are kept");
        Deque<Pending> inherited = new ArrayDeque<>();
        for (Pending pending : tail) {
            if (pending.port != null && pending.context != null) {
                pending.port.doomed.add(pending.context);
            }
            if (inherited.size() < kept) {
                Pending mine = new Pending(pending.entry, null, null, pending.appendedNanos);
                inherited.add(mine);
            }
        }
        tail.clear();
        tail.addAll(inherited);
        Pending beginning = new Pending(null, null, next, simulation.nanos());
        tail.add(beginning);
        tail.forEach(this::replicate);
        for (Port port : List.copyOf(ports.values())) {
            if (port == old || port.toldTerm != 0) {
                // It learns of it by and by; until then it believes that it leads.
                port.process.after(chance.nextLong(chance.nextBoolean() ? 20 * MILLI : 700 * MILLI), () -> {
                    if (port != leader || port.toldTerm != term) {
                        port.stepDown();
                        port.tellLeading();
                        port.followLeader(term, chance.nextLong(100 * MILLI));
                    }
                });
            } else if (port != next) {
                port.follow(null, chance.nextLong(100 * MILLI));
            }
            if (port != next) {
                port.followLeader(term, 100 * MILLI + chance.nextLong(200 * MILLI));
            }
        }
    }

    /** For a while nothing gets to the node, nor from it. */
    public void isolate(String node, long forNanos) {
        Port port = ports.get(node);
        if (port != null) {
            port.isolatedUntil = simulation.nanos() + forNanos;
            simulation.after(forNanos + 1, this::commitMore);
        }
    }

    /** For a while the node applies nothing. */
    public void lag(String node, long forNanos) {
        Port port = ports.get(node);
        if (port != null) {
            port.lagsUntil = simulation.nanos() + forNanos;
        }
    }

    /** For a while nothing but what makes room is to be appended. */
    public void fill(String node, long forNanos) {
        Port port = ports.get(node);
        if (port != null) {
            port.fullUntil = simulation.nanos() + forNanos;
        }
    }

    /** From now on replication takes that much longer. */
    public void slowDown(long byNanos) {
        slowNanos = byNanos;
    }

    /** The node keeps an image of its state, as of now, for when it starts again. */
    public void makeImage(String node) {
        Port port = ports.get(node);
        if (port != null && isUp(port) && port.listener != null && port.applied > 0) {
            images.put(node, new Image(port.applied, write(port.listener.image())));
        }
    }

    /** A node that is behind another gets that one's state instead of the entries between; false if it is not. */
    public boolean install(String node) {
        Port port = ports.get(node);
        if (port == null || !isUp(port) || port.toldTerm != 0 || port == leader || !port.started) {
            return false;
        }
        for (Port from : ports.values()) {
            if (from.listener != null && isUp(from) && from.applied > port.applied) {
                Image image = new Image(from.applied, write(from.listener.image()));
                port.process.after(chance.nextLong(20 * MILLI), () -> port.install(image));
                return true;
            }
        }
        return false;
    }

    // ---- the way of an entry

    private void replicate(Pending pending) {
        long delay = MILLI / 5 + chance.nextLong(chance.nextInt(16) == 0 ? 20 * MILLI : 2 * MILLI) + slowNanos;
        simulation.after(delay, () -> {
            pending.replicated = true;
            commitMore();
        });
    }

    /** Commits, in order, what a quorum has. */
    private void commitMore() {
        Port leads = leader;
        while (leads != null && !tail.isEmpty() && tail.getFirst().replicated && hasQuorum(leads)) {
            Pending pending = tail.removeFirst();
            committed.add(new Committed(pending.entry));
            long index = committed.size();
            if (pending.entry == null) {
                termBeginsAt = index;
            } else {
                simulation.trace(pending.entry.hashCode());
                onlooker.committed(index, pending.entry, pending.appendedNanos);
            }
            if (pending.port != null && pending.context != null) {
                pending.port.contexts.put(index, pending.context);
            }
            ports.values().forEach(Port::pump);
        }
        if (!asksAgain && leads != null && !tail.isEmpty() && tail.getFirst().replicated) {
            asksAgain = true;
            simulation.after(50 * MILLI, () -> {
                asksAgain = false;
                commitMore();
            });
        }
    }

    /** One process's end of the log. */
    public final class Port implements ReplicatedLog {
        private final String node;
        private final SimulatedProcess process;
        private final TreeMap<Long, Context> contexts = new TreeMap<>();
        private final List<Context> doomed = new ArrayList<>();
        private final List<Waiting> waiting = new ArrayList<>();
        private @Nullable Listener listener;
        private boolean started;
        private boolean closed;
        private boolean pumping;
        private long applied;
        /** The term it was told that it leads in; 0 if it was told otherwise since. */
        private long toldTerm;

        private long isolatedUntil;
        private long lagsUntil;
        private long fullUntil;

        private record Waiting(long index, Reader reader) {}

        Port(String node, SimulatedProcess process) {
            this.node = node;
            this.process = process;
        }

        private boolean isIsolated() {
            return isolatedUntil > simulation.nanos();
        }

        private Listener told() {
            if (listener == null) {
                throw new IllegalStateException("not started");
            }
            return listener;
        }

        // ---- as the engine sees it

        @Override
        public void start(Listener to) {
            listener = to;
            Image last = images.get(node);
            restore(0, founding);
            if (last != null && chance.nextInt(4) != 0) {
                restore(last.index, last.bytes);
            }
            to.following(null);
            process.after(chance.nextLong(100 * MILLI), () -> {
                started = true;
                followLeader(term, chance.nextLong(200 * MILLI));
                pump();
            });
        }

        @Override
        public void append(long appendedIn, byte[] entry, Context context) {
            if (closed) {
                process.after(0, context::failed);
            } else if (this == leader && appendedIn == term) {
                Pending pending = new Pending(ByteString.copyFrom(entry), context, this, simulation.nanos());
                tail.add(pending);
                replicate(pending);
            } else if (appendedIn == toldTerm && toldTerm != 0) {
                doomed.add(context); // it does not know yet that it is deposed
            } else {
                process.after(chance.nextLong(MILLI), context::failed);
            }
        }

        @Override
        public void readIndex(Reader reader) {
            boolean deposed = toldTerm != 0 && (leader != this || toldTerm != term);
            process.after(MILLI / 10 + chance.nextLong(2 * MILLI), () -> {
                Port leads = leader;
                boolean can = !closed
                        && !deposed
                        && takesPart(this)
                        && leads != null
                        && termBeginsAt > 0
                        && leads.applied >= termBeginsAt
                        && hasQuorum(leads);
                if (can) {
                    long index = committed.size();
                    process.after(MILLI / 10 + chance.nextLong(2 * MILLI), () -> await(index, reader));
                } else {
                    process.after(
                            chance.nextLong(chance.nextBoolean() ? 10 * MILLI : 2_000 * MILLI),
                            () -> reader.failed("no majority could be asked"));
                }
            });
        }

        private void await(long index, Reader reader) {
            if (applied >= index) {
                reader.caughtUp();
            } else {
                waiting.add(new Waiting(index, reader));
                pump();
            }
        }

        @Override
        public void changeMembers(MemberChange change, Consumer<MemberOutcome> told) {
            told.accept(new MemberOutcome(MemberOutcome.Kind.WRONG, "the members are always the same here"));
        }

        /** All processes run this version. Some can't be asked now; the answers come in their time. */
        @Override
        public void askLevels(Consumer<List<NodeLevel>> told) {
            process.after(
                    MILLI / 10 + chance.nextLong(4 * MILLI),
                    () -> told.accept(ports.values().stream()
                            .filter(port -> port != this)
                            .map(port -> port.closed || port.isIsolated() || isIsolated()
                                    ? NodeLevel.unknown(port.node, "it can't be reached")
                                    : NodeLevel.of(port.node, FeatureLevel.NEWEST))
                            .toList()));
        }

        @Override
        public void noteLongestTtl(long millis, Runnable then) {
            then.run();
        }

        @Override
        public boolean hasRoom() {
            return fullUntil <= simulation.nanos();
        }

        @Override
        public void close() {
            closed = true;
        }

        // ---- applying

        private void pump() {
            if (!pumping && started && !closed && applied < committed.size()) {
                pumping = true;
                long delay = chance.nextLong(chance.nextInt(8) == 0 ? 8 * MILLI : MILLI / 2);
                long until = Math.max(lagsUntil, isolatedUntil) - simulation.nanos();
                process.after(Math.max(delay, until), this::applyMore);
            }
        }

        private void applyMore() {
            pumping = false;
            if (closed || Math.max(lagsUntil, isolatedUntil) > simulation.nanos()) {
                pump();
                return;
            }
            int many = 1 + chance.nextInt(8);
            for (int i = 0; i < many && applied < committed.size() && !closed; i++) {
                applyNext();
            }
            tellLeading();
            tellReaders();
            pump();
        }

        private void applyNext() {
            ByteString entry = committed.get((int) applied).entry;
            applied++;
            Context context = contexts.remove(applied);
            if (entry != null) {
                told().applied(applied, entry, context);
                onlooker.replica(node, applied, told().image(), false);
            }
            simulation.trace(applied);
        }

        private void tellReaders() {
            for (Waiting each : List.copyOf(waiting)) {
                if (each.index <= applied) {
                    waiting.remove(each);
                    each.reader.caughtUp();
                }
            }
        }

        private void install(Image image) {
            if (closed || image.index <= applied || toldTerm != 0 || this == leader) {
                return;
            }
            simulation.say(() -> node + " is restored from entry " + applied + " to " + image.index);
            restore(image.index, image.bytes);
            List<Context> passed =
                    new ArrayList<>(contexts.headMap(image.index, true).values());
            contexts.headMap(image.index, true).clear();
            passed.forEach(Context::failed);
            tellReaders();
        }

        private void restore(long index, ByteString image) {
            applied = index;
            told().restored(index, read(image));
            if (index > 0) {
                onlooker.replica(node, index, told().image(), true);
            }
        }

        // ---- who leads

        private void tellLeading() {
            if (this == leader && toldTerm != term && termBeginsAt > 0 && applied >= termBeginsAt) {
                if (toldTerm != 0) {
                    stepDown();
                }
                toldTerm = term;
                simulation.say(() -> node + " leads in term " + term);
                told().leading(term, null);
                if (chance.nextInt(8) == 0) {
                    told().leading(term, null);
                }
            }
        }

        private void stepDown() {
            List<Context> lost = List.copyOf(doomed);
            doomed.clear();
            toldTerm = 0;
            simulation.say(() -> node + " knows that it does not lead");
            if (chance.nextBoolean()) {
                lost.forEach(Context::failed);
                told().following(null);
            } else {
                told().following(null);
                lost.forEach(Context::failed);
            }
        }

        private void follow(@Nullable String endpoint, long delayNanos) {
            process.after(delayNanos, () -> {
                if (!closed && toldTerm == 0 && this != leader) {
                    told().following(endpoint);
                }
            });
        }

        /** It hears of the leader of that term, unless there is another by then. */
        private void followLeader(long ofTerm, long delayNanos) {
            process.after(delayNanos, () -> {
                if (closed || ofTerm != term || leader == null || leader == this) {
                    return;
                }
                if (isIsolated() || toldTerm != 0) {
                    followLeader(ofTerm, 100 * MILLI);
                } else {
                    told().following(leader.node);
                }
            });
        }
    }
}
