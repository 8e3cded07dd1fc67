package io.whatnot.client.internal;

import io.whatnot.client.Admin;
import io.whatnot.client.NodeStatus;
import io.whatnot.client.Outcome;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Revision;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.Wire;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks nodes for their status, all at once. */
final class StatusReader {
    private static final long WAIT_MILLIS = 3_000;

    private static final Comparator<V1.StatusReply> FURTHER = Comparator.comparing(
                    (V1.StatusReply status) -> status.getRole().equals("leader"))
            .thenComparing(V1.StatusReply::getTerm)
            .thenComparing(V1.StatusReply::getAppliedIndex);

    private StatusReader() {}

    /** What the nodes at these endpoints say, and those that they know besides. */
    static List<NodeStatus> read(Wire wire, List<String> endpoints) throws InterruptedException {
        Map<String, CompletableFuture<V1.StatusReply>> asked = new LinkedHashMap<>();
        endpoints.forEach(endpoint -> asked.put(endpoint, ask(wire, endpoint)));
        for (CompletableFuture<V1.StatusReply> reply : List.copyOf(asked.values())) {
            reply(reply)
                    .ifPresent(status -> status.getMembersList().stream()
                            .filter(member -> !member.getEndpoint().isEmpty())
                            .forEach(member ->
                                    asked.computeIfAbsent(member.getEndpoint(), endpoint -> ask(wire, endpoint))));
        }
        List<NodeStatus> all = new ArrayList<>();
        for (Map.Entry<String, CompletableFuture<V1.StatusReply>> entry : asked.entrySet()) {
            all.add(reply(entry.getValue())
                    .map(status -> status(entry.getKey(), status))
                    .orElseGet(() -> silent(entry.getKey(), entry.getValue())));
        }
        return all;
    }

    /** The members as the leader knows them or, if none of these nodes leads, the node that has got furthest. */
    static List<Admin.Member> members(Wire wire, List<String> endpoints) throws InterruptedException {
        List<CompletableFuture<V1.StatusReply>> asked =
                endpoints.stream().map(endpoint -> ask(wire, endpoint)).toList();
        V1.StatusReply best = null;
        for (CompletableFuture<V1.StatusReply> one : asked) {
            V1.StatusReply status = reply(one).orElse(null);
            if (status != null && (best == null || FURTHER.compare(status, best) > 0)) {
                best = status;
            }
        }
        if (best == null) {
            throw new WhatnotException(
                    ErrorCode.UNAVAILABLE,
                    Outcome.NOT_APPLIED,
                    "none of " + endpoints + " says who the members are; start a node, or connect to another");
        }
        return best.getMembersList().stream()
                .map(member ->
                        new Admin.Member(member.getNode(), member.getEndpoint(), member.getRaft(), member.getRole()))
                .toList();
    }

    private static CompletableFuture<V1.StatusReply> ask(Wire wire, String endpoint) {
        try {
            return wire.status(endpoint);
        } catch (RuntimeException e) { // no endpoint at all, as far as the wire is concerned
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Optional<V1.StatusReply> reply(CompletableFuture<V1.StatusReply> asked) throws InterruptedException {
        try {
            return Optional.of(asked.get(WAIT_MILLIS, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    private static NodeStatus silent(String endpoint, CompletableFuture<V1.StatusReply> asked) {
        String problem = asked.handle((reply, failure) -> failure == null ? "no answer" : failure.getMessage())
                .getNow("no answer within " + WAIT_MILLIS + " ms");
        return new NodeStatus(
                endpoint, Optional.of(problem), "", "", "", Optional.empty(), 0, 0, Revision.NONE, "", 0, 0, Map.of());
    }

    private static NodeStatus status(String endpoint, V1.StatusReply reply) {
        Map<String, Long> counts = new TreeMap<>(reply.getCountersMap());
        counts.put("sessions", reply.getSessions());
        counts.put("leases", reply.getLeases());
        counts.put("waiting", reply.getWaiting());
        counts.put("namespaces", reply.getNamespaces());
        counts.put("elements", reply.getElements());
        counts.put("connections", reply.getConnections());
        counts.put("watches", reply.getWatches());
        counts.put("stateBytes", reply.getStateBytes());
        counts.put("stateBytesMax", reply.getStateBytesMax());
        String leader = reply.getLeader().getEndpoint();
        return new NodeStatus(
                endpoint,
                Optional.empty(),
                reply.getCluster(),
                reply.getNode(),
                reply.getRole(),
                leader.isEmpty() ? Optional.empty() : Optional.of(leader),
                reply.getTerm(),
                reply.getAppliedIndex(),
                new Revision(reply.getRevision()),
                reply.getVersion(),
                reply.getFeatureLevel(),
                reply.getFeatureLevelMax(),
                counts);
    }
}
