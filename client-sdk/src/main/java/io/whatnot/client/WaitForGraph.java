package io.whatnot.client;

import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who waits for whom, at one revision: an edge from each request that waits to each lease, and each earlier request, in its
 * way; of those in the way of one request the first few. A cycle in it that goes over no pool of several slots is a deadlock,
 * which the cluster breaks when it would come about, unless it is told not to.
 *
 * @param revision what it is true of
 * @param edges in the order in which the requests came
 */
public record WaitForGraph(Revision revision, List<Edge> edges) {
    /** The graph. */
    public WaitForGraph {
        edges = List.copyOf(edges);
    }

    /**
     * That a request waits.
     *
     * @param request which
     * @param blocker the lease, or the earlier request, in its way
     */
    public record Edge(Blocker request, Blocker blocker) {}

    /** That of what {@link Namespace#locks} tells. */
    public static WaitForGraph of(Result.Locks locks) {
        List<Edge> edges = new ArrayList<>();
        for (Result.Waiting waiting : locks.waiting()) {
            waiting.blockers().forEach(blocker -> edges.add(new Edge(waiting.request(), blocker)));
        }
        return new WaitForGraph(locks.revision(), edges);
    }

    /** That of what a session waits for, as {@link Admin#sessionTrace} tells it. */
    public static WaitForGraph of(Result.SessionTrace trace) {
        List<Edge> edges = new ArrayList<>();
        for (Result.Traced request : trace.requests()) {
            request.blockers().forEach(blocker -> edges.add(new Edge(request.request(), blocker)));
        }
        return new WaitForGraph(trace.revision(), edges);
    }

    /**
     * The graph in the DOT language, as Graphviz reads it. The nodes are owners; what somebody waits for is drawn full if it
     * is held, and dashed if it is the place in line before.
     */
    public String toDot() {
        Map<String, String> owners = new LinkedHashMap<>();
        StringBuilder lines = new StringBuilder();
        for (Edge edge : edges) {
            owners.putIfAbsent(owner(edge.request), label(edge.request));
            owners.putIfAbsent(owner(edge.blocker), label(edge.blocker));
            lines.append("  ")
                    .append(quoted(owner(edge.request)))
                    .append(" -> ")
                    .append(quoted(owner(edge.blocker)))
                    .append(" [label=")
                    .append(quoted(edge.request.target()
                            + (edge.blocker.waiting() ? " behind " : " held as ")
                            + edge.blocker.target()))
                    .append(edge.blocker.waiting() ? ", style=dashed];\n" : "];\n");
        }
        StringBuilder dot = new StringBuilder("digraph waits {\n  node [shape=box];\n");
        owners.forEach((owner, label) -> dot.append("  ")
                .append(quoted(owner))
                .append(" [label=")
                .append(quoted(label))
                .append("];\n"));
        return dot.append(lines).append("}\n").toString();
    }

    /** What tells owners apart: those without a label are each one of their own. */
    private static String owner(Blocker of) {
        return of.id().session() + "/" + (of.owner().isEmpty() ? "#" + of.id().sequence() : of.owner());
    }

    private static String label(Blocker of) {
        return of.holder()
                + (of.owner().isEmpty() ? "" : " " + of.owner())
                + (of.label().isEmpty() ? "" : ": " + of.label());
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else {
                quoted.append(Character.isISOControl(c) ? ' ' : c);
            }
        }
        return quoted.append('"').toString();
    }
}
