package io.whatnot.cli;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.NamespaceManager;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
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
    private static final int NOT_HAD = 75;
    private static final int LOST = 76;
    private static final int NOT_FOUND = 127; // as shells have it

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
                return run(lease, err);
            } catch (LockTimeoutException e) {
                err.println(e.getMessage());
                return NOT_HAD;
            }
        }
    }

    private int run(LeaseContext lease, PrintWriter err) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("WHATNOT_TOKEN", lease.token().toString());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            err.println(e.getMessage());
            return NOT_FOUND;
        }
        // Whoever stops this process stops the command, and then nobody has to wait for the session to run out.
        Thread hook = new Thread(() -> {
            stop(process);
            lease.close();
        });
        Runtime.getRuntime().addShutdownHook(hook);
        lease.lost().thenAccept(reason -> {
            err.println("the lock on " + path + " is lost (" + reason + "); the command is stopped");
            stop(process);
        });
        int code = process.waitFor();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            hook.join(); // the JVM is going down, and the hook is at work
        }
        return lease.lost().isDone() ? LOST : code;
    }

    private void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(graceSeconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
