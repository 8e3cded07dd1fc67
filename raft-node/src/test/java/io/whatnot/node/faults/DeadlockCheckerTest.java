package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Deadlocks that were not cut, and those that were told though there were none, are objected to, and nothing else. */
final class DeadlockCheckerTest {
    private static final long SECOND = 1_000_000_000L;

    private final Losses losses = new Losses();

    private Judgement judged(String... lines) {
        return Judged.of(losses, Judged.NOTHING, lines);
    }

    /** One has a and waits for b, the other has b and waits for a; what becomes of the one who was in line last? */
    private String[] crossed(String end) {
        return new String[] {
            "c1 100 b 1 storm Ex/w5/a one",
            "c1 110 g 1 5 3.1",
            "c1 120 k 1 ",
            "c2 100 b 1 storm Px/w5/b two",
            "c2 110 g 1 6 4.1",
            "c2 120 k 1 ",
            "c1 200 b 2 storm Ex/w5/b one",
            "c1 210 q 2 waits",
            "c2 220 b 2 storm Ex/w5/a two",
            "c2 230 q 2 waits",
            "c2 " + 4 * SECOND + " a 2 " + end,
            "c2 " + (4 * SECOND + 10) + " k 1 ",
            "c2 " + (4 * SECOND + 20) + " a 1 released",
            "c1 " + (4 * SECOND + 30) + " g 2 9 3.2",
            "c1 " + (4 * SECOND + 40) + " k 1 ",
            "c1 " + (4 * SECOND + 50) + " a 2 released",
            "c1 " + (4 * SECOND + 60) + " a 1 released"
        };
    }

    @Test
    void oneThatIsToldIsNotObjectedTo() {
        assertThat(judged(crossed("not DEADLOCK 2 two Ex/w5/a one Ex/w5/a one Ex/w5/b two Px/w5/b"))
                        .violations())
                .isEmpty();
    }

    @Test
    void oneThatStandsUntilSomebodyGivesUpIsFound() {
        assertThat(judged(crossed("not LOCK_TIMEOUT")).violations())
                .singleElement()
                .asString()
                .startsWith("I7 no deadlock is missed")
                .contains("c1#2")
                .contains("c2#2");
    }

    @Test
    void whoWasNotAnsweredMayHaveBeenToldAndWhoseLineWasLostDoesNotWait() {
        assertThat(judged(crossed("unknown TIMEOUT")).violations()).isEmpty();
        losses.add(205, 215);
        assertThat(judged(crossed("not LOCK_TIMEOUT")).violations()).isEmpty();
    }

    @Test
    void whoWaitsForSomebodyWhoWaitsForNobodyIsInNoDeadlock() {
        assertThat(judged(
                                "c1 100 b 1 storm Ex/w5/a one",
                                "c1 110 g 1 5 3.1",
                                "c1 120 k 1 ",
                                "c2 200 b 1 storm Ex/w5/a two",
                                "c2 210 q 1 waits",
                                "c1 " + 5 * SECOND + " k 1 ",
                                "c2 " + 4 * SECOND + " a 1 not LOCK_TIMEOUT")
                        .violations())
                .isEmpty();
    }

    @Test
    void oneThatIsToldOfWhoAskedForNothingOrHadLetGoIsFound() {
        assertThat(judged(crossed("not DEADLOCK 2 two Ex/w5/a six Ex/w5/a six Ex/w5/b two Px/w5/b"))
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I7 no deadlock is false");
        assertThat(judged(
                                "c1 100 b 1 storm Ex/w5/a one",
                                "c1 110 g 1 5 3.1",
                                "c1 120 a 1 released",
                                "c1 130 b 2 storm Ex/w5/b one",
                                "c2 130 b 1 storm Ex/w5/b two",
                                "c2 140 g 1 6 4.1",
                                "c2 150 b 2 storm Ex/w5/a two",
                                "c2 160 a 2 not DEADLOCK 2 two Ex/w5/a one Ex/w5/a one Ex/w5/b two Ex/w5/b")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I7 no deadlock is false");
    }

    @Test
    void oneWhoseEndsDoNotMeetIsFound() {
        assertThat(judged(crossed("not DEADLOCK 2 two Ex/w5/a one Ex/w5/a one Ex/w5/b one Ex/w5/a"))
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I7 no deadlock is false");
    }

    @Test
    void leasesOfAStormMustNotOverlapEither() {
        assertThat(judged(
                                "c1 100 b 1 storm Px/w5/a one",
                                "c1 110 g 1 5 3.1",
                                "c1 120 k 1 ",
                                "c2 150 b 1 storm Ex/w5/a/x two",
                                "c2 210 g 1 6 4.1",
                                "c2 220 k 1 ",
                                "c1 230 k 1 ")
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I2 ");
    }
}
