package io.whatnot.samples.indexer;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseLostException;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Put;
import io.whatnot.client.WatchSubscription;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Value;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One of the processes that index the tree. It claims a directory by a prefix lease, writes the digests of its files,
 * counts them into the totals, and marks the directory as done; each write names the lease it is made under.
 *
 * <p>For the quickstart's sake it can be told, on standard input, to stop inside its next critical section: {@code stop
 * inside}; it says {@code inside} and waits there to be killed, or paused and then told to {@code go on}.
 */
public final class Worker {
    /** How long its leases last unless renewed. */
    static final Duration TTL = Duration.ofSeconds(3);

    private static final String STOP_INSIDE = "stop inside";

    private final String name;
    private final FileTree tree;
    private final TotalsFile totals;
    private final Namespace index;
    private final EventLog seen;
    private final long paceMillis;
    private final BlockingQueue<String> orders = new LinkedBlockingQueue<>();
    private int filesWritten;
    private int directoriesDone;

    private Worker(String name, FileTree tree, TotalsFile totals, Namespace index, EventLog seen, long paceMillis) {
        this.name = name;
        this.tree = tree;
        this.totals = totals;
        this.index = index;
        this.seen = seen;
        this.paceMillis = paceMillis;
    }

    /** Arguments: endpoints, name, tree, folder for totals and logs, milliseconds to spend on each file. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[3]);
        try (NamespaceManager whatnot =
                        NamespaceManager.builder().name(arguments[1]).connect(arguments[0]);
                EventLog seen = new EventLog(folder.resolve(arguments[1] + ".events"))) {
            Worker worker = new Worker(
                    arguments[1],
                    new FileTree(Path.of(arguments[2])),
                    new TotalsFile(folder),
                    whatnot.namespace("index"),
                    seen,
                    Long.parseLong(arguments[4]));
            worker.listen();
            worker.run();
        }
        System.exit(0);
    }

    private void listen() {
        Thread listener = new Thread(() -> {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    orders.add(line);
                }
            } catch (IOException e) {
                say("failed: standard input: " + e);
            }
        });
        listener.setDaemon(true);
        listener.start();
    }

    private static void say(String what) {
        System.out.println(what);
        System.out.flush();
    }

    private void run() throws Exception {
        try (WatchSubscription watch = index.watch("/work")
                .recursive()
                .initialState()
                .changes(Change.ADDED, Change.EDITED)
                .start(seen)) {
            watch.started().get(60, TimeUnit.SECONDS);
            say("ready");
            while (seen.directories().containsValue(false)) {
                Optional<String> claimed = claimAndIndex();
                if (claimed.isEmpty()) {
                    TimeUnit.MILLISECONDS.sleep(20); // all that is left is in others' hands
                }
            }
            say("finished " + directoriesDone + " " + filesWritten);
            // What the others do last is to be seen, too.
            while (!orders.take().equals("leave")) {
                // nothing else matters now
            }
        }
    }

    /** Does one directory; nothing if none was to be had. */
    private Optional<String> claimAndIndex() throws Exception {
        List<String> open = new ArrayList<>(seen.directories().entrySet().stream()
                .filter(entry -> !entry.getValue())
                .map(Map.Entry::getKey)
                .toList());
        Collections.shuffle(open);
        for (String directory : open) {
            Optional<LeaseContext> claim = index.lease("/work/" + directory)
                    .prefix()
                    .ttl(TTL)
                    .label(name + " indexes it")
                    .tryAcquire();
            if (claim.isEmpty()) {
                continue;
            }
            try (LeaseContext lease = claim.get()) {
                lease.call(() -> {
                    index(directory, lease);
                    return directory;
                });
            } catch (LeaseLostException lost) {
                say("lost " + directory + ": " + lost.reason());
            }
            return Optional.of(directory);
        }
        return Optional.empty();
    }

