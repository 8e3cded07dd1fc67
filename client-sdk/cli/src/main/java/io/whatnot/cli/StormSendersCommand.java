package io.whatnot.cli;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WhatnotException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The storm of {@link StormCommand}, in a process of its own: who measures must not share a heap with it. Prints a line when it
 * is connected, and one with what was refused when all requests are in line or refused; ends when its standard input does.
 */
@Command(name = StormSendersCommand.NAME, hidden = true)
final class StormSendersCommand implements Callable<Integer> {
    static final String NAME = "storm-senders";

    @Mixin
    private Connection connection = new Connection();

    @Option(names = "--requests", required = true)
    private int requests;

    @Option(names = "--sessions", required = true)
    private int sessions;

    @Parameters(paramLabel = "PATH")
    private String path = "";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Map<String, Long> refusals = new TreeMap<>();
    private volatile boolean over;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        CountDownLatch answered = new CountDownLatch(requests);
        List<NamespaceManager> managers = new ArrayList<>();
        try {
            for (int i = 0; i < sessions; i++) {
                managers.add(connection.open());
            }
            say(out, "connected");
            for (int i = 0; i < requests; i++) {
                CompletableFuture<LeaseContext> asked = connection
                        .namespace(managers.get(i % sessions))
                        .lease(path)
                        .onQueued(position -> answered.countDown())
                        .acquireAsync();
                asked.whenComplete((lease, failure) -> {
                    if (failure != null && !over) {
                        count(failure);
                        answered.countDown();
                    }
                });
            }
            answered.await();
            say(out, told());
            while (System.in.read() >= 0) {
                // nobody writes; the end is what is waited for
            }
        } finally {
            over = true;
            managers.forEach(NamespaceManager::close);
        }
        return 0;
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }

    private synchronized void count(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        String why = cause instanceof WhatnotException refused ? refused.code().name() : cause.toString();
        refusals.merge(why, 1L, Long::sum);
    }

    private synchronized String told() {
        return refusals.isEmpty() ? "none" : refusals.toString();
    }
}
