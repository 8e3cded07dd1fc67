package io.whatnot.client.internal;

import io.whatnot.client.Namespace;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.Value;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/** Puts what was written down, some at a time, and answers for every line. */
final class Import {
    private static final int IN_FLIGHT_MAX = 64;

    private final Namespace namespace;
    private final Deque<Sent> inFlight = new ArrayDeque<>();
    private long count;

    private record Sent(long line, ElementLine element, CompletableFuture<?> done) {}

    Import(Namespace namespace) {
        this.namespace = namespace;
    }

    long readFrom(InputStream in) throws IOException, InterruptedException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        long number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            if (inFlight.size() == IN_FLIGHT_MAX) {
                awaitFirst();
            }
            send(number, line);
        }
        while (!inFlight.isEmpty()) {
            awaitFirst();
        }
        return count;
    }

    private void send(long number, String line) throws InterruptedException {
        try {
            ElementLine element = ElementLine.parse(line);
            inFlight.add(new Sent(number, element, put(element)));
        } catch (IllegalArgumentException e) {
            while (!inFlight.isEmpty()) {
                awaitFirst(); // an earlier line may be wrong too, and comes first
            }
            throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
        }
    }

    private CompletableFuture<?> put(ElementLine element) {
        String path = element.path().toString();
        if (element.value().equals(Value.NONE) && element.ttlMillis() == 0) {
            return namespace.registerAsync(path, Put.with());
        }
        Put how = element.ttlMillis() == 0 ? Put.with() : Put.with().ttl(Duration.ofMillis(element.ttlMillis()));
        return namespace.putAsync(path, element.value(), how);
    }

    /** Waits for the first of those under way; if it failed, for all others too: nothing goes on behind the caller's back. */
    private void awaitFirst() throws InterruptedException {
        Sent first = inFlight.remove();
        try {
            Errors.await(first.done);
            count++;
        } catch (WhatnotException e) {
            CompletableFuture<?>[] others = inFlight.stream().map(Sent::done).toArray(CompletableFuture<?>[]::new);
            inFlight.clear();
            Errors.await(CompletableFuture.allOf(others).handle((done, failure) -> true));
            throw new WhatnotException(
                    e.code(), e.outcome(), "line " + first.line + ", " + first.element.path() + ": " + e.explanation());
        }
    }
}
