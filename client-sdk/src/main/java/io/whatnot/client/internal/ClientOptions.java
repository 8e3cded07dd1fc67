package io.whatnot.client.internal;

import io.whatnot.client.Recovered;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import java.util.List;
import java.util.function.Consumer;

/**
 * How a client is to be.
 *
 * @param endpoints where to find nodes
 * @param name what it calls itself
 * @param cluster the cluster it expects; empty for any
 * @param sessionTtlMillis the ttl of its sessions
 * @param requestMillis how long a request may go without an answer
 * @param drift by how much clock rates may differ, in parts of 1
 * @param followLeader whether it goes to the leader, or stays at its endpoints
 * @param onRecovered told when the cluster has lost its memory
 */
public record ClientOptions(
        List<String> endpoints,
        String name,
        String cluster,
        long sessionTtlMillis,
        long requestMillis,
        double drift,
        boolean followLeader,
        Consumer<Recovered> onRecovered) {
    private static final long REQUEST_MILLIS_MAX = 24L * 3600 * 1000;

    public ClientOptions {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("there is no endpoint; name at least one");
        }
        new SessionCommand.Open(new Secret(0, 0), sessionTtlMillis, name); // whose rules they have to meet
        if (requestMillis < 1 || requestMillis > REQUEST_MILLIS_MAX) {
            throw new IllegalArgumentException("request time-out in milliseconds is " + requestMillis
                    + ", but must be from 1 to " + REQUEST_MILLIS_MAX);
        }
    }

    /** A client that follows the leader. */
    public ClientOptions(
            List<String> endpoints,
            String name,
            String cluster,
            long sessionTtlMillis,
            long requestMillis,
            double drift) {
        this(endpoints, name, cluster, sessionTtlMillis, requestMillis, drift, true);
    }

    /** A client that does not care whether the cluster loses its memory. */
    public ClientOptions(
            List<String> endpoints,
            String name,
            String cluster,
            long sessionTtlMillis,
            long requestMillis,
            double drift,
            boolean followLeader) {
        this(endpoints, name, cluster, sessionTtlMillis, requestMillis, drift, followLeader, recovered -> {});
    }
}
