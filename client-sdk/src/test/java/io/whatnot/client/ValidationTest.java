package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.PathException;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What breaks a rule is said to, with the rule, before anything is sent. */
final class ValidationTest {
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    private final FakeCluster cluster = new FakeCluster("a:1");
    private final NamespaceManager client = cluster.client();
    private final Namespace ns = client.namespace("shop");

    @AfterEach
    void nothingWasSentAndTheClientIsAsGoodAsBefore() {
        assertThat(cluster.node("a:1").calls()).isEmpty();
        assertThat(cluster.node("a:1").connects()).isZero();
        assertThat(ns.putAsync("/fine", Value.of("1"), Put.with()).join().version())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "/a//b", "/a/", "/a/../b", "/a/\n"})
    void aPathThatBreaksARuleIsRefusedWithPathAndPlace(String path) {
        assertThatThrownBy(() -> ns.put(path, Value.of("1"))).isInstanceOfSatisfying(PathException.class, bad -> {
            assertThat(bad.path()).isEqualTo(path);
            assertThat(bad.rule()).isNotNull();
        });
        assertThatThrownBy(() -> ns.putAsync(path, Value.of("1"), Put.with())).isInstanceOf(PathException.class);
        assertThatThrownBy(() -> ns.getAsync(path, Consistency.NODE)).isInstanceOf(PathException.class);
        assertThatThrownBy(() -> ns.delete(path)).isInstanceOf(PathException.class);
        assertThatThrownBy(() -> ns.lease(path)).isInstanceOf(PathException.class);
        assertThatThrownBy(() -> ns.watch(path)).isInstanceOf(PathException.class);
        assertThatThrownBy(() -> ns.element(path)).isInstanceOf(PathException.class);
    }

    @Test
    void aValueThatIsTooLargeIsRefusedWithItsSize() {
        assertRefused(() -> ns.put("/x", Value.of(new byte[(1 << 20) + 1], "")), "1048577 bytes");
    }

    @Test
    void aTtlOfALeaseThatIsTooShortOrTooLongIsRefused() {
        for (Duration ttl : new Duration[] {
            Duration.ofMillis(99),
            Duration.ofNanos(1),
            Duration.ofMillis(-1),
            Duration.ofNanos(-1),
            Duration.ofDays(1).plusMillis(1),
            FOR_EVER
        }) {
            assertRefused(() -> ns.lease("/x").ttl(ttl).acquire(), "lease ttl in milliseconds");
            assertRefused(() -> ns.lease("/x").ttl(ttl).acquireAsync(), "from 100 to 86400000");
        }
    }

    @Test
    void aWaitThatIsNegativeOrTooLongIsRefused() {
        for (Duration wait :
                new Duration[] {Duration.ofNanos(-1), Duration.ofDays(1).plusNanos(1), FOR_EVER}) {
            assertRefused(() -> ns.lease("/x").waitTimeout(wait).acquireAsync(), "wait in milliseconds");
        }
    }

    @Test
    void aTtlOfAnElementThatIsTooShortOrTooLongIsRefused() {
        for (Duration ttl : new Duration[] {Duration.ofMillis(99), Duration.ofNanos(1), FOR_EVER}) {
            assertRefused(() -> ns.put("/x", Value.of("1"), Put.with().ttl(ttl)), "ttl in milliseconds");
        }
    }

    @Test
    void targetsAreOneToSixteenAndNoPathTwice() {
        assertRefused(() -> ns.leaseAll().acquireAsync(), "number of targets is 0");
        Target[] many =
                IntStream.range(0, 17).mapToObj(i -> Target.element("/x" + i)).toArray(Target[]::new);
        assertRefused(() -> ns.leaseAll(many).acquireAsync(), "number of targets is 17");
        assertRefused(
                () -> ns.leaseAll(Target.element("/x"), Target.prefix("/x")).acquireAsync(), "name a path twice");
    }

    @Test
    void labelsAndOwnersAreShortTexts() {
        assertRefused(() -> ns.lease("/x").label("l".repeat(257)).acquireAsync(), "label has 257 characters");
        assertRefused(() -> ns.lease("/x").label("\u0007").acquireAsync(), "label has a control character");
        assertRefused(() -> ns.lease("/x").owner("o".repeat(129)).acquireAsync(), "owner has 129 characters");
        assertRefused(
                () -> ns.putAsync("/x", Value.of("1"), Put.with().owner("o".repeat(129))), "owner has 129 characters");
        assertRefused(() -> ns.putAsync("/x", Value.of("1"), Put.with().owner("\n")), "owner has a control character");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Shop", "-shop", "a/b", "shöp"})
    void aNameThatNoNamespaceMayHaveIsRefused(String name) {
        assertRefused(() -> client.namespace(name), "namespace \"" + name + "\"");
    }

    // ---- how a manager is to be

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "a:",
                ":7400",
                "a:99999",
                "a:7400,",
                "a:7400,,b:7400",
                "http://a:7400",
                "a b:7400",
                "a:x",
                "a_b:7400"
            })
    void endpointsThatAreNoneAreRefusedWithTheOneThatIsWrong(String endpoints) {
        assertRefused(() -> NamespaceManager.connect(endpoints), "is no endpoint; write host:port");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:1", "a:1, b:2", "127.0.0.1:7400", "[::1]:7400", "whatnot-0.whatnot.svc:7400"})
    void endpointsThatAreSomeAreTaken(String endpoints) {
        NamespaceManager.connect(endpoints).close();
    }

    @Test
    void timesOutOfRangeAreRefused() {
        assertRefused(() -> builder().sessionTtl(Duration.ofMillis(999)).local(), "session ttl in milliseconds is 999");
        assertRefused(() -> builder().sessionTtl(Duration.ofHours(2)).local(), "session ttl in milliseconds");
        assertRefused(() -> builder().sessionTtl(FOR_EVER).local(), "session ttl in milliseconds");
        assertRefused(() -> builder().requestTimeout(Duration.ZERO).local(), "request time-out in milliseconds is 0");
        assertRefused(() -> builder().requestTimeout(FOR_EVER).local(), "request time-out in milliseconds");
        assertRefused(() -> builder().drift(1), "drift is 1.0");
        assertRefused(() -> builder().drift(Double.NaN), "drift is NaN");
        assertRefused(() -> builder().name("n".repeat(129)).local(), "client name has 129 characters");
    }

    private static NamespaceManager.Builder builder() {
        return NamespaceManager.builder();
    }

    private static void assertRefused(ThrowingCallable call, String saying) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(saying);
    }
}
