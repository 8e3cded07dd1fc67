package io.whatnot.node.faults;

import io.whatnot.client.Namespace;
import io.whatnot.client.PathElement;
import io.whatnot.client.WhatnotException;
import java.util.Random;

/** W8: names of the cluster's choice, unique and growing; what was registered stays. */
final class UniqueLoad implements Load {
    static final String ROOT = "/w8u";

    private final Client client;
    private final Namespace namespace;

    UniqueLoad(Client client, Namespace namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    @Override
    public void step(Random random) throws InterruptedException {
        String parent = ROOT + "/g" + client.generation();
        long id = client.history().begin("unique " + parent);
        try {
            PathElement made = namespace.registerUnique(parent);
            client.history().answer(id, "ok " + made.name());
        } catch (WhatnotException e) {
            client.failed(id, e);
        }
    }
}
