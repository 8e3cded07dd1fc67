package io.whatnot.node.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What all histories together come to: how much was done, and which guarantees were broken. */
final class Judgement {
    private static final int KEPT = 100;

    private final RegisterChecker registers;
    private final LeaseChecker leases;
    private final WatchStreamChecker watches;
    private final UniqueChecker names;
    private final ListChecker lists;
    private final DeadlockChecker deadlocks;
    private final PoolChecker pools;
    private final List<String> violations = new ArrayList<>();
    private final Map<String, String> kinds = new HashMap<>();
    private final Map<String, String> registerPaths = new HashMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private long operations;
    private long answered;
    private long violationsInAll;

    Judgement(Losses losses) {
        registers = new RegisterChecker(losses, this::violated);
        leases = new LeaseChecker(losses, this::violated);
        watches = new WatchStreamChecker(this::violated);
        names = new UniqueChecker(losses, this::violated);
        lists = new ListChecker(losses, this::violated);
        deadlocks = new DeadlockChecker(losses, this::violated);
        pools = new PoolChecker(losses, this::violated);
    }

    void violated(String guarantee, String words) {
        violationsInAll++;
        if (violations.size() < KEPT) {
            violations.add(guarantee + ": " + words);
        }
    }

    /** Takes in what clients have written down. */
    void read(List<Path> histories) throws IOException {
        Histories.read(histories, this::read);
    }

    void read(Line line) {
        switch (line.kind()) {
            case 'b' -> begin(line);
            case 'a' -> answer(line);
            case 'q' -> {
                leases.queued(line);
                deadlocks.queued(line);
                pools.queued(line);
            }
            case 'g' -> {
                answered++;
                kinds.put(line.what(), "held");
                leases.granted(line);
                deadlocks.granted(line);
                pools.granted(line);
            }
            case 'k' -> {
                leases.proven(line);
                deadlocks.proven(line);
                pools.proven(line);
            }
            case 'w' -> watches.told(line);
            case 'v' -> violated("as a client saw it", line.toString());
            default -> throw new IllegalArgumentException("no line of a history: " + line);
        }
    }

    private void begin(Line line) {
        String kind = line.word(0);
        if (kind.equals("watch")) {
            return;
        }
        operations++;
        counts.merge(kind, 1, Integer::sum);
        kinds.put(line.what(), kind);
        switch (kind) {
            case "get", "put", "delete" -> {
                registerPaths.put(line.what(), line.word(1));
                registers.begin(line);
            }
            case "lease" -> leases.asked(line);
            case "storm" -> {
                leases.asked(line);
                deadlocks.asked(line);
            }
            case "claim" -> pools.asked(line);
            case "transact" -> lists.begin(line);
            case "under", "poke" -> leases.changing(line);
            case "unique" -> names.begin(line);
            case "ephemeral", "pool" -> {
                // the former must all be gone in the end, whatever was answered; the latter may be refused
            }
            default -> throw new IllegalArgumentException("no line of a history: " + line);
        }
    }

    private void answer(Line line) {
        String kind = kinds.remove(line.what());
        if (kind == null) {
            throw new IllegalArgumentException("answered, but never begun: " + line);
        }
        if (!line.word(0).equals("unknown") && !kind.equals("held")) {
            answered++;
        }
        switch (kind) {
            case "get", "put", "delete" -> {
                String path = registerPaths.remove(line.what());
                if (line.word(0).equals("ok") && path != null) {
                    watches.acknowledged(path, line.number(1), line.number(2));
                }
                registers.answer(line);
            }
            case "under", "poke" -> leases.answered(line);
            case "unique" -> names.answer(line);
            case "transact" -> lists.answer(line);
            case "storm", "held" -> deadlocks.answered(line);
            default -> {
                // a claim that was refused, a pool, an ephemeral element
            }
        }
    }

    /**
     * What is there in the end.
     *
     * @param registers by their paths
     * @param names the paths of unique names
     * @param lists by their paths
     * @param generation what was written before is not counted on
     */
    record There(
            Map<String, RegisterChecker.Listed> registers,
            Set<String> names,
            Map<String, String> lists,
            long generation) {}

    /** Judges everything. */
    void conclude(There there) {
        registers.conclude(there.registers, there.generation);
        leases.conclude();
        watches.conclude();
        names.conclude(there.names, there.generation);
        lists.conclude(there.lists, there.generation);
        deadlocks.conclude();
        pools.conclude();
    }

    long operations() {
        return operations;
    }

    /** How many of a hundred operations ended without anybody knowing what became of them. */
    double unknownPercent() {
        return operations == 0 ? 0 : 100.0 * (operations - answered) / operations;
    }

    long violationCount() {
        return violationsInAll;
    }

    /** The first of them. */
    List<String> violations() {
        return violations;
    }

    /** How much there was to judge. */
    List<String> summary() {
        return List.of(
                "operations: " + counts,
                registers.judged() + " operations on registers, put in order",
                leases.summary(),
                watches.summary(),
                names.summary(),
                lists.judged() + " transactions, put in order",
                deadlocks.summary(),
                pools.summary());
    }
}
