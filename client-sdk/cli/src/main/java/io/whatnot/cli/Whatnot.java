package io.whatnot.cli;

import io.whatnot.client.WhatnotException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.NoSuchFileException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/**
 * The command {@code whatnot}. Exit codes: 0 done, 1 refused or failed, 2 wrong usage; {@code lock} and {@code claim} besides those of what
 * it runs.
 */
@Command(
        name = "whatnot",
        mixinStandardHelpOptions = true,
        version = "whatnot 0.1.0-SNAPSHOT",
        description = "Looks at and works with a Whatnot cluster.",
        subcommands = {
            StatusCommand.class,
            ElementCommands.Get.class,
            ElementCommands.Put.class,
            ElementCommands.Register.class,
            ElementCommands.Remove.class,
            ElementCommands.List.class,
            ElementCommands.Tree.class,
            TransactCommand.class,
            WatchCommand.class,
            LockCommand.class,
            ClaimCommand.class,
            LockListings.Leases.class,
            LockListings.Queue.class,
            SessionCommand.class,
            PoolCommands.class,
            PruneCommands.Set.class,
            PruneCommands.Policies.class,
            PruneCommands.Touch.class,
            TransferCommands.Export.class,
            TransferCommands.Import.class,
            AdminCommands.class,
            MemberCommands.class,
            BenchCommand.class
        })
public final class Whatnot {
    private Whatnot() {}

    /** Runs one command. */
    public static void main(String[] arguments) {
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
        }
        Charset terminal = Charset.defaultCharset();
        System.exit(run(
                new PrintWriter(System.out, true, terminal),
                new PrintWriter(System.err, true, terminal),
                List.of(arguments)));
    }

    /** Runs one command; tells its exit code. */
    static int run(PrintWriter out, PrintWriter err, List<String> arguments) {
        CommandLine commandLine = new CommandLine(new Whatnot());
        commandLine.setOut(out);
        commandLine.setErr(err);
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof WhatnotException || failure instanceof IllegalArgumentException) {
                err.println(failure.getMessage());
            } else if (failure instanceof NoSuchFileException missing) {
                err.println(missing.getFile() + ": no such file");
            } else if (failure instanceof IOException) {
                err.println(failure.getMessage());
            } else {
                failure.printStackTrace(err);
            }
            return failure instanceof IllegalArgumentException || failure instanceof ParameterException ? 2 : 1;
        });
        return commandLine.execute(arguments.toArray(String[]::new));
    }
}
