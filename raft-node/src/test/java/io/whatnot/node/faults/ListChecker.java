package io.whatnot.node.faults;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * That transactions over lists are strictly serializable (I1), and that what was acknowledged is there in the end (I18). All
 * readings of a list have to be beginnings of the longest; then each tells which transactions came before and which after,
 * as does the time of those that did not overlap, and that may not go in a circle (Kingsbury and Alvaro, Elle, 2020).
 */
final class ListChecker {
    /** Longer than a client is paused, and waits for an answer, after the round has begun. */
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(180);

    private static final class Transaction {
        final String what;
        /** What it appends, unique; or null. */
        final @Nullable String name;

        final List<String> appended;
        final long beganNanos;
        long endedNanos = Long.MAX_VALUE;
        boolean refused;
        /** The lists as it left or saw them. */
        Map<String, List<String>> seen = Map.of();

        Transaction(String what, @Nullable String name, List<String> appended, long beganNanos) {
            this.what = what;
            this.name = name;
            this.appended = appended;
            this.beganNanos = beganNanos;
        }

        @Override
        public String toString() {
            return what + (name == null ? "" : " (" + name + " to " + appended + ")") + " with " + seen;
        }
    }

    private static final class Round {
        final long beganNanos;
        final List<Transaction> transactions = new ArrayList<>();

        Round(long beganNanos) {
            this.beganNanos = beganNanos;
        }
    }

    private record Begun(String round, Transaction transaction) {}

    private final Losses losses;
    private final BiConsumer<String, String> violated;
    private final Map<String, Round> rounds = new LinkedHashMap<>();
    private final Map<String, Begun> begun = new HashMap<>();
    /** Of each list, by its path, the longest that was seen. */
    private final Map<String, List<String>> longest = new TreeMap<>();

    private long judged;

    ListChecker(Losses losses, BiConsumer<String, String> violated) {
        this.losses = losses;
        this.violated = violated;
    }

    private static long generation(String round) {
        return Long.parseLong(round.split("/", 4)[2].substring(1));
    }

