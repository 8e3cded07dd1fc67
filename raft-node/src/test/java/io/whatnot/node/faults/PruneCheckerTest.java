package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The checker of pruning objects to histories in which a guarantee is broken, and to no others. The policy says 1.5 s. */
final class PruneCheckerTest {
    private static final String TREE = "/w10/g0/r1/a";
    private static final String BELOW = TREE + "/b";
    private static final String KEPT = "/w10/g0/kept/1";

    private final Losses losses = new Losses();
    private final List<String> violations = new ArrayList<>();
    private final PruneChecker checker = new PruneChecker(losses, (rule, words) -> violations.add(rule + ": " + words));

    /** What clients wrote down, each line with its client before it, and milliseconds instead of nanoseconds. */
    private List<String> judged(String... lines) {
        for (String text : lines) {
            String[] parts = text.split(" ", 3);
            Line line = Line.parse(parts[0], TimeUnit.MILLISECONDS.toNanos(Long.parseLong(parts[1])) + " " + parts[2]);
            switch (line.kind()) {
                case 'b' -> checker.begin(line);
                case 'a' -> checker.answer(line);
                default -> checker.proven(line);
            }
        }
        checker.conclude();
        return violations;
    }

    private void assertFound(String rule) {
        assertThat(violations).singleElement().asString().startsWith("W10 " + rule);
    }

    private void assertGoneTooSoon() {
        assertFound("nothing is pruned before its time");
    }

    // ---- not before its time

    @Test
    void whatGoesAfterItsTimeAndIsRegisteredAnewIsNotObjectedTo() {
        assertThat(judged(
                        "c1 1000 b 1 set " + TREE,
                        "c1 1010 a 1 set 1",
                        "c2 2000 b 1 touch " + TREE,
                        "c2 2010 a 1 touched",
                        "c1 3000 b 2 seek " + TREE,
                        "c1 3010 a 2 found 1008",
                        "c1 3480 b 3 seek " + TREE,
                        "c1 3500 a 3 absent",
                        "c2 3500 b 2 touch " + TREE,
                        "c2 3510 a 2 absent",
                        "c1 3600 b 4 set " + TREE,
                        "c1 3610 a 4 set 1",
                        "c2 3700 b 3 seek " + TREE,
                        "c2 3710 a 3 found 100"))
                .isEmpty();
        assertThat(checker.summary()).startsWith("7 answers").contains("2 times gone, 2 times registered");
    }

    @Test
    void anElementThatIsGoneTooSoonAfterItWasPutIsFound() {
        judged("c1 1000 b 1 set " + TREE, "c1 1010 a 1 set 1", "c2 2000 b 1 seek " + TREE, "c2 2490 a 1 absent");
        assertGoneTooSoon();
    }

    @Test
    void anElementThatIsGoneTooSoonAfterItWasTouchedIsFound() {
        judged(
                "c1 1000 b 1 set " + TREE,
                "c1 1010 a 1 set 1",
                "c1 2000 b 2 touch " + TREE,
                "c1 2010 a 2 touched",
                "c2 3000 b 1 touch " + TREE,
                "c2 3010 a 1 absent");
        assertGoneTooSoon();
    }

    @Test
    void anElementThatIsRegisteredAnewTooSoonIsFound() {
        judged("c1 1000 b 1 set " + TREE, "c1 1010 a 1 set 1", "c2 2000 b 1 set " + TREE, "c2 2010 a 1 set 1");
        assertGoneTooSoon();
    }

    @Test
    void whoHasToDoWithAnElementHasToDoWithWhatItLiesBelow() {
        judged(
                "c1 1000 b 1 set " + BELOW,
                "c1 1010 a 1 set 1",
                "c1 2000 b 2 touch " + BELOW,
                "c1 2010 a 2 touched",
                "c2 3000 b 1 seek " + TREE,
                "c2 3010 a 1 absent");
        assertGoneTooSoon();
    }

    @Test
    void whoHasToDoWithAnElementHasNothingToDoWithWhatIsBelow() {
        assertThat(judged(
                        "c1 1000 b 1 set " + BELOW,
                        "c1 1010 a 1 set 1",
                        "c1 2000 b 2 touch " + TREE,
                        "c1 2010 a 2 touched",
                        "c2 2600 b 1 seek " + BELOW,
                        "c2 2610 a 1 absent"))
                .isEmpty();
    }

    @Test
    void whatNobodyIsToldOfMayNotHaveHappenedAndReadsDoNotCount() {
        assertThat(judged(
                        "c1 1000 b 1 set " + TREE,
                        "c1 1010 a 1 set 1",
                        "c1 2000 b 2 touch " + TREE,
                        "c1 2010 a 2 unknown TIMEOUT",
                        "c2 2100 b 1 seek " + TREE,
                        "c2 2110 a 1 found 1100",
                        "c2 2600 b 2 seek " + TREE,
                        "c2 2610 a 2 absent"))
                .isEmpty();
    }

    @Test
    void whatAsksWhileItIsBeingTouchedMayComeBefore() {
        assertThat(judged(
                        "c1 1000 b 1 set " + TREE,
                        "c1 1010 a 1 set 1",
                        "c1 2500 b 2 set " + TREE,
                        "c2 2600 b 1 seek " + TREE,
                        "c2 2610 a 1 absent",
                        "c1 2620 a 2 set 1"))
                .isEmpty();
    }

    // ---- what is protected

