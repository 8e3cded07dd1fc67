package io.whatnot.cli;

import io.whatnot.client.ClaimRequest;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.SemaphoreClaim;
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

/** Runs a program while slots of a semaphore pool are claimed, and stops it when the claim is lost. */
@Command(
        name = "claim",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a command while holding slots of the semaphore pool that serves a path; the claim's token is in its"
                    + " environment as WHATNOT_TOKEN.",
            "If the claim is lost the command is stopped: SIGTERM, and SIGKILL after --grace.",
            "Exit codes: the command's, 127 if it can't be run; 75 if the slots were not to be had in time, 76 if the"
                    + " claim was lost."
        })
final class ClaimCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "PATH")
    private String path = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "Behind --.")
    private List<String> command = List.of();

    @Option(names = "--slots", paramLabel = "N", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long slots;

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
            manager.namespaces(); // a cluster that can't be reached is not waited for as slots are
            ClaimRequest request =
                    connection.namespace(manager).pool(path).claim(slots).label(label);
            if (waitSeconds.isPresent()) {
                request = request.waitTimeout(Duration.ofSeconds(waitSeconds.get()));
            }
            request = request.onQueued(position -> err.println("waiting, number " + position.position()));
            try (SemaphoreClaim claim = request.acquire()) {
                return new CommandUnderLease(command, "the claim of " + claim, graceSeconds, err).run(claim);
            } catch (LockTimeoutException e) {
                err.println(e.getMessage());
                return CommandUnderLease.NOT_HAD;
            }
        }
    }
}
