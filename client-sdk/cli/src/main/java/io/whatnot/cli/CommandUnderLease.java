package io.whatnot.cli;

import io.whatnot.client.LeaseContext;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that runs while a lease is held, and is stopped when that is lost: SIGTERM, and later SIGKILL. */
final class CommandUnderLease {
    /** The exit code when the lease was not to be had in time. */
    static final int NOT_HAD = 75;

    private static final int LOST = 76;
    private static final int NOT_FOUND = 127; // as shells have it

    private final List<String> command;
    private final String what;
    private final long graceSeconds;
    private final PrintWriter err;

    /**
     * Nothing runs yet.
     *
     * @param what the lease in words, such as: the lock on /a
     */
    CommandUnderLease(List<String> command, String what, long graceSeconds, PrintWriter err) {
        this.command = command;
        this.what = what;
        this.graceSeconds = graceSeconds;
        this.err = err;
    }

    /** Runs it to its end; tells the exit code. The lease's token is in its environment. */
    int run(LeaseContext lease) throws InterruptedException {
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
            err.println(what + " is lost (" + reason + "); the command is stopped");
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