    private void index(String directory, LeaseContext claim) throws Exception {
        String element = "/work/" + directory;
        String text = index.get(element).orElseThrow().value().text();
        if (text.startsWith(EventLog.DONE)) {
            return; // our watch has not told us yet
        }
        Path path = tree.root().resolve(text);
        long bytes = 0;
        List<Path> files = tree.files(path);
        for (Path file : files) {
            String digest = FileTree.digest(file);
            bytes += Long.parseLong(digest.substring(digest.indexOf(' ') + 1));
            claim.renew();
            write(element + "/" + file.getFileName(), digest, claim);
            TimeUnit.MILLISECONDS.sleep(paceMillis);
        }
        count(directory, files.size(), bytes, claim);
        index.put(element, Value.of(EventLog.DONE + text), Put.with().lease(claim));
        directoriesDone++;
    }

    /** Each file once: if somebody who died has written it before, that is how it stays. */
    private void write(String element, String digest, LeaseContext claim) throws InterruptedException {
        if (seen.files().contains(element)) {
            return;
        }
        try {
            index.put(element, Value.of(digest), Put.with().lease(claim).ifAbsent());
            filesWritten++;
        } catch (WhatnotException e) {
            if (e.code() != ErrorCode.ELEMENT_EXISTS) {
                throw e;
            }
        }
    }

    /** The critical section: reads, adds, writes, with nothing to keep others out but the lease. */
    private void count(String directory, long files, long bytes, LeaseContext claim) throws Exception {
        try (LeaseContext lease = acquireTotals(claim)) {
            lease.call(() -> {
                TotalsFile.Totals before = totals.read();
                TimeUnit.MILLISECONDS.sleep(5); // long enough for others to get in between, if they could
                if (STOP_INSIDE.equals(orders.peek())) {
                    orders.take();
                    stopInside(lease, before, directory);
                }
                lease.ensureHeld(Duration.ofMillis(100));
                if (!before.counted().contains(directory)) {
                    totals.write(
                            before.plus(directory, files, bytes, lease.token().value()));
                }
                return directory;
            });
        }
        claim.renew();
    }

    /** Waits for the totals and keeps the claim meanwhile. */
    private LeaseContext acquireTotals(LeaseContext claim) throws Exception {
        CompletableFuture<LeaseContext> asked =
                index.lease("/totals").ttl(TTL).label(name + " counts").acquireAsync();
        while (true) {
            try {
                claim.renew();
                return asked.get(TTL.toMillis() / 3, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // somebody died in there; the next turn comes when his lease runs out
            } catch (LeaseLostException | InterruptedException e) {
                asked.cancel(true);
                throw e;
            }
        }
    }

    /**
     * Waits in the middle of the critical section, is paused there past the end of its lease, and when it goes on does
     * what a process without a clue would do: it writes. Everybody has to refuse.
     */
    private void stopInside(LeaseContext lease, TotalsFile.Totals before, String directory) throws Exception {
        say("inside");
        boolean interrupted = false;
        try {
            while (!orders.take().equals("go on")) {
                // whatever else it is told has to wait
            }
        } catch (InterruptedException e) {
            interrupted = true; // the lease is lost
        }
        say("stale client " + attempt(Put.with().lease(lease)));
        say("stale servers " + attempt(Put.with().lease(lease.id())));
        say("stale token " + (totals.read().token() > lease.token().value() ? "OLD" : "STILL THE HIGHEST"));
        say("stale read " + before.token() + " in " + directory);
        if (interrupted || !lease.isHeld()) {
            throw new InterruptedException("the lease is lost");
        }
    }

    private String attempt(Put how) {
        while (true) {
            try {
                index.put("/totals", Value.of("written by " + name + ", which has been asleep"), how);
                return "ACCEPTED";
            } catch (WhatnotException refused) {
                return refused.code().toString();
            } catch (InterruptedException e) {
                // told of the loss just now, which this is not to care about
            }
        }
    }
}
