package io.whatnot.core.testing.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.whatnot.core.model.Entry;
import io.whatnot.core.protocol.EntryCodec;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.ImageWriter;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.Poison;
import io.whatnot.core.state.State;
import io.whatnot.core.testing.EventReplay;
import io.whatnot.core.testing.Invariants;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A state machine that never stops, never lags and never is restored: it applies each entry when it is committed. What
 * any replica has must be what it had at the same index (I13), and what it has must keep the invariants.
 */
public final class Witness implements SimulatedLog.Onlooker {
    private static final int ENTRIES_BETWEEN_DIGESTS = 48;
    private static final int LOOKED_AT_AFTER_A_RESTORE = 4;

    private final Simulation simulation;
    private final Violations violations;
    private final NamespaceStateMachine machine = new NamespaceStateMachine();
    private final List<State> states = new ArrayList<>();
    private final NavigableMap<Long, State> byRevision = new TreeMap<>();
    private final Map<Long, Integer> digests = new TreeMap<>();
    private final Map<String, Integer> restoredLately = new TreeMap<>();
    private final List<Commit.Checker> checkers = new ArrayList<>();
    private long requests;

    /** A witness from the beginning. */
    public Witness(Simulation simulation, State founding, Violations violations) {
        this.simulation = simulation;
        this.violations = violations;
        machine.restore(founding);
        states.add(founding);
        byRevision.put(founding.revision(), founding);
    }

    /** Shows every commit to somebody. */
    public void show(Commit.Checker checker) {
        checkers.add(checker);
    }

    /** The state after the last entry. */
    public State state() {
        return machine.state();
    }

    /** The state that was first to have that revision, or the next lower one: what reads of it show. */
    public State at(long revision) {
        return byRevision.floorEntry(revision).getValue();
    }

    /** How many requests were committed. */
    public long requests() {
        return requests;
    }

    @Override
    public void committed(long index, ByteString bytes, long appendedNanos) {
        Entry entry;
        try {
            entry = EntryCodec.decode(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
        State before = machine.state();
        Applied applied = machine.apply(entry);
        State after = machine.state();
        requests += entry.requests().size();
        while (states.size() < index) {
            states.add(before); // what only begins a term changes nothing
        }
        states.add(after);
        byRevision.putIfAbsent(after.revision(), after);
        Commit commit = new Commit(index, appendedNanos, entry, applied, before, after);
        simulation.say(() -> words(commit));
        try {
            Invariants.checkBut(after, Poison::isPoisoned);
        } catch (AssertionError broken) {
            violations.add("invariants", String.valueOf(broken.getMessage()));
        }
        try {
            EventReplay.check(before, entry, applied, after);
        } catch (AssertionError broken) {
            violations.add("events explain the difference", String.valueOf(broken.getMessage()));
        }
        checkers.forEach(checker -> checker.committed(commit));
    }

    private static String words(Commit commit) {
        StringBuilder words = new StringBuilder("entry " + commit.index() + " at "
                + commit.entry().timeMillis() + " is committed, revision "
                + commit.applied().revision());
        for (int i = 0; i < commit.entry().requests().size(); i++) {
            words.append("\n        ").append(commit.entry().requests().get(i));
            words.append("\n        = ").append(commit.applied().results().get(i));
        }
        commit.applied()
                .events()
                .forEach(event -> words.append("\n        event ")
                        .append(event.revision())
                        .append(' ')
                        .append(event.change())
                        .append(' ')
                        .append(event.path())
                        .append(' ')
                        .append(event.cause())
                        .append(' ')
                        .append(event.actor()));
        commit.applied().pushes().forEach(push -> words.append("\n        ").append(push));
        return words.toString();
    }

    @Override
    public void replica(String node, long index, State state, boolean restored) {
        if (restored) {
            restoredLately.put(node, LOOKED_AT_AFTER_A_RESTORE);
        }
        State expected = index < states.size() ? states.get((int) index) : state(); // what only begins a term
        boolean same = state.revision() == expected.revision()
                && state.timeMillis() == expected.timeMillis()
                && state.entries() == expected.entries();
        boolean lately = restoredLately.merge(node, -1, Integer::sum) >= 0;
        if (same && (lately || index % ENTRIES_BETWEEN_DIGESTS == 0)) {
            same = digest(state) == digests.computeIfAbsent(index, i -> digest(expected));
        }
        violations.require(
                same,
                "I13 replicas are equal",
                () -> node + (restored ? ", restored," : "") + " differs at index " + index + " from what it should be"
                        + ": revision " + state.revision() + " time " + state.timeMillis() + " instead of "
                        + expected.revision() + " " + expected.timeMillis());
    }

    /** Requires that a node which has applied everything has what is here. */
    public void compare(String node, State state) {
        violations.require(
                digest(state) == digest(state()),
                "I13 replicas are equal",
                () -> node + " differs at the end from what it should be");
    }

    private static int digest(State state) {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        try {
            ImageWriter.write(state, image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Arrays.hashCode(image.toByteArray());
    }
}
