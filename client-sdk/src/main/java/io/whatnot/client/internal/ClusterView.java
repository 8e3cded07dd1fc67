package io.whatnot.client.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the client knows of where nodes are, which of them leads, and which did not answer lately. */
final class ClusterView {
    /** For so long a node that failed is tried only when no other is left. */
    private static final long AVOIDED_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final List<String> endpoints = new ArrayList<>();
    private final Map<String, Long> avoidedUntil = new HashMap<>();
    private @Nullable String leader;
    private int turn;

    /** A view of these endpoints; clients that begin at different ones spread over the nodes. */
    ClusterView(List<String> endpoints, int begin) {
        this.endpoints.addAll(endpoints);
        this.turn = begin;
    }

    /** A node said who leads; null if nobody does as far as it knows. */
    void leaderIs(@Nullable String endpoint) {
        leader = endpoint;
        if (endpoint != null && !endpoints.contains(endpoint)) {
            endpoints.add(endpoint);
        }
    }

    /** The node did not answer. */
    void failed(String endpoint, long nowNanos) {
        avoidedUntil.put(endpoint, nowNanos + AVOIDED_NANOS);
        if (endpoint.equals(leader)) {
            leader = null;
        }
        turn++;
    }

    void answered(String endpoint) {
        avoidedUntil.remove(endpoint);
    }

    boolean isAvoided(String endpoint, long nowNanos) {
        Long until = avoidedUntil.get(endpoint);
        return until != null && until - nowNanos > 0;
    }

    /** Where to send commands: to the leader if it is known, else to the nodes in turn. */
    String forCommands(long nowNanos) {
        if (leader != null && !isAvoided(leader, nowNanos)) {
            return leader;
        }
        return inTurn(nowNanos, null);
    }

    /** Where to watch: at the nodes in turn, but not at that one. */
    String forWatches(long nowNanos, @Nullable String notAt) {
        return inTurn(nowNanos, notAt);
    }

    private String inTurn(long nowNanos, @Nullable String notAt) {
        for (int i = 0; i < endpoints.size(); i++) {
            String endpoint = endpoints.get(Math.floorMod(turn + i, endpoints.size()));
            if (!isAvoided(endpoint, nowNanos) && !endpoint.equals(notAt)) {
                return endpoint;
            }
        }
        // All of them failed lately: the one that did so longest ago.
        return endpoints.stream()
                .min((a, b) -> Long.compare(avoidedUntil.getOrDefault(a, 0L), avoidedUntil.getOrDefault(b, 0L)))
                .orElseThrow();
    }

    List<String> endpoints() {
        return List.copyOf(endpoints);
    }
}