    @Test
    void anElementThatIsGoneWhileItIsLockedIsFound() {
        judged(
                "c1 1000 b 1 set " + TREE,
                "c1 1010 a 1 set 1",
                "c1 2000 b 2 guard " + TREE + " E",
                "c1 2020 k 2 ",
                "c1 5000 k 2 ",
                "c2 4000 b 1 seek " + TREE,
                "c2 4010 a 1 absent");
        assertGoneTooSoon();
    }

    @Test
    void anElementThatIsGoneTooSoonAfterItWasLockedIsFound() {
        judged(
                "c1 1000 b 1 set " + BELOW,
                "c1 1010 a 1 set 1",
                "c1 2000 b 2 guard " + TREE + " P",
                "c1 2020 k 2 ",
                "c1 5000 k 2 ",
                "c1 5010 a 2 released",
                "c2 6000 b 1 seek " + BELOW,
                "c2 6010 a 1 absent");
        assertGoneTooSoon();
    }

    @Test
    void anElementThatWasSeenUnderALockIsProtectedByIt() {
        judged(
                "c1 2000 b 2 guard " + BELOW + " E",
                "c1 2020 k 2 ",
                "c2 3000 b 1 seek " + BELOW,
                "c2 3010 a 1 found 980",
                "c1 6000 k 2 ",
                "c2 5990 b 2 seek " + TREE,
                "c2 6010 a 2 absent");
        assertGoneTooSoon();
    }

    @Test
    void aLockOfAnElementDoesNotProtectWhatIsBelow() {
        assertThat(judged(
                        "c1 1000 b 1 set " + BELOW,
                        "c1 1010 a 1 set 1",
                        "c1 2000 b 2 guard " + TREE + " E",
                        "c1 2020 k 2 ",
                        "c1 5000 k 2 ",
                        "c2 2600 b 1 seek " + BELOW,
                        "c2 2610 a 1 absent"))
                .isEmpty();
    }

    @Test
    void aLockProtectsNothingThatMayHaveBeenGoneBefore() {
        assertThat(judged(
                        "c1 1000 b 1 set " + TREE,
                        "c1 1010 a 1 set 1",
                        "c1 2600 b 2 guard " + TREE + " E",
                        "c1 2620 k 2 ",
                        "c1 5000 k 2 ",
                        "c2 4000 b 1 seek " + TREE,
                        "c2 4010 a 1 absent"))
                .isEmpty();
    }

    @Test
    void aRetainedValueThatIsEverGoneIsFound() {
        judged("c1 1000 b 1 set " + KEPT, "c1 1010 a 1 set 1", "c2 900000 b 1 seek " + KEPT, "c2 900010 a 1 absent");
        assertGoneTooSoon();
    }

    @Test
    void whatWasWrittenBeforeTheMemoryWasLostIsNotCountedOn() {
        losses.add(TimeUnit.MILLISECONDS.toNanos(1_500), TimeUnit.MILLISECONDS.toNanos(9_000));
        assertThat(judged(
                        "c1 1000 b 1 set " + KEPT,
                        "c1 1010 a 1 set 1",
                        "c2 2000 b 1 seek " + KEPT,
                        "c2 2010 a 1 absent",
                        "c2 2020 b 2 seek " + TREE,
                        "c2 2030 a 2 found -1"))
                .isEmpty();
    }

    // ---- what is told

    @Test
    void anElementThatIsSaidToBeIdleForLongerThanItWasIsFound() {
        judged(
                "c1 1000 b 1 set " + TREE,
                "c1 1010 a 1 set 1",
                "c1 2000 b 2 touch " + TREE,
                "c1 2010 a 2 touched",
                "c2 2400 b 1 seek " + TREE,
                "c2 2500 a 1 found 502");
        assertFound("nothing is said to be idle for longer");
    }

    @Test
    void anElementForWhichNoPolicyIsInForceIsFound() {
        judged("c2 2400 b 1 seek " + TREE, "c2 2500 a 1 found -1");
        assertFound("the policy that was set is in force");
    }

    // ---- anew

    @Test
    void whatIsSaidToBeThereThoughItWasGoneIsFound() {
        judged("c1 1000 b 1 seek " + TREE, "c1 1010 a 1 absent", "c2 1100 b 1 set " + TREE, "c2 1110 a 1 present");
        assertFound("what is gone is not there");
    }

    @Test
    void whatIsRegisteredAnewWithAVersionAsIfItHadNotBeenGoneIsFound() {
        judged("c1 1000 b 1 touch " + TREE, "c1 1010 a 1 absent", "c2 1100 b 1 set " + TREE, "c2 1110 a 1 set 4");
        assertFound("what is gone is not there");
    }

    @Test
    void whatWasReadAfterItWasGoneIsFound() {
        judged(
                "c1 900 b 1 set " + TREE,
                "c1 910 a 1 set 1",
                "c1 2500 b 2 seek " + TREE,
                "c1 2510 a 2 absent",
                "c2 2520 b 1 seek " + TREE,
                "c2 2530 a 1 found 1600");
        assertFound("what is gone is not there");
    }

    @Test
    void somebodyWhoWasNotToldMayHaveRegisteredItOrWhatIsBelow() {
        assertThat(judged(
                        "c1 1000 b 1 seek " + TREE,
                        "c1 1010 a 1 absent",
                        "c1 1020 b 2 set " + BELOW,
                        "c2 1030 b 1 set " + TREE,
                        "c2 1040 a 1 set 2"))
                .isEmpty();
    }
}
