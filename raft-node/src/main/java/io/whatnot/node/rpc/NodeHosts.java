package io.whatnot.node.rpc;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The addresses of the machines that the configuration names as nodes. */
public final class NodeHosts {
    private static final Logger LOG = LoggerFactory.getLogger(NodeHosts.class);

    private final Supplier<List<String>> endpoints;
    private final Executor resolver;
    private final AtomicBoolean resolving = new AtomicBoolean();
    private volatile Set<InetAddress> addresses;

    /**
     * Looks all of them up.
     *
     * @param endpoints of nodes, host:port; asked again with each look-up
     * @param resolver where names are looked up again that had no address
     */
    public NodeHosts(Supplier<List<String>> endpoints, Executor resolver) {
        this.endpoints = endpoints;
        this.resolver = resolver;
        this.addresses = resolve();
    }

    /** Whether that is the address of one; an address that is none yet may be one the next time. Never blocks. */
    boolean contains(InetAddress address) {
        if (addresses.contains(address)) {
            return true;
        }
        if (resolving.compareAndSet(false, true)) {
            resolver.execute(() -> {
                addresses = resolve();
                resolving.set(false);
            });
        }
        return false;
    }

    private Set<InetAddress> resolve() {
        Set<InetAddress> found = new HashSet<>();
        Set<String> hosts = new LinkedHashSet<>();
        endpoints.get().forEach(endpoint -> hosts.add(endpoint.substring(0, endpoint.lastIndexOf(':'))));
        for (String host : hosts) {
            try {
                found.addAll(Set.of(InetAddress.getAllByName(host)));
            } catch (UnknownHostException e) {
                LOG.info("{} has no address now; administration that it passes on is refused here", host);
            }
        }
        return found;
    }
}
