package io.whatnot.cli;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.NamespaceManager;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a program while a lock is held, and stops it when the lock is lost. */
@Command(
        name = "lock",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a command while holding a lock; the fencing token is in its environment as WHATNOT_TOKEN.",
            "If the lock is lost the command is stopped: SIGTERM, and SIGKILL after --grace.",
            "Exit codes: the command's, 127 if it can't be run; 75 if the lock was not to be had in time, 76 if it was"
                    + " lost."
        })
final class LockCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "PATH")
    private String path = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "Behind --.")
    private List<String> command = List.of();

    @Option(names = "--prefix", description = "Lock everything below it, too.")
    private boolean prefix;

    @Option(names = "--shared", description = "With others that lock it shared.")
    private boolean shared;

    @Option(names = "--wait", paramLabel = "SECONDS", description = "Wait so long at most; default: a day.")
    private Optional<Long> waitSeconds = Optional.empty();

    @Option(names = "--label", defaultValue = "", description = "Shown to those who are kept waiting.")
    private String label = "";

    @Option(names = "--grace", paramLabel = "SECONDS", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
    private long graceSeconds;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        try (NamespaceManager manager = connection.open()) {
            manager.namespaces(); // a cluster that can't be reached is not waited for as a lock is
            LeaseRequest request = connection.namespace(manager).lease(path).label(label);
            request = prefix ? request.prefix() : request;
            request = shared ? request.shared() : request;
            if (waitSeconds.isPresent()) {
                request = request.waitTimeout(Duration.ofSeconds(waitSeconds.get()));
            }
            request = request.onQueued(position -> err.println("waiting, number " + position.position() + " behind "
                    + position.blockedBy().stream()
                            .map(blocker -> blocker.holder().toString())
                            .distinct()
                            .toList()));
            try (LeaseContext lease = request.acquire()) {
                return new CommandUnderLease(command, "the lock on " + path, graceSeconds, err).run(lease);
            } catch (LockTimeoutException e) {
                err.println(e.getMessage());
                return CommandUnderLease.NOT_HAD;
            }
        }
    }
}
