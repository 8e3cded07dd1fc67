package io.whatnot.cli;

import io.whatnot.client.NamespaceManager;
import io.whatnot.client.NodeStatus;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every node says of itself. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows the nodes, who leads, and how much there is. Exit code 0 if some node leads.")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = {"-v", "--verbose"},
            description = "Also what each node has counted.")
    private boolean verbose;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        List<NodeStatus> nodes;
        try (NamespaceManager manager = connection.open()) {
            nodes = manager.nodes();
        }
        out.printf(
                "%-10s %-22s %-10s %6s %12s %14s  %s%n", "node", "endpoint", "role", "term", "applied", "revision", "");
        for (NodeStatus node : nodes) {
            print(node, out);
        }
        boolean led = nodes.stream().anyMatch(node -> node.role().equals("leader"));
        long rejoining =
                nodes.stream().filter(node -> node.role().equals("rejoining")).count();
        if (!led) {
            out.println(advice(nodes.size(), rejoining));
        }
        return led ? 0 : 1;
    }

    private void print(NodeStatus node, PrintWriter out) {
        if (node.problem().isPresent()) {
            out.printf(
                    "%-10s %-22s %-10s  %s%n",
                    "?", node.endpoint(), "silent", node.problem().get());
            return;
        }
        out.printf(
                "%-10s %-22s %-10s %6d %12d %14s  %s%n",
                node.node(),
                node.endpoint(),
                node.role(),
                node.term(),
                node.appliedIndex(),
                node.revision(),
                "sessions " + node.counts().get("sessions") + ", leases "
                        + node.counts().get("leases") + ", waiting "
                        + node.counts().get("waiting") + ", elements "
                        + node.counts().get("elements") + ", state "
                        + (node.counts().getOrDefault("stateBytes", 0L) >> 20) + " of "
                        + (node.counts().getOrDefault("stateBytesMax", 0L) >> 20) + " MiB, level "
                        + node.level() + ", supports " + node.levelMax() + " (" + node.version() + ")");
        if (verbose) {
            node.counts().forEach((name, count) -> out.printf("    %-28s %12d%n", name, count));
        }
    }

    private static String advice(int nodes, long rejoining) {
        if (rejoining > 0) {
            return "No node leads, and " + rejoining + " of " + nodes + " have lost their memory. Where no majority"
                    + " remembers, all nodes have to be up to elect a leader: start those that are silent. What the one"
                    + " with the most memory has is kept.";
        }
        return "No node leads. A majority of the nodes has to be up and to reach each other.";
    }
}
