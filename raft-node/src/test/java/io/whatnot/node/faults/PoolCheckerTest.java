package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Pools that give more than they have, or not in line, are objected to, and no others. */
final class PoolCheckerTest {
    private final Losses losses = new Losses();

    private Judgement judged(String... lines) {
        return Judged.of(losses, Judged.NOTHING, lines);
    }

    @Test
    void asManySlotsAsThereAreInEachOfTwoPoolsAreNotObjectedTo() {
        assertThat(judged(
                                "c1 100 b 1 claim /w6/g0 3",
                                "c1 110 g 1 5 3.1 /w6/g0",
                                "c1 120 k 1 ",
                                "c2 100 b 1 claim /w6/g0/b 2",
                                "c2 110 g 1 6 4.1 /w6/g0",
                                "c2 120 k 1 ",
                                "c3 100 b 1 claim /w6/g0/a/x 3",
                                "c3 110 g 1 7 5.1 /w6/g0/a",
                                "c3 120 k 1 ",
                                "c1 200 k 1 ",
                                "c1 210 a 1 released",
                                "c2 205 b 2 claim /w6/g0 3",
                                "c2 220 g 2 8 4.2 /w6/g0",
                                "c2 221 k 2 ",
                                "c2 300 k 1 ",
                                "c2 300 k 2 ",
                                "c3 300 k 1 ")
                        .violations())
                .isEmpty();
    }

    @Test
    void moreSlotsThanThereAreAreFound() {
        assertThat(judged(
                                "c1 100 b 1 claim /w6/g0/a 3",
                                "c1 110 g 1 5 3.1 /w6/g0/a",
                                "c1 120 k 1 ",
                                "c2 100 b 1 claim /w6/g0/a/x 2",
                                "c2 110 g 1 6 4.1 /w6/g0/a",
                                "c2 130 k 1 ",
                                "c1 200 k 1 ",
                                "c2 200 k 1 ")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I8 ");
    }

    private static final String[] PASSED = {
        "c1 100 b 1 claim /w6/g0 3",
        "c1 110 q 1 waits",
        "c2 150 b 1 claim /w6/g0/b 1",
        "c2 210 g 1 8 4.1 /w6/g0",
        "c1 300 g 1 9 3.1 /w6/g0"
    };

    @Test
    void aSmallClaimThatPassesALargeOneIsFoundUnlessTheLineWasLost() {
        assertThat(judged(PASSED).violations()).singleElement().asString().startsWith("I5 ");
        losses.add(120, 140);
        assertThat(judged(PASSED).violations()).isEmpty();
    }

    @Test
    void anotherPoolHasALineOfItsOwn() {
        String[] lines = PASSED.clone();
        lines[3] = "c2 210 g 1 8 4.1 /w6/g0/a";
        assertThat(judged(lines).violations()).isEmpty();
    }
}
