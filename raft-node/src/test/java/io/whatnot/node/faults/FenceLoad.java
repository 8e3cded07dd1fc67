package io.whatnot.node.faults;

import io.whatnot.client.LeaseContext;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.Namespace;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * W3: a counter outside, read and written under a lease by whoever has it, or thinks so: nobody looks at the lease after
 * it was granted, and some take longer than it lasts. Only the tokens keep the counter right.
 */
final class FenceLoad implements Load {
    private static final int COUNTERS = 2;

    private final Client client;
    private final Namespace namespace;
    private final String owner;
    private final ProtectedCounters.Remote counters;
    private long requests;

    FenceLoad(Client client, Namespace namespace, String owner, ProtectedCounters.Remote counters) {
        this.client = client;
        this.namespace = namespace;
        this.owner = owner;
        this.counters = counters;
    }

    @Override
    public void step(Random random) throws InterruptedException, IOException {
        String counter = "c" + random.nextInt(COUNTERS);
        Target target = Target.element("/w3/" + counter);
        String label = owner + "." + ++requests;
        long id = client.history().begin("lease " + LeaseLoad.words(List.of(target)));
        try (LeaseContext lease = namespace
                .leaseAll(target)
                .owner(label)
                .ttl(Duration.ofMillis(150 + random.nextInt(500)))
                .waitTimeout(Duration.ofSeconds(3))
                .onQueued(position -> client.history().note('q', id, "waits"))
                .acquire()) {
            client.history().note('g', id, lease.token() + " " + lease.id());
            OptionalLong read = counters.read(counter, lease.token().value());
            if (read.isPresent()) {
                int millis = random.nextInt(100) < 97 ? random.nextInt(5) : random.nextInt(1_000);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
                counters.write(counter, lease.token().value(), read.getAsLong());
            }
        } catch (LockTimeoutException e) {
            client.history().answer(id, "not LOCK_TIMEOUT");
            return;
        } catch (WhatnotException e) {
            client.failed(id, e);
            return;
        }
        client.history().answer(id, "released");
    }

    @Override
    public void close() {
        counters.close();
    }
}
