package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The checkers object to histories in which a guarantee is broken, and to no others. */
final class JudgementTest {
    private static final String KEY = "/w1/g0/r1/k0";

    private final Losses losses = new Losses();
    private Judgement judgement = new Judgement(losses);
    private Map<String, RegisterChecker.Listed> registers = Map.of();
    private Set<String> names = Set.of();
    private long generation;

    private Judgement judged(String... lines) {
        judgement = Judged.of(losses, new Judgement.There(registers, names, Map.of(), generation), lines);
        return judgement;
    }

    // ---- registers

    @Test
    void whatCanBePutInOrderIsNotObjectedTo() {
        registers = Map.of(KEY, new RegisterChecker.Listed("b", 2, 9));
        assertThat(judged(
                                "c1 100 b 1 put " + KEY + " a -",
                                "c2 150 b 1 get " + KEY,
                                "c1 200 a 1 ok 7 1",
                                "c2 250 a 1 found a 1 7",
                                "c2 260 b 2 put " + KEY + " b =1",
                                "c1 270 b 2 put " + KEY + " c =1",
                                "c1 280 a 2 present 2 9",
                                "c2 290 a 2 ok 9 2")
                        .violations())
                .isEmpty();
        assertThat(judgement.operations()).isEqualTo(4);
        assertThat(judgement.unknownPercent()).isZero();
    }

