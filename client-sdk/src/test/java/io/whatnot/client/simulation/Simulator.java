package io.whatnot.client.simulation;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.testing.simulation.SimulatedCluster;
import io.whatnot.core.testing.simulation.SimulatedProcess;
import io.whatnot.core.testing.simulation.Simulation;
import io.whatnot.core.testing.simulation.Violations;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs the simulation of one seed: its steps one after the other, then all faults end, and then everything must come
 * right: somebody leads, every call is answered, watchers know everything, all replicas are equal, and when the clients
 * are gone nothing of them is left.
 */
final class Simulator {
    private static final long MILLI = 1_000_000;
    private static final long STALL_MILLIS_MAX = 30_000;
    /** The poisoned sessions never end. */
    private static final int POISONED = 2;

    /**
     * What came of a seed.
     *
     * @param hash of everything that happened
     * @param operations how many calls clients made
     * @param faults how many faults there were
     * @param violations what was found
     * @param lines what happened last, if that was recorded
     * @param counts how much of what happened, in words
     */
    record Outcome(long hash, long operations, int faults, List<String> violations, List<String> lines, String counts) {
        boolean isFine() {
            return violations.isEmpty();
        }

        /** The name of the first guarantee that was broken. */
        String guarantee() {
            return violations.isEmpty() ? "" : violations.get(0).replaceAll(" at [0-9]+ ms: .*", "");
        }
    }

    private final long seed;
    private final Simulation simulation;
    private final Violations violations;
    private final SplittableRandom chance;
    private final World world;
    private final SimulatedCluster cluster;
    private final double drift;
    /** Then no machine is suspended, for a clock that is set back meanwhile hides that. */
    private final boolean clocksAreSetBack;

    private final List<SimulatedClient> clients = new ArrayList<>();
    private final int clientCount;
    private int clientsEver;
    private long operations;
    private int faults;
    private long quietFromNanos;
    private boolean poisoned;
    private long lastEntryMillis;
    private long lastEntryAppendedNanos;

    private Simulator(long seed, boolean recording) {
        this.seed = seed;
        this.simulation = new Simulation(seed, recording);
        this.violations = new Violations(simulation);
        this.chance = simulation.chance();
        boolean clocksWithinDrift = chance.nextInt(8) != 0;
        this.drift = clocksWithinDrift ? 0.004 : 0.05;
        int size = chance.nextInt(4) == 0 ? 5 : 3;
        int historyEventsMax = chance.nextInt(3) == 0 ? 2 + chance.nextInt(14) : 100_000;
        this.cluster = new SimulatedCluster(simulation, violations, size, drift, historyEventsMax);
        this.clocksAreSetBack = chance.nextBoolean();
        int valueBytes = chance.nextInt(8) == 0 ? 40_000 : 1 + chance.nextInt(20);
        this.world = new World(simulation, violations, cluster, clocksWithinDrift, 1 + drift, valueBytes);
        this.clientCount = 2 + chance.nextInt(4);
        cluster.witness().show(commit -> {
            lastEntryMillis = commit.after().timeMillis();
            lastEntryAppendedNanos = commit.appendedNanos();
        });
    }

    /** The steps of a seed. */
    static List<Step> steps(long seed, int count) {
        return Step.draw(new SplittableRandom(~seed), count);
    }

    /** Runs steps in the world of a seed. */
    static Outcome run(long seed, List<Step> steps, boolean recording) {
        return new Simulator(seed, recording).run(steps);
    }

