package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The checker of rates objects to histories in which a guarantee is broken, and to no others. On a path ten are let in at
 * once and fifty a second.
 */
final class RateCheckerTest {
    private final Losses losses = new Losses();
    private final Leaders leaders = new Leaders();
    private final List<String> violations = new ArrayList<>();
    private final RateChecker checker =
            new RateChecker(losses, leaders, (rule, words) -> violations.add(rule + ": " + words));
    private int requests;

    /** A lease on a path by a session, asked for and granted at those times in milliseconds. */
    private void granted(String path, long session, long begin, long end) {
        int id = ++requests;
        checker.begin(line(begin + " b " + id + " rated /w11/g0/" + path));
        checker.answer(line(end + " a " + id + " ok " + session));
    }

    /** Leases on paths and of sessions that nobody else asks for, so many, at the same time each. */
    private void granted(int count, long begin, long end) {
        IntStream.range(0, count).forEach(i -> granted("p" + requests, 1_000 + requests, begin, end));
    }

    private static Line line(String text) {
        String[] parts = text.split(" ", 2);
        return Line.parse("c1", TimeUnit.MILLISECONDS.toNanos(Long.parseLong(parts[0])) + " " + parts[1]);
    }

    private void termsAre(long... terms) {
        for (int second = 0; second < terms.length; second++) {
            leaders.led(TimeUnit.SECONDS.toNanos(second), terms[second]);
            leaders.known(TimeUnit.SECONDS.toNanos(second), terms[second]);
        }
    }

    private List<String> judged() {
        checker.conclude();
        return violations;
    }

    private void assertTooMany(String bucket) {
        assertThat(judged())
                .singleElement()
                .asString()
                .startsWith("W11 no more is let in than the rate allows")
                .contains(bucket);
    }

    // ---- how many

    @Test
    void whatABurstAndTheRateMakeIsNotObjectedTo() {
        termsAre(1, 1, 1, 1);
        IntStream.range(0, 10).forEach(i -> granted("p", i, 100, 101));
        IntStream.range(1, 100).forEach(i -> granted("p", 100 + i, 100 + 20L * i, 101 + 20L * i));
        assertThat(judged()).isEmpty();
        assertThat(checker.summary())
                .startsWith("109 leases")
                .contains("PATH=9")
                .doesNotContain("not judged");
    }

    @Test
    void oneMoreThanABurstOnAPathIsFound() {
        termsAre(1, 1, 1);
        IntStream.range(0, 11).forEach(i -> granted("p", i, 100, 110));
        assertTooMany("PATH");
    }

    @Test
    void oneMoreThanABurstOfASessionIsFound() {
        termsAre(1, 1, 1);
        IntStream.range(0, 21).forEach(i -> granted("p" + i, 7, 100, 109));
        assertTooMany("SESSION");
    }

    @Test
    void oneMoreThanABurstOfANameIsFoundWhoeverItsSessionsAre() {
        termsAre(1, 1, 1);
        granted(26, 100, 107);
        assertTooMany("IDENTITY");
    }

    @Test
    void aRateThatIsALittleTooHighIsFoundAfterAWhile() {
        termsAre(1, 1, 1, 1, 1, 1);
        IntStream.range(0, 200).forEach(i -> granted("p", i, 100 + 18L * i, 101 + 18L * i));
        assertTooMany("PATH");
    }

    @Test
    void aStretchIsFoundAmongOthersInWhichLittleHappens() {
        termsAre(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        granted("p", 0, 10, 9_000);
        IntStream.range(0, 30).forEach(i -> granted("p", i, 100L * i, 100L * i + 50));
        IntStream.range(0, 12).forEach(i -> granted("p", i, 5_000 + i, 5_010 + i));
        IntStream.range(0, 30).forEach(i -> granted("p", i, 6_000 + 100L * i, 6_050 + 100L * i));
        assertTooMany("PATH");
    }

    @Test
    void whoTookLongMayHaveBeenLetInEarlierOrLater() {
        termsAre(1, 1, 1);
        IntStream.range(0, 6).forEach(i -> granted("p", i, 10, 1_000));
        IntStream.range(6, 12).forEach(i -> granted("p", i, 990, 1_000));
        assertThat(judged()).isEmpty();
    }

    // ---- leaders

    @Test
    void aLeaderThatMayHaveComeMeanwhileHasABurstOfItsOwn() {
        termsAre(1, 1, 2, 2);
        IntStream.range(0, 20).forEach(i -> granted("p", i, 1_500, 1_510));
        assertThat(judged()).isEmpty();
    }

    @Test
    void aLeaderThatCameBeforeHasNone() {
        termsAre(1, 2, 2, 2);
        IntStream.range(0, 20).forEach(i -> granted("p", i, 1_500, 1_510));
        assertTooMany("PATH");
    }

    @Test
    void whatComesBeforeItIsKnownWhoElseCanHaveLedIsLeftAlone() {
        termsAre(1, 1);
        IntStream.range(0, 20).forEach(i -> granted("p", i, 1_500, 1_510));
        assertThat(judged()).isEmpty();
        assertThat(checker.summary()).contains("not judged");
    }

    @Test
    void aClusterThatHasLostItsMemoryKnowsNoRates() {
        termsAre(1, 1, 1);
        losses.add(TimeUnit.MILLISECONDS.toNanos(50), TimeUnit.SECONDS.toNanos(2));
        IntStream.range(0, 20).forEach(i -> granted("p", i, 100, 110));
        assertThat(judged()).isEmpty();
    }

    // ---- who is refused

    @Test
    void whoIsRefusedAndHearsNotOrMuchTooLateWhenToAskAgainIsFound() {
        checker.begin(line("10 b 1 rated /w11/g0/p"));
        checker.answer(line("20 a 1 limited 20"));
        assertThat(judged()).isEmpty();
        checker.begin(line("30 b 2 rated /w11/g0/p"));
        checker.answer(line("40 a 2 limited 0"));
        checker.begin(line("50 b 3 rated /w11/g0/p"));
        checker.answer(line("60 a 3 limited 21"));
        assertThat(judged()).hasSize(2).allMatch(words -> words.startsWith("W11 who is refused hears when"));
        assertThat(checker.summary()).contains("3 refusals told");
    }

    // ---- what it is made of

    @Test
    void theGreatestOfTheFirstSoManyIsThatOfALookAtEach() {
        Random random = new Random(5);
        for (int size = 1; size < 70; size++) {
            long[] numbers = random.longs(size, -50, 50).toArray();
            PrefixMaximum row = new PrefixMaximum(numbers.clone());
            for (int i = 0; i < 50; i++) {
                int upTo = random.nextInt(size);
                long amount = random.nextInt(20);
                row.raiseUpTo(upTo, amount);
                for (int j = 0; j <= upTo; j++) {
                    numbers[j] += amount;
                }
                int first = random.nextInt(size);
                long greatest = Arrays.stream(numbers, 0, first + 1).max().getAsLong();
                assertThat(numbers[row.greatestUpTo(first)]).isEqualTo(greatest);
                assertThat(row.greatest()).isEqualTo(greatest);
            }
        }
    }
}
