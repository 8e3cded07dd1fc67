package io.whatnot.client.internal;

import io.whatnot.core.wire.Endpoints;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the client knows of where nodes are, which of them leads, which did not answer lately, and which are behind the
 * leader by more than a second.
 */
final class ClusterView {
    /** For so long a node that failed is tried only when no other is left. */
    private static final long AVOIDED_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** For how long a node that lags is left to those who have no other; twice as long each time it is found to again. */
    private static final long LAGGING_NANOS_MIN = TimeUnit.SECONDS.toNanos(5);

    private static final long LAGGING_NANOS_MAX = TimeUnit.SECONDS.toNanos(80);

    /** Nodes may tell of so many, those that the client was made with counted. */
    private static final int ENDPOINTS_MAX = 256;

    private record Lag(long pauseNanos, long untilNanos) {}

    private final List<String> endpoints = new ArrayList<>();
    private final Map<String, Long> avoidedUntil = new HashMap<>();
    private final Map<String, Lag> lagging = new HashMap<>();
    private final KnownRevisions known = new KnownRevisions();
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

    /** A node said who the members are; those that nobody named before are where to go as well. */
    void membersAre(List<String> members) {
        for (String member : members) {
            if (!endpoints.contains(member) && Endpoints.isOne(member) && endpoints.size() < ENDPOINTS_MAX) {
                endpoints.add(member);
            }
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

    // ---- who lags

    /** The leader has got to that revision. */
    void leaderIsAt(long revision, long nowNanos) {
        known.note(revision, nowNanos);
    }

    /** Whether a node at that revision is where the leader was when last heard of. */
    boolean isCurrent(long revision) {
        return known.isCurrent(revision);
    }

    /** A node says that it is at that revision; tells whether it should be further. */
    boolean lagsAt(String endpoint, long revision, long nowNanos) {
        if (!known.isLate(revision, nowNanos)) {
            return false;
        }
        Lag before = lagging.get(endpoint);
        if (before == null || nowNanos - before.untilNanos > LAGGING_NANOS_MAX) {
            lagging.put(endpoint, new Lag(LAGGING_NANOS_MIN, nowNanos + LAGGING_NANOS_MIN));
        } else if (!isLagging(endpoint, nowNanos)) {
            long pause = Math.min(2 * before.pauseNanos, LAGGING_NANOS_MAX);
            lagging.put(endpoint, new Lag(pause, nowNanos + pause));
        }
        return true;
    }

    /** Whether the node was found to lag lately. */
    boolean isLagging(String endpoint, long nowNanos) {
        Lag lag = lagging.get(endpoint);
        return lag != null && lag.untilNanos - nowNanos > 0;
    }

    /** Nodes that neither failed nor lagged lately, so far as is known. */
    List<String> good(long nowNanos) {
        return endpoints.stream()
                .filter(endpoint -> !isAvoided(endpoint, nowNanos) && !isLagging(endpoint, nowNanos))
                .toList();
    }

    // ---- where to go

    /** Where to send commands: to the leader if it is known, else to the nodes in turn. */
    String forCommands(long nowNanos) {
        if (leader != null && !isAvoided(leader, nowNanos)) {
            return leader;
        }
        return inTurn(nowNanos);
    }

    /** Where to watch: at the nodes in turn. */
    String forWatches(long nowNanos) {
        return inTurn(nowNanos);
    }

    private String inTurn(long nowNanos) {
        String behind = null;
        for (int i = 0; i < endpoints.size(); i++) {
            String endpoint = endpoints.get(Math.floorMod(turn + i, endpoints.size()));
            if (!isAvoided(endpoint, nowNanos)) {
                if (!isLagging(endpoint, nowNanos)) {
                    return endpoint;
                }
                behind = behind == null ? endpoint : behind;
            }
        }
        if (behind != null) {
            return behind;
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
