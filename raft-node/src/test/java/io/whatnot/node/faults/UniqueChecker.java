package io.whatnot.node.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * That names of the cluster's choice are unique and grow: whoever asks after another was answered gets a later one. And
 * that what was registered under them is there in the end (I18).
 */
final class UniqueChecker {
    private record Name(String parent, String name, long beganNanos, long endedNanos) {}

    private record Begun(String parent, long nanos) {}

    private final Losses losses;
    private final BiConsumer<String, String> violated;
    private final Map<String, Begun> begun = new HashMap<>();
    private final List<Name> names = new ArrayList<>();

    UniqueChecker(Losses losses, BiConsumer<String, String> violated) {
        this.losses = losses;
        this.violated = violated;
    }

    void begin(Line line) {
        begun.put(line.what(), new Begun(line.word(1), line.nanos()));
    }

    void answer(Line line) {
        Begun asked = begun.remove(line.what());
        if (asked != null && line.word(0).equals("ok")) {
            names.add(new Name(asked.parent, line.word(1), asked.nanos, line.nanos()));
        }
    }

    /** How much there was to judge. */
    String summary() {
        return names.size() + " unique names";
    }

    /**
     * Requires it.
     *
     * @param listed the paths that are there in the end
     * @param generation what was written before is not counted on
     */
    void conclude(Set<String> listed, long generation) {
        Set<String> all = new HashSet<>();
        String latest = "";
        List<Name> ended = new ArrayList<>(names);
        ended.sort(Comparator.comparingLong(Name::endedNanos));
        names.sort(Comparator.comparingLong(Name::beganNanos));
        int next = 0;
        for (Name name : names) {
            while (next < ended.size() && ended.get(next).endedNanos < name.beganNanos) {
                String earlier = ended.get(next++).name;
                latest = earlier.compareTo(latest) > 0 ? earlier : latest;
            }
            if (!all.add(name.name)) {
                violated.accept("W8 names are unique", name.name + " was given twice");
            }
            if (name.name.compareTo(latest) <= 0) {
                violated.accept("W8 names grow", name.name + " was given after " + latest);
            }
            boolean counted = name.parent.endsWith("/g" + generation) && name.endedNanos < losses.endOf(generation);
            if (counted && !listed.contains(name.parent + "/" + name.name)) {
                violated.accept(
                        "I18 what is acknowledged is not lost",
                        name.parent + "/" + name.name + " was registered, and is not there");
            }
        }
    }
}
