package io.whatnot.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.ElementCommand.Condition;
import io.whatnot.core.model.Transaction.Compare;
import io.whatnot.core.model.Transaction.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a transaction checks by itself: how much it is, and which operations are in conflict. */
class TransactionTest {
    private static Operation put(String path) {
        return put(path, "");
    }

    private static Operation put(String path, String text) {
        return new Operation.Change(
                new ElementCommand.Put("n", AbsolutePath.parse(path), Value.of(text), 0, false, Condition.NONE, 0));
    }

    private static Operation register(String path) {
        return new Operation.Change(new ElementCommand.Register("n", AbsolutePath.parse(path), 0));
    }

    private static Operation unique(String parent) {
        return new Operation.Change(new ElementCommand.RegisterUnique("n", AbsolutePath.parse(parent), Value.NONE, 0));
    }

    private static Operation delete(String path) {
        return new Operation.Change(new ElementCommand.Delete("n", AbsolutePath.parse(path), false, Condition.NONE, 0));
    }

    private static Operation deleteAll(String path) {
        return new Operation.Change(new ElementCommand.Delete("n", AbsolutePath.parse(path), true, Condition.NONE, 0));
    }

    private static Operation get(String path) {
        return new Operation.Get(AbsolutePath.parse(path));
    }

    private static Transaction of(Operation... operations) {
        return new Transaction("n", List.of(), List.of(operations), List.of());
    }

    private static void conflict(String message, Operation... operations) {
        assertThatThrownBy(() -> of(operations))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("are in conflict over");
    }

    // ---- conflicts

    @Test
    void noTwoOfPutRegisterAndDeleteAreAboutOnePath() {
        conflict("operations 1 (put /a) and 2 (put /a) of \"then\" are in conflict over /a", put("/a"), put("/a"));
        conflict("operations 1 (register /a) and 3 (put /a)", register("/a"), get("/a"), put("/a"));
        conflict("operations 1 (put /a) and 2 (delete /a)", put("/a"), delete("/a"));
        conflict("operations 1 (delete /a) and 2 (put /a)", delete("/a"), put("/a"));
        conflict("operations 1 (delete /a) and 2 (delete /a)", delete("/a"), delete("/a"));
        conflict("operations 1 (register /a) and 2 (register /a)", register("/a"), register("/a"));
    }

    @Test
    void nothingIsMadeAtOrBelowWhatIsDeleted() {
        conflict(
                "operations 1 (delete /a) and 2 (put /a/b/c) of \"then\" are in conflict over /a/b/c",
                delete("/a"),
                put("/a/b/c"));
        conflict("operations 1 (put /a/b) and 2 (delete /a and all below it)", put("/a/b"), deleteAll("/a"));
        conflict("operations 1 (register /a/b) and 2 (delete /a)", register("/a/b"), delete("/a"));
        conflict("operations 1 (register a child of /a) and 2 (delete /a)", unique("/a"), delete("/a"));
        conflict(
                "operations 1 (delete /) and 2 (put /x)".replace("delete /", "delete / and all below it"),
                deleteAll("/"),
                put("/x"));
    }

    @Test
    void nothingIsDeletedBelowWhatIsDeletedRecursively() {
        conflict("operations 1 (delete /a/b) and 2 (delete /a and all below it)", delete("/a/b"), deleteAll("/a"));
        conflict(
                "operations 1 (delete /a and all below it) and 2 (delete /a/b and all below it)",
                deleteAll("/a"),
                deleteAll("/a/b"));
    }

    @Test
    void whatIsInNoConflictMayBeAsNearAsItLikes() {
        of(delete("/a/b"), delete("/a"));
        of(deleteAll("/a/b"), delete("/a"));
        of(put("/a"), put("/a/b"), put("/a-b"), put("/ab"));
        of(deleteAll("/a"), put("/a-b"), put("/ab"), delete("/b"));
        of(unique("/a"), unique("/a"), put("/a"));
        of(get("/a"), put("/a"), get("/a"), get("/a"));
    }

    @Test
    void eachListIsForItselfAndItsConflictNamesIt() {
        new Transaction("n", List.of(), List.of(put("/a")), List.of(put("/a")));
        assertThatThrownBy(() -> new Transaction("n", List.of(), List.of(), List.of(put("/a"), delete("/a"))))
                .hasMessageContaining("of \"otherwise\"");
    }

