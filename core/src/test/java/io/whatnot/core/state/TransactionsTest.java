package io.whatnot.core.state;

import static io.whatnot.core.model.Target.element;
import static io.whatnot.core.model.Target.prefix;
import static io.whatnot.core.state.Answers.blocked;
import static io.whatnot.core.state.Answers.deleted;
import static io.whatnot.core.state.Answers.done;
import static io.whatnot.core.state.Answers.granted;
import static io.whatnot.core.state.Answers.refused;
import static io.whatnot.core.state.Answers.registered;
import static io.whatnot.core.state.Answers.transacted;
import static io.whatnot.core.state.Answers.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Transaction.Compare;
import io.whatnot.core.model.Transaction.Operation;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.tree.Element;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Transactions: what they do, what they leave undone, and whose locks they meet. */
class TransactionsTest {
    private final Machine machine = new Machine().found(FeatureLevel.NEWEST);
    private final Client ann = machine.open("ann").as("a");
    private final Client bob = machine.open("bob").as("b");

    private static AbsolutePath path(String path) {
        return AbsolutePath.parse(path);
    }

    private static Operation put(String path, String text) {
        return put(path, text, Condition.NONE, 0);
    }

    private static Operation put(String path, String text, Condition condition, long lease) {
        return new Operation.Change(
                new ElementCommand.Put("n", path(path), Value.of(text), 0, false, condition, lease));
    }

    private static Operation get(String path) {
        return new Operation.Get(path(path));
    }

    private static Operation register(String path) {
        return new Operation.Change(new ElementCommand.Register("n", path(path), 0));
    }

    private static Operation unique(String parent) {
        return new Operation.Change(new ElementCommand.RegisterUnique("n", path(parent), Value.NONE, 0));
    }

    private static Operation delete(String path) {
        return new Operation.Change(new ElementCommand.Delete("n", path(path), false, Condition.NONE, 0));
    }

    private static Operation deleteAll(String path) {
        return new Operation.Change(new ElementCommand.Delete("n", path(path), true, Condition.NONE, 0));
    }

    private boolean succeeds(Compare... compares) {
        return transacted(ann.transact(List.of(compares), List.of(), List.of())).succeeded();
    }

    // ---- what is done

    @Test
    void allOperationsTakeOneRevisionAndTheirEventsFollowEachOther() {
        ann.put("/old/x", "1");
        long revision = machine.revision();
        Result.Transacted done =
                transacted(ann.transact(put("/a/b", "1"), deleteAll("/old"), register("/c"), get("/a/b")));
        assertThat(machine.revision()).isEqualTo(revision + 1);
        assertThat(done.revision().value()).isEqualTo(revision + 1);
        assertThat(machine.events())
                .containsExactly(
                        "ADDED /a by ann",
                        "ADDED /a/b by ann",
                        "DELETED /old/x by ann",
                        "DELETED /old by ann",
                        "ADDED /c by ann");
        assertThat(machine.last().events()).extracting(WatchEvent::index).containsExactly(0, 1, 2, 3, 4);
        assertThat(machine.last().events())
                .extracting(event -> event.revision().value())
                .containsOnly(revision + 1);
    }

    @Test
    void eachOperationIsAnsweredAsTheCommandOfItsOwnIs() {
        ann.put("/old/x", "1");
        Result.Transacted done = transacted(
                ann.transact(put("/a", "1"), register("/a/r"), unique("/q"), deleteAll("/old"), get("/a"), get("/x")));
        assertThat(done.result(0, Result.Written.class).version()).isEqualTo(1);
        assertThat(done.result(1, Result.Done.class).revision()).isEqualTo(done.revision());
        assertThat(done.result(2, Result.Registered.class).path().parent()).contains(path("/q"));
        assertThat(done.result(3, Result.Deleted.class).count()).isEqualTo(2);
        assertThat(done.result(4, Result.Found.class)
                        .element()
                        .orElseThrow()
                        .value()
                        .text())
                .isEqualTo("1");
        assertThat(done.result(5, Result.Found.class).element()).isEmpty();
    }

