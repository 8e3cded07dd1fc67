package io.whatnot.cli;

import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WatchListener;
import io.whatnot.client.WatchRequest;
import io.whatnot.client.WatchSubscription;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.WatchEvent;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what happens. */
@Command(name = "watch", mixinStandardHelpOptions = true, description = "Prints what happens, until interrupted.")
final class WatchCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(paramLabel = "PATH", defaultValue = "/")
    private String path = "";

    @Option(
            names = {"-r", "--recursive"},
            description = "Everything below it, too.")
    private boolean recursive;

    @Option(names = "--state", description = "First what is there.")
    private boolean state;

    @Option(names = "--after", paramLabel = "REVISION", description = "Everything after that revision.")
    private Optional<Long> after = Optional.empty();

    @Option(names = "--events", paramLabel = "COUNT", description = "End after so many events.")
    private Optional<Long> events = Optional.empty();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (NamespaceManager manager = connection.open()) {
            WatchRequest request = connection.namespace(manager).watch(path);
            request = recursive ? request.recursive() : request;
            request = state ? request.initialState() : request;
            if (after.isPresent()) {
                request = request.after(new Revision(after.get()));
            }
            manager.namespaces(); // a cluster that can't be reached is said to be so
            Printer printer = new Printer(spec.commandLine().getOut(), events.orElse(Long.MAX_VALUE), ended);
            try (WatchSubscription watch = request.start(printer)) {
                ended.await();
                return printer.failed || watch.started().isCompletedExceptionally() ? 1 : 0;
            }
        }
    }

    private static final class Printer implements WatchListener {
        private final PrintWriter out;
        private final CountDownLatch ended;
        private long left;
        private volatile boolean failed;

        Printer(PrintWriter out, long left, CountDownLatch ended) {
            this.out = out;
            this.left = left;
            this.ended = ended;
        }

        @Override
        public void initialState(Revision at, List<ElementView> elements) {
            elements.forEach(element -> out.printf(
                    "%12s  %-9s %s  %s%n",
                    at, "is", element.path(), element.value().text()));
        }

        @Override
        public void events(Revision at, List<WatchEvent> events) {
            for (WatchEvent event : events) {
                if (left-- <= 0) {
                    return;
                }
                String what = event.target() != null
                        ? event.target() + " token " + event.token()
                        : event.path()
                                + (event.value() == null
                                        ? ""
                                        : "  " + event.value().text());
                out.printf("%12s  %-9s %s  by %s, %s%n", at, event.change(), what, event.actor(), event.cause());
            }
            if (left <= 0) {
                ended.countDown();
            }
        }

        @Override
        public void resynced(Revision last, Revision now) {
            out.println("what happened between " + last + " and " + now + " is not known any more");
        }

        @Override
        public void ended(WhatnotException why) {
            out.println("the watch is over: " + why.getMessage());
            failed = true;
            ended.countDown();
        }
    }
}