    private Outcome run(List<Step> steps) {
        try {
            for (int i = 0; i < clientCount; i++) {
                clients.add(client());
            }
            pass(1_000);
            for (Step step : steps) {
                simulation.runUntil(simulation.nanos() + step.gapNanos());
                take(step);
                world.locks.look();
                clients.forEach(SimulatedClient::lookAtPositions);
                if (!violations.isEmpty()) {
                    break;
                }
            }
            if (violations.isEmpty()) {
                conclude();
            }
        } catch (RuntimeException | AssertionError failure) {
            StringBuilder words = new StringBuilder(String.valueOf(failure));
            for (StackTraceElement frame : failure.getStackTrace()) {
                words.append("\n        at ").append(frame);
            }
            violations.add("nothing throws", words.toString());
        }
        return new Outcome(
                simulation.traceHash(),
                operations,
                faults,
                violations.all(),
                simulation.lines(),
                "requests=" + cluster.witness().requests() + " grants=" + world.locks.grants() + " expiries="
                        + world.locks.expiries() + " told=" + world.watches.delivered() + " resyncs=" + world.resyncs()
                        + " taken=" + world.locks.takenAway() + " drops=" + world.watches.drops() + " listed="
                        + world.watches.listings()
                        + " pruned=" + world.pruned.pruned() + " thrown=" + world.effects.thrown() + " term="
                        + cluster.log().term() + " frames="
                        + cluster.network().frames() + " happenings=" + simulation.happenings() + " millis="
                        + simulation.millis());
    }

    private void pass(long millis) {
        for (long end = simulation.nanos() + millis * MILLI; simulation.nanos() < end; ) {
            simulation.runUntil(Math.min(end, simulation.nanos() + 50 * MILLI));
            world.locks.look();
            clients.forEach(SimulatedClient::lookAtPositions);
        }
    }

    private double rate() {
        return 1 + drift * (2 * chance.nextDouble() - 1);
    }

    private SimulatedClient client() {
        String name = "c" + ++clientsEver;
        List<String> endpoints = new ArrayList<>(cluster.names());
        for (int i = endpoints.size() - 1; i > 0; i--) {
            endpoints.add(endpoints.remove(chance.nextInt(i + 1)));
        }
        ClientOptions options = new ClientOptions(
                endpoints, name, "", 1_000 + chance.nextInt(2_000), 2_000 + chance.nextInt(3_000), 0.01);
        return new SimulatedClient(world, name, rate(), options, chance.nextLong());
    }

    // ---- the steps

    private void take(Step step) {
        simulation.trace(step.dice());
        SplittableRandom dice = new SplittableRandom(step.dice());
        if (step.kind().isFault()) {
            faults++;
            simulation.say(() -> "fault " + step.kind());
            befall(step, dice);
            return;
        }
        operations++;
        SimulatedClient client = clients.get(step.who() % clients.size());
        if (client.process().isStalled()) {
            return;
        }
        switch (step.kind()) {
            case ACQUIRE -> client.acquire(dice);
            case RELEASE -> client.release(dice);
            case RENEW -> client.renew(dice);
            case CANCEL -> client.cancel(dice);
            case PUT -> client.put(dice);
            case PUT_UNDER_LEASE -> client.putUnderLease(dice);
            case PASSING -> client.putPassing(dice);
            case DELETE -> client.delete(dice);
            case GET -> client.get(dice);
            case WEAK_GET -> client.getWeakly(dice);
            case REGISTER -> client.register(dice);
            case WATCH -> client.watch(dice);
            case UNWATCH -> client.unwatch(dice);
            case REGISTER_UNIQUE -> client.registerUnique(dice);
            case DELETE_RECURSIVELY -> client.deleteRecursively(dice);
            case LIST -> client.list(dice);
            case DROP -> client.drop(dice);
            case TRANSACT -> client.transact(dice);
            case TRANSACT_UNDER_LEASE -> client.transactUnderLease(dice);
            case CLAIM -> client.claim(dice);
            case CREATE_POOL -> client.createPool(dice);
            case PRUNE -> client.prune(dice);
            case CLOSE -> {
                if (dice.nextInt(4) == 0) {
                    client.close();
                    replace(client);
                }
            }
            default -> throw new AssertionError(step);
        }
    }

    private void replace(SimulatedClient gone) {
        world.locks.forget(gone.name());
        clients.set(clients.indexOf(gone), client());
    }

