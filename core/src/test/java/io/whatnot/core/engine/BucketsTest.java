package io.whatnot.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BucketsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Buckets buckets = new Buckets();
    /** Clocks of this kind begin anywhere, and may overflow. */
    private long now = Long.MAX_VALUE - SECOND / 2;

    @BeforeEach
    void tenASecondAndThreeAtOnce() {
        buckets.limit(10, 3);
    }

    private int takeAll(String key) {
        int taken = 0;
        while (buckets.waitNanos(key, now) == 0 && taken < 100) {
            buckets.take(key, now);
            taken++;
        }
        return taken;
    }

    @Test
    void aBucketGivesItsBurstAtOnceAndThenItsRate() {
        assertThat(takeAll("a")).isEqualTo(3);
        assertThat(buckets.waitNanos("a", now)).isEqualTo(SECOND / 10);
        now += SECOND / 10 - 1;
        assertThat(takeAll("a")).isZero();
        now++;
        assertThat(takeAll("a")).isEqualTo(1);
        now += SECOND;
        assertThat(takeAll("a")).as("never more than the burst").isEqualTo(3);
    }

    @Test
    void oneKeyTakesNothingFromAnother() {
        assertThat(takeAll("a")).isEqualTo(3);
        assertThat(takeAll("b")).isEqualTo(3);
    }

    @Test
    void withoutABurstOfItsOwnItIsAsManyAsTheRate() {
        buckets.limit(7, 0);
        assertThat(takeAll("a")).isEqualTo(7);
    }

    @Test
    void withoutARateThereIsNoLimitAndNothingIsKept() {
        buckets.limit(0, 5);
        assertThat(takeAll("a")).isEqualTo(100);
        assertThat(buckets.size()).isZero();
    }

    @Test
    void theGreatestRatesAndBurstsDoNotOverflow() {
        buckets.limit(1, 1_000_000);
        assertThat(takeAll("a")).isEqualTo(100);
        buckets.limit(1_000_000, 1);
        assertThat(takeAll("a")).isEqualTo(1);
        assertThat(buckets.waitNanos("a", now)).isEqualTo(1_000);
    }

    @Test
    void anotherRateBeginsWithFullBuckets() {
        buckets.limit(1, 1_000_000);
        takeAll("a");
        buckets.limit(10, 3);
        assertThat(takeAll("a")).isEqualTo(3);
    }

    @Test
    void aBucketThatIsFullAgainIsForgotten() {
        for (int i = 0; i < 1_000; i++) {
            buckets.take("key " + i, now);
        }
        assertThat(buckets.size()).isEqualTo(1_000);
        now += SECOND;
        buckets.take("one more", now);
        assertThat(buckets.size()).isEqualTo(1);
        assertThat(buckets.bytes()).isEqualTo(100 + 2 * "one more".length());
    }

    @Test
    void anyNumberOfKeysTakesABoundedSpaceAndThoseInUseAreKept() {
        buckets.limit(1, 3);
        takeAll("in use");
        String longest = "x".repeat(4_000);
        for (int i = 0; i < 5_000; i++) {
            buckets.take(longest + i, now);
            assertThat(buckets.waitNanos("in use", now)).isPositive();
        }
        assertThat(buckets.bytes()).isLessThanOrEqualTo(Buckets.BYTES_MAX);
        assertThat(buckets.size()).isBetween(1_000, 3_000);
    }
}