    private static List<String> list(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(";", -1));
    }

    void begin(Line line) {
        String round = line.word(1);
        if (line.nanos() > losses.endOf(generation(round))) {
            return;
        }
        judgeBefore(line.nanos() - ROUND_NANOS);
        String name = line.word(2).equals("-") ? null : line.word(2);
        Transaction transaction = new Transaction(
                line.what(), name, line.words().subList(3, line.words().size()), line.nanos());
        rounds.computeIfAbsent(round, r -> new Round(line.nanos())).transactions.add(transaction);
        begun.put(line.what(), new Begun(round, transaction));
    }

    void answer(Line line) {
        Begun asked = begun.remove(line.what());
        if (asked == null || line.nanos() > losses.endOf(generation(asked.round))) {
            return;
        }
        Transaction transaction = asked.transaction;
        switch (line.word(0)) {
            case "appended", "saw" -> {
                transaction.endedNanos = line.nanos();
                transaction.refused = line.word(0).equals("saw");
                transaction.seen = new TreeMap<>();
                for (String word : line.words().subList(1, line.words().size())) {
                    int colon = word.indexOf(':');
                    transaction.seen.put(word.substring(0, colon), list(word.substring(colon + 1)));
                }
            }
            case "not" -> transaction.refused = true;
            default -> {
                // it may have had an effect, and may have one yet
            }
        }
    }

    private void judgeBefore(long nanos) {
        Iterator<Map.Entry<String, Round>> oldest = rounds.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<String, Round> round = oldest.next();
            if (round.getValue().beganNanos >= nanos) {
                return;
            }
            judge(round.getKey(), round.getValue().transactions);
            oldest.remove();
        }
    }

    /** How many transactions were put in order. */
    long judged() {
        return judged;
    }

    /**
     * Requires it of what is left, and of the last generation's lists as they are in the end.
     *
     * @param listed the lists by their paths
     */
    void conclude(Map<String, String> listed, long generation) {
        judgeBefore(Long.MAX_VALUE);
        longest.forEach((path, known) -> {
            if (generation(path) == generation && !isBeginning(known, list(listed.getOrDefault(path, "")))) {
                violated.accept(
                        "I18 what is acknowledged is not lost",
                        path + " was " + known + ", and is " + listed.get(path));
            }
        });
    }

    private static boolean isBeginning(List<String> part, List<String> whole) {
        return part.size() <= whole.size() && whole.subList(0, part.size()).equals(part);
    }

    private void judge(String round, List<Transaction> transactions) {
        Map<String, List<String>> orders = new TreeMap<>();
        for (Transaction transaction : transactions) {
            transaction.seen.forEach(
                    (key, list) -> orders.merge(key, list, (one, other) -> one.size() >= other.size() ? one : other));
        }
        orders.forEach((key, list) -> longest.put(round + "/" + key, list));
        if (listsAreBeginnings(round, transactions, orders) && namesAreRight(round, transactions, orders)) {
            new Order(transactions, orders).requireNoCycle(round);
        }
    }

    private boolean listsAreBeginnings(String round, List<Transaction> transactions, Map<String, List<String>> orders) {
        for (Transaction transaction : transactions) {
            for (Map.Entry<String, List<String>> seen : transaction.seen.entrySet()) {
                List<String> order = orders.getOrDefault(seen.getKey(), List.of());
                if (!isBeginning(seen.getValue(), order)) {
                    violated.accept(
                            "I1 transactions are strictly serializable",
                            round + ": " + transaction + ", though " + seen.getKey() + " was " + order);
                    return false;
                }
            }
        }
        return true;
    }

    /** Each name in a list was appended to it, once, by a transaction that was not refused. */
    private boolean namesAreRight(String round, List<Transaction> transactions, Map<String, List<String>> orders) {
        Map<String, Transaction> byName = new HashMap<>();
        transactions.forEach(transaction -> {
            if (transaction.name != null) {
                byName.put(transaction.name, transaction);
            }
        });
        for (Map.Entry<String, List<String>> order : orders.entrySet()) {
            Set<String> names = new HashSet<>();
            for (String name : order.getValue()) {
                Transaction writer = byName.get(name);
                boolean right = writer == null
                        // one that began after the cluster had lost its memory is not known here
                        ? losses.endOf(generation(round)) != Long.MAX_VALUE
                        : !writer.refused && writer.appended.contains(order.getKey());
                if (!right || !names.add(name)) {
                    violated.accept(
                            "I1 transactions are strictly serializable",
                            round + "/" + order.getKey() + " has " + name + ", by " + writer + ", in " + order);
                    return false;
                }
            }
        }
        return true;
    }

    /** Which transaction came before which, as a graph. */
    private final class Order {
        private final List<Transaction> happened = new ArrayList<>();
        private final List<List<Integer>> after = new ArrayList<>();

        Order(List<Transaction> transactions, Map<String, List<String>> orders) {
            Set<String> names = new HashSet<>();
            orders.values().forEach(names::addAll);
            Map<String, Integer> writers = new HashMap<>();
            for (Transaction transaction : transactions) {
                boolean appeared = transaction.name != null && names.contains(transaction.name);
                if (appeared || !transaction.seen.isEmpty()) {
                    if (appeared) {
                        writers.put(transaction.name, happened.size());
                    }
                    happened.add(transaction);
                    after.add(new ArrayList<>());
                }
            }
            judged += happened.size();
            orders.forEach((key, order) -> byList(key, order, writers));
            byTime();
        }

        private void byList(String key, List<String> order, Map<String, Integer> writers) {
            List<Integer> unseen = new ArrayList<>(); // who appended here by what other lists say
            for (Map.Entry<String, Integer> writer : writers.entrySet()) {
                if (happened.get(writer.getValue()).appended.contains(key) && !order.contains(writer.getKey())) {
                    unseen.add(writer.getValue());
                }
            }
            for (int node = 0; node < happened.size(); node++) {
                List<String> seen = happened.get(node).seen.get(key);
                if (seen != null) {
                    if (!seen.isEmpty()) {
                        edge(writers.get(seen.get(seen.size() - 1)), node);
                    }
                    next(node, seen.size(), order, writers, unseen);
                }
            }
            for (int i = 0; i < order.size(); i++) {
                Integer writer = writers.get(order.get(i));
                if (writer != null) {
                    next(writer, i + 1, order, writers, unseen);
                }
            }
        }

        /** Whoever has seen so much of a list came before who appended next. */
        private void next(
                int node, int length, List<String> order, Map<String, Integer> writers, List<Integer> unseen) {
            if (length < order.size()) {
                edge(node, writers.get(order.get(length)));
            } else {
                unseen.forEach(writer -> edge(node, writer));
            }
        }

        private void edge(@Nullable Integer from, @Nullable Integer to) {
            if (from != null && to != null && !from.equals(to)) {
                after.get(from).add(to);
            }
        }

        /** Whoever was answered before another began came before: by a chain of moments, one for each answer. */
        private void byTime() {
            record Moment(long nanos, boolean isEnd, int node) {}
            List<Moment> moments = new ArrayList<>();
            for (int node = 0; node < happened.size(); node++) {
                moments.add(new Moment(happened.get(node).beganNanos, false, node));
                moments.add(new Moment(happened.get(node).endedNanos, true, node));
            }
            moments.sort(Comparator.comparingLong(Moment::nanos).thenComparing(Moment::isEnd));
            Integer last = null;
            for (Moment moment : moments) {
                if (moment.isEnd) {
                    int now = after.size();
                    after.add(new ArrayList<>());
                    edge(last, now);
                    edge(moment.node, now);
                    last = now;
                } else {
                    edge(last, moment.node);
                }
            }
        }

        /** Takes away whoever nobody comes before, again and again; who is left goes in a circle, or comes after one. */
        void requireNoCycle(String round) {
            int[] before = new int[after.size()];
            after.forEach(nexts -> nexts.forEach(next -> before[next]++));
            Deque<Integer> first = new ArrayDeque<>();
            for (int node = 0; node < before.length; node++) {
                if (before[node] == 0) {
                    first.add(node);
                }
            }
            int left = before.length;
            for (Integer node = first.poll(); node != null; node = first.poll()) {
                left--;
                for (int next : after.get(node)) {
                    if (--before[next] == 0) {
                        first.add(next);
                    }
                }
            }
            if (left > 0) {
                violated.accept(
                        "I1 transactions are strictly serializable",
                        round + ": each came before the next: " + cycle(before));
            }
        }

        private List<Transaction> cycle(int[] before) {
            int[] previous = new int[before.length];
            int node = 0;
            for (int from = 0; from < before.length; from++) {
                if (before[from] > 0) {
                    for (int next : after.get(from)) {
                        previous[next] = from; // of those that are left, somebody who is left
                        node = next;
                    }
                }
            }
            Set<Integer> passed = new HashSet<>();
            while (passed.add(node)) {
                node = previous[node];
            }
            Deque<Transaction> cycle = new ArrayDeque<>();
            int end = node;
            do {
                if (node < happened.size()) {
                    cycle.addFirst(happened.get(node));
                }
                node = previous[node];
            } while (node != end);
            return List.copyOf(cycle);
        }
    }
}