    private void befall(Step step, SplittableRandom dice) {
        String node = cluster.name(step.who());
        SimulatedClient client = clients.get(step.who() % clients.size());
        long briefly = (20 + dice.nextLong(1_500)) * MILLI;
        switch (step.kind()) {
            case ELECT -> cluster.log().elect(step.who(), false);
            case ELECT_ANOTHER -> cluster.log().elect(step.who(), true);
            case BREAK -> {
                for (int i = dice.nextInt(3); i >= 0; i--) {
                    cluster.network().breakLine(dice.nextInt(), false);
                }
            }
            case HALF_OPEN -> cluster.network().breakLine(step.who(), true);
            case CUT -> cut(node, client, dice, 2 * briefly);
            case ISOLATE -> {
                quietAfter(2 * briefly);
                cluster.log().isolate(node, 2 * briefly);
            }
            case KILL -> {
                if (cluster.kill(node)) {
                    simulation.after(briefly, () -> cluster.start(node));
                    quietAfter(briefly);
                }
            }
            case LAG -> {
                quietAfter(briefly);
                cluster.log().lag(node, briefly);
            }
            case INSTALL -> {
                quietAfter(2 * briefly);
                cluster.log().lag(node, 2 * briefly);
                simulation.after(briefly, () -> cluster.log().install(node));
            }
            case STALL_NODE -> stall(cluster.process(node), dice);
            case STALL_LEADER -> stall(cluster.leader(), dice);
            case STALL_CLIENT -> stall(client.process(), dice);
            case CLOCK -> {
                SimulatedProcess process = dice.nextBoolean() ? cluster.process(node) : client.process();
                if (process != null) {
                    process.runAt(1 + drift * (2 * dice.nextDouble() - 1));
                }
            }
            case FULL -> {
                quietAfter(briefly);
                cluster.log().fill(node, briefly);
            }
            case SLOW_LINK -> {
                String name = dice.nextBoolean() ? node : client.name();
                cluster.network().slowDown(name, dice.nextLong(300 * MILLI), briefly);
            }
            case SLOW_LOG -> {
                cluster.log().slowDown(dice.nextLong(100 * MILLI));
                simulation.after(briefly, () -> cluster.log().slowDown(0));
                quietAfter(briefly);
            }
            case STUCK_WATCHER -> {
                quietAfter(4 * briefly);
                client.holdUpListeners(4 * briefly);
            }
            case DIE -> {
                client.die();
                replace(client);
            }
            case IMAGE -> cluster.log().makeImage(node);
            case POISON -> poison();
            case SUSPEND -> suspend(client.process(), dice);
            case SET_CLOCK -> {
                long millis = 1 + dice.nextLong(60_000);
                client.process().setWallClockOn(clocksAreSetBack && dice.nextBoolean() ? -millis : millis);
            }
            case REVOKE, END_SESSION, FORCED_DROP -> {
                if (!client.process().isStalled()) {
                    client.operate(step.kind(), dice);
                }
            }
            default -> throw new AssertionError(step);
        }
    }

    private void cut(String node, SimulatedClient client, SplittableRandom dice, long nanos) {
        String other = dice.nextInt(3) == 0 ? cluster.name(dice.nextInt()) : client.name();
        boolean there = dice.nextInt(3) != 0;
        if (there) {
            cluster.network().cut(other, node, nanos);
        }
        if (!there || dice.nextBoolean()) {
            cluster.network().cut(node, other, nanos);
        }
    }

    private void stall(@Nullable SimulatedProcess process, SplittableRandom dice) {
        if (process != null) {
            long millis = dice.nextInt(12) == 0 ? dice.nextLong(STALL_MILLIS_MAX) : 100 + dice.nextLong(2_500);
            process.stall(millis * MILLI);
            quietAfter(millis * MILLI);
        }
    }

