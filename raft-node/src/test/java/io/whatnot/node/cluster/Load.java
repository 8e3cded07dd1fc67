package io.whatnot.node.cluster;

import io.whatnot.client.Namespace;
import io.whatnot.client.Put;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Clients that write and lock, each the next when it has an answer to the last, until they are stopped. */
final class Load {
    private static final int WRITERS = 4;

    final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    final List<Long> tokens = new CopyOnWriteArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<CompletableFuture<Void>> ends = new ArrayList<>();
    private final Namespace ns;

    Load(Namespace ns) {
        this.ns = ns;
        for (int writer = 0; writer < WRITERS; writer++) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            write(writer, 0, end);
        }
        CompletableFuture<Void> end = new CompletableFuture<>();
        ends.add(end);
        lock(end);
    }

    private void write(int writer, int number, CompletableFuture<Void> end) {
        if (stopped.get()) {
            end.complete(null);
            return;
        }
        String path = "/load/w" + writer + "-" + number;
        ns.putAsync(path, Value.of(path), Put.with().ifAbsent()).whenComplete((written, failure) -> {
            if (failure == null) {
                acknowledged.add(path);
                write(writer, number + 1, end);
            } else {
                end.completeExceptionally(failure);
            }
        });
    }

    private void lock(CompletableFuture<Void> end) {
        if (stopped.get()) {
            end.complete(null);
            return;
        }
        ns.lease("/cycle")
                .acquireAsync()
                .thenCompose(lease -> {
                    tokens.add(lease.token().value());
                    return lease.releaseAsync();
                })
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        lock(end);
                    } else {
                        end.completeExceptionally(failure);
                    }
                });
    }

    /** Lets all end what they are at; fails if any request did. */
    void stop() throws Exception {
        stopped.set(true);
        CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
    }

    /** What of these writers is among elements. */
    static List<String> paths(List<ElementView> elements) {
        return elements.stream()
                .map(element -> element.path().toString())
                .filter(path -> path.startsWith("/load/w"))
                .toList();
    }
}
