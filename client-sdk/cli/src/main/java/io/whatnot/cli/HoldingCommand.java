package io.whatnot.cli;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command that runs another while something is held. */
abstract class HoldingCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "PATH")
    String path = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "Behind --.")
    private List<String> command = List.of();

    @Option(names = "--wait", paramLabel = "SECONDS", description = "Wait so long at most; default: a day.")
    private Optional<Long> waitSeconds = Optional.empty();

    @Option(names = "--label", defaultValue = "", description = "Shown to those who are kept waiting.")
    String label = "";

    @Option(names = "--grace", paramLabel = "SECONDS", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
    private long graceSeconds;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /**
     * Asks for what is to be held, and waits.
     *
     * @param atMost how long, if that is bounded
     * @param err where to say that it has to wait
     */
    abstract LeaseContext acquire(Namespace namespace, Optional<Duration> atMost, PrintWriter err)
            throws InterruptedException;

    /** What is held, in words. */
    abstract String what(LeaseContext held);

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        try (NamespaceManager manager = connection.open()) {
            manager.namespaces(); // a cluster that can't be reached is not waited for as others are
            try (LeaseContext held =
                    acquire(connection.namespace(manager), waitSeconds.map(Duration::ofSeconds), err)) {
                return new CommandUnderLease(command, what(held), graceSeconds, err).run(held);
            } catch (LockTimeoutException e) {
                err.println(e.getMessage());
                return CommandUnderLease.NOT_HAD;
            }
        }
    }
}
