package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Value;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReaderTest {
    private static final Query X = new Query.Get(HubNode.NAMESPACE, AbsolutePath.parse("/x"));

    private final HubNode node = new HubNode();
    private final VirtualScheduler scheduler = node.scheduler;
    private final ScriptedLog log = new ScriptedLog();
    private final ClusterClock clock = new ClusterClock(scheduler, 500);
    private final LeaderDuties duties = new LeaderDuties(clock, new Proposer(log, clock), scheduler);
    private final Reader reader = new Reader(node.machine, log, duties, clock, node.views, scheduler, Runnable::run);
    private final Sinks sinks = new Sinks();

    private void put(String text) {
        node.put("/x", text);
        reader.applied(node.machine.state());
    }

    private static Optional<Value> value(Answer answer) {
        return ((Result.Found) answer.result()).element().map(ElementView::value);
    }

    @Test
    void aLinearizableReadIsAnsweredOnlyOnceTheNodeHasWhatWasCommittedWhenItCame() {
        put("old");
        reader.linearizable(X, sinks.sink());
        put("new");
        assertThat(sinks.answers).isEmpty();
        log.caughtUp();
        assertThat(value(sinks.only())).contains(Value.of("new"));
    }

    @Test
    void linearizableReadsThatComeWhileAQuestionIsUnderWayShareTheNextAndNotThatOne() {
        reader.linearizable(X, sinks.sink());
        reader.linearizable(X, sinks.sink());
        reader.linearizable(X, sinks.sink());
        assertThat(log.readers).hasSize(1);
        log.caughtUp();
        assertThat(sinks.answers).hasSize(1);
        assertThat(log.readers).hasSize(1);
        log.caughtUp();
        assertThat(sinks.answers).hasSize(3);
        assertThat(log.readers).isEmpty();
        reader.linearizable(X, sinks.sink());
        assertThat(log.readers).hasSize(1);
    }

    @Test
    void aLinearizableReadThatCannotBeConfirmedIsRefusedAndTheNextIsAskedFor() {
        reader.linearizable(X, sinks.sink());
        reader.linearizable(X, sinks.sink());
        log.readers.remove().failed("no majority");
        assertThat(Sinks.code(sinks.only())).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(Sinks.refused(sinks.only()).message()).contains("no majority");
        log.caughtUp();
        assertThat(sinks.answers).hasSize(2);
    }

    @Test
    void aLinearizableReadOnTheLeaderProvesTheTimeAtWhichItCame() {
        duties.start(1, 5_000, Long.MAX_VALUE);
        scheduler.pass(100);
        reader.linearizable(X, sinks.sink());
        scheduler.pass(100);
        log.caughtUp();
        assertThat(sinks.only().timeMillis()).isEqualTo(5_100);
    }

    @Test
    void aLinearizableReadProvesNoTimeWhenTheLeaderIsAnotherByThen() {
        duties.start(1, 5_000, Long.MAX_VALUE);
        reader.linearizable(X, sinks.sink());
        duties.stop();
        duties.start(3, 5_000, Long.MAX_VALUE);
        log.caughtUp();
        assertThat(sinks.only().timeMillis()).isZero();
    }

    @Test
    void aReadOfANodeIsAnsweredAtOnceAndProvesNoTime() {
        duties.start(1, 5_000, Long.MAX_VALUE);
        put("old");
        reader.node(X, sinks.sink());
        assertThat(value(sinks.only())).contains(Value.of("old"));
        assertThat(sinks.only().timeMillis()).isZero();
        assertThat(log.readers).isEmpty();
    }

    @Test
    void aReadOfASessionWaitsUntilTheNodeHasWhatTheSessionSaw() {
        duties.start(1, 5_000, Long.MAX_VALUE);
        put("old");
        reader.session(node.revision() + 1, X, sinks.sink());
        assertThat(sinks.answers).isEmpty();
        put("new");
        assertThat(value(sinks.only())).contains(Value.of("new"));
        assertThat(sinks.only().timeMillis()).isZero();
    }

    @Test
    void aReadOfASessionThatWaitsTooLongIsRefused() {
        reader.session(node.revision() + 1, X, sinks.sink());
        scheduler.pass(Reader.BEHIND_MILLIS_MAX - 1);
        assertThat(sinks.answers).isEmpty();
        scheduler.pass(1);
        assertThat(Sinks.code(sinks.only())).isEqualTo(ErrorCode.UNAVAILABLE);
        put("new");
        assertThat(sinks.answers).hasSize(1);
    }

    @Test
    void theStateOfAListingIsHeldForAMinuteAndNoLonger() {
        put("1");
        node.put("/y", "2");
        reader.node(page("/", 0), sinks.sink());
        Result.Page first = (Result.Page) sinks.answers.get(0).result();
        assertThat(first.more()).isTrue();
        node.put("/z", "3");

        scheduler.pass(Views.HELD_MILLIS - 1);
        reader.node(page("/x", first.view()), sinks.sink());
        Result.Page second = (Result.Page) sinks.answers.get(1).result();
        assertThat(second.revision()).isEqualTo(first.revision());
        assertThat(second.more()).as("what came later is none of this").isFalse();

        reader.node(page("/", 0), sinks.sink());
        long view = ((Result.Page) sinks.answers.get(2).result()).view();
        scheduler.pass(Views.HELD_MILLIS);
        reader.node(page("/x", view), sinks.sink());
        assertThat(Sinks.code(sinks.answers.get(3))).isEqualTo(ErrorCode.VIEW_EXPIRED);
    }

    private static Query page(String after, long view) {
        return new Query.List(HubNode.NAMESPACE, AbsolutePath.ROOT, true, true, AbsolutePath.parse(after), 1, view);
    }
}