    /** Longer than what a client does not notice. */
    private void suspend(SimulatedProcess process, SplittableRandom dice) {
        if (clocksAreSetBack) {
            stall(process, dice);
        } else if (!process.isStalled()) {
            long millis = 1_500 + dice.nextLong(dice.nextInt(8) == 0 ? STALL_MILLIS_MAX : 4_000);
            process.suspend(millis * MILLI);
            quietAfter(millis * MILLI);
        }
    }

    private void quietAfter(long nanos) {
        quietFromNanos = Math.max(quietFromNanos, simulation.nanos() + nanos);
    }

    private void poison() {
        poisoned = false;
        cluster.poison(internal -> {
            poisoned = true;
            violations.require(internal, "I17 a command that throws is answered INTERNAL", () -> "it was not");
        });
    }

    // ---- the end

    private void conclude() {
        simulation.say(() -> "all faults end");
        cluster.network().heal();
        cluster.names().forEach(cluster::start);
        if (world.effects.thrown() == 0) {
            poison();
        }
        if (quietFromNanos > simulation.nanos()) {
            pass((quietFromNanos - simulation.nanos()) / MILLI + 1);
        }
        writableAgain();
        pass(13_000);
        for (SimulatedClient client : clients) {
            violations.require(
                    client.underWay().isEmpty(), "I14 every call is answered", () -> "not so: " + client.underWay());
            client.watches().values().forEach(watcher -> watcher.conclude());
        }
        world.locks.look();
        world.locks.conclude();
        violations.require(poisoned, "I14 every call is answered", () -> "the command that throws is not");
        compareAll();
        nothingLeft();
        world.conclude();
    }

    /** Three election time-outs after the last fault somebody leads, and a new client can write. */
    private void writableAgain() {
        pass(3 * SimulatedCluster.ELECTION_MILLIS);
        violations.require(cluster.log().isLed(), "I14 progress after the last fault", () -> "nobody leads");
        SimulatedClient probe = client();
        clients.add(probe);
        probe.put(new SplittableRandom(seed));
        pass(1_500);
        violations.require(
                probe.underWay().isEmpty(),
                "I14 progress after the last fault",
                () -> "not written: " + probe.underWay());
    }

    /** Clients close, but one that dies; its session ends when its time has come, though nobody else asks anything. */
    private void nothingLeft() {
        SimulatedClient last = clients.remove(clients.size() - 1);
        List<CompletableFuture<Void>> closings =
                clients.stream().map(SimulatedClient::close).toList();
        last.die();
        pass(2_500);
        violations.require(
                closings.stream().allMatch(CompletableFuture::isDone),
                "I15 nothing is left of clients that closed",
                () -> "not all have");
        for (int i = 0; i < 40; i++) {
            pass(50);
            SimulatedProcess leader = cluster.leader();
            if (leader != null) {
                double since = (simulation.nanos() - lastEntryAppendedNanos) * leader.rate() / MILLI;
                world.locks.punctual(cluster.witness().state(), lastEntryMillis + (long) since, 150);
            }
        }
        pass(9_000);
        for (SimulatedClient client : clients) {
            violations.require(
                    client.process().timers() == 0,
                    "I15 nothing is left of clients that closed",
                    () -> client.name() + " has timers: " + client.process().timers());
        }
        for (String node : cluster.names()) {
            V1.StatusReply status = cluster.status(node);
            violations.require(
                    status != null
                            && status.getSessions() == POISONED
                            && status.getLeases() == POISONED
                            && status.getWaiting() == 0
                            && status.getWatches() == 0
                            && status.getConnections() < cluster.names().size(),
                    "I15 nothing is left of clients that closed",
                    () -> node + ": " + status);
        }
        compareAll();
    }

    /** At some moment nothing is under way, and then all replicas have the same. */
    private void compareAll() {
        for (int i = 0; i < 500 && !cluster.isCalm(); i++) {
            simulation.runUntil(simulation.nanos() + 5 * MILLI);
        }
        violations.require(cluster.isCalm(), "I14 progress after the last fault", () -> "not all nodes have caught up");
        cluster.compareAll();
    }
}
