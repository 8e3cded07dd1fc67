package io.whatnot.samples.indexer;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.NodeStatus;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Runs the indexer on a real directory tree and breaks things half-way: the leading node is killed, a worker is killed in
 * its critical section, another is paused there past the end of its lease. Then checks everything. Ends with 0 if nothing
 * was violated.
 */
public final class Quickstart {
    private static final int WORKERS = 4;
    private static final long PATIENCE_MILLIS = 120_000;

    private final long startNanos = System.nanoTime();
    private final String endpoints;
    private final FileTree tree;
    private final Path folder;
    private final String clusterScript;
    private final Map<String, Path> directories = new LinkedHashMap<>();
    private final List<WorkerProcess> workers = new ArrayList<>();

    private Quickstart(String endpoints, Path tree, Path folder, String clusterScript) {
        this.endpoints = endpoints;
        this.tree = new FileTree(tree);
        this.folder = folder;
        this.clusterScript = clusterScript;
    }

    /** Arguments: endpoints, tree, a folder to work in, and the script that kills and restarts nodes. */
    public static void main(String[] arguments) throws Exception {
        Quickstart quickstart = new Quickstart(
                arguments[0],
                Path.of(arguments[1]).toAbsolutePath().normalize(),
                Path.of(arguments[2]).toAbsolutePath(),
                arguments[3]);
        int violations;
        try (NamespaceManager whatnot =
                NamespaceManager.builder().name("quickstart").connect(arguments[0])) {
            violations = quickstart.run(whatnot);
        } finally {
            quickstart.workers.forEach(WorkerProcess::close);
        }
        System.exit(violations == 0 ? 0 : 1);
    }

    private int run(NamespaceManager whatnot) throws Exception {
        Namespace index = whatnot.namespace("index");
        int files = register(index);
        say(
                "%d directories with %d files of %s, to be indexed by %d processes",
                directories.size(), files, tree.root(), WORKERS);
        long pace = Math.max(2, Math.min(100, 40_000 / Math.max(1, files)));
        for (int i = 1; i <= WORKERS; i++) {
            workers.add(WorkerProcess.start("worker" + i, endpoints, tree.root(), folder, pace));
        }
        await("the workers to be ready", () -> workers.stream().allMatch(worker -> worker.hasSaid("ready")));

        awaitDone(index, directories.size() * 35 / 100);
        WorkerProcess killed = workers.get(0);
        WorkerProcess paused = workers.get(1);
        breakThings(whatnot, killed, paused);

        awaitDone(index, directories.size());
        List<WorkerProcess> left =
                workers.stream().filter(worker -> worker != killed).toList();
        await(
                "the workers to finish",
                () -> left.stream()
                        .noneMatch(worker -> worker.saidBeginning("finished ").isEmpty()));
        left.forEach(worker -> worker.order("leave"));
        for (WorkerProcess worker : left) {
            worker.awaitEnd(30);
        }
        return verify(index, killed, paused, left);
    }

    /** Each directory becomes an element below /work, whose value is its path. */
    private int register(Namespace index) throws IOException, InterruptedException {
        index.deleteTree("/work");
        int files = 0;
        for (Path directory : tree.directories()) {
            String name = String.format(Locale.ROOT, "%05d", directories.size());
            directories.put(name, directory);
            files += tree.files(directory).size();
            index.put(
                    "/work/" + name, Value.of(tree.root().relativize(directory).toString()));
        }
        if (directories.size() < 3) {
            throw new IllegalArgumentException(tree.root() + " has " + directories.size()
                    + " directories with files; choose a tree with a few more");
        }
        return files;
    }

    private void breakThings(NamespaceManager whatnot, WorkerProcess killed, WorkerProcess paused) throws Exception {
        killed.order("stop inside");
        await(killed.name + " to be inside its critical section", () -> killed.hasSaid("inside"));
        killed.kill();
        say(
                "%s was killed (kill -9) inside its critical section; its leases run out in %d s",
                killed.name, Worker.TTL.toSeconds());

        NodeStatus leader = whatnot.nodes().stream()
                .filter(node -> node.role().equals("leader"))
                .findFirst()
                .orElseThrow();
        cluster("kill", leader.node());
        say("%s, the leading node, was killed (kill -9)", leader.node());

        paused.order("stop inside");
        await(paused.name + " to be inside its critical section", () -> paused.hasSaid("inside"));
        paused.signal("STOP");
        say("%s was paused inside its critical section", paused.name);
        TimeUnit.MILLISECONDS.sleep(Worker.TTL.plus(Duration.ofSeconds(2)).toMillis());
        paused.order("go on");
        paused.signal("CONT");
        say("%s was resumed, past the end of its lease; it knows nothing of that and tries to write", paused.name);

        cluster("restart", leader.node());
        say("%s was started again, without its memory", leader.node());
    }

    private void cluster(String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(clusterScript));
        words.addAll(List.of(command));
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(words + " failed");
        }
    }

    private int verify(Namespace index, WorkerProcess killed, WorkerProcess paused, List<WorkerProcess> whole)
            throws Exception {
        Verification verification = new Verification();
        verification.index(index, tree, directories);
        verification.totals(new TotalsFile(folder), tree, directories);
        verification.stale(paused);
        Map<String, Path> logs = new LinkedHashMap<>();
        workers.forEach(worker -> logs.put(worker.name, folder.resolve(worker.name + ".events")));
        verification.watches(logs, whole.stream().map(worker -> worker.name).toList());
        System.out.println();
        verification.lines().forEach(System.out::println);
        System.out.println();
        for (WorkerProcess worker : whole) {
            String[] words = worker.saidBeginning("finished ").get(0).split(" ", -1);
            say(
                    "%s did %s directories and wrote %s files%s",
                    worker.name, words[1], words[2], worker == paused ? ", in spite of its nap" : "");
        }
        say("%s did what it could", killed.name);
        say(verification.violations() == 0 ? "nothing was violated" : "%d violations", verification.violations());
        return verification.violations();
    }

    // ---- waiting

    private void awaitDone(Namespace index, int count) throws InterruptedException {
        int[] shown = {-1};
        await(count + " directories to be done", () -> {
            try {
                int done = (int) index.children("/work").stream()
                        .filter(Quickstart::isDone)
                        .count();
                if (done * 10 / directories.size() > shown[0]) {
                    shown[0] = done * 10 / directories.size();
                    say("%3d %%  %s", done * 100 / directories.size(), bar(done));
                }
                return done >= count;
            } catch (WhatnotException e) {
                return false; // the cluster is busy getting a new leader
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private String bar(int done) {
        int width = 40;
        int full = done * width / directories.size();
        return "#".repeat(full) + ".".repeat(width - full);
    }

    private static boolean isDone(ElementView element) {
        return element.value().text().startsWith(EventLog.DONE);
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                workers.forEach(worker -> System.err.println(
                        worker.name + (worker.isAlive() ? "" : " (gone)") + " said " + worker.saidBeginning("")));
                throw new IllegalStateException("waited in vain for " + what + "; logs are in " + folder);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private void say(String format, Object... values) {
        System.out.printf(
                Locale.ROOT,
                "%6.1f s  %s%n",
                (System.nanoTime() - startNanos) / 1e9,
                String.format(Locale.ROOT, format, values));
    }
}
