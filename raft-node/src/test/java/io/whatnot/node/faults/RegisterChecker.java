package io.whatnot.node.faults;

import io.whatnot.core.testing.simulation.LinearizabilityChecker;
import io.whatnot.core.testing.simulation.LinearizabilityChecker.Content;
import io.whatnot.core.testing.simulation.LinearizabilityChecker.Effect;
import io.whatnot.core.testing.simulation.LinearizabilityChecker.Operation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * That operations on registers are linearizable (I1), and that what was acknowledged is there in the end, or something newer
 * (I18). Judges the elements of a round once nobody can be at work on them any more, so that a run may be long.
 */
final class RegisterChecker {
    /** Longer than a client is paused, and waits for an answer, after the round has begun. */
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(180);

    /** What is listed of an element in the end. */
    record Listed(String value, long version, long revision) {}

    private static final class Round {
        final LinearizabilityChecker checker;
        final long beganNanos;
        /** Of values that were read: when they were written, for those who were not told. */
        final Map<String, Long> revisions = new HashMap<>();

        final Map<String, Operation> unanswered = new LinkedHashMap<>();

        Round(LinearizabilityChecker checker, long beganNanos) {
            this.checker = checker;
            this.beganNanos = beganNanos;
        }
    }

    private record Begun(Round round, Operation operation, String path, String kind, String value, String condition) {}

    /** What is known to have been written to an element last, and what may have been written besides. */
    private static final class Last {
        long revision;

        @Nullable
        String value;

        final Set<String> perhaps = new HashSet<>();
        int perhapsDeleted;
    }

    private final Losses losses;
    private final BiConsumer<String, String> violated;
    private final Map<String, Round> rounds = new LinkedHashMap<>();
    private final Map<String, Begun> begun = new HashMap<>();
    private final Map<String, Last> last = new TreeMap<>();
    private long nanos;
    private long judged;

    RegisterChecker(Losses losses, BiConsumer<String, String> violated) {
        this.losses = losses;
        this.violated = violated;
    }

    private static long generation(String path) {
        return Long.parseLong(path.split("/", 4)[2].substring(1));
    }

    void begin(Line line) {
        nanos = line.nanos();
        String path = line.word(1);
        if (nanos > losses.endOf(generation(path))) {
            return;
        }
        judgeOld();
        String kind = line.word(0);
        Round round = rounds.computeIfAbsent(
                path.substring(0, path.lastIndexOf('/')),
                name -> new Round(new LinearizabilityChecker(() -> nanos, violated), nanos));
        String value = kind.equals("put") ? line.word(2) : "";
        String condition = kind.equals("get") ? "" : line.word(line.words().size() - 1);
        Operation operation = kind.equals("get")
                ? round.checker.beginReading(path, kind)
                : round.checker.begin(path, kind + " " + value + condition, effect(value, condition));
        begun.put(line.what(), new Begun(round, operation, path, kind, value, condition));
        if (kind.equals("put")) {
            last(path).perhaps.add(value);
            round.unanswered.put(value, operation);
        } else if (kind.equals("delete")) {
            last(path).perhapsDeleted++;
        }
    }

    private Last last(String path) {
        return last.computeIfAbsent(path, p -> new Last());
    }

    /** What a put or, of no value, a delete does, if its condition holds. */
    private static Effect effect(String value, String condition) {
        return before -> {
            boolean holds = condition.equals("-")
                    || (condition.equals("=0") ? before.value() == null : condition.equals("=" + before.version()));
            if (!holds) {
                return null;
            }
            if (value.isEmpty()) {
                return before.value() == null ? null : Content.ABSENT;
            }
            return new Content(value, before.version() + 1, 0);
        };
    }

    void answer(Line line) {
        Begun operation = begun.remove(line.what());
        if (operation == null || line.nanos() > losses.endOf(generation(operation.path))) {
            return;
        }
        nanos = line.nanos();
        LinearizabilityChecker checker = operation.round.checker;
        String answer = String.join(" ", line.words());
        Last known = last(operation.path);
        switch (line.word(0)) {
            case "ok" -> {
                settled(operation, known);
                written(operation, known, line.number(1));
                long version = line.number(2);
                Effect effect = effect(operation.value, operation.condition);
                checker.end(operation.operation, answer, line.number(1), before -> {
                    Content after = effect.on(before);
                    return after != null && after.version() == version ? after : null;
                });
            }
            case "found" -> {
                long revision = line.number(3);
                operation.round.revisions.put(line.word(1), revision);
                seen(known, line.word(1), revision);
                checker.endPure(
                        operation.operation,
                        answer,
                        content -> line.word(1).equals(content.value())
                                && content.version() == line.number(2)
                                && (content.revision() == 0 || content.revision() == revision));
            }
            case "present" -> {
                settled(operation, known);
                checker.endPure(
                        operation.operation,
                        answer,
                        content -> content.version() == line.number(1)
                                && !operation.condition.equals("=" + line.word(1))
                                && (content.revision() == 0 || content.revision() == line.number(2)));
            }
            case "absent" -> {
                settled(operation, known);
                checker.endPure(operation.operation, answer, content -> content.value() == null);
            }
            case "not" -> {
                settled(operation, known);
                checker.endWithoutEffect(operation.operation);
            }
            default -> {
                // it may have had an effect, and may have one yet
            }
        }
    }

    private static void settled(Begun operation, Last known) {
        operation.round.unanswered.remove(operation.value);
        if (operation.kind.equals("put")) {
            known.perhaps.remove(operation.value);
        } else if (operation.kind.equals("delete")) {
            known.perhapsDeleted--;
        }
    }

    private static void written(Begun operation, Last known, long revision) {
        if (revision > known.revision) {
            known.revision = revision;
            known.value = operation.kind.equals("put") ? operation.value : null;
        }
    }

    private static void seen(Last known, String value, long revision) {
        if (revision > known.revision) {
            known.revision = revision;
            known.value = value;
        }
    }

    private void judgeOld() {
        Iterator<Round> oldest = rounds.values().iterator();
        while (oldest.hasNext()) {
            Round round = oldest.next();
            if (nanos - round.beganNanos < ROUND_NANOS) {
                return;
            }
            judge(round);
            oldest.remove();
        }
    }

    private void judge(Round round) {
        round.unanswered.forEach((value, operation) -> {
            Long revision = round.revisions.get(value);
            if (revision != null) {
                round.checker.resolve(operation, revision);
            }
        });
        judged += round.checker.operations();
        round.checker.conclude();
    }

    /** How many operations were judged. */
    long judged() {
        return judged;
    }

    /** Requires it of everything that is left, and of what is there in the end, in the last generation. */
    void conclude(Map<String, Listed> listed, long generation) {
        rounds.values().forEach(this::judge);
        rounds.clear();
        last.forEach((path, known) -> {
            if (generation(path) == generation) {
                check(path, known, listed.get(path));
            }
        });
    }

    private void check(String path, Last known, @Nullable Listed there) {
        if (there == null) {
            if (known.value != null && known.perhapsDeleted == 0) {
                violated.accept(
                        "I18 what is acknowledged is not lost",
                        path + " was " + known.value + " at " + known.revision + ", was not deleted, and is not there");
            }
        } else if (there.revision < known.revision
                || (there.revision == known.revision && !Objects.equals(there.value, known.value))
                || (there.revision > known.revision && !known.perhaps.contains(there.value))) {
            violated.accept(
                    "I18 what is acknowledged is not lost",
                    path + " was " + known.value + " at " + known.revision + ", and is " + there);
        }
    }
}
