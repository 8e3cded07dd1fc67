package io.whatnot.node.faults;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WatchListener;
import io.whatnot.client.WatchSubscription;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** One run: a cluster, clients, faults for a while, then the judgement. */
final class FaultsRun {
    private static final int CLIENTS = 3;
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration GONE = Duration.ofSeconds(30);

    /**
     * What is to be run.
     *
     * @param time for how long faults are inflicted
     * @param seed all chance of the faults; what happens besides is up to the machine
     * @param folder everything that the run leaves behind
     */
    record Plan(Duration time, long seed, int nodes, FaultyCluster.LogKept log, List<Fault> faults, Path folder) {}

    /**
     * What came of it.
     *
     * @param summary the last line
     * @param violations the first of them
     */
    record Outcome(
            long operations,
            int faults,
            double unknownPercent,
            long violationCount,
            List<String> violations,
            String summary) {}

    private final Plan plan;
    private final Consumer<String> out;
    private final Losses losses = new Losses();
    private final Judgement judgement = new Judgement(losses);

    FaultsRun(Plan plan, Consumer<String> out) {
        this.plan = plan;
        this.out = out;
    }

    private synchronized void violated(String guarantee, String words) {
        out.accept("VIOLATION " + guarantee + ": " + words);
        judgement.violated(guarantee, words);
    }

    Outcome run() throws IOException, InterruptedException {
        List<Path> histories;
        int faults;
        Judgement.There there;
        try (FaultyNetwork network = FaultyNetwork.of(plan.nodes(), plan.nodes() + CLIENTS, plan.seed());
                ProtectedCounters counters = new ProtectedCounters(
                        network.spareAddress(), words -> violated("W3 a protected counter", words));
                FaultyCluster cluster = FaultyCluster.start(network, plan.folder(), plan.log())) {
            if (!cluster.await(START, () -> cluster.disturbance() == null)) {
                throw new IllegalStateException("the cluster does not come up: " + cluster.disturbance());
            }
            try (FaultyClients clients =
                    FaultyClients.start(network, plan.folder(), counters.endpoint(), plan.seed() + 1)) {
                Nemesis nemesis =
                        new Nemesis(cluster, clients, losses, plan.seed(), plan.faults(), this::violated, out);
                nemesis.run(plan.time());
                faults = nemesis.faults();
                out.accept("after a fault that left a majority up somebody could write again within "
                        + nemesis.writableMillisMax() + " ms; the cluster lost its memory " + losses.count()
                        + " times");
                clients.stop().forEach(words -> violated("the end", words));
                try (NamespaceManager judge = cluster.connect("judge")) {
                    Namespace namespace = judge.namespace("faults");
                    Revision last = namespace
                            .put(RegisterLoad.ROOT + "/end", Value.of("end"))
                            .revision();
                    clients.finish(last.value()).forEach(words -> violated("the end", words));
                    sessionsAreGone(namespace);
                    replicasAreEqual(cluster);
                    there = new Judgement.There(
                            registers(namespace), names(namespace), lists(namespace), clients.generation());
                }
                histories = clients.histories();
                out.accept(counters.summary());
            }
        }
        judgement.read(histories);
        judgement.conclude(there);
        judgement.summary().forEach(out);
        judgement.violations().forEach(words -> out.accept("VIOLATION " + words));
        String summary = String.format(
                Locale.ROOT,
                "operations=%d faults=%d unknown=%.2f%% violations=%d",
                judgement.operations(),
                faults,
                judgement.unknownPercent(),
                judgement.violationCount());
        return new Outcome(
                judgement.operations(),
                faults,
                judgement.unknownPercent(),
                judgement.violationCount(),
                judgement.violations(),
                summary);
    }

    // ---- what has to be in the end

    private void sessionsAreGone(Namespace namespace) {
        List<ElementView> left = new ArrayList<>();
        try {
            Awaitility.await().atMost(GONE).until(() -> {
                left.clear();
                left.addAll(below(namespace, SessionLoad.ROOT));
                return left.isEmpty();
            });
        } catch (ConditionTimeoutException e) {
            violated(
                    "W8 ephemeral elements go with their session",
                    left.size() + " are left " + GONE.toSeconds() + " s after the last client, among them "
                            + left.get(0));
        }
    }

    private static List<ElementView> below(Namespace namespace, String path) throws InterruptedException {
        return namespace.exists(path) ? namespace.subtree(path) : List.of();
    }

    private static Map<String, RegisterChecker.Listed> registers(Namespace namespace) throws InterruptedException {
        Map<String, RegisterChecker.Listed> listed = new TreeMap<>();
        for (ElementView element : below(namespace, RegisterLoad.ROOT)) {
            listed.put(
                    element.path().toString(),
                    new RegisterChecker.Listed(
                            element.value().text(),
                            element.version(),
                            element.modRevision().value()));
        }
        return listed;
    }

    private static Set<String> names(Namespace namespace) throws InterruptedException {
        Set<String> listed = new HashSet<>();
        below(namespace, UniqueLoad.ROOT)
                .forEach(element -> listed.add(element.path().toString()));
        return listed;
    }

    private static Map<String, String> lists(Namespace namespace) throws InterruptedException {
        Map<String, String> listed = new TreeMap<>();
        below(namespace, ListLoad.ROOT)
                .forEach(element ->
                        listed.put(element.path().toString(), element.value().text()));
        return listed;
    }

    /** Each node is asked for its own state, by a watch's beginning. */
    private void replicasAreEqual(FaultyCluster cluster) throws InterruptedException {
        List<List<ElementView>> states = new ArrayList<>();
        for (int node = 0; node < cluster.size(); node++) {
            CompletableFuture<List<ElementView>> state = new CompletableFuture<>();
            try (NamespaceManager manager = cluster.connect("compare", node);
                    WatchSubscription watch = manager.namespace("faults")
                            .watch("/")
                            .recursive()
                            .initialState()
                            .start(first(state))) {
                watch.started().get(20, TimeUnit.SECONDS);
                states.add(state.get(20, TimeUnit.SECONDS));
            } catch (ExecutionException | TimeoutException e) {
                violated("I13 replicas are equal", FaultyNetwork.name(node) + " does not tell its state: " + e);
                return;
            }
        }
        for (int node = 1; node < states.size(); node++) {
            if (!states.get(node).equals(states.get(0))) {
                violated(
                        "I13 replicas are equal",
                        FaultyNetwork.name(node) + " has " + states.get(node).size() + " elements, "
                                + FaultyNetwork.name(0) + " has "
                                + states.get(0).size() + ", and they differ");
            }
        }
        out.accept(
                "all " + states.size() + " nodes have the same " + states.get(0).size() + " elements");
    }

    private static WatchListener first(CompletableFuture<List<ElementView>> state) {
        return new WatchListener() {
            @Override
            public void initialState(Revision at, List<ElementView> elements) {
                state.complete(elements);
            }

            @Override
            public void events(Revision at, List<WatchEvent> events) {
                // nobody writes any more
            }
        };
    }

    /** Nothing is left of a run in which nothing was violated. */
    void discard() throws IOException {
        try (Stream<Path> files = Files.walk(plan.folder())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** What a failure is looked into with: besides the nodes' logs and the histories, what was broken and how to do it again. */
    void writeReport(Outcome outcome, String command, List<String> printed) throws IOException {
        List<String> report = new ArrayList<>();
        report.add(outcome.summary());
        report.add("again: " + command);
        report.addAll(outcome.violations());
        report.add("");
        report.addAll(printed);
        Files.write(plan.folder().resolve("report.txt"), report);
    }
}