    @Test
    void inANamespaceThatIsNotThereYetNothingIsRegisteredNotEvenTheRoot() {
        assertThat(succeeds(new Compare.Registered(path("/"), false), new Compare.VersionIs(path("/"), 0)))
                .isTrue();
        assertThat(transacted(ann.transact(get("/")))
                        .result(0, Result.Found.class)
                        .element())
                .isEmpty();
        ann.put("/a", "1");
        assertThat(succeeds(new Compare.Registered(path("/"), true))).isTrue();
    }

    @Test
    void operationsSeeWhatThoseBeforeThemDidAndNotWhatComesAfter() {
        ann.put("/a", "old");
        Result.Transacted done = transacted(ann.transact(get("/a"), put("/a", "new"), get("/a")));
        assertThat(done.result(0, Result.Found.class)
                        .element()
                        .orElseThrow()
                        .value()
                        .text())
                .isEqualTo("old");
        assertThat(done.result(2, Result.Found.class)
                        .element()
                        .orElseThrow()
                        .value()
                        .text())
                .isEqualTo("new");
    }

    @Test
    void uniqueChildrenOfOneTransactionAreNumberedInTheOrderOfItsOperations() {
        long next = machine.revision() + 1;
        Result.Transacted done = transacted(ann.transact(put("/x", "1"), unique("/q"), unique("/q"), unique("/p")));
        String prefix = "0".repeat(19 - Long.toString(next).length()) + next;
        assertThat(IntStream.of(1, 2, 3)
                        .mapToObj(i -> registered(done.results().get(i)).path().toString()))
                .containsExactly("/q/" + prefix + "-0", "/q/" + prefix + "-1", "/p/" + prefix + "-0");
    }

    @Test
    void childrenMayBeDeletedBeforeTheirParentOneByOne() {
        ann.put("/a/b", "1");
        transacted(ann.transact(delete("/a/b"), delete("/a")));
        assertThat(ann.get("/a")).isEmpty();
    }

