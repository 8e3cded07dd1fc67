package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Target;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.Rates;
import io.whatnot.core.state.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whom the leader lets into the log. */
class AdmissionTest {
    private final VirtualScheduler scheduler = new VirtualScheduler();
    private final Admission admission = new Admission(scheduler);
    private final Map<Long, Long> sequences = new HashMap<>();
    private final List<Answer.Sink> underWay = new ArrayList<>();
    private long term = 1;
    private NamespaceStateMachine machine = new NamespaceStateMachine();
    private long secrets;

    private void limit(Rates rates) {
        Settings usual = Settings.DEFAULT;
        machine = new NamespaceStateMachine(new Settings(
                usual.namespacesMax(),
                usual.elementsMax(),
                usual.valueBytesMax(),
                usual.sessionsMax(),
                usual.ownedMax(),
                usual.waitersMax(),
                usual.answersMax(),
                usual.answerBytesMax(),
                usual.eventsMax(),
                usual.eventBytesMax(),
                usual.stateBytesMax(),
                true,
                rates));
    }

    private static Rates perIdentity(int rate, int burst) {
        return new Rates(rate, burst, 0, 0, 0, 0, 0);
    }

    private static Rates perSession(int rate, int burst) {
        return new Rates(0, 0, rate, burst, 0, 0, 0);
    }

    private static Rates perPath(int rate, int burst) {
        return new Rates(0, 0, 0, 0, rate, burst, 0);
    }

    private long open(String name) {
        Command open = new SessionCommand.Open(new Secret(7, ++secrets), 3_600_000, name);
        return ((Result.Opened) apply(new Request(0, 0, 0, List.of(), "", open))).session();
    }

    private Result apply(Request request) {
        return machine.apply(new Entry(1, List.of(request))).results().get(0);
    }

    private Request request(long session, Command command) {
        long sequence = sequences.merge(session, 1L, Long::sum);
        return new Request(session, sequence, 1, List.of(), "", command);
    }

    private static LeaseCommand.Acquire acquire(String... paths) {
        return new LeaseCommand.Acquire(
                "n", Arrays.stream(paths).map(Target::element).toList(), 0, 60_000, "");
    }

    /** In how many milliseconds it may be asked again; 0 if it was let in. */
    private long retryMillis(Request request, boolean makesRoom) {
        Sinks sinks = new Sinks();
        admission.admit(term, machine.state(), request, makesRoom, sinks.sink(), underWay::add);
        if (sinks.answers.isEmpty()) {
            return 0;
        }
        assertThat(Sinks.code(sinks.only())).isEqualTo(ErrorCode.RATE_LIMITED);
        assertThat(sinks.only().notProposed()).isTrue();
        return ((Detail.RetryAfter) Sinks.refused(sinks.only()).detail()).millis();
    }

    private long ask(long session, String... paths) {
        return retryMillis(request(session, acquire(paths)), false);
    }

    private void answerAll() {
        underWay.forEach(sink -> sink.answer(new Answer(new Result.Done(new Revision(1)), 1, false)));
        underWay.clear();
    }

    @Test
    void withoutSettingsNobodyIsRefusedAndNothingIsCounted() {
        long ann = open("ann");
        for (int i = 0; i < 10_000; i++) {
            assertThat(ask(ann, "/a")).isZero();
        }
        assertThat(admission.inFlightSessions()).isZero();
    }

    @Test
    void whoIsRefusedIsToldTheTimeAfterWhichTheSameIsLetIn() {
        limit(perSession(4, 2));
        long ann = open("ann");
        assertThat(ask(ann, "/a")).isZero();
        assertThat(ask(ann, "/b")).isZero();

        long after = ask(ann, "/c");
        assertThat(after).isEqualTo(250);
        scheduler.pass(after - 1);
        assertThat(ask(ann, "/c")).isEqualTo(1);
        scheduler.pass(1);
        assertThat(ask(ann, "/c")).isZero();
    }

