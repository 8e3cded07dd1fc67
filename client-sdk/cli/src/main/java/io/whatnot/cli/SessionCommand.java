package io.whatnot.cli;

import io.whatnot.client.Consistency;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WaitForGraph;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** All that a session holds and waits for. */
@Command(
        name = "session",
        mixinStandardHelpOptions = true,
        description = "Shows all that a session holds and waits for, in all namespaces, and what is in its way.")
final class SessionCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(paramLabel = "SESSION", description = "Its number, as leases and queue show it.")
    private long session;

    @Option(
            names = "--consistency",
            description = "${COMPLETION-CANDIDATES}; NODE answers without a leader. Default: LINEARIZABLE.")
    private Consistency consistency = Consistency.LINEARIZABLE;

    @Option(names = "--dot", description = "Whom it waits for, as a graph for Graphviz: ... --dot | dot -Tsvg")
    private boolean dot;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (NamespaceManager manager = connection.open()) {
            Result.SessionTrace trace = manager.admin().sessionTrace(session, consistency);
            if (dot) {
                out.print(WaitForGraph.of(trace).toDot());
            } else {
                print(trace, out);
            }
            return 0;
        }
    }

    private static void print(Result.SessionTrace trace, PrintWriter out) {
        out.println(trace.session() + "  ends in " + trace.remainingMillis() + " ms without a heartbeat, of "
                + trace.ttlMillis() + "; " + trace.requests().size() + " leases and requests at revision "
                + trace.revision());
        for (Result.Traced request : trace.requests()) {
            out.println((request.request().waiting() ? "waits    " : "holds    ")
                    + request.request().id() + "  " + request.namespace() + "  "
                    + request.targets().stream().map(Target::toString).collect(Collectors.joining(", "))
                    + "  for " + request.request().remainingMillis() + " ms more"
                    + (request.position() == 0 ? "" : ", in place " + request.position())
                    + (request.request().label().isEmpty()
                            ? ""
                            : "  \"" + request.request().label() + "\""));
            request.blockers().forEach(blocker -> LockListings.printBehind(blocker, out));
        }
    }
}
