package io.whatnot.cli;

import io.whatnot.client.Namespace;
import io.whatnot.client.PoolOption;
import io.whatnot.core.model.Result;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands about semaphore pools. */
@Command(
        name = "pool",
        mixinStandardHelpOptions = true,
        description = "Makes, changes and shows semaphore pools.",
        subcommands = {
            PoolCommands.Create.class,
            PoolCommands.Resize.class,
            PoolCommands.Remove.class,
            PoolCommands.Show.class
        })
final class PoolCommands {
    /** Makes one. */
    @Command(name = "create", mixinStandardHelpOptions = true, description = "Makes a pool of so many slots.")
    static final class Create extends ElementCommands.OnElement {
        @Parameters(index = "0", paramLabel = "PATH")
        private String path = "";

        @Parameters(index = "1", paramLabel = "SIZE")
        private long size;

        @Option(names = "--prefix", description = "Serve everything below that has no nearer pool, too.")
        private boolean prefix;

        @Option(
                names = "--purge",
                description = "Replace the pool that is there: its claims end, and those who wait go on waiting.")
        private boolean purge;

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            List<PoolOption> options = new ArrayList<>();
            if (prefix) {
                options.add(PoolOption.PREFIX);
            }
            if (purge) {
                options.add(PoolOption.PURGE);
            }
            namespace.pool(path).create(size, options.toArray(PoolOption[]::new));
            return 0;
        }
    }

    /** Gives one another size. */
    @Command(
            name = "resize",
            mixinStandardHelpOptions = true,
            description = "Gives a pool another size. Claims stay; while they are more, nothing is granted.")
    static final class Resize extends ElementCommands.OnElement {
        @Parameters(index = "0", paramLabel = "PATH")
        private String path = "";

        @Parameters(index = "1", paramLabel = "SIZE")
        private long size;

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            namespace.pool(path).resize(size);
            return 0;
        }
    }

    /** Takes one away. */
    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Takes a pool away. Its claims end, and those who wait fail.")
    static final class Remove extends ElementCommands.OnElement {
        @Parameters(paramLabel = "PATH")
        private String path = "";

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            namespace.pool(path).remove();
            return 0;
        }
    }

    /** Shows one. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows the pool that serves a path, its claims, and who waits. Exit code 1 if there is none.")
    static final class Show extends ElementCommands.OnElement {
        @Parameters(paramLabel = "PATH")
        private String path = "";

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            Result.Pool found = namespace.pool(path).describe();
            Optional<Result.PoolView> pool = found.pool();
            if (pool.isEmpty()) {
                err().println("no pool serves " + path);
                return 1;
            }
            Result.PoolView view = pool.get();
            out.printf(
                    "%s%s  %d of %d slots in use by %d claims, %d wait%n",
                    view.path(),
                    view.prefix() ? " and below" : "",
                    view.used(),
                    view.size(),
                    view.claims(),
                    view.waiting());
            found.held().forEach(claim -> LockListings.print("holds", claim, out));
            found.waiting().forEach(waiting -> LockListings.print("waits", waiting.request(), out));
            return 0;
        }
    }
}
