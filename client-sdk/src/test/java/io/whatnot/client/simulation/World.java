package io.whatnot.client.simulation;

import io.whatnot.core.testing.simulation.EffectChecker;
import io.whatnot.core.testing.simulation.LinearizabilityChecker;
import io.whatnot.core.testing.simulation.LockChecker;
import io.whatnot.core.testing.simulation.PruneChecker;
import io.whatnot.core.testing.simulation.SimulatedCluster;
import io.whatnot.core.testing.simulation.Simulation;
import io.whatnot.core.testing.simulation.TransactionChecker;
import io.whatnot.core.testing.simulation.Violations;
import io.whatnot.core.testing.simulation.WatchChecker;
import java.util.Map;
import java.util.TreeMap;

/** What all clients of a simulation share: the cluster, and who checks what they are told. */
final class World {
    final Simulation simulation;
    final Violations violations;
    final SimulatedCluster cluster;
    final LockChecker locks;
    final EffectChecker effects;
    final PruneChecker pruned;
    final WatchChecker watches;
    final LinearizabilityChecker registers;
    final TransactionChecker transactions;
    /** How long values are. */
    final int valueBytes;

    private final Map<String, LinearizabilityChecker.Operation> unknown = new TreeMap<>();
    private int resyncs;

    World(
            Simulation simulation,
            Violations violations,
            SimulatedCluster cluster,
            boolean clocksWithinDrift,
            double rateMax,
            int valueBytes) {
        this.simulation = simulation;
        this.violations = violations;
        this.cluster = cluster;
        this.valueBytes = valueBytes;
        this.locks = new LockChecker(simulation, violations, clocksWithinDrift, rateMax);
        this.effects = new EffectChecker(violations);
        this.pruned = new PruneChecker(violations);
        this.watches = new WatchChecker(violations, cluster.witness());
        this.registers = new LinearizabilityChecker(simulation::nanos, violations::add);
        this.transactions = new TransactionChecker(violations);
        cluster.witness().show(locks);
        cluster.witness().show(effects);
        cluster.witness().show(pruned);
        cluster.witness().show(watches);
    }

    /** A change whose client may never learn what became of it; but the log knows. */
    void unknown(String name, LinearizabilityChecker.Operation operation) {
        unknown.put(name, operation);
    }

    void known(String name) {
        unknown.remove(name);
    }

    /** Requires of the whole history what can be said only at its end. */
    void conclude() {
        effects.conclude();
        unknown.forEach((name, operation) -> registers.resolve(operation, effects.revisionOf(name)));
        registers.conclude();
        transactions.conclude(value -> {
            Long revision = effects.revisionOf(value);
            return revision == null ? 0 : revision;
        });
    }

    void resynced() {
        resyncs++;
    }

    int resyncs() {
        return resyncs;
    }
}
