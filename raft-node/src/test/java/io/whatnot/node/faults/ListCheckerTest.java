package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Transactions that can't be put in order are objected to, and no others. */
final class ListCheckerTest {
    private static final String ROUND = "/w2/g0/r1";

    private final Losses losses = new Losses();
    private Map<String, String> lists = Map.of();

    private Judgement judged(String... lines) {
        return Judged.of(losses, new Judgement.There(Map.of(), Set.of(), lists, 0), lines);
    }

    @Test
    void appendsAndReadingsThatCanBePutInOrderAreNotObjectedTo() {
        lists = Map.of(ROUND + "/k0", "a;b", ROUND + "/k1", "a;c");
        assertThat(judged(
                                "c1 100 b 1 transact " + ROUND + " a k0 k1",
                                "c2 110 b 1 transact " + ROUND + " b k0 k1",
                                "c2 150 a 1 saw k0:a k1:a",
                                "c1 160 a 1 appended k0:a k1:a",
                                "c2 200 b 2 transact " + ROUND + " b2 k0",
                                "c2 210 a 2 not UNAVAILABLE",
                                "c1 200 b 2 transact " + ROUND + " b k0",
                                "c1 210 a 2 unknown TIMEOUT",
                                "c2 300 b 3 transact " + ROUND + " c k1",
                                "c2 310 a 3 appended k1:a;c k0:a",
                                "c1 320 b 3 transact " + ROUND + " -",
                                "c1 330 a 3 saw k0:a;b k1:a;c")
                        .violations())
                .isEmpty();
    }

    @Test
    void anAppendThatWritesOverAnotherIsFound() {
        lists = Map.of(ROUND + "/k0", "a;c");
        assertThat(judged(
                                "c1 100 b 1 transact " + ROUND + " a k0",
                                "c1 160 a 1 appended k0:a",
                                "c1 200 b 2 transact " + ROUND + " b k0",
                                "c2 200 b 1 transact " + ROUND + " c k0",
                                "c1 260 a 2 appended k0:a;b",
                                "c2 260 a 1 appended k0:a;c")
                        .violations())
                .anySatisfy(words -> assertThat(words).startsWith("I1 ").contains("though k0 was"));
    }

    @Test
    void twoWhoEachDoNotSeeWhatTheOtherWroteAreFound() {
        lists = Map.of(ROUND + "/k0", "a", ROUND + "/k1", "b");
        assertThat(judged(
                                "c1 100 b 1 transact " + ROUND + " a k0",
                                "c2 100 b 1 transact " + ROUND + " b k1",
                                "c1 160 a 1 appended k0:a k1:",
                                "c2 160 a 1 appended k1:b k0:")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1 ")
                .contains("each came before the next")
                .contains("c1#1")
                .contains("c2#1");
    }

    @Test
    void aReadingThatDoesNotSeeWhatWasAnsweredBeforeItBeganIsFound() {
        lists = Map.of(ROUND + "/k0", "a");
        assertThat(judged(
                                "c1 100 b 1 transact " + ROUND + " a k0",
                                "c1 160 a 1 appended k0:a",
                                "c2 170 b 1 transact " + ROUND + " -",
                                "c2 180 a 1 saw k0:")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1 ")
                .contains("each came before the next");
    }

    @Test
    void halfOfATransactionIsFoundAlsoWhenNobodyWasToldOfIt() {
        lists = Map.of(ROUND + "/k0", "a", ROUND + "/k1", "");
        assertThat(judged(
                                "c1 100 b 1 transact " + ROUND + " a k0 k1",
                                "c2 170 b 1 transact " + ROUND + " -",
                                "c2 180 a 1 saw k0:a k1:")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1 ");
    }

    @Test
    void anAppendThatWasRefusedOrIsThereTwiceIsFound() {
        lists = Map.of(ROUND + "/k0", "a");
        assertThat(judged(
                                "c1 100 b 1 transact " + ROUND + " a k0",
                                "c1 160 a 1 not UNAVAILABLE",
                                "c2 170 b 1 transact " + ROUND + " -",
                                "c2 180 a 1 saw k0:a")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1 ");
        lists = Map.of(ROUND + "/k0", "a;a");
        assertThat(judged(
                                "c1 100 b 1 transact " + ROUND + " a k0",
                                "c2 170 b 1 transact " + ROUND + " -",
                                "c2 180 a 1 saw k0:a;a")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1 ");
    }

    @Test
    void anAcknowledgedAppendThatIsNotThereInTheEndIsFoundUnlessTheClusterSaidThatItForgot() {
        String[] lines = {"c1 100 b 1 transact " + ROUND + " a k0", "c1 160 a 1 appended k0:a"};
        assertThat(judged(lines).violations()).singleElement().asString().startsWith("I18 ");
        losses.add(150, 300);
        assertThat(judged(lines).violations()).isEmpty();
    }
}
