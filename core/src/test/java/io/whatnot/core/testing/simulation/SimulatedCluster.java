package io.whatnot.core.testing.simulation;

import io.whatnot.core.engine.Engine;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.RequestCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Poison;
import io.whatnot.core.state.State;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.Session;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The nodes of a simulated cluster: real engines over a {@link SimulatedLog} and a {@link SimulatedNetwork}. */
public final class SimulatedCluster {
    /** Of the log. */
    public static final long ELECTION_MILLIS = 500;

    private static final long MILLI = 1_000_000;
    private static final String NAMESPACE = "n";
    /** One session that is ended when somebody tries to, and one that runs out. */
    public static final long POISON_TTL = 3_600_000;

    private static final long POISON_THAT_RUNS_OUT = 7_000;

    private static final class Node {
        final SimulatedProcess process;
        final Engine engine;

        Node(SimulatedProcess process, Engine engine) {
            this.process = process;
            this.engine = engine;
        }
    }

    private final Simulation simulation;
    private final SplittableRandom chance;
    private final Violations violations;
    private final Witness witness;
    private final SimulatedNetwork network;
    private final SimulatedLog log;
    private final double drift;
    private final int historyEventsMax;
    private final List<String> names = new ArrayList<>();
    private final Map<String, Node> nodes = new TreeMap<>();
    private long leaderlessSinceNanos;

    /**
     * A cluster that has just been founded.
     *
     * @param size how many nodes
     * @param drift by how much the rate of a node's clock may be off the true one's
     * @param historyEventsMax how many events of a namespace a node keeps for watchers
     */
    public SimulatedCluster(
            Simulation simulation, Violations violations, int size, double drift, int historyEventsMax) {
        this.simulation = simulation;
        this.chance = simulation.chance();
        this.violations = violations;
        this.drift = drift;
        this.historyEventsMax = historyEventsMax;
        State founding = Poison.found(NAMESPACE, POISON_TTL, POISON_THAT_RUNS_OUT);
        this.witness = new Witness(simulation, founding, violations);
        this.network = new SimulatedNetwork(simulation);
        this.log = new SimulatedLog(simulation, size, founding, witness);
        for (int i = 1; i <= size; i++) {
            names.add("n" + i);
        }
        names.forEach(this::start);
        lookAfterLeadership();
    }

    /** What every node should have. */
    public Witness witness() {
        return witness;
    }

    /** The wires. */
    public SimulatedNetwork network() {
        return network;
    }

    /** The log. */
    public SimulatedLog log() {
        return log;
    }

    /** The names of all nodes, which are their endpoints too. */
    public List<String> names() {
        return List.copyOf(names);
    }

    /** The name of one of the nodes. */
    public String name(int which) {
        return names.get(Math.floorMod(which, names.size()));
    }

    /** A node's process; null if it is down. */
    public @Nullable SimulatedProcess process(String name) {
        Node node = nodes.get(name);
        return node == null ? null : node.process;
    }

    /** The leader's process; null if there is none. */
    public @Nullable SimulatedProcess leader() {
        String name = log.leader();
        return name == null ? null : process(name);
    }

    /** What a node says of itself; null if it is down. */
    public V1.@Nullable StatusReply status(String name) {
        Node node = nodes.get(name);
        return node == null ? null : node.engine.status().build();
    }

    /** What a node's state is; null if it is down. */
    public @Nullable State state(String name) {
        Node node = nodes.get(name);
        return node == null ? null : node.engine.state();
    }

    // ---- nodes come and go

    /** A node starts, or starts again. */
    public void start(String name) {
        if (nodes.containsKey(name)) {
            return;
        }
        simulation.say(() -> name + " starts");
        SimulatedProcess process = new SimulatedProcess(simulation, name, 1 + drift * (2 * chance.nextDouble() - 1));
        Engine engine = new Engine(
                new Engine.Options("simulated", name, ELECTION_MILLIS).withHistoryEventsMax(historyEventsMax),
                log.open(name, process),
                process,
                process,
                process,
                process,
                network.wire(process));
        nodes.put(name, new Node(process, engine));
        network.listen(name, process, engine);
        engine.start();
    }

