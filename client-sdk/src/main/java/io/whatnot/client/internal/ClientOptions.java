package io.whatnot.client.internal;

import java.util.List;

/**
 * How a client is to be.
 *
 * @param endpoints where to find nodes
 * @param name what it calls itself
 * @param cluster the cluster it expects; empty for any
 * @param sessionTtlMillis the ttl of its sessions
 * @param requestMillis how long a request may go without an answer
 * @param drift by how much clock rates may differ, in parts of 1
 */
public record ClientOptions(
        List<String> endpoints, String name, String cluster, long sessionTtlMillis, long requestMillis, double drift) {
    public ClientOptions {
        endpoints = List.copyOf(endpoints);
    }
}
