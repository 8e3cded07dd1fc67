package io.whatnot.node.faults;

import io.whatnot.client.Consistency;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.Namespace;
import io.whatnot.client.Prune;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.PruneView;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * W10: elements below a policy that prunes what is idle, which all clients put, touch and lock for a while and leave alone
 * for another, when they are only read, until they are gone and are registered anew. About as long passes between two that
 * have to do with an element as the policy says. Some are below a policy that retains their values.
 */
final class PruneLoad implements Load {
    static final String ROOT = "/w10";
    /** What is below this in a generation is never pruned while it has a value. */
    static final String RETAINED = "/kept/";

    static final Duration IDLE_AFTER = Duration.ofMillis(1_500);

    private static final int TREES = 4;
    private static final int RETAINED_ELEMENTS = 3;
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long CYCLE_NANOS = TimeUnit.SECONDS.toNanos(6);

    private final Client client;
    private final Namespace namespace;
    private long policiesIn = -1;

    PruneLoad(Client client, Namespace namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** Whether something in that generation goes in the end. */
    static boolean isPruned(AbsolutePath path, long generation) {
        return path.toString().startsWith(ROOT + "/g" + generation + "/r");
    }

    @Override
    public void step(Random random) throws InterruptedException {
        long generation = client.generation();
        String root = ROOT + "/g" + generation;
        if (policiesIn != generation) {
            if (hasPolicy(root + RETAINED.substring(0, RETAINED.length() - 1), prune().retainingValues())
                    && hasPolicy(root, prune())) {
                policiesIn = generation;
            }
            return;
        }
        if (random.nextInt(20) == 0) {
            retained(root + RETAINED + random.nextInt(RETAINED_ELEMENTS), random);
            return;
        }
        long now = System.nanoTime();
        int tree = random.nextInt(TREES);
        boolean active = Math.floorMod(now + tree * CYCLE_NANOS / TREES, CYCLE_NANOS) < CYCLE_NANOS / 2;
        String path = root + "/r" + now / ROUND_NANOS + "/a" + tree + (random.nextBoolean() ? "/b" : "");
        int choice = random.nextInt(100);
        if (random.nextInt(200) < 3) {
            lock(path, random);
        } else if (!active || choice >= 18) {
            boolean isThere = get(path);
            if (active && !isThere && random.nextBoolean()) {
                put(path, random.nextBoolean());
            }
        } else if (choice < 8) {
            touch(path);
        } else {
            put(path, choice < 13);
        }
    }

    private static Prune prune() {
        return Prune.idleAfter(IDLE_AFTER);
    }

    /** Which a cluster that has lost its memory has not. Others who hold locks there forbid to set it, even again. */
    private boolean hasPolicy(String path, Prune policy) throws InterruptedException {
        long id = client.history().begin("policy " + path);
        try {
            namespace.prunePolicy(path, policy);
            client.history().answer(id, "ok");
            return true;
        } catch (WhatnotException e) {
            refused(id, e);
            return false;
        }
    }

    private void retained(String path, Random random) throws InterruptedException {
        if (random.nextInt(4) == 0) {
            put(path, false);
        } else {
            get(path);
        }
    }

    /** Whether it is there, as far as that is told. */
    private boolean get(String path) throws InterruptedException {
        long id = client.history().begin("seek " + path);
        try {
            Optional<ElementView> found = namespace.get(path, Consistency.LINEARIZABLE);
            client.history().answer(id, found.isEmpty() ? "absent" : "found " + idleMillis(found.get()));
            return found.isPresent();
        } catch (WhatnotException e) {
            refused(id, e);
            return false;
        }
    }

    private static long idleMillis(ElementView element) {
        PruneView policy = element.prune();
        return policy == null || policy.idleAfterMillis() != IDLE_AFTER.toMillis() ? -1 : policy.idleMillis();
    }

    private void touch(String path) throws InterruptedException {
        long id = client.history().begin("touch " + path);
        try {
            namespace.touch(path);
            client.history().answer(id, "touched");
        } catch (WhatnotException e) {
            refused(id, e);
        }
    }

    private void put(String path, boolean ifAbsent) throws InterruptedException {
        long id = client.history().begin("set " + path);
        try {
            long version = namespace
                    .put(path, Value.of("here"), ifAbsent ? Put.with().ifAbsent() : Put.with())
                    .version();
            client.history().answer(id, "set " + version);
        } catch (WhatnotException e) {
            refused(id, e);
        }
    }

    /** What is noted is a time after the grant and before one at which the lease could be proven to be held. */
    private void lock(String path, Random random) throws InterruptedException {
        boolean prefix = random.nextInt(3) == 0;
        long id = client.history().begin("guard " + path + (prefix ? " P" : " E"));
        LeaseRequest request = namespace.lease(path).waitTimeout(Duration.ofMillis(random.nextInt(300)));
        try (LeaseContext lease = (prefix ? request.prefix() : request).acquire()) {
            long end = System.nanoTime() + IDLE_AFTER.toNanos() * random.nextInt(8) / 4;
            for (long now = System.nanoTime(); now - end < 0 && lease.isHeld(); now = System.nanoTime()) {
                client.history().note(now, 'k', id, "");
                get(path);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(200)));
            }
        } catch (LockTimeoutException e) {
            client.history().answer(id, "not LOCK_TIMEOUT");
            return;
        } catch (WhatnotException e) {
            refused(id, e);
            return;
        }
        client.history().answer(id, "released");
    }

    private void refused(long id, WhatnotException e) {
        if (e.code() == ErrorCode.NO_SUCH_ELEMENT) {
            client.history().answer(id, "absent");
        } else if (e.code() == ErrorCode.ELEMENT_EXISTS) {
            client.history().answer(id, "present");
        } else if (e.code() == ErrorCode.UNSUPPORTED) {
            // The cluster was founded anew, and does not know yet what its nodes support.
            client.history().answer(id, "not " + e.code());
        } else {
            client.failed(id, e);
        }
    }
}
