package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Letters.Letter;
import io.whatnot.core.model.Letters.Move;
import io.whatnot.core.model.Letters.Past;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.Queries;
import io.whatnot.core.state.State;
import io.whatnot.core.testing.Comparison;
import io.whatnot.core.testing.EventReplay;
import io.whatnot.core.testing.Invariants;
import io.whatnot.core.testing.Limits;
import io.whatnot.core.testing.ReferenceModel;
import io.whatnot.core.testing.StateComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small scopes: two sessions and a few paths, and every sequence of a few commands from a small alphabet of one concern, done
 * by the state machine and by the reference model. Most mistakes show in a short story already, and here every short story
 * is told. With {@code -Dsmallscope.depth=…} for longer ones.
 */
class SmallScopeTest {
    private static final int DEPTH = Integer.getInteger("smallscope.depth", 5);
    private static final AtomicLong SEQUENCES = new AtomicLong();

    @ParameterizedTest
    @MethodSource("io.whatnot.core.model.SmallScope#concerns")
    void everyShortStoryIsToldByTheSpecification(SmallScope scope) {
        assertThat(scope.letters()).hasSizeLessThanOrEqualTo(20);
        IntStream.range(0, scope.letters().size()).parallel().forEach(first -> new Walk(scope).begin(first));
    }

    @AfterAll
    static void tellHowMany() {
        System.out.println(SEQUENCES + " sequences of up to " + DEPTH + " commands");
    }

    /** A walk, depth first, through all sequences that begin with a letter. The root of each prefix is kept. */
    private static final class Walk {
        private static final Limits LIMITS = Limits.USUAL;

        private final SmallScope scope;
        private final NamespaceStateMachine machine = new NamespaceStateMachine(Comparison.settings(LIMITS));
        private final List<Entry> entries = new ArrayList<>();
        private final List<String> names = new ArrayList<>();

        Walk(SmallScope scope) {
            this.scope = scope;
        }

        void begin(int first) {
            List<Request> opened = new ArrayList<>();
            for (long i = 1; i <= 2; i++) {
                SessionCommand.Open open = new SessionCommand.Open(new Secret(0, i), scope.ttlMillis(), "client" + i);
                opened.add(new Request(0, 0, 0, List.of(), "", open));
            }
            entries.add(new Entry(Past.NOTHING.timeMillis(), List.copyOf(opened), scope.level()));
            Past past = Past.NOTHING;
            for (Letter letter : scope.opening()) {
                Move move = Objects.requireNonNull(letter.after(past));
                entries.add(move.entry());
                past = move.past();
            }
            entries.forEach(machine::apply);
            step(scope.letters().get(first), machine.state(), past, 1);
        }

        private void step(Letter letter, State from, Past past, int depth) {
            Move move = letter.after(past);
            if (move == null) {
                return;
            }
            names.add(letter.name());
            entries.add(move.entry());
            machine.restore(from);
            Applied applied = machine.apply(move.entry());
            State state = machine.state();
            try {
                compare(from, applied, state);
            } catch (AssertionError e) {
                throw new AssertionError("after: " + String.join("; ", names), e);
            }
            SEQUENCES.incrementAndGet();
            if (depth < DEPTH) {
                for (Letter next : scope.letters()) {
                    step(next, state, move.past(), depth + 1);
                }
            }
            entries.remove(entries.size() - 1);
            names.remove(names.size() - 1);
        }

        private void compare(State from, Applied applied, State state) {
            ReferenceModel model = new ReferenceModel(LIMITS);
            for (Entry earlier : entries.subList(0, entries.size() - 1)) {
                model.apply(earlier);
            }
            Applied expected = model.apply(entries.get(entries.size() - 1));
            Applied actual = Comparison.withoutMessages(applied);
            if (!actual.equals(expected)) {
                assertThat(actual).isEqualTo(expected);
            }
            List<Object> words = StateComparison.words(state);
            List<Object> modelWords = StateComparison.words(model);
            if (!words.equals(modelWords)) {
                assertThat(words).isEqualTo(modelWords);
            }
            for (Query query : scope.queries()) {
                assertThat(Comparison.withoutMessage(Queries.answer(state, query)))
                        .isEqualTo(model.answer(query));
            }
            Invariants.check(state);
            EventReplay.check(from, entries.get(entries.size() - 1), applied, state);
        }
    }
}
