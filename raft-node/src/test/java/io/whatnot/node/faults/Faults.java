package io.whatnot.node.faults;

import io.whatnot.client.Admin;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.node.cluster.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How each {@link Fault} is brought about and undone. */
final class Faults {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final FaultyCluster cluster;
    private final FaultyClients clients;
    private final FaultyNetwork network;
    private Random random = new Random(0);
    private final BiConsumer<String, String> violated;

    /**
     * @param violated is told what nodes do that they must not
     */
    Faults(FaultyCluster cluster, FaultyClients clients, BiConsumer<String, String> violated) {
        this.cluster = cluster;
        this.clients = clients;
        this.network = cluster.network();
        this.violated = violated;
    }

    /** All chance of the next fault: what happened before it makes no difference to its draws. */
    void draw(long seed) {
        random = new Random(seed);
    }

    // ---- who and how long

    /** How long a fault lasts is part of the fault; nothing is waited for. */
    private void last(long millisMin, long millisMax) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millisMin + random.nextLong(millisMax - millisMin + 1));
    }

    private int leader() throws InterruptedException {
        return cluster.leader().orElse(random.nextInt(cluster.size()));
    }

    private int follower() throws InterruptedException {
        return (leader() + 1 + random.nextInt(cluster.size() - 1)) % cluster.size();
    }

    private List<Integer> shuffled() {
        List<Integer> all =
                new ArrayList<>(IntStream.range(0, cluster.size()).boxed().toList());
        Collections.shuffle(all, random);
        return all;
    }

    private int minority() {
        return (cluster.size() - 1) / 2;
    }

    private static String names(List<Integer> nodes) {
        return nodes.stream().map(FaultyNetwork::name).collect(Collectors.joining(","));
    }

    // ---- kill

    private String kill(List<Integer> nodes, long awayMillisMax) throws IOException, InterruptedException {
        for (int node : nodes) {
            cluster.kill(node);
        }
        last(0, awayMillisMax);
        for (int node : nodes) {
            cluster.restart(node);
        }
        return names(nodes);
    }

    String killLeader() throws IOException, InterruptedException {
        return kill(List.of(leader()), 3_000);
    }

    String killFollower() throws IOException, InterruptedException {
        return kill(List.of(follower()), 5_000);
    }

    String killMinority() throws IOException, InterruptedException {
        return kill(shuffled().subList(0, minority()), 3_000);
    }

    String killAllButOne() throws IOException, InterruptedException {
        List<Integer> nodes = shuffled().subList(0, cluster.size() - 1);
        if (random.nextBoolean()) {
            return kill(nodes, 2_000);
        }
        for (int node : nodes) {
            cluster.kill(node);
            last(0, 500);
            cluster.restart(node);
        }
        return names(nodes) + " one after another";
    }

    String killAll() throws IOException, InterruptedException {
        return kill(shuffled(), 1_000);
    }

    String handOver() throws IOException, InterruptedException {
        int leader = leader();
        cluster.stop(leader);
        last(0, 1_000);
        cluster.restart(leader);
        return FaultyNetwork.name(leader);
    }

    // ---- pause

    private String pause(List<Integer> nodes, long millisMin, long millisMax) throws IOException, InterruptedException {
        for (int node : nodes) {
            cluster.node(node).pause();
        }
        last(millisMin, millisMax);
        for (int node : nodes) {
            cluster.node(node).resume();
        }
        return names(nodes);
    }

    private long pauseMillisMax() {
        return random.nextInt(20) == 0 ? 30_000 : 4_000;
    }

    String pauseLeader() throws IOException, InterruptedException {
        return pause(List.of(leader()), 100, pauseMillisMax());
    }

    String pauseFollower() throws IOException, InterruptedException {
        return pause(List.of(follower()), 100, pauseMillisMax());
    }

    String pauseMajority() throws IOException, InterruptedException {
        return pause(shuffled().subList(0, minority() + 1), 100, 3_000);
    }

    String chaseLeader() throws IOException, InterruptedException {
        List<Integer> paused = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int leader = leader();
            paused.add(leader);
            pause(List.of(leader), 1_000, 1_500);
            last(500, 1_000);
        }
        return names(paused);
    }

    // ---- members

    /** What an operator asks for; may be asked for again as long as it is refused for now or its outcome is not known. */
    private interface Change {
        void by(Admin operator) throws InterruptedException;
    }

    private void operate(String what, Change change) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (NamespaceManager operator = cluster.operator()) {
            while (true) {
                try {
                    change.by(operator.admin());
                    return;
                } catch (WhatnotException e) {
                    boolean mayBeAskedAgain = e.code().isRetryable() || e.code() == ErrorCode.SESSION_EXPIRED;
                    if (!mayBeAskedAgain || System.nanoTime() - deadline > 0) {
                        violated.accept("F7 members can be changed under load", what + ": " + e.getMessage());
                        return;
                    }
                }
            }
        }
    }

    String moveLeader() throws InterruptedException {
        List<Integer> to = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int next = follower();
            to.add(next);
            operate("to have " + cluster.id(next) + " lead", admin -> admin.transferLeadership(cluster.id(next)));
            last(1_500, 2_000);
        }
        return "to " + names(to);
    }

    /** Another node comes into the place of one, in that way; and now and then the one that went tries to come back. */
    private String succeed(Succession succession) throws IOException, InterruptedException {
        int node = random.nextInt(cluster.size());
        String gone = cluster.id(node);
        Supplier<NodeProcess> again = cluster.again(node);
        NodeProcess before = cluster.succeed(node);
        try (before) {
            succession.carryOut(gone, cluster.network().raftEndpoint(node));
            clients.nodesHaveMoved();
            if (!cluster.await(PATIENCE, () -> !before.isAlive())) {
                violated.accept("F7 who was removed stops", gone + " goes on; " + before.output());
            }
        }
        if (random.nextBoolean()) {
            try (NodeProcess back = again.get()) {
                if (!cluster.await(PATIENCE, () -> !back.isAlive())
                        || !back.output().contains("was removed from the cluster")) {
                    violated.accept(
                            "F7 who was removed can't come back",
                            gone + (back.isAlive() ? " goes on" : " ended with " + back.awaitExit()) + "; it said\n"
                                    + back.output());
                }
            }
        }
        return gone + " by " + cluster.id(node);
    }

    /** How another node comes into the place of one. */
    private interface Succession {
        void carryOut(String gone, String next) throws InterruptedException;
    }

    String replaceMember() throws IOException, InterruptedException {
        return succeed((gone, next) ->
                operate("to replace " + gone + " by " + next, admin -> admin.replaceMember(gone, next)));
    }

    String promoteMember() throws IOException, InterruptedException {
        return succeed((gone, next) -> {
            operate("to add the learner " + next, admin -> admin.addLearner(next));
            operate("to promote " + next, admin -> admin.promote(next));
            operate("to remove " + gone, admin -> admin.removeMember(gone));
        });
    }

    String removeAndAddMember() throws IOException, InterruptedException {
        return succeed((gone, next) -> {
            operate("to remove " + gone, admin -> admin.removeMember(gone));
            last(0, 2_000);
            operate("to add " + next, admin -> admin.addMember(next));
        });
    }

    // ---- clients

    /** Any but the first, which is there to the end. */
    private int client() {
        return 1 + random.nextInt(clients.size() - 1);
    }

    private static String clientName(int client) {
        return "c" + (client + 1);
    }

    String pauseClient() throws IOException, InterruptedException {
        int client = client();
        clients.client(client).pause();
        last(100, random.nextInt(6) == 0 ? 10_000 : 4_000);
        clients.client(client).resume();
        return clientName(client);
    }

    String killClient() throws IOException, InterruptedException {
        int client = client();
        clients.killAndReplace(client);
        last(500, 1_500);
        return clientName(client);
    }

    String cutOffClient() throws InterruptedException {
        int client = random.nextInt(clients.size());
        int process = network.nodes() + client;
        int way = random.nextInt(3);
        for (int node = 0; node < network.nodes(); node++) {
            if (way != 1) {
                network.change(process, node, Link::stall);
            }
            if (way != 2) {
                network.change(node, process, Link::stall);
            }
        }
        last(500, 6_000);
        network.heal();
        return clientName(client) + (way == 0 ? "" : way == 1 ? " hears nothing" : " is not heard");
    }

    // ---- partitions

    private void part(List<Integer> one, List<Integer> others) {
        for (int a : one) {
            for (int b : others) {
                network.changeBoth(a, b, Link::stall);
            }
        }
    }

    private void partitioned() throws InterruptedException {
        last(1_000, 5_000);
        network.heal();
    }

    String halves() throws InterruptedException {
        List<Integer> all = shuffled();
        int cut = minority();
        part(all.subList(0, cut), all.subList(cut, all.size()));
        partitioned();
        return names(all.subList(0, cut)) + " | " + names(all.subList(cut, all.size()));
    }

    String leaderAlone() throws InterruptedException {
        int leader = leader();
        List<Integer> others = shuffled();
        others.remove((Integer) leader);
        part(List.of(leader), others);
        partitioned();
        return FaultyNetwork.name(leader);
    }

    String oneWay() throws InterruptedException {
        int node = random.nextInt(3) > 0 ? leader() : follower();
        boolean hears = random.nextBoolean();
        for (int other = 0; other < cluster.size(); other++) {
            if (other != node) {
                network.change(hears ? node : other, hears ? other : node, Link::stall);
            }
        }
        partitioned();
        return FaultyNetwork.name(node) + (hears ? " is not heard" : " hears nothing");
    }

    String ring() throws InterruptedException {
        List<Integer> ring = shuffled();
        int size = ring.size();
        boolean directed = size < 4 || random.nextBoolean();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                int distance = (j - i + size) % size;
                boolean reached = distance == 0 || distance == 1 || (distance == size - 1 && !directed);
                if (!reached) {
                    network.change(ring.get(i), ring.get(j), Link::stall);
                }
            }
        }
        partitioned();
        return names(ring) + (directed ? " each to the next" : " each with its neighbours");
    }

    String bridge() throws InterruptedException {
        List<Integer> all = shuffled();
        int half = (all.size() - 1) / 2;
        part(all.subList(1, 1 + half), all.subList(1 + half, all.size()));
        partitioned();
        return FaultyNetwork.name(all.get(0)) + " between " + names(all.subList(1, 1 + half)) + " and "
                + names(all.subList(1 + half, all.size()));
    }

    // ---- slow and lossy

    private void everyLink(Consumer<Link> change) {
        for (int from = 0; from < network.processes(); from++) {
            for (int to = 0; to < network.processes(); to++) {
                network.change(from, to, change);
            }
        }
    }

    /** All is slow from now on, until the network is healed. */
    void slowDown() {
        everyLink(link -> link.delay(30));
    }

    String delay() throws InterruptedException {
        long millis = random.nextInt(3) == 0 ? 500 : 5 + random.nextInt(100);
        everyLink(link -> link.delay(millis));
        last(2_000, 6_000);
        network.heal();
        return "up to " + millis + " ms";
    }

    String loss() throws InterruptedException {
        int percent = 1 + random.nextInt(20);
        everyLink(link -> link.lose(percent));
        last(2_000, 6_000);
        network.heal();
        return percent + " %";
    }

    String breakConnections() throws InterruptedException {
        int times = 3 + random.nextInt(10);
        for (int i = 0; i < times; i++) {
            int node = random.nextInt(network.nodes());
            int other = random.nextInt(network.processes());
            network.changeBoth(node, other, Link::breakConnections);
            last(50, 400);
        }
        return times + " times";
    }

    // ---- metadata

    String oldMetadata() throws IOException, InterruptedException {
        if (!cluster.isForgetful()) {
            return "not where logs are on disk";
        }
        int node = follower();
        Path metadata = cluster.data(node).resolve("raft-metadata");
        cluster.stop(node);
        byte[] old = Files.readAllBytes(metadata);
        for (int i = 0; i < 2; i++) {
            cluster.restart(node);
            if (!cluster.await(PATIENCE, () -> cluster.disturbance() == null)) {
                violated.accept("I14 a node that comes back is taken in", String.valueOf(cluster.disturbance()));
                return FaultyNetwork.name(node);
            }
            cluster.stop(node);
        }
        byte[] newest = Files.readAllBytes(metadata);
        Files.write(metadata, old);
        NodeProcess process = cluster.restartInVain(node);
        process.awaitExit();
        if (!process.output().contains("is an old copy")) {
            violated.accept("I18 old metadata is refused", cluster.lastWords(node));
        }
        Files.write(metadata, newest);
        cluster.restart(node);
        return FaultyNetwork.name(node);
    }

    String blockMetadata() throws IOException, InterruptedException {
        int node = follower();
        NodeProcess process = cluster.node(node);
        Path inTheWay = cluster.blockMetadata(node);
        List<Integer> others = shuffled();
        others.remove((Integer) node);
        // Another term has to be written down before the node may take part in it.
        for (int next : others) {
            operate("to have " + cluster.id(next) + " lead", admin -> admin.transferLeadership(cluster.id(next)));
        }
        boolean stopped = cluster.await(PATIENCE, () -> !process.isAlive());
        if (!stopped || !process.output().contains("the node stops")) {
            violated.accept("F11 who can't write its metadata stops", process.output());
        }
        process.close();
        Files.delete(inTheWay);
        cluster.restart(node);
        return FaultyNetwork.name(node);
    }
}
