package io.whatnot.node.raft.model;

import io.whatnot.node.raft.model.Cluster.Layout;
import java.util.ArrayList;
import java.util.List;

/** Something that may happen, as a number: a kind and up to three arguments. */
final class Step {
    enum Kind {
        CRASH,
        STAND,
        ANSWER,
        WIN,
        WIN_BY_ALL,
        ASK,
        BEGIN_EPOCH,
        REJOIN,
        CHANGE,
        DELIVER,
        COMMIT
    }

    private static final List<Kind> KINDS = List.of(Kind.values());

    private Step() {}

    static int of(Kind kind, int a, int b, int c) {
        return KINDS.indexOf(kind) << 12 | a << 8 | b << 4 | c;
    }

    static Kind kind(int step) {
        return KINDS.get(step >> 12);
    }

    static int a(int step) {
        return step >> 8 & 15;
    }

    static int b(int step) {
        return step >> 4 & 15;
    }

    static int c(int step) {
        return step & 15;
    }

    /** All that could happen in any state. */
    static int[] all(Bounds bounds, Layout layout) {
        List<Integer> steps = new ArrayList<>();
        for (int a = 0; a < bounds.voters(); a++) {
            for (Kind kind : List.of(Kind.STAND, Kind.WIN, Kind.WIN_BY_ALL, Kind.ASK, Kind.BEGIN_EPOCH, Kind.CRASH)) {
                steps.add(of(kind, a, 0, 0));
            }
            for (int b = 0; b < bounds.voters(); b++) {
                if (a != b) {
                    steps.add(of(Kind.ANSWER, a, b, 0));
                    steps.add(of(Kind.REJOIN, a, b, 0));
                }
            }
            for (int b = 1; b <= bounds.entries(); b++) {
                steps.add(of(Kind.COMMIT, a, b, 0));
            }
            for (int b = 1; b < layout.configurations(); b++) {
                steps.add(of(Kind.CHANGE, a, b, 0));
            }
        }
        for (int term = 1; term <= bounds.terms(); term++) {
            for (int voter = 0; voter < bounds.voters(); voter++) {
                for (int upTo = 0; upTo <= bounds.entries(); upTo++) {
                    steps.add(of(Kind.DELIVER, term, voter, upTo));
                }
            }
        }
        return steps.stream().mapToInt(Integer::intValue).toArray();
    }
}
