package io.whatnot.cli;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.Namespace;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class LockCommand extends HoldingCommand {
    @Option(names = "--prefix", description = "Lock everything below it, too.")
    private boolean prefix;

    @Option(names = "--shared", description = "With others that lock it shared.")
    private boolean shared;

    @Override
    LeaseContext acquire(Namespace namespace, Optional<Duration> atMost, PrintWriter err) throws InterruptedException {
        LeaseRequest request = namespace.lease(path).label(label);
        request = prefix ? request.prefix() : request;
        request = shared ? request.shared() : request;
        request = atMost.map(request::waitTimeout).orElse(request);
        return request.onQueued(position -> err.println("waiting, number " + position.position() + " behind "
                        + position.blockedBy().stream()
                                .map(blocker -> blocker.holder().toString())
                                .distinct()
                                .toList()))
                .acquire();
    }

    @Override
    String what(LeaseContext held) {
        return "the lock on " + path;
    }
}
