package io.whatnot.node.faults;

import io.whatnot.client.Compare;
import io.whatnot.client.Namespace;
import io.whatnot.client.Op;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * W2: transactions over a few lists, others every second. One reads some of the lists, or appends its name to one or two
 * if they are as it knows them, and reads others with that; if they are not, it reads instead. A list tells in which order
 * who appended, so that all transactions can be put in order (Kingsbury and Alvaro, Elle, 2020).
 */
final class ListLoad implements Load {
    static final String ROOT = "/w2";
    private static final int LISTS = 4;
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A list as this thread knows it. */
    private record Known(String list, long version) {
        static final Known EMPTY = new Known("", 0);
    }

    private final Client client;
    private final Namespace namespace;
    private final String writer;
    private final Map<Integer, Known> known = new HashMap<>();
    private long appends;
    private String round = "";

    ListLoad(Client client, Namespace namespace, String writer) {
        this.client = client;
        this.namespace = namespace;
        this.writer = writer;
    }

    @Override
    public void step(Random random) throws InterruptedException {
        String now = ROOT + "/g" + client.generation() + "/r" + System.nanoTime() / ROUND_NANOS;
        if (!now.equals(round)) {
            round = now;
            known.clear();
        }
        List<Integer> lists = new ArrayList<>(IntStream.range(0, LISTS).boxed().toList());
        Collections.shuffle(lists, random);
        int read = 1 + random.nextInt(2);
        if (random.nextInt(100) < 30) {
            transact(List.of(), lists.subList(0, 1 + read), "-");
        } else {
            int append = 1 + random.nextInt(2);
            transact(lists.subList(0, append), lists.subList(append, append + read), writer + "." + ++appends);
        }
    }

    /** Appends the name to some lists, and reads others with that. */
    private void transact(List<Integer> appended, List<Integer> read, String name) throws InterruptedException {
        Map<Integer, Known> next = new HashMap<>();
        List<Transaction.Compare> compares = new ArrayList<>();
        List<Op> then = new ArrayList<>();
        List<Op> otherwise = new ArrayList<>();
        for (int list : appended) {
            Known before = known.getOrDefault(list, Known.EMPTY);
            Known after = new Known(before.list.isEmpty() ? name : before.list + ";" + name, before.version + 1);
            next.put(list, after);
            compares.add(
                    before.version == 0 ? Compare.absent(path(list)) : Compare.version(path(list), before.version));
            then.add(Op.put(path(list), Value.of(after.list)));
            otherwise.add(Op.get(path(list)));
        }
        for (int list : read) {
            then.add(Op.get(path(list)));
            otherwise.add(Op.get(path(list)));
        }
        StringBuilder words = new StringBuilder("transact " + round + " " + name);
        appended.forEach(list -> words.append(" k").append(list));
        long id = client.history().begin(words.toString());
        Result.Transacted done;
        try {
            done = namespace
                    .transact()
                    .when(compares.toArray(Transaction.Compare[]::new))
                    .then(then.toArray(Op[]::new))
                    .otherwise(otherwise.toArray(Op[]::new))
                    .commit();
        } catch (WhatnotException e) {
            client.failed(id, e);
            return;
        }
        List<Integer> all = new ArrayList<>(appended);
        all.addAll(read);
        StringBuilder answer = new StringBuilder(done.succeeded() && !appended.isEmpty() ? "appended" : "saw");
        for (int i = 0; i < all.size(); i++) {
            int list = all.get(i);
            Known seen = done.results().get(i) instanceof Result.Found found
                    ? found.element().map(ListLoad::known).orElse(Known.EMPTY)
                    : next.getOrDefault(list, Known.EMPTY);
            known.put(list, seen);
            answer.append(" k").append(list).append(':').append(seen.list);
        }
        client.history().answer(id, answer.toString());
    }

    private String path(int list) {
        return round + "/k" + list;
    }

    private static Known known(ElementView element) {
        return new Known(element.value().text(), element.version());
    }
}
