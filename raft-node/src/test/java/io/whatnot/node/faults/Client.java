package io.whatnot.node.faults;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Outcome;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ErrorCode;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/** What the workloads of one client process share: its history, its way to the cluster, and what it was told to do. */
final class Client {
    /** What a cluster under faults may answer to these workloads; anything else is a bug. */
    private static final Set<ErrorCode> EXPECTED = EnumSet.of(
            ErrorCode.LOCKED,
            ErrorCode.LOCK_TIMEOUT,
            ErrorCode.CONDITION_FAILED,
            ErrorCode.ELEMENT_EXISTS,
            ErrorCode.NO_SUCH_ELEMENT,
            ErrorCode.NO_SUCH_NAMESPACE,
            ErrorCode.LEASE_LOST,
            ErrorCode.STALE_TOKEN,
            ErrorCode.SESSION_EXPIRED,
            ErrorCode.RECOVERING,
            ErrorCode.RATE_LIMITED,
            ErrorCode.UNAVAILABLE,
            ErrorCode.TIMEOUT);

    private final String name;
    private volatile String endpoints;
    private final History history;
    private volatile long generation;
    private volatile boolean stopped;

    Client(String name, String endpoints, History history, long generation) {
        this.name = name;
        this.endpoints = endpoints;
        this.history = history;
        this.generation = generation;
    }

    String name() {
        return name;
    }

    History history() {
        return history;
    }

    /** How often the cluster has lost its memory: what was written before is not counted on. */
    long generation() {
        return generation;
    }

    void enter(long generation) {
        this.generation = generation;
    }

    /** Where the nodes are now. Those who are connected learn that by themselves. */
    void nodesAreAt(String endpoints) {
        this.endpoints = endpoints;
    }

    boolean isStopped() {
        return stopped;
    }

    void stop() {
        stopped = true;
    }

    /** A session of its own, which lasts so long without its client. */
    NamespaceManager connect(String what, Duration sessionTtl) {
        return connectAs(name + "-" + what, sessionTtl, Duration.ofSeconds(15));
    }

    /** The same by a name that others have, too, and with less patience or more. */
    NamespaceManager connectAs(String identity, Duration sessionTtl, Duration requestTimeout) {
        return NamespaceManager.builder()
                .name(identity)
                .cluster(FaultyCluster.NAME)
                .sessionTtl(sessionTtl)
                .requestTimeout(requestTimeout)
                .connect(endpoints);
    }

    static Namespace namespace(NamespaceManager manager) {
        return manager.namespace("faults");
    }

    /** Something was answered by a refusal, or not at all. */
    void failed(long id, WhatnotException failure) {
        if (!EXPECTED.contains(failure.code())) {
            history.violation("what may be answered: " + failure.getMessage());
        }
        String outcome = failure.outcome() == Outcome.NOT_APPLIED ? "not " : "unknown ";
        history.answer(id, outcome + failure.code());
    }
}
