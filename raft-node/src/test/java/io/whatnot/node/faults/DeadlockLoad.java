package io.whatnot.node.faults;

import io.whatnot.client.DeadlockException;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.LockTimeoutException;
import io.whatnot.client.Namespace;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * W5: a few locks taken one after another in any order, each waited for while those before are held: many would wait for
 * each other for ever. No two targets of one owner are in each other's way.
 */
final class DeadlockLoad implements Load {
    static final Duration WAIT = Duration.ofSeconds(4);
    private static final List<String> PLACES = List.of("/w5/a", "/w5/b", "/w5/c", "/w5/d");

    private record Held(long id, LeaseContext lease) {}

    private final Client client;
    private final Namespace namespace;
    private final String owner;
    private long rounds;

    DeadlockLoad(Client client, Namespace namespace, String owner) {
        this.client = client;
        this.namespace = namespace;
        this.owner = owner;
    }

    @Override
    public void step(Random random) throws InterruptedException {
        String label = owner + "." + ++rounds;
        List<String> places = new ArrayList<>(PLACES);
        Collections.shuffle(places, random);
        List<Held> held = new ArrayList<>();
        try {
            for (String place : places.subList(0, 2 + random.nextInt(2))) {
                boolean granted = lock(target(place, random), label, held);
                held.forEach(each -> Proof.note(client.history(), each.lease, each.id));
                if (!granted) {
                    return;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(5)));
            held.forEach(each -> Proof.note(client.history(), each.lease, each.id));
        } finally {
            Collections.reverse(held);
            for (Held each : held) {
                each.lease.close();
                client.history().answer(each.id, "released");
            }
        }
    }

    private static Target target(String place, Random random) {
        Mode mode = random.nextInt(100) < 25 ? Mode.SHARED : Mode.EXCLUSIVE;
        int choice = random.nextInt(100);
        return choice < 50
                ? new Target(AbsolutePath.parse(place), Scope.ELEMENT, mode)
                : choice < 75
                        ? new Target(AbsolutePath.parse(place), Scope.PREFIX, mode)
                        : new Target(AbsolutePath.parse(place + "/x"), Scope.ELEMENT, mode);
    }

    private boolean lock(Target target, String label, List<Held> held) throws InterruptedException {
        long id = client.history().begin("storm " + LeaseLoad.words(List.of(target)) + " " + label);
        try {
            LeaseContext lease = namespace
                    .leaseAll(target)
                    .owner(label)
                    .waitTimeout(WAIT)
                    .onQueued(position -> client.history().note('q', id, "waits"))
                    .acquire();
            client.history().note('g', id, lease.token() + " " + lease.id());
            held.add(new Held(id, lease));
            return true;
        } catch (DeadlockException e) {
            client.history().answer(id, "not DEADLOCK " + e.length() + words(e.cycle()));
        } catch (LockTimeoutException e) {
            client.history().answer(id, "not LOCK_TIMEOUT");
        } catch (WhatnotException e) {
            client.failed(id, e);
        }
        return false;
    }

    /** Who asks for what, and who has what that is in the way. */
    private static String words(List<Detail.Wait> cycle) {
        StringBuilder words = new StringBuilder();
        for (Detail.Wait wait : cycle) {
            words.append(' ')
                    .append(wait.request().owner())
                    .append(' ')
                    .append(LeaseLoad.words(List.of(wait.request().target())))
                    .append(' ')
                    .append(wait.held().owner())
                    .append(' ')
                    .append(LeaseLoad.words(List.of(wait.held().target())));
        }
        return words.toString();
    }
}
