package io.whatnot.client.internal;

import io.whatnot.client.ClaimRequest;
import io.whatnot.client.ClusterSemaphore;
import io.whatnot.client.LeaseLostException;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.LossReason;
import io.whatnot.client.Outcome;
import io.whatnot.client.SemaphoreClaim;
import io.whatnot.client.SemaphorePool;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Claims on a pool as permits of a semaphore: each time some are acquired they are a claim, of an owner of its own. */
final class PoolSemaphore implements ClusterSemaphore {
    private static final Duration LONGEST = Duration.ofMillis(LeaseCommand.TTL_MILLIS_MAX);

    private final SemaphorePool pool;
    /** By how many permits they have, the latest last. */
    private final TreeMap<Long, List<SemaphoreClaim>> claims = new TreeMap<>();

    private long acquired;
    /** Of those acquired, how many were released that no claim could be ended for. */
    private long released;

    PoolSemaphore(SemaphorePool pool) {
        this.pool = pool;
    }

    @Override
    public void acquire(int permits) throws InterruptedException {
        while (!tryAcquire(permits, LONGEST)) {
            // a day is the longest wait there is
        }
    }

    @Override
    public void acquireUninterruptibly(int permits) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    acquire(permits);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true; // told when there are the permits
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean tryAcquire(int permits, Duration atMost) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        ClaimRequest request = pool.claim(permits).owner(Owners.FRESH).waitTimeout(atMost);
        try {
            add(request.acquire());
            return true;
        } catch (LockTimeoutException e) {
            return false;
        }
    }

    private synchronized void add(SemaphoreClaim claim) {
        claims.computeIfAbsent(claim.slots(), slots -> new ArrayList<>()).add(claim);
        acquired += claim.slots();
    }

    @Override
    public void release(int permits) {
        List<SemaphoreClaim> ended = take(permits);
        List<SemaphoreClaim> lost =
                ended.stream().filter(claim -> !claim.isHeld()).toList();
        ended.forEach(SemaphoreClaim::close);
        if (!lost.isEmpty()) {
            throw new LeaseLostException(
                    lost.get(0).lost().getNow(LossReason.UNPROVEN),
                    "permits of the " + pool
                            + " were lost before they were released: others may have had them meanwhile");
        }
    }

    /** The claims that are to end with so many permits more released: the largest that are no more than that. */
    private synchronized List<SemaphoreClaim> take(int permits) {
        if (permits < 1) {
            throw new IllegalArgumentException("permits is " + permits + ", but must be at least 1");
        }
        if (permits > acquired - released) {
            throw new IllegalStateException("can't release " + permits + " permits of the " + pool + ": "
                    + (acquired - released) + " are acquired here");
        }
        released += permits;
        List<SemaphoreClaim> taken = new ArrayList<>();
        for (Long size = claims.floorKey(released); size != null; size = claims.floorKey(released)) {
            List<SemaphoreClaim> ofSize = Optional.ofNullable(claims.get(size)).orElseThrow();
            taken.add(ofSize.remove(ofSize.size() - 1));
            if (ofSize.isEmpty()) {
                claims.remove(size);
            }
            released -= size;
            acquired -= size;
        }
        return taken;
    }

    @Override
    public long availablePermits() throws InterruptedException {
        Result.PoolView view = pool.describe()
                .pool()
                .orElseThrow(() -> new WhatnotException(
                        ErrorCode.NO_SUCH_POOL, Outcome.NOT_APPLIED, "no pool serves " + pool.path()));
        return Math.max(0, view.size() - view.used());
    }

    @Override
    public String toString() {
        return "semaphore of the " + pool;
    }
}