    @Test
    void aReadOfWhatWasWrittenOverIsFound() {
        registers = Map.of(KEY, new RegisterChecker.Listed("b", 2, 9));
        assertThat(judged(
                                "c1 100 b 1 put " + KEY + " a -",
                                "c1 200 a 1 ok 7 1",
                                "c1 300 b 2 put " + KEY + " b -",
                                "c1 400 a 2 ok 9 2",
                                "c2 500 b 1 get " + KEY,
                                "c2 600 a 1 found a 1 7")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1 ");
    }

    @Test
    void aCompareAndPutThatPassedThoughAnotherHadIsFound() {
        registers = Map.of(KEY, new RegisterChecker.Listed("c", 2, 10));
        assertThat(judged(
                                "c1 100 b 1 put " + KEY + " a -",
                                "c1 200 a 1 ok 7 1",
                                "c1 300 b 2 put " + KEY + " b =1",
                                "c2 300 b 1 put " + KEY + " c =1",
                                "c1 400 a 2 ok 9 2",
                                "c2 400 a 1 ok 10 2")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1 ");
    }

    @Test
    void whatNobodyWasToldOfMayHaveHappenedOrNot() {
        assertThat(judged("c1 100 b 1 put " + KEY + " a -", "c2 500 b 1 get " + KEY, "c2 600 a 1 absent")
                        .violations())
                .isEmpty();
        assertThat(judgement.unknownPercent()).isEqualTo(50);
    }

    @Test
    void whatNobodyWasToldOfAndSomebodyReadHasHappened() {
        registers = Map.of(KEY, new RegisterChecker.Listed("a", 1, 7));
        assertThat(judged(
                                "c1 100 b 1 put " + KEY + " a -",
                                "c1 200 a 1 unknown TIMEOUT",
                                "c2 500 b 1 get " + KEY,
                                "c2 600 a 1 found a 1 7",
                                "c2 700 b 2 get " + KEY,
                                "c2 800 a 2 absent")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1 ");
    }

    @Test
    void anAcknowledgedWriteThatIsNotThereInTheEndIsFound() {
        assertThat(judged("c1 100 b 1 put " + KEY + " a -", "c1 200 a 1 ok 7 1").violations())
                .singleElement()
                .asString()
                .startsWith("I18 ")
                .contains("was a at 7");
    }

    @Test
    void anOlderValueThanTheAcknowledgedOneInTheEndIsFound() {
        registers = Map.of(KEY, new RegisterChecker.Listed("a", 1, 7));
        assertThat(judged(
                                "c1 100 b 1 put " + KEY + " a -",
                                "c1 200 a 1 ok 7 1",
                                "c1 300 b 2 put " + KEY + " b -",
                                "c1 400 a 2 ok 9 2")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I18 ");
    }

    @Test
    void aLossIsExcusedOnlyIfTheClusterSaidSo() {
        losses.add(250, 400);
        generation = 1;
        assertThat(judged(
                                "c1 100 b 1 put " + KEY + " a -",
                                "c1 200 a 1 ok 7 1",
                                "c1 500 b 2 get " + KEY,
                                "c1 600 a 2 absent",
                                "c1 700 b 3 put /w1/g1/r1/k0 b -",
                                "c1 800 a 3 ok 17592186044417 1")
                        .violations())
                .as("in the second generation nothing was lost yet")
                .singleElement()
                .asString()
                .startsWith("I18 ")
                .contains("/w1/g1/");
    }

    // ---- leases

    @Test
    void leasesOneAfterAnotherAndSharedOnesAtOnceAreNotObjectedTo() {
        assertThat(judged(
                                "c1 100 b 1 lease Ex/w4/a",
                                "c1 110 g 1 5 3.1",
                                "c1 120 k 1 ",
                                "c1 200 k 1 ",
                                "c2 150 b 1 lease Px/w4",
                                "c2 160 q 1 waits",
                                "c2 210 g 1 6 4.1",
                                "c2 220 k 1 ",
                                "c2 300 k 1 ",
                                "c1 400 b 2 lease Es/w4/a",
                                "c1 410 g 2 7 3.2",
                                "c1 420 k 2 ",
                                "c2 400 b 2 lease Es/w4/a",
                                "c2 410 g 2 8 4.2",
                                "c2 420 k 2 ",
                                "c1 500 k 2 ",
                                "c2 500 k 2 ")
                        .violations())
                .isEmpty();
    }

    @Test
    void twoLeasesThatAreProvenAtOnceAreFound() {
        assertThat(judged(
                                "c1 100 b 1 lease Ex/w4/a/x",
                                "c1 110 g 1 5 3.1",
                                "c1 120 k 1 ",
                                "c2 150 b 1 lease Px/w4/a",
                                "c2 210 g 1 6 4.1",
                                "c2 220 k 1 ",
                                "c1 230 k 1 ",
                                "c2 300 k 1 ")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I2 ");
    }

    @Test
    void aChangeOfWhatAnotherHeldAllTheTimeIsFound() {
        assertThat(judged(
                                "c1 100 b 1 lease Px/w4/a",
                                "c1 110 g 1 5 3.1",
                                "c1 120 k 1 ",
                                "c2 150 b 1 poke /w4/a/x",
                                "c2 210 a 1 ok 6 1",
                                "c1 230 k 1 ",
                                "c2 240 b 2 poke /w4/a/x",
                                "c2 250 a 2 ok 7 2")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I3 ")
                .contains("c2#1 ");
    }

    @Test
    void aChangeUnderALeaseThatAnotherHadTakenOverIsFound() {
        assertThat(judged(
                                "c1 100 b 1 lease Ex/w4/a",
                                "c1 110 g 1 5 3.1",
                                "c2 150 b 1 lease Ex/w4/a",
                                "c2 210 g 1 8 4.1",
                                "c1 300 b 2 under /w4/a 1",
                                "c1 310 a 2 ok 9 1")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I3 ");
    }

    @Test
    void aTokenThatDoesNotGrowIsFound() {
        assertThat(judged(
                                "c1 100 b 1 lease Ex/w4/a",
                                "c1 110 g 1 8 3.1",
                                "c1 120 k 1 ",
                                "c2 150 b 1 lease Ex/w4/a",
                                "c2 210 g 1 8 4.1",
                                "c2 220 k 1 ")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I4 ");
    }

    private static final String[] PASSED = {
        "c1 100 b 1 lease Px/w4/a",
        "c1 110 q 1 waits",
        "c2 150 b 1 lease Ex/w4/a/x",
        "c2 210 g 1 8 4.1",
        "c1 300 g 1 9 3.1"
    };

    @Test
    void passingSomebodyInLineIsFound() {
        assertThat(judged(PASSED).violations()).singleElement().asString().startsWith("I5 ");
    }

    @Test
    void whoseLineWasLostWithTheMemoryMayBePassed() {
        losses.add(120, 140);
        assertThat(judged(PASSED).violations()).isEmpty();
    }

    // ---- watches

    @Test
    void anAcknowledgedChangeThatAWatchWasNotToldOfIsFound() {
        registers = Map.of(KEY, new RegisterChecker.Listed("b", 2, 9));
        assertThat(judged(
                                "c1 50 b 9 watch",
                                "c1 60 w 9 initial 3",
                                "c1 100 b 1 put " + KEY + " a -",
                                "c1 200 a 1 ok 7 1",
                                "c1 300 b 2 put " + KEY + " b -",
                                "c1 400 a 2 ok 9 2",
                                "c1 500 w 9 event 9 " + KEY + " 2")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I9 ")
                .contains("at 7");
    }

    @Test
    void aGapThatAWatchWasToldOfIsNone() {
        registers = Map.of(KEY, new RegisterChecker.Listed("b", 2, 9));
        assertThat(judged(
                                "c1 50 b 9 watch",
                                "c1 60 w 9 initial 3",
                                "c1 100 b 1 put " + KEY + " a -",
                                "c1 200 a 1 ok 7 1",
                                "c1 240 w 9 resynced 3 8",
                                "c1 250 w 9 initial 8",
                                "c1 300 b 2 put " + KEY + " b -",
                                "c1 400 a 2 ok 9 2",
                                "c1 500 w 9 event 9 " + KEY + " 2")
                        .violations())
                .isEmpty();
    }

    @Test
    void eventsOutOfOrderAreFound() {
        assertThat(judged(
                                "c1 50 b 9 watch",
                                "c1 60 w 9 initial 3",
                                "c1 500 w 9 event 9 " + KEY + " 2",
                                "c1 500 w 9 event 8 " + KEY + " 1")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I9 ");
    }

    @Test
    void whatAClientSawItselfCounts() {
        assertThat(judged("c1 50 v 0 I10 a mirror is what is there: it is not").violations())
                .singleElement()
                .asString()
                .contains("I10");
        assertThat(judgement.violationCount()).isEqualTo(1);
    }

    // ---- names

    @Test
    void aNameThatIsGivenTwiceOrBehindALaterOneIsFound() {
        names = Set.of("/w8u/g0/005-0", "/w8u/g0/004-0");
        assertThat(judged(
                                "c1 50 b 1 unique /w8u/g0",
                                "c1 60 a 1 ok 005-0",
                                "c1 70 b 2 unique /w8u/g0",
                                "c1 80 a 2 ok 004-0",
                                "c2 55 b 1 unique /w8u/g0",
                                "c2 65 a 1 ok 005-0")
                        .violations())
                .hasSize(2)
                .anySatisfy(words -> assertThat(words).startsWith("W8 names are unique"))
                .anySatisfy(words -> assertThat(words).startsWith("W8 names grow"));
    }

    @Test
    void aNameThatIsNotThereInTheEndIsFound() {
        assertThat(judged("c1 50 b 1 unique /w8u/g0", "c1 60 a 1 ok 005-0").violations())
                .singleElement()
                .asString()
                .startsWith("I18 ");
    }
}
