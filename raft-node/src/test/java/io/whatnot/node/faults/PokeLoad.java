package io.whatnot.node.faults;

import io.whatnot.client.Namespace;
import io.whatnot.client.Put;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Value;
import java.util.Random;

/** W4's other half: changes by somebody who holds nothing, to what others may have locked. */
final class PokeLoad implements Load {
    private final Client client;
    private final Namespace namespace;
    private final String owner;
    private long changes;

    PokeLoad(Client client, Namespace namespace, String owner) {
        this.client = client;
        this.namespace = namespace;
        this.owner = owner;
    }

    @Override
    public void step(Random random) throws InterruptedException {
        String path = LeaseLoad.PATHS.get(random.nextInt(LeaseLoad.PATHS.size()));
        String label = owner + "." + ++changes;
        long id = client.history().begin("poke " + path);
        try {
            Result.Written written =
                    namespace.put(path, Value.of(label), Put.with().owner(label));
            client.history().answer(id, "ok " + written.revision() + " " + written.version());
        } catch (WhatnotException e) {
            client.failed(id, e);
        }
    }
}
