package io.whatnot.cli;

import io.whatnot.client.ClaimRequest;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.Namespace;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class ClaimCommand extends HoldingCommand {
    @Option(names = "--slots", paramLabel = "N", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long slots;

    @Override
    LeaseContext acquire(Namespace namespace, Optional<Duration> atMost, PrintWriter err) throws InterruptedException {
        ClaimRequest request = namespace.pool(path).claim(slots).label(label);
        request = atMost.map(request::waitTimeout).orElse(request);
        return request.onQueued(position -> err.println("waiting, number " + position.position()))
                .acquire();
    }

    @Override
    String what(LeaseContext held) {
        return "the claim of " + held;
    }
}