    @Test
    void sessionsOfOneNameShareABucketAndThoseOfAnotherHaveTheirOwn() {
        limit(perIdentity(1, 2));
        long first = open("indexer");
        long second = open("indexer");
        long other = open("mailer");
        assertThat(ask(first, "/a")).isZero();
        assertThat(ask(second, "/b")).isZero();
        assertThat(ask(first, "/c")).isPositive();
        assertThat(ask(second, "/c")).isPositive();
        assertThat(ask(other, "/c")).isZero();
    }

    @Test
    void aSessionTakesNothingFromAnotherOfItsName() {
        limit(perSession(1, 1));
        long first = open("indexer");
        long second = open("indexer");
        assertThat(ask(first, "/a")).isZero();
        assertThat(ask(first, "/b")).isPositive();
        assertThat(ask(second, "/b")).isZero();
    }

    @Test
    void aPathIsLimitedForAllTogetherAndNoOtherPathIs() {
        limit(perPath(1, 1));
        long ann = open("ann");
        long bob = open("bob");
        assertThat(ask(ann, "/hot")).isZero();
        assertThat(ask(bob, "/hot")).isEqualTo(1_000);
        assertThat(ask(bob, "/hot/below")).isZero();
        assertThat(ask(bob, "/cold")).isZero();
    }

    @Test
    void whatIsRefusedForOnePathTakesNothingFromTheBucketsOfTheOthers() {
        limit(new Rates(0, 0, 1, 2, 1, 1, 0));
        long ann = open("ann");
        assertThat(ask(ann, "/hot")).isZero();
        for (int i = 0; i < 10; i++) {
            assertThat(ask(ann, "/cold", "/hot")).isPositive();
        }
        assertThat(ask(ann, "/cold")).isZero();
        assertThat(ask(ann, "/other")).isPositive();
    }

    @Test
    void whatMakesRoomIsNeverRefusedNorIsWhatAsksForNoLease() {
        limit(new Rates(1, 1, 1, 1, 1, 1, 0));
        long ann = open("ann");
        assertThat(ask(ann, "/a")).isZero();
        assertThat(ask(ann, "/b")).isPositive();
        for (int i = 0; i < 100; i++) {
            assertThat(retryMillis(request(ann, new LeaseCommand.Release(1)), true))
                    .isZero();
            assertThat(retryMillis(request(ann, new ElementCommand.Register("n", AbsolutePath.parse("/a"), 0)), false))
                    .isZero();
        }
    }

    @Test
    void aRequestThatIsAskedAgainBecauseItsAnswerWasLostCountsNothing() {
        limit(perSession(1, 1));
        long ann = open("ann");
        Request held = request(ann, acquire("/a"));
        assertThat(retryMillis(held, false)).isZero();
        assertThat(apply(held)).isInstanceOf(Result.Granted.class);

        assertThat(ask(ann, "/b")).isPositive();
        assertThat(retryMillis(held, false)).isZero();
    }

    @Test
    void aNewLeaderBeginsWithFullBuckets() {
        limit(perSession(1, 1));
        long ann = open("ann");
        assertThat(ask(ann, "/a")).isZero();
        assertThat(ask(ann, "/a")).isPositive();
        term = 2;
        assertThat(ask(ann, "/a")).isZero();
    }

    @Test
    void aSessionHasOnlySoManyRequestsUnderWay() {
        limit(new Rates(0, 0, 0, 0, 0, 0, 3));
        long ann = open("ann");
        long bob = open("bob");
        for (int i = 0; i < 3; i++) {
            assertThat(ask(ann, "/a")).isZero();
        }
        assertThat(ask(ann, "/a")).isPositive();
        assertThat(retryMillis(request(ann, new LeaseCommand.Release(1)), true)).isZero();
        assertThat(ask(bob, "/a")).isZero();

        answerAll();
        assertThat(ask(ann, "/a")).isZero();
    }

    @Test
    void whatWasAnsweredOrRefusedLeavesNothingBehind() {
        limit(new Rates(0, 0, 1, 1, 0, 0, 2));
        for (int i = 0; i < 100; i++) {
            long session = open("s" + i);
            ask(session, "/a");
            ask(session, "/b");
            ask(session, "/c");
        }
        assertThat(admission.inFlightSessions()).isEqualTo(100);
        answerAll();
        assertThat(admission.inFlightSessions()).isZero();
    }
}
