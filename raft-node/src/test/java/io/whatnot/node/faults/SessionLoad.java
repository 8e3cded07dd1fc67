package io.whatnot.node.faults;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.Random;

/** W8: sessions that come and go, with ephemeral elements that must go with them. */
final class SessionLoad implements Load {
    static final String ROOT = "/w8e";

    private final Client client;
    private long sessions;

    SessionLoad(Client client) {
        this.client = client;
    }

    @Override
    public void step(Random random) throws InterruptedException {
        try (NamespaceManager manager = client.connect("session" + ++sessions, Duration.ofSeconds(1))) {
            Namespace namespace = Client.namespace(manager);
            int elements = 1 + random.nextInt(5);
            for (int i = 0; i < elements; i++) {
                String path = ROOT + "/" + client.name() + "-" + sessions + "-" + i;
                long id = client.history().begin("ephemeral " + path);
                try {
                    long revision = namespace
                            .put(path, Value.of("here"), Put.with().ephemeral())
                            .revision()
                            .value();
                    client.history().answer(id, "ok " + revision);
                } catch (WhatnotException e) {
                    client.failed(id, e);
                }
            }
        }
    }
}
