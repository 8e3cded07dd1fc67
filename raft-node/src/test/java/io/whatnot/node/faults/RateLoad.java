package io.whatnot.node.faults;

import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * W11: storms of requests for leases, by clients of one name, faster than the rates that they have set for the cluster: on
 * one path or many, by one session or those of several processes. Most are patient, so that the SDK asks again until they are
 * let in; some are told that they are refused. All other leases are under the same rates, but ask for fewer.
 */
final class RateLoad implements Load {
    static final String ROOT = "/w11";
    /** What all who do this call themselves. */
    static final String IDENTITY = "storm";

    static final int IDENTITY_RATE = 125;
    static final int IDENTITY_BURST = 25;
    static final int SESSION_RATE = 100;
    static final int SESSION_BURST = 20;
    static final int PATH_RATE = 50;
    static final int PATH_BURST = 10;
    static final Map<String, Long> SETTINGS = Map.of(
            "identityRate",
            (long) IDENTITY_RATE,
            "identityBurst",
            (long) IDENTITY_BURST,
            "sessionRate",
            (long) SESSION_RATE,
            "sessionBurst",
            (long) SESSION_BURST,
            "pathRate",
            (long) PATH_RATE,
            "pathBurst",
            (long) PATH_BURST);

    private static final int AT_ONCE = 6;
    private static final int PATHS = 8;
    private static final long STORM_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final int CALM_MILLIS = 8_000;

    private final Client client;
    private final NamespaceManager patient;
    private final NamespaceManager hasty;
    private long limitedIn = -1;

    RateLoad(Client client) {
        this.client = client;
        this.patient = client.connectAs(IDENTITY, Duration.ofSeconds(4), Duration.ofSeconds(15));
        this.hasty = client.connectAs(IDENTITY, Duration.ofSeconds(4), Duration.ofMillis(200));
    }

    @Override
    public void step(Random random) throws InterruptedException {
        long generation = client.generation();
        if (limitedIn != generation) {
            limit(generation);
            return;
        }
        storm(generation, random.nextBoolean(), random);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(CALM_MILLIS)));
    }

    /** A cluster that has lost its memory knows no limits. */
    private void limit(long generation) throws InterruptedException {
        long id = client.history().begin("rates " + generation);
        try {
            patient.admin().changeSettings(SETTINGS);
            client.history().answer(id, "ok");
            limitedIn = generation;
        } catch (WhatnotException e) {
            refused(id, e);
        }
    }

    /** On one path somebody hasty is among those who ask, who may well be refused. */
    private void storm(long generation, boolean onOnePath, Random random) {
        String parent = ROOT + "/g" + generation + "/p";
        long end = System.nanoTime() + STORM_NANOS;
        while (System.nanoTime() - end < 0 && !client.isStopped()) {
            List<CompletableFuture<Void>> asked = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                asked.add(ask(patient, parent + (onOnePath ? 0 : 1 + random.nextInt(PATHS))));
            }
            if (onOnePath) {
                asked.add(ask(hasty, parent + 0));
            }
            asked.forEach(CompletableFuture::join);
        }
    }

    /** Asks for what others may have as well, and lets go of it at once. */
    private CompletableFuture<Void> ask(NamespaceManager manager, String path) {
        long id = client.history().begin("rated " + path);
        return Client.namespace(manager)
                .lease(path)
                .shared()
                .waitTimeout(Duration.ZERO)
                .acquireAsync()
                .handle((lease, failure) -> {
                    if (lease != null) {
                        client.history().answer(id, "ok " + lease.id().session());
                        lease.releaseAsync();
                    } else {
                        refused(id, failure);
                    }
                    return null;
                });
    }

    private void refused(long id, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (!(cause instanceof WhatnotException e)) {
            throw new CompletionException(cause);
        }
        if (e.code() == ErrorCode.RATE_LIMITED) {
            long millis = e.detail() instanceof Result.Detail.RetryAfter after ? after.millis() : 0;
            client.history().answer(id, "limited " + millis);
        } else if (e.code() == ErrorCode.UNSUPPORTED) {
            // The cluster was founded anew, and does not know yet what its nodes support.
            client.history().answer(id, "not " + e.code());
        } else {
            client.failed(id, e);
        }
    }

    @Override
    public void close() {
        patient.close();
        hasty.close();
    }
}