    @Test
    void conflictsAreThoseOfTheRuleWhateverTheOrder() {
        SplittableRandom random = new SplittableRandom(1);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            List<Operation> operations = new ArrayList<>();
            for (int count = 2 + random.nextInt(4); count > 0; count--) {
                operations.add(any(random));
            }
            boolean expected = false;
            for (Operation one : operations) {
                for (Operation other : operations) {
                    expected |= one != other && conflicts(one, other);
                }
            }
            boolean actual = false;
            try {
                of(operations.toArray(Operation[]::new));
            } catch (IllegalArgumentException conflict) {
                actual = true;
                refused++;
            }
            assertThat(actual).as("%s", operations).isEqualTo(expected);
        }
        assertThat(refused).isBetween(2_000, 18_000);
    }

    private static Operation any(SplittableRandom random) {
        StringBuilder path = new StringBuilder();
        for (int depth = 1 + random.nextInt(3); depth > 0; depth--) {
            path.append('/').append("ab".charAt(random.nextInt(2)));
        }
        return switch (random.nextInt(6)) {
            case 0 -> get(path.toString());
            case 1 -> register(path.toString());
            case 2 -> unique(path.toString());
            case 3 -> delete(path.toString());
            case 4 -> deleteAll(path.toString());
            default -> put(path.toString());
        };
    }

    /** The rule as it is written, for two. */
    private static boolean conflicts(Operation one, Operation other) {
        if (!(one instanceof Operation.Change a) || !(other instanceof Operation.Change b)) {
            return false;
        }
        AbsolutePath pathA = a.command().path();
        AbsolutePath pathB = b.command().path();
        boolean exact = !(a.command() instanceof ElementCommand.RegisterUnique)
                && !(b.command() instanceof ElementCommand.RegisterUnique);
        if (exact && pathA.equals(pathB)) {
            return true;
        }
        if (a.command() instanceof ElementCommand.Delete delete && pathB.startsWith(pathA)) {
            return delete.recursive() || !(b.command() instanceof ElementCommand.Delete);
        }
        return false;
    }

    // ---- how much

    @Test
    void atMost128OperationsOfBothListsTogetherAndAsManyCompares() {
        List<Operation> many =
                IntStream.range(0, 128).mapToObj(i -> put("/" + i)).toList();
        new Transaction("n", List.of(), many, List.of());
        new Transaction("n", List.of(), many.subList(0, 64), many.subList(64, 128));
        assertThatThrownBy(() -> new Transaction("n", List.of(), many, List.of(get("/a"))))
                .hasMessage("number of operations is 129, but must be from 0 to 128");
        Compare compare = new Compare.Registered(AbsolutePath.ROOT, true);
        new Transaction("n", Collections.nCopies(128, compare), List.of(), List.of());
        assertThatThrownBy(() -> new Transaction("n", Collections.nCopies(129, compare), List.of(), List.of()))
                .hasMessageContaining("number of compares is 129");
    }

    @Test
    void atMostAMebibyteOfPathsAndValuesWhereverTheyAre() {
        String half = "x".repeat(1 << 19);
        new Transaction("n", List.of(), List.of(put("/a", half)), List.of());
        assertThatThrownBy(() -> new Transaction("n", List.of(), List.of(put("/a", half), put("/b", half)), List.of()))
                .hasMessageContaining("may have at most 1048576");
        assertThatThrownBy(() -> new Transaction("n", List.of(), List.of(put("/a", half)), List.of(put("/b", half))))
                .hasMessageContaining("may have at most 1048576");
        assertThatThrownBy(() -> new Transaction(
                        "n",
                        List.of(new Compare.ValueIs(AbsolutePath.ROOT, Value.of(half))),
                        List.of(put("/b", half)),
                        List.of()))
                .hasMessageContaining("may have at most 1048576");
    }

    @Test
    void aTransactionIsInOneNamespace() {
        assertThatThrownBy(() -> new Transaction("other", List.of(), List.of(put("/a")), List.of()))
                .hasMessageContaining("\"put /a\" is in namespace n, but the transaction in other");
    }

    @Test
    void numbersThatAreComparedAreNotNegativeAndALeaseHasAName() {
        assertThatThrownBy(() -> new Compare.VersionIs(AbsolutePath.ROOT, -1)).hasMessageContaining("version is -1");
        assertThatThrownBy(() -> new Compare.ModRevisionIs(AbsolutePath.ROOT, -1))
                .hasMessageContaining("modRevision is -1");
        assertThatThrownBy(() -> new Compare.Held(new LeaseId(0, 1))).hasMessageContaining("session of a lease is 0");
        assertThatThrownBy(() -> new Compare.Held(new LeaseId(1, 0))).hasMessageContaining("sequence of a lease is 0");
    }
}
