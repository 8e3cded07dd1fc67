package io.whatnot.core.state;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.queued;
import static io.whatnot.core.state.Answers.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Target;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All that a session holds and waits for, in one place. */
class SessionTraceTest {
    private final Machine machine = new Machine().found(FeatureLevel.NEWEST);
    private final Client ann = machine.open("ann");
    private final Client bob = machine.open("bob");

    private Result.SessionTrace trace(Client of, long after, int limit) {
        return (Result.SessionTrace)
                Queries.answer(machine.state(), new Query.SessionTrace(of.session(), after, limit));
    }

    private static List<String> words(Result.SessionTrace trace) {
        return trace.requests().stream()
                .map(one -> one.request().id().sequence() + " "
                        + (one.request().waiting() ? "waits in place " + one.position() : "holds") + " "
                        + one.namespace() + " " + one.targets() + " since "
                        + one.request().sinceMillis())
                .toList();
    }

    @Test
    void whatItHoldsAndWaitsForIsToldOverAllNamespacesInTheOrderOfItsRequests() {
        granted(ann.lock(element("/a"), prefix("/b").shared()));
        done(ann.send(new PoolCommand.Create("pools", AbsolutePath.parse("/p"), 3, false, false, 0)));
        granted(ann.in("pools").tryClaim("/p", 2));
        granted(bob.in("m").lock(element("/c")));
        machine.pass(300);
        queued(ann.in("m").lock(element("/c")));

        Result.SessionTrace trace = trace(ann, 0, 10);

        assertThat(words(trace))
                .containsExactly(
                        "1 holds n [/a, /b/** (shared)] since 0",
                        "3 holds pools [2 slots at /p] since 0",
                        "4 waits in place 1 m [/c] since 300");
        assertThat(trace.requests().get(2).blockers())
                .singleElement()
                .satisfies(blocker -> assertThat(blocker.holder().name()).isEqualTo("bob"));
        assertThat(trace.session().name()).isEqualTo("ann");
        assertThat(trace.ttlMillis()).isEqualTo(Machine.SESSION_TTL);
        assertThat(trace.remainingMillis()).isEqualTo(Machine.SESSION_TTL - 300);
        assertThat(trace.more()).isFalse();
        assertThat(words(trace(bob, 0, 10))).hasSize(1);
    }

    @Test
    void itIsToldInPagesOfWhichEachGoesOnAfterTheLast() {
        for (int i = 1; i <= 7; i++) {
            granted(ann.lock(element("/" + i)));
        }
        List<String> all = new ArrayList<>();
        Result.SessionTrace page = trace(ann, 0, 3);
        all.addAll(words(page));
        assertThat(page.more()).isTrue();
        page = trace(ann, 3, 3);
        all.addAll(words(page));
        assertThat(page.more()).isTrue();
        page = trace(ann, 6, 3);
        all.addAll(words(page));
        assertThat(page.more()).isFalse();
        assertThat(all).isEqualTo(words(trace(ann, 0, 10)));
        assertThat(trace(ann, 7, 3).requests()).isEmpty();
    }

    @Test
    void longPathsMakeAPageShorterSoThatItFitsIntoAFrame() {
        String deep = ("/" + "x".repeat(250)).repeat(16);
        for (int i = 0; i < 20; i++) {
            List<Target> targets = new ArrayList<>();
            for (int j = 0; j < 16; j++) {
                targets.add(element(deep + "/" + i + "." + j));
            }
            granted(ann.lock(targets.toArray(Target[]::new)));
        }
        Result.SessionTrace page = trace(ann, 0, Query.PAGE_MAX);
        assertThat(page.more()).isTrue();
        assertThat(page.requests()).hasSizeBetween(2, 19);
    }

    @Test
    void aSessionThatIsNotThereIsNamedAndWhatMakesNoSenseIsRefused() {
        done(bob.close());
        Result answer = Queries.answer(machine.state(), new Query.SessionTrace(bob.session(), 0, 1));
        assertThat(refused(ErrorCode.INVALID_ARGUMENT, answer).message())
                .contains("there is no session " + bob.session());
        assertThatThrownBy(() -> new Query.SessionTrace(0, 0, 1)).hasMessageContaining("session is 0");
        assertThatThrownBy(() -> new Query.SessionTrace(1, -1, 1)).hasMessageContaining("after is -1");
        assertThatThrownBy(() -> new Query.SessionTrace(1, 0, 0)).hasMessageContaining("limit is 0");
        assertThatThrownBy(() -> new Query.SessionTrace(1, 0, 1_001)).hasMessageContaining("limit is 1001");
        assertThat(LeaseCommand.TARGETS_MAX).isEqualTo(16); // what the bytes of a page are reckoned by
    }
}