    @Test
    void oneThatChangesNothingTakesNoRevision() {
        ann.put("/a", "1");
        long revision = machine.revision();
        Result.Transacted done = transacted(ann.transact(get("/a"), register("/a")));
        assertThat(done.revision().value()).isEqualTo(revision);
        assertThat(machine.revision()).isEqualTo(revision);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void theCommandsAfterItInItsEntryGoOnFromWhatItDid() {
        List<Result> results = machine.together(
                ann.request(new Transaction("n", List.of(), List.of(put("/a", "1"), put("/b", "1")), List.of())),
                ann.request(ann.putting("/a", "2", 0, false, Condition.NONE)),
                ann.request(new Transaction("n", List.of(), List.of(delete("/b"), put("/a", "3")), List.of())),
                ann.request(ann.putting("/c", "1", 0, false, Condition.NONE)));
        assertThat(written(results.get(1)).version()).isEqualTo(2);
        assertThat(transacted(results.get(2)).result(1, Result.Written.class).version())
                .isEqualTo(3);
        assertThat(ann.read("/a")).isEqualTo("3");
        assertThat(ann.read("/b")).isEqualTo("-");
        assertThat(ann.read("/c")).isEqualTo("1");
    }

    @Test
    void itMakesItsNamespaceWhenItRegistersSomethingThere() {
        Operation put = new Operation.Change(
                new ElementCommand.Put("new", path("/a"), Value.of("1"), 0, false, Condition.NONE, 0));
        transacted(ann.send(new Transaction("new", List.of(), List.of(put), List.of())));
        assertThat(machine.state().elements().hasNamespace("new")).isTrue();
        transacted(ann.send(new Transaction("other", List.of(), List.of(get("/a")), List.of())));
        assertThat(machine.state().elements().hasNamespace("other")).isFalse();
    }

    // ---- compares

    @Test
    void thenIsDoneIfAllComparesHoldAndOtherwiseIfOneDoesNot() {
        ann.put("/a", "1");
        Compare holds = new Compare.VersionIs(path("/a"), 1);
        Compare doesNot = new Compare.VersionIs(path("/a"), 2);
        assertThat(transacted(ann.transact(List.of(holds), List.of(put("/b", "then")), List.of(put("/b", "else"))))
                        .succeeded())
                .isTrue();
        assertThat(ann.read("/b")).isEqualTo("then");
        for (List<Compare> compares : List.of(List.of(holds, doesNot), List.of(doesNot, holds))) {
            assertThat(transacted(ann.transact(compares, List.of(put("/b", "then")), List.of(put("/b", "else"))))
                            .succeeded())
                    .isFalse();
            assertThat(ann.read("/b")).isEqualTo("else");
        }
    }

    @Test
    void aValueIsComparedWithItsContentType() {
        ann.put("/a", "1");
        assertThat(succeeds(new Compare.ValueIs(path("/a"), Value.of("1")))).isTrue();
        assertThat(succeeds(new Compare.ValueIs(path("/a"), Value.of("2")))).isFalse();
        assertThat(succeeds(new Compare.ValueIs(path("/a"), Value.of(new byte[] {'1'}, ""))))
                .isFalse();
        assertThat(succeeds(new Compare.ValueIs(path("/none"), Value.NONE))).isFalse();
        ann.register("/r");
        assertThat(succeeds(new Compare.ValueIs(path("/r"), Value.NONE))).isTrue();
    }

    @Test
    void versionAndRevisionOfWhatIsNotRegisteredAreZero() {
        ann.put("/a", "1");
        ann.put("/a", "2");
        long revision = machine.revision();
        assertThat(succeeds(new Compare.VersionIs(path("/a"), 2))).isTrue();
        assertThat(succeeds(new Compare.VersionIs(path("/a"), 0))).isFalse();
        assertThat(succeeds(new Compare.ModRevisionIs(path("/a"), revision))).isTrue();
        assertThat(succeeds(new Compare.ModRevisionIs(path("/a"), revision - 1)))
                .isFalse();
        assertThat(succeeds(new Compare.VersionIs(path("/none"), 0))).isTrue();
        assertThat(succeeds(new Compare.ModRevisionIs(path("/none"), 0))).isTrue();
    }

    @Test
    void existenceIsComparedBothWays() {
        ann.register("/a");
        assertThat(succeeds(new Compare.Registered(path("/a"), true))).isTrue();
        assertThat(succeeds(new Compare.Registered(path("/a"), false))).isFalse();
        assertThat(succeeds(new Compare.Registered(path("/b"), true))).isFalse();
        assertThat(succeeds(new Compare.Registered(path("/b"), false))).isTrue();
    }

    @Test
    void aLeaseIsComparedByWhetherItIsHeldWhoseverItIs() {
        LeaseId held = granted(bob.lock(element("/l"))).id();
        assertThat(succeeds(new Compare.Held(held))).isTrue();
        LeaseId waits = ann.as("w").lock(element("/l")) instanceof Result.Queued queued ? queued.id() : held;
        assertThat(succeeds(new Compare.Held(waits))).isFalse();
        done(bob.release(held));
        assertThat(succeeds(new Compare.Held(held))).isFalse();
        assertThat(succeeds(new Compare.Held(waits))).isTrue();
    }

    @Test
    void whileTheClusterRecoversNobodyKnowsWhetherALeaseIsHeldThatWasNotReclaimed() {
        LeaseId held = granted(ann.lock(element("/l"))).id();
        machine.reform(7, 1_000);
        bob.reclaim();
        transacted(bob.transact(List.of(new Compare.Registered(path("/a"), true)), List.of(), List.of(get("/a"))));
        refused(ErrorCode.RECOVERING, bob.transact(List.of(new Compare.Held(held)), List.of(get("/a")), List.of()));
        refused(ErrorCode.RECOVERING, bob.transact(put("/a", "1")));
        assertThat(machine.events()).isEmpty();
    }

    // ---- all or nothing

    @Test
    void anOperationThatIsRefusedLeavesNoEffectOfAnyOther() {
        ann.put("/a", "1");
        ann.put("/d/e", "1");
        long revision = machine.revision();
        Result.Refused refused = refused(
                ErrorCode.CONDITION_FAILED,
                ann.transact(
                        put("/new/x", "1"),
                        deleteAll("/d"),
                        unique("/q"),
                        put("/a", "2", new Condition(false, 7, 0), 0)));
        assertThat(refused.message()).contains("operation 4", "put /a", "version 7");
        assertThat(refused.detail()).isEqualTo(new Result.Detail.Present(1, new Revision(revision - 1)));
        assertThat(machine.events()).isEmpty();
        assertThat(machine.revision()).isEqualTo(revision);
        assertThat(ann.get("/new")).isEmpty();
        assertThat(ann.get("/q")).isEmpty();
        assertThat(ann.read("/d/e")).isEqualTo("1");
    }

    @Test
    void whatWasRefusedLeavesTheStateByteForByteButForItsAnswer() throws IOException {
        Machine other = new Machine().found(FeatureLevel.NEWEST);
        Client otherAnn = other.open("ann").as("a");
        other.open("bob");
        for (Client each : List.of(ann, otherAnn)) {
            each.put("/a", "1");
            each.putFor(5_000, "/passing", "1");
            each.putEphemeral("/ephemeral", "1");
        }
        refused(
                ErrorCode.NO_SUCH_ELEMENT,
                ann.transact(
                        put("/new/x", "1"),
                        deleteAll("/passing"),
                        deleteAll("/ephemeral"),
                        new Operation.Change(new ElementCommand.Put(
                                "n", path("/more"), Value.of("1"), 700, true, Condition.NONE, 0)),
                        delete("/none")));
        refused(ErrorCode.NO_SUCH_ELEMENT, otherAnn.delete("/none"));
        ann.heartbeat(); // acknowledges the answer, whose message differs
        otherAnn.heartbeat();
        assertThat(image(machine)).isEqualTo(image(other));
    }

    @Test
    void aRefusedTransactionChangesNoCountOfWhatTheSessionOwns() {
        Settings tight = with(Setting.OWNED_MAX, 2);
        machine.with(tight);
        Operation ephemeral = new Operation.Change(
                new ElementCommand.Put("n", path("/e"), Value.of("1"), 0, true, Condition.NONE, 0));
        for (int i = 0; i < 5; i++) {
            refused(ErrorCode.NO_SUCH_ELEMENT, ann.transact(ephemeral, delete("/none")));
        }
        written(ann.putEphemeral("/e1", "1"));
        written(ann.putEphemeral("/e2", "1"));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.putEphemeral("/e3", "1"));
    }