    /** A node dies, unless too few would be left. */
    public boolean kill(String name) {
        Node node = nodes.get(name);
        if (node == null || nodes.size() - 1 <= names.size() / 2) {
            return false;
        }
        simulation.say(() -> name + " dies");
        nodes.remove(name);
        node.process.die();
        log.gone(name);
        network.died(node.process);
        return true;
    }

    /**
     * Somebody sends a command that throws, and goes on until it is told so, at whatever node.
     *
     * @param answered told when it is, with whether the answer was INTERNAL
     */
    public void poison(Consumer<Boolean> answered) {
        new Pill(answered).swallow();
    }

    /** A client of the poisoned session that closes it. */
    private final class Pill implements FrameListener<V1.ControlReply> {
        private final SimulatedProcess process = new SimulatedProcess(simulation, "pill", 1);
        private final Consumer<Boolean> answered;
        private @Nullable FrameStream<V1.ControlFrame> stream;
        private boolean done;

        Pill(Consumer<Boolean> answered) {
            this.answered = answered;
        }

        void swallow() {
            if (done) {
                return;
            }
            long session = 0;
            for (OrderedMap.Entry<Long, Session> each :
                    witness.state().sessions().all()) {
                if (each.value().secret().equals(Poison.secret(POISON_TTL))) {
                    session = each.key();
                }
            }
            if (stream != null) {
                stream.fail(new StreamFailure(StreamFailure.Kind.CLOSED, "another try"));
            }
            stream = network.wire(process).control(name(chance.nextInt(names.size())), this);
            Request close = new Request(session, 2, 2, List.of(), "", new SessionCommand.Close());
            stream.send(V1.ControlFrame.newBuilder()
                    .setHello(V1.Hello.newBuilder().setClient("pill"))
                    .addCalls(V1.Call.newBuilder()
                            .setId(1)
                            .setAttach(V1.Attach.newBuilder()
                                    .setSession(session)
                                    .setSecret(CommonCodec.encode(Poison.secret(POISON_TTL)))))
                    .addCalls(V1.Call.newBuilder().setId(2).setRequest(RequestCodec.encode(close)))
                    .build());
            process.schedule(700, this::swallow);
        }

        @Override
        public void frame(V1.ControlReply frame) {
            for (V1.Answer answer : frame.getAnswersList()) {
                if (answer.getId() == 2 && !done && !isLater(answer.getResult())) {
                    done = true;
                    answered.accept(answer.getResult().hasRefused()
                            && answer.getResult().getRefused().getCode() == V1.ErrorCode.INTERNAL);
                    if (stream != null) {
                        stream.close();
                    }
                }
            }
        }

        private boolean isLater(V1.Result result) {
            V1.ErrorCode code = result.getRefused().getCode();
            return code == V1.ErrorCode.UNAVAILABLE
                    || code == V1.ErrorCode.RATE_LIMITED
                    || code == V1.ErrorCode.UNAUTHENTICATED;
        }

        @Override
        public void ready() {
            // everything was sent at once
        }

        @Override
        public void closed(StreamFailure why) {
            // it is tried again anyway
        }
    }

    /** As Raft does: when nobody leads for an election time-out, somebody is elected. */
    private void lookAfterLeadership() {
        simulation.after(50 * MILLI, () -> {
            SimulatedProcess leader = leader();
            boolean led = leader != null && !leader.isStalled() && log.canCommit();
            if (led) {
                leaderlessSinceNanos = simulation.nanos();
            } else if (simulation.nanos() - leaderlessSinceNanos
                    > ELECTION_MILLIS * MILLI + chance.nextLong(200 * MILLI)) {
                log.elect(chance.nextInt(), false);
            }
            lookAfterLeadership();
        });
    }

    /** Whether every node is up, has applied everything, and there is a leader that knows it is. */
    public boolean isCalm() {
        return nodes.size() == names.size()
                && log.isLed()
                && names.stream().allMatch(name -> log.applied(name) == log.committed());
    }

    /** Requires that all nodes have the same, when they are calm (I13). */
    public void compareAll() {
        for (String name : names) {
            Node node = nodes.get(name);
            if (node != null && log.applied(name) == log.committed()) {
                witness.compare(name, node.engine.state());
            } else {
                violations.add("I13 replicas are equal", name + " is not where the others are, though all is calm");
            }
        }
    }
}
