package io.whatnot.node.raft.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What happens in a model, told step by step from its start. */
final class Transcript {
    private final Model model;
    private final List<String> lines = new ArrayList<>();
    private Cluster now;

    Transcript(Model model) {
        this.model = model;
        this.now = model.start();
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Makes the first step that leads where it is to lead. */
    void step(Predicate<Cluster> wanted) {
        for (int step : model.steps()) {
            Cluster next = model.start();
            next.set(now);
            if (model.apply(next, step) && wanted.test(next)) {
                tell(step, next);
                return;
            }
        }
        throw new AssertionError("no step leads on from: " + lines);
    }

    /** Makes a step. */
    void make(int step) {
        Cluster next = model.start();
        next.set(now);
        if (!model.apply(next, step)) {
            throw new AssertionError("not possible: " + step);
        }
        tell(step, next);
    }

    private void tell(int step, Cluster next) {
        lines.add("%2d. %s".formatted(lines.size() + 1, describe(step, next)));
        now = next;
    }

    private String describe(int step, Cluster next) {
        int a = Step.a(step);
        int b = Step.b(step);
        return switch (Step.kind(step)) {
            case CRASH -> "%s crashes and starts again%s".formatted(name(a), isAmnesiac(next, a));
            case STAND ->
                "%s stands in term %d, with %s%s"
                        .formatted(name(a), next.get(a, Cluster.TERM), log(next, a), isAmnesiac(next, a));
            case ANSWER ->
                "%s hears that %s stands in term %d%s"
                        .formatted(name(b), name(a), now.get(a, Cluster.ASKED), granted(a, b, next));
            case WIN ->
                "%s leads term %d by a quorum, with %s".formatted(name(a), next.get(a, Cluster.TERM), log(next, a));
            case WIN_BY_ALL ->
                "%s leads term %d by all, with %s".formatted(name(a), next.get(a, Cluster.TERM), log(next, a));
            case ASK -> "%s is asked something: %s".formatted(name(a), log(next, a));
            case BEGIN_EPOCH -> "%s appends its epoch: %s".formatted(name(a), log(next, a));
            case REJOIN -> "%s hears that %s has lost its memory: %s".formatted(name(a), name(b), log(next, a));
            case CHANGE -> "%s appends configuration %s: %s".formatted(name(a), configuration(b), log(next, a));
            case DELIVER ->
                "%s takes what %s sent in term %d, and has %s%s"
                        .formatted(name(b), name(now.leaderOf(a)), a, log(next, b), caughtUp(b, next));
            case COMMIT -> "%s has committed up to entry %d".formatted(name(a), b);
        };
    }

    private static String name(int voter) {
        return String.valueOf((char) ('A' + voter));
    }

    private static String isAmnesiac(Cluster state, int voter) {
        return state.is(voter, Cluster.AMNESIAC) ? ", an amnesiac" : "";
    }

    private String granted(int candidate, int voter, Cluster next) {
        int bit = 1 << voter;
        if ((next.get(candidate, Cluster.GRANTS) & ~now.get(candidate, Cluster.GRANTS) & bit) != 0) {
            return ", and grants it";
        }
        if ((next.get(candidate, Cluster.CONDITIONAL) & ~now.get(candidate, Cluster.CONDITIONAL) & bit) != 0) {
            return ", and grants it conditionally";
        }
        return next.get(voter, Cluster.VOTE) == candidate + 1 ? ", and votes for it in vain" : ", and refuses";
    }

    private String caughtUp(int voter, Cluster next) {
        return now.is(voter, Cluster.AMNESIAC) && !next.is(voter, Cluster.AMNESIAC) ? ", and is caught up" : "";
    }

    private String configuration(int id) {
        Bounds.Configuration configuration = model.bounds.configurations().get(id);
        return members(configuration.members())
                + (configuration.next() == 0 ? "" : "+" + members(configuration.next()));
    }

    private String members(int mask) {
        StringBuilder text = new StringBuilder();
        for (int voter = 0; voter < model.bounds.voters(); voter++) {
            text.append((mask >> voter & 1) == 0 ? "" : name(voter));
        }
        return text.toString();
    }

    /** A log: of each entry its term and what it is, if not just something that a client asked for. */
    private String log(Cluster state, int voter) {
        List<String> entries = new ArrayList<>();
        for (int index = 1; index <= state.length(voter); index++) {
            int entry = state.entry(voter, index);
            int kind = state.kindOf(entry);
            entries.add(state.termOf(entry)
                    + (kind == Cluster.REQUEST
                            ? ""
                            : kind == Cluster.EPOCH
                                    ? " epoch"
                                    : kind == Cluster.OWN
                                            ? " own"
                                            : kind < state.layout.configuration(0)
                                                    ? " rejoined " + name(kind - Cluster.REJOINED)
                                                    : " " + configuration(kind - state.layout.configuration(0))));
        }
        return "[" + String.join(", ", entries) + "]";
    }
}
