package io.whatnot.node.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A resource outside the cluster that looks at tokens. */
final class ProtectedCountersTest {
    private final List<String> violations = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private ProtectedCounters counters;

    @BeforeEach
    void start() throws IOException {
        counters = new ProtectedCounters("127.0.0.1", violations::add);
    }

    @AfterEach
    void stop() throws IOException {
        counters.close();
    }

    @Test
    void whoeverHasALowerTokenThanWasSeenIsRefused() throws IOException {
        ProtectedCounters.Remote remote = new ProtectedCounters.Remote(counters.endpoint());
        try {
            assertThat(remote.read("c", 5)).isEqualTo(OptionalLong.of(0));
            assertThat(remote.read("c", 7)).isEqualTo(OptionalLong.of(0));
            assertThat(remote.write("c", 5, 0)).isFalse();
            assertThat(remote.write("c", 7, 0)).isTrue();
            assertThat(remote.read("c", 6)).isEmpty();
            assertThat(remote.read("c", 8)).isEqualTo(OptionalLong.of(1));
        } finally {
            remote.close();
        }
        assertThat(violations).isEmpty();
    }

    @Test
    void twoLeasesWithOneTokenAreFound() {
        assertThat(counters.read("c", 5)).isEqualTo("0");
        assertThat(counters.read("c", 5)).isEqualTo("0");
        assertThat(counters.write("c", 5, 0)).isEqualTo("ok");
        assertThat(violations).isEmpty();
        assertThat(counters.write("c", 5, 0)).isEqualTo("ok");
        assertThat(violations).singleElement().asString().contains("two leases");
    }
}