    @Test
    void oneThatThrowsInTheMiddleIsRolledBackWhole() {
        machine.plant(state -> {
            if (!state.elements.hasNamespace("n")) {
                NamespaceExecutor.createIfMissing(new Step(state, new Step.Output()), "n");
            }
            state.elements.put("n", path("/poison"), new Element(Value.NONE, 1, 1, 1, Actor.CLUSTER, 0, 0, 77));
        });
        refused(ErrorCode.INTERNAL, ann.transact(put("/a", "1"), delete("/poison")));
        assertThat(machine.events()).isEmpty();
        assertThat(ann.get("/a")).isEmpty();
    }

    // ---- locks

    @Test
    void everyOperationIsCheckedAgainstTheLocksOfOthersAndNothingIsDoneIfOneIsLocked() {
        granted(bob.lock(element("/locked")));
        Result.Detail.Blocked blocked =
                blocked(ErrorCode.LOCKED, ann.transact(put("/a", "1"), put("/locked", "1"), put("/c", "1")));
        assertThat(blocked.blockers()).hasSize(1);
        assertThat(refused(ErrorCode.LOCKED, ann.transact(put("/a", "1"), put("/locked", "1")))
                        .message())
                .contains("operation 2", "put /locked", "/locked is locked", "bob");
        assertThat(ann.get("/a")).isEmpty();
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void aRecursiveDeleteInATransactionMeetsLocksBelow() {
        ann.put("/a/b", "1");
        granted(bob.lock(element("/a/b/c")));
        refused(ErrorCode.LOCKED, ann.transact(put("/x", "1"), deleteAll("/a")));
        assertThat(ann.read("/a/b")).isEqualTo("1");
    }

    @Test
    void parentsThatAnOperationCreatesAreCheckedTooAndGetsMeetNoLock() {
        granted(bob.lock(element("/p")));
        refused(ErrorCode.LOCKED, ann.transact(put("/p/q", "1")));
        transacted(ann.transact(get("/p"), put("/free", "1")));
    }

    @Test
    void theOwnerPassesHisOwnLocks() {
        granted(ann.lock(prefix("/mine")));
        transacted(ann.transact(put("/mine/a", "1"), put("/mine/b", "2")));
        refused(ErrorCode.LOCKED, bob.transact(put("/mine/a", "1")));
    }

    @Test
    void anOperationThatNamesALeaseIsRefusedOnceThatHasEnded() {
        LeaseId lease = granted(ann.lock(prefix("/mine"))).id();
        transacted(ann.as("other").transact(put("/mine/a", "1", Condition.NONE, lease.sequence()), put("/b", "1")));
        Result.Refused outside = refused(
                ErrorCode.STALE_TOKEN, ann.transact(put("/b", "2"), put("/c", "1", Condition.NONE, lease.sequence())));
        assertThat(outside.message()).contains("operation 2", "put /c", "covers");
        done(ann.release(lease));
        Result.Refused ended = refused(
                ErrorCode.STALE_TOKEN,
                ann.transact(put("/b", "2"), put("/mine/a", "2", Condition.NONE, lease.sequence())));
        assertThat(ended.message()).contains("operation 2", "put /mine/a", "not held any more");
        assertThat(ann.read("/b")).isEqualTo("1");
    }

    // ---- limits

    private static Settings with(Setting setting, long value) {
        return Settings.DEFAULT.with(Map.of(setting, value));
    }

    @Test
    void theEventsOfAllOperationsTogetherAreBounded() {
        for (int i = 0; i < 3; i++) {
            ann.put("/a/" + i, "1");
            ann.put("/b/" + i, "1");
        }
        machine.with(with(Setting.EVENTS_MAX, 7));
        assertThat(refused(ErrorCode.RESOURCE_EXHAUSTED, ann.transact(deleteAll("/a"), deleteAll("/b")))
                        .message())
                .contains("more events than one command may: 7");
        assertThat(ann.read("/a/0")).isEqualTo("1");
        assertThat(machine.events()).isEmpty();
        machine.with(with(Setting.EVENTS_MAX, 8));
        transacted(ann.transact(deleteAll("/a"), deleteAll("/b")));
    }

    @Test
    void theBytesOfTheEventsOfAllOperationsTogetherAreBounded() {
        ann.put("/a", "x".repeat(600));
        ann.put("/b", "x".repeat(600));
        machine.with(with(Setting.EVENT_BYTES_MAX, 1_024));
        transacted(ann.transact(delete("/a")));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.transact(put("/c", "x".repeat(600)), delete("/b")));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.transact(put("/b", "x".repeat(600))));
        assertThat(ann.get("/c")).isEmpty();
    }

    @Test
    void whatItsGetsAnswerIsBounded() {
        machine.with(with(Setting.VALUE_BYTES_MAX, 1 << 20));
        ann.put("/a", "x".repeat(600_000));
        ann.put("/b", "x".repeat(600_000));
        transacted(ann.transact(get("/a")));
        assertThat(refused(ErrorCode.RESOURCE_EXHAUSTED, ann.transact(get("/a"), get("/b")))
                        .message())
                .contains("may answer at most 1048576");
    }

    @Test
    void theLimitOfElementsHoldsAsForTheCommandsOfTheirOwn() {
        machine.with(with(Setting.ELEMENTS_MAX, 3));
        transacted(ann.transact(put("/a", "1"), put("/b", "1")));
        refused(ErrorCode.RESOURCE_EXHAUSTED, ann.transact(delete("/a"), put("/c", "1"), put("/d", "1")));
        assertThat(ann.read("/a")).isEqualTo("1");
        transacted(ann.transact(delete("/a"), put("/c", "1")));
    }

    @Test
    void largestTransactionsAreCarriedOut() {
        Operation[] puts = IntStream.range(0, Transaction.OPERATIONS_MAX)
                .mapToObj(i -> put("/" + i, "1"))
                .toArray(Operation[]::new);
        assertThat(transacted(ann.transact(puts)).results()).hasSize(128);
        assertThat(machine.events()).hasSize(128);
    }

    // ---- exactly once

    @Test
    void aTransactionThatIsSentAgainIsAnsweredAgainAndNotCarriedOutAgain() {
        Request request = ann.request(new Transaction("n", List.of(), List.of(put("/a", "1"), get("/a")), List.of()));
        Result first = machine.send(request);
        long revision = machine.revision();
        assertThat(machine.send(request)).isEqualTo(first);
        assertThat(machine.revision()).isEqualTo(revision);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void itsAnswerIsInTheImage() throws IOException {
        Request request = ann.request(new Transaction("n", List.of(), List.of(put("/a", "1"), get("/a")), List.of()));
        Result first = machine.send(request);
        State restored = ImageReader.read(new ByteArrayInputStream(image()));
        machine.plant(state -> state.goOnFrom(restored));
        assertThat(machine.send(request)).isEqualTo(first);
        assertThat(machine.events()).isEmpty();
    }

    @Test
    void theElementsThatItAnswersCountAsKeptAnswers() {
        ann.put("/a", "x".repeat(10_000));
        long before = machine.state().bytes();
        ann.transact(get("/a"));
        assertThat(machine.state().bytes() - before).isBetween(10_000L, 11_000L);
    }

    // ---- feature level

    @Test
    void belowItsFeatureLevelATransactionIsUnsupported() {
        Machine low = new Machine().found(FeatureLevel.TRANSACTIONS - 1);
        Client client = low.open("ann");
        assertThat(refused(ErrorCode.UNSUPPORTED, client.transact(put("/a", "1")))
                        .message())
                .contains("Transaction", "needs feature level 5");
        done(client.raiseLevel(FeatureLevel.TRANSACTIONS));
        transacted(client.transact(put("/a", "1")));
    }

    @Test
    void whatAnOperationOfANewerLevelNeedsIsNeededByTheTransaction() {
        Stream.of(put("/a", "1", Condition.PRESENT, 0), get("/a"))
                .map(operation -> new Transaction("n", List.of(), List.of(operation), List.of()))
                .forEach(transaction ->
                        assertThat(FeatureLevel.neededBy(transaction)).isEqualTo(FeatureLevel.TRANSACTIONS));
    }

    @Test
    void aDeletedSubtreeIsToldAsTheCommandOfItsOwnTellsIt() {
        ann.put("/a/b/c", "1");
        assertThat(deleted(transacted(ann.transact(deleteAll("/a"))).results().get(0))
                        .count())
                .isEqualTo(3);
        assertThat(machine.events())
                .containsExactly("DELETED /a/b/c by ann", "DELETED /a/b by ann", "DELETED /a by ann");
    }

    private byte[] image() throws IOException {
        return image(machine);
    }

    private static byte[] image(Machine of) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ImageWriter.write(of.state(), image);
        return image.toByteArray();
    }
}
