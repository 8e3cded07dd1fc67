package io.whatnot.node.faults;

import java.util.Map;
import java.util.Set;

/** What is made of lines as clients write them, each with its client before it. */
final class Judged {
    static final Judgement.There NOTHING = new Judgement.There(Map.of(), Set.of(), Map.of(), 0);

    private Judged() {}

    static Judgement of(Losses losses, Judgement.There there, String... lines) {
        Judgement judgement = new Judgement(losses);
        for (String line : lines) {
            String[] parts = line.split(" ", 2);
            judgement.read(Line.parse(parts[0], parts[1]));
        }
        judgement.conclude(there);
        return judgement;
    }
}
