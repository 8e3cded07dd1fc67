package io.whatnot.node.faults;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One fault after another, drawn from a seed. After each, the cluster has to be writable again soon, and whole, and in
 * the epoch that it was in unless a majority had forgotten at once.
 */
final class Nemesis {
    /** Three election time-outs, and room for a machine on which everything runs at once. */
    private static final Duration WRITABLE = Duration.ofSeconds(10);

    /** Where a majority was down they have to start first, all at once; after a loss the longest ttl has to pass, too. */
    private static final Duration WRITABLE_AFTER_A_START = Duration.ofSeconds(40);

    /** One in so many faults comes while the network is slow. */
    private static final int SLOW_ONE_IN = 5;

    private static final Duration WHOLE = Duration.ofSeconds(60);

    private final FaultyCluster cluster;
    private final FaultyClients clients;
    private final Losses losses;
    private final Random random;
    private final List<Fault> kinds;
    private final BiConsumer<String, String> violated;
    private final Consumer<String> out;
    private final long beganNanos = System.nanoTime();
    private long epoch;
    private long writableMillisMax;
    private int faults;
    /** Why the cluster was not whole when that was last asked. */
    private String disturbance = "";

    /**
     * @param kinds what may be drawn
     * @param violated is told the guarantee that is broken, and how
     * @param out is told what is done
     */
    Nemesis(
            FaultyCluster cluster,
            FaultyClients clients,
            Losses losses,
            long seed,
            List<Fault> kinds,
            BiConsumer<String, String> violated,
            Consumer<String> out) {
        this.cluster = cluster;
        this.clients = clients;
        this.losses = losses;
        this.random = new Random(seed);
        this.kinds = kinds;
        this.violated = violated;
        this.out = out;
    }

    /** How many faults there were. */
    int faults() {
        return faults;
    }

    /** How long it took at most until somebody could write, after faults that left a majority up. */
    long writableMillisMax() {
        return writableMillisMax;
    }

    /** Goes on for so long, or until something is so wrong that nothing is to be learnt any more; then all is healed. */
    void run(Duration time) throws IOException, InterruptedException {
        epoch = cluster.epoch();
        Faults on = new Faults(cluster, clients, violated);
        try {
            boolean sound = true;
            while (sound && System.nanoTime() - beganNanos < time.toNanos()) {
                Fault fault = draw();
                boolean slow = random.nextInt(SLOW_ONE_IN) == 0;
                on.draw(random.nextLong());
                long began = System.nanoTime();
                if (slow) {
                    on.slowDown();
                }
                String whom = fault.inflict(on);
                cluster.network().heal();
                faults++;
                sound = recovers(fault + " " + whom + (slow ? ", while all was slow" : ""), began);
            }
        } finally {
            cluster.network().heal();
        }
    }

    private Fault draw() {
        int sum = kinds.stream().mapToInt(Fault::weight).sum();
        int left = random.nextInt(sum);
        for (Fault kind : kinds) {
            left -= kind.weight();
            if (left < 0) {
                return kind;
            }
        }
        throw new AssertionError(kinds);
    }

    private boolean recovers(String fault, long began) throws IOException, InterruptedException {
        boolean mayForget = cluster.aMajorityForgot();
        boolean wasDown = cluster.aMajorityWasDown();
        disturbance = "";
        long healed = System.nanoTime();
        boolean writable = write(wasDown ? WRITABLE_AFTER_A_START : WRITABLE);
        long writableMillis = millisSince(healed);
        if (!wasDown) {
            writableMillisMax = Math.max(writableMillisMax, writableMillis);
        }
        if (!writable) {
            violated.accept(
                    "I14 the cluster is writable again soon",
                    "not within " + writableMillis + " ms after " + fault + "; " + cluster.disturbance());
        }
        boolean whole = cluster.await(WHOLE, this::isWhole);
        if (!whole) {
            violated.accept("I14 the cluster is whole again", "not after " + fault + "; " + disturbance);
        }
        boolean ended = ends();
        String epochs = epochs(mayForget, began);
        out.accept(String.format(
                "%7.1f s  %s, for %.1f s; writable again after %d ms, whole after %d ms%s%s",
                (began - beganNanos) / 1e9,
                fault,
                (healed - began) / 1e9,
                writableMillis,
                millisSince(healed),
                disturbance.isEmpty() ? "" : ", when no more " + disturbance,
                epochs));
        TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500)); // some calm between faults, for nothing in particular
        return whole && !ended;
    }

    private boolean isWhole() throws InterruptedException {
        String now = cluster.disturbance();
        if (now != null) {
            disturbance = now;
        }
        return now == null;
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    /** By a client that knows where the nodes are now. */
    private boolean write(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        try (NamespaceManager prober = cluster.connect("prober")) {
            Namespace probed = prober.namespace("probed");
            while (System.nanoTime() - deadline < 0) {
                try {
                    probed.put("/probe", Value.of("here"));
                    return System.nanoTime() - deadline < 0;
                } catch (WhatnotException e) {
                    if (!e.code().isRetryable() && e.code() != ErrorCode.SESSION_EXPIRED) {
                        throw e;
                    }
                }
            }
            return false;
        }
    }

    private boolean ends() {
        for (int node : cluster.endedByThemselves()) {
            violated.accept(
                    "I13 no node ends by itself",
                    FaultyNetwork.name(node) + " did; it said\n" + cluster.lastWords(node));
        }
        for (int client : clients.endedByThemselves()) {
            violated.accept("a client does not end by itself", "c" + (client + 1) + " did");
        }
        return !cluster.endedByThemselves().isEmpty()
                || !clients.endedByThemselves().isEmpty();
    }

    private String epochs(boolean mayForget, long began) throws IOException, InterruptedException {
        long now = cluster.epoch();
        if (now == epoch) {
            return "";
        }
        long before = epoch;
        epoch = now;
        if (!mayForget) {
            violated.accept(
                    "I18 epochs grow only when a majority forgot at once",
                    "from " + before + " to " + now + " though none had; revisions now begin at "
                            + Revision.startOf(now));
        }
        clients.enterNextGeneration();
        losses.add(began, System.nanoTime());
        return "; epoch " + now;
    }
}
