package io.whatnot.cli;

import io.whatnot.client.Namespace;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands that show locks. */
final class LockListings {
    private LockListings() {}

    /** All leases at or below a path. */
    @Command(
            name = "leases",
            mixinStandardHelpOptions = true,
            description = "Lists the leases on a path and on everything below it.")
    static final class Leases extends ElementCommands.OnElement {
        @Parameters(paramLabel = "PATH", defaultValue = "/")
        private String path = "";

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            Result.Locks locks = namespace.locks(path, Scope.PREFIX);
            locks.held().forEach(lease -> print("holds", lease, out));
            printMore(locks, out);
            if (locks.held().isEmpty()) {
                out.println("nothing is locked at or below " + path);
            }
            return 0;
        }
    }

    /** Who is in line for a path. */
    @Command(
            name = "queue",
            mixinStandardHelpOptions = true,
            description = "Shows who holds a path and who waits for it, in order, and what for.")
    static final class Queue extends ElementCommands.OnElement {
        @Parameters(paramLabel = "PATH", defaultValue = "/")
        private String path = "";

        @Option(names = "--prefix", description = "Also for what is below it.")
        private boolean prefix;

        @Option(names = "--dot", description = "Who waits for whom, as a graph for Graphviz: ... --dot | dot -Tsvg")
        private boolean dot;

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            if (dot) {
                out.print(namespace
                        .waitForGraph(path, prefix ? Scope.PREFIX : Scope.ELEMENT)
                        .toDot());
                return 0;
            }
            Result.Locks locks = namespace.locks(path, prefix ? Scope.PREFIX : Scope.ELEMENT);
            locks.held().forEach(lease -> print("holds", lease, out));
            for (Result.Waiting waiting : locks.waiting()) {
                print("waits", waiting.request(), out);
                waiting.blockers().forEach(blocker -> printBehind(blocker, out));
            }
            printMore(locks, out);
            if (locks.held().isEmpty() && locks.waiting().isEmpty()) {
                out.println("nobody holds or waits for " + path);
            }
            return 0;
        }
    }

    private static void printMore(Result.Locks locks, PrintWriter out) {
        if (locks.more()) {
            out.println("and there are more leases or requests than one answer tells: name a path further down");
        }
    }

    static void printBehind(Blocker blocker, PrintWriter out) {
        out.println("        behind " + blocker.holder() + ", who " + (blocker.waiting() ? "waits for " : "holds ")
                + blocker.target());
    }

    static void print(String verb, Blocker blocker, PrintWriter out) {
        out.printf(
                "%-8s %s  %s  for %d ms more%s%n",
                verb,
                blocker.target(),
                blocker.holder(),
                blocker.remainingMillis(),
                blocker.label().isEmpty() ? "" : "  \"" + blocker.label() + "\"");
    }
}
