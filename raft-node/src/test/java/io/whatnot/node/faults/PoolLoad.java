package io.whatnot.node.faults;

import io.whatnot.client.ClaimRequest;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.Namespace;
import io.whatnot.client.PoolOption;
import io.whatnot.client.SemaphoreClaim;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * W6: claims of some slots on two pools, one below the other, whose size is changed now and then. A claim is served by the
 * nearest pool at or above its path.
 */
final class PoolLoad implements Load {
    private static final String ROOT = "/w6";
    private static final List<String> PLACES = List.of("", "/a", "/a/x", "/b");
    private static final int OUTER = 5;
    private static final int INNER_LEAST = 2;
    private static final int INNER_MOST = 4;

    private final Client client;
    private final Namespace namespace;
    private final String owner;
    private long claims;
    private long made = -1;

    PoolLoad(Client client, Namespace namespace, String owner) {
        this.client = client;
        this.namespace = namespace;
        this.owner = owner;
    }

    /** How many slots a pool has at most. */
    static long most(String pool) {
        return pool.endsWith("/a") ? INNER_MOST : OUTER;
    }

    @Override
    public void step(Random random) throws InterruptedException {
        long generation = client.generation();
        String root = ROOT + "/g" + generation;
        if (made != generation) {
            if (change("make", () -> namespace.pool(root).create(OUTER, PoolOption.PREFIX))
                    && change("make", () -> namespace.pool(root + "/a").create(INNER_MOST, PoolOption.PREFIX))) {
                made = generation;
            }
            return;
        }
        if (random.nextInt(100) < 2) {
            int size = INNER_LEAST + random.nextInt(INNER_MOST - INNER_LEAST + 1);
            change("resize", () -> namespace.pool(root + "/a").resize(size));
            return;
        }
        claim(root + PLACES.get(random.nextInt(PLACES.size())), 1 + random.nextInt(3), random);
    }

    /** A change of a pool. */
    private interface PoolChange {
        void make() throws InterruptedException;
    }

    private boolean change(String word, PoolChange change) throws InterruptedException {
        long id = client.history().begin("pool " + word);
        try {
            change.make();
            client.history().answer(id, "ok");
            return true;
        } catch (WhatnotException e) {
            if (e.code() == ErrorCode.POOL_EXISTS) {
                client.history().answer(id, "not POOL_EXISTS");
                return true;
            }
            refused(id, e);
            return false;
        }
    }

    /** A pool goes with the cluster's memory. */
    private void refused(long id, WhatnotException e) {
        if (e.code() == ErrorCode.NO_SUCH_POOL) {
            client.history().answer(id, "not NO_SUCH_POOL");
        } else {
            client.failed(id, e);
        }
    }

    private void claim(String path, int slots, Random random) throws InterruptedException {
        ClaimRequest request = namespace
                .pool(path)
                .claim(slots)
                .owner(owner + "." + ++claims)
                .waitTimeout(Duration.ofMillis(random.nextInt(10) < 2 ? 0 : 200 + random.nextInt(2_800)));
        if (random.nextBoolean()) {
            request = request.ttl(Duration.ofMillis(200 + random.nextInt(1_800)));
        }
        long id = client.history().begin("claim " + path + " " + slots);
        try (SemaphoreClaim claim = request.onQueued(
                        position -> client.history().note('q', id, "waits"))
                .acquire()) {
            client.history().note('g', id, claim.token() + " " + claim.id() + " " + claim.pool());
            long until = System.nanoTime()
                    + TimeUnit.MILLISECONDS.toNanos(random.nextInt(random.nextInt(20) == 0 ? 800 : 40));
            while (Proof.note(client.history(), claim, id) && System.nanoTime() - until < 0 && !client.isStopped()) {
                if (random.nextInt(10) == 0) {
                    claim.renewAsync();
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(50)));
            }
        } catch (LockTimeoutException e) {
            client.history().answer(id, "not LOCK_TIMEOUT");
            return;
        } catch (WhatnotException e) {
            if (e.code() == ErrorCode.CLAIM_TOO_LARGE && slots > INNER_LEAST && path.contains("/a")) {
                client.history().answer(id, "not CLAIM_TOO_LARGE");
            } else {
                refused(id, e);
            }
            return;
        }
        client.history().answer(id, "released");
    }
}
