package io.whatnot.client;

import io.whatnot.client.internal.ManagerBuilder;
import io.whatnot.core.model.Result;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A client's presence in a cluster: one session, kept alive as long as this is open, which owns whatever leases and
 * ephemeral elements are taken through it. Make one and share it; it is safe for any number of threads.
 */
public interface NamespaceManager extends AutoCloseable {
    /** A whole cluster of one inside this process, over the same code: for tests and small tools. Nothing outlives it. */
    static NamespaceManager local() {
        return builder().local();
    }

    /**
     * A client of the cluster that has a node at any of these endpoints. Returns at once; it connects by itself, and again
     * whenever it has to.
     *
     * @param endpoints {@code host:port,host:port}
     * @throws IllegalArgumentException if that is not what they are
     */
    static NamespaceManager connect(String endpoints) {
        return builder().connect(endpoints);
    }

    /** A manager to be described further. */
    static Builder builder() {
        return new ManagerBuilder();
    }

    /** The namespace of that name. Sends nothing. */
    Namespace namespace(String name);

    /** All namespaces, linearizably. */
    List<Result.NamespaceView> namespaces() throws InterruptedException;

    /** What each node known to this client says of itself, or why it says nothing. Needs no leader. */
    List<NodeStatus> nodes() throws InterruptedException;

    /** Makes a namespace; NAMESPACE_EXISTS if there is one. */
    void createNamespace(String name) throws InterruptedException;

    /** Removes a namespace with everything in it, in as many steps as it takes; LOCKED while others hold locks in it. */
    void dropNamespace(String name) throws InterruptedException;

    /** What operators do. Taken only by nodes on the machine this runs on. */
    Admin admin();

    /** Ends the session, and thereby everything it owns, and all watches. Waits a little for the cluster to know. */
    @Override
    void close();

    /** How a manager is to be. */
    interface Builder {
        /** What this client calls itself; others see it, and events bear it. Default: the process id. */
        Builder name(String name);

        /** The cluster it expects; nodes of another refuse it. Default: any. */
        Builder cluster(String name);

        /** How long the session outlives the last that was heard of this client: 1 s to 1 h, default 10 s. */
        Builder sessionTtl(Duration ttl);

        /** How long a request may go without an answer before it fails: default 30 s. Waiting for a lock comes on top. */
        Builder requestTimeout(Duration timeout);

        /** By how much the rates of this machine's clock and a leader's may differ, in parts of 1: default 0.01. */
        Builder drift(double drift);

        /**
         * Whether requests go straight to the leader, wherever that is; or to the endpoints given alone, whose nodes pass
         * them on, which takes a hop more. Default: true.
         */
        Builder followLeader(boolean follow);

        /**
         * Is told when the cluster has lost its memory and re-formed, and what has become of the leases; on a
         * thread of the client's. Default: nobody.
         */
        Builder onRecovered(Consumer<Recovered> listener);

        /** Connects to a cluster. */
        NamespaceManager connect(String endpoints);

        /** Makes a cluster of one in this process. */
        NamespaceManager local();
    }
}
