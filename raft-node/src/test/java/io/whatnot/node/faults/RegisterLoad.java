package io.whatnot.node.faults;

import io.whatnot.client.Consistency;
import io.whatnot.client.Namespace;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail.Present;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * W1: several clients read, put, compare-and-put and delete a few elements, and change to others after some seconds, so that
 * each history stays short. Every value is written once.
 */
final class RegisterLoad implements Load {
    static final String ROOT = "/w1";
    private static final int ELEMENTS = 6;
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Client client;
    private final Namespace namespace;
    private final String writer;
    private final Map<String, Long> versions = new HashMap<>();
    private long values;
    private long lastRound;

    RegisterLoad(Client client, Namespace namespace, String writer) {
        this.client = client;
        this.namespace = namespace;
        this.writer = writer;
    }

    @Override
    public void step(Random random) throws InterruptedException {
        long round = System.nanoTime() / ROUND_NANOS;
        if (round != lastRound) {
            versions.clear();
            lastRound = round;
        }
        String path = ROOT + "/g" + client.generation() + "/r" + round + "/k" + random.nextInt(ELEMENTS);
        int choice = random.nextInt(100);
        long version = versions.getOrDefault(path, 0L);
        if (choice < 45) {
            get(path);
        } else if (choice < 65) {
            put(path, "-", Put.with());
        } else if (choice < 90) {
            put(
                    path,
                    "=" + version,
                    version == 0 ? Put.with().ifAbsent() : Put.with().ifVersion(version));
        } else if (choice < 95) {
            delete(path, "-", Put.with());
        } else if (version > 0) {
            delete(path, "=" + version, Put.with().ifVersion(version));
        }
    }

    private void get(String path) throws InterruptedException {
        long id = client.history().begin("get " + path);
        try {
            Optional<ElementView> found = namespace.get(path, Consistency.LINEARIZABLE);
            found.ifPresentOrElse(
                    element -> {
                        versions.put(path, element.version());
                        client.history()
                                .answer(
                                        id,
                                        "found " + element.value().text() + " " + element.version() + " "
                                                + element.modRevision());
                    },
                    () -> {
                        versions.remove(path);
                        client.history().answer(id, "absent");
                    });
        } catch (WhatnotException e) {
            client.failed(id, e);
        }
    }

    private void put(String path, String condition, Put how) throws InterruptedException {
        String value = writer + "." + ++values;
        long id = client.history().begin("put " + path + " " + value + " " + condition);
        try {
            Result.Written written = namespace.put(path, Value.of(value), how);
            versions.put(path, written.version());
            client.history().answer(id, "ok " + written.revision() + " " + written.version());
        } catch (WhatnotException e) {
            refused(path, id, e);
        }
    }

    private void delete(String path, String condition, Put how) throws InterruptedException {
        long id = client.history().begin("delete " + path + " " + condition);
        try {
            Revision deleted = namespace.delete(path, how);
            versions.remove(path);
            client.history().answer(id, "ok " + deleted + " 0");
        } catch (WhatnotException e) {
            refused(path, id, e);
        }
    }

    private void refused(String path, long id, WhatnotException e) {
        if (e.code() == ErrorCode.NO_SUCH_ELEMENT) {
            versions.remove(path);
            client.history().answer(id, "absent");
        } else if (e.detail() instanceof Present present && present.version() > 0) {
            versions.put(path, present.version());
            client.history().answer(id, "present " + present.version() + " " + present.modRevision());
        } else {
            client.failed(id, e);
        }
    }
}
