package io.whatnot.node.faults;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.Namespace;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * W4: leases of all kinds on one or two targets of a small tree, waited for, held for a while, some beyond their ttl, and
 * changes under them. While one is held, it is written down until when that could be proven.
 */
final class LeaseLoad implements Load {
    static final List<String> PATHS = List.of("/w4", "/w4/a", "/w4/a/x", "/w4/a/y", "/w4/b", "/w4/b/x", "/w4/c");
    private static final long KEPT_NOTE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Client client;
    private final Namespace namespace;
    private final String owner;
    private long requests;

    LeaseLoad(Client client, Namespace namespace, String owner) {
        this.client = client;
        this.namespace = namespace;
        this.owner = owner;
    }

    @Override
    public void step(Random random) throws InterruptedException {
        List<Target> targets = targets(random);
        boolean hasTtl = random.nextBoolean();
        String label = owner + "." + ++requests;
        LeaseRequest request = namespace
                .leaseAll(targets.toArray(Target[]::new))
                .owner(label)
                .waitTimeout(Duration.ofMillis(random.nextInt(10) < 3 ? 0 : 200 + random.nextInt(2_800)));
        if (hasTtl) {
            request = request.ttl(Duration.ofMillis(200 + random.nextInt(1_800)));
        }
        long id = client.history().begin("lease " + words(targets));
        try (LeaseContext lease = request.onQueued(position -> client.history().note('q', id, "waits"))
                .acquire()) {
            client.history().note('g', id, lease.token() + " " + lease.id());
            hold(lease, id, label, random);
        } catch (LockTimeoutException e) {
            client.history().answer(id, "not LOCK_TIMEOUT");
            return;
        } catch (WhatnotException e) {
            client.failed(id, e);
            return;
        }
        client.history().answer(id, "released");
    }

    private static List<Target> targets(Random random) {
        List<Target> targets = new ArrayList<>();
        int count = random.nextInt(100) < 15 ? 2 : 1;
        Mode mode = random.nextInt(100) < 30 ? Mode.SHARED : Mode.EXCLUSIVE;
        int first = random.nextInt(PATHS.size());
        for (int i = 0; i < count; i++) {
            String path = PATHS.get((first + i * (1 + random.nextInt(PATHS.size() - 1))) % PATHS.size());
            // locks on everything would leave nothing to see, so few are PREFIX, and those on the root rarely last
            Scope scope = random.nextInt(100) < 25 ? Scope.PREFIX : Scope.ELEMENT;
            targets.add(new Target(AbsolutePath.parse(path), scope, mode));
        }
        return targets;
    }

    static String words(List<Target> targets) {
        StringBuilder words = new StringBuilder();
        for (Target target : targets) {
            words.append(words.isEmpty() ? "" : ",")
                    .append(target.scope() == Scope.PREFIX ? 'P' : 'E')
                    .append(target.mode() == Mode.SHARED ? 's' : 'x')
                    .append(target.path());
        }
        return words.toString();
    }

    /**
     * Keeps the lease for a while. What is noted is a time after the first proof that it is held, and then times before
     * later ones: in between it was provable all along, for what was false once is never true again.
     */
    private void hold(LeaseContext lease, long id, String label, Random random) throws InterruptedException {
        if (!lease.isHeld()) {
            return;
        }
        client.history().note('k', id, "");
        long until = System.nanoTime() + holdNanos(random);
        long noted = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            if (!lease.isHeld()) {
                changeUnder(lease, id, label, random); // as one would who does not look
                return;
            }
            boolean over = now - until >= 0 || client.isStopped();
            if (over || now - noted > KEPT_NOTE_NANOS) {
                client.history().note(now, 'k', id, "");
                noted = now;
            }
            if (over) {
                return;
            }
            if (random.nextInt(4) == 0) {
                changeUnder(lease, id, label, random);
            } else if (random.nextInt(8) == 0) {
                lease.renewAsync();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(8)));
        }
    }

    private static long holdNanos(Random random) {
        int choice = random.nextInt(100);
        int millis = choice < 85 ? random.nextInt(20) : choice < 98 ? random.nextInt(400) : random.nextInt(4_000);
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** A change that names the lease, which the servers may have ended by then. */
    private void changeUnder(LeaseContext lease, long id, String label, Random random) throws InterruptedException {
        Target target = lease.targets().get(0);
        String path = target.path() + (target.scope() == Scope.PREFIX && random.nextBoolean() ? "/v" : "");
        long change = client.history().begin("under " + path + " " + id);
        try {
            Result.Written written = namespace.put(
                    path, Value.of(label), Put.with().lease(lease.id()).owner(label));
            client.history().answer(change, "ok " + written.revision() + " " + written.version());
        } catch (WhatnotException e) {
            client.failed(change, e);
        }
    }
}
