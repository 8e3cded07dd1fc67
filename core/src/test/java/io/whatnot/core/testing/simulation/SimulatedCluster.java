package io.whatnot.core.testing.simulation;

import io.whatnot.core.engine.Engine;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Poison;
import io.whatnot.core.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
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
    private final List<String> names = new ArrayList<>();
    private final Map<String, Node> nodes = new TreeMap<>();
    private long leaderlessSinceNanos;

    /**
     * A cluster that has just been founded.
     *
     * @param size how many nodes
     * @param drift by how much the rate of a node's clock may be off the true one's
     */
    public SimulatedCluster(Simulation simulation, Violations violations, int size, double drift) {
        this.simulation = simulation;
        this.chance = simulation.chance();
        this.violations = violations;
        this.drift = drift;
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
                new Engine.Options("simulated", name, ELECTION_MILLIS),
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
