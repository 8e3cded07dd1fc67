package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.PathException;
import io.whatnot.core.model.PruneView;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Value;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Pruning as a user asks for it. */
final class PruneTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeCluster cluster = new FakeCluster("a:1", "b:2").at(FeatureLevel.NEWEST);
    private final Namespace ns = cluster.client().namespace("shop");

    private static void refused(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aPolicyIsSetSeenAndTakenAway() throws Exception {
        ns.put("/carts/7", Value.of("x"));
        PathElement cart = ns.element("/carts/7");
        assertThat(cart.get().orElseThrow().prune()).isNull();
        ns.prunePolicy("/carts", Prune.idleAfter(HOUR).retainingValues());
        assertThat(cart.get().orElseThrow().prune())
                .isEqualTo(new PruneView(AbsolutePath.parse("/carts"), HOUR.toMillis(), true, 0));
        cart.prunePolicy(Prune.never());
        assertThat(cart.get().orElseThrow().prune()).isEqualTo(new PruneView(cart.path(), 0, false, 0));
        ns.removePrunePolicy("/carts/7");
        ns.removePrunePolicyAsync("/carts").join();
        assertThat(cart.get().orElseThrow().prune()).isNull();
    }

    @Test
    void allPoliciesOfANamespaceAreListedAlsoIfTheyTakeSeveralAnswers() throws Exception {
        refused(ErrorCode.NO_SUCH_NAMESPACE, ns::prunePolicies);
        ns.register("/carts");
        assertThat(ns.prunePolicies()).isEmpty();
        ns.prunePolicy("/carts", Prune.idleAfter(HOUR).retainingValues());
        ns.prunePolicy("/", Prune.never());
        assertThat(ns.prunePolicies())
                .containsExactly(
                        new Result.PolicyView(AbsolutePath.ROOT, 0, false),
                        new Result.PolicyView(AbsolutePath.parse("/carts"), HOUR.toMillis(), true));
        String deep = ("/" + "x".repeat(250)).repeat(16);
        for (int i = 0; i < 600; i++) {
            ns.prunePolicy(deep + "/" + i, Prune.never());
        }
        assertThat(ns.prunePolicies()).hasSize(602).doesNotHaveDuplicates();
    }

    @Test
    void whatNobodyTouchesGoes() throws Exception {
        ns.register("/carts/7");
        ns.register("/carts/8");
        ns.prunePolicyAsync("/carts", Prune.idleAfter(Duration.ofSeconds(4))).join();
        for (int i = 0; i < 3; i++) {
            cluster.clock.passMillis(3_000);
            ns.element("/carts/7").touch();
            ns.touchAsync("/carts/7").join();
        }
        assertThat(ns.exists("/carts/7")).isTrue();
        assertThat(ns.exists("/carts/8")).isFalse();
        refused(ErrorCode.NO_SUCH_ELEMENT, () -> ns.touch("/carts/8"));
    }

    @Test
    void aPolicyMayBeSetUnderALease() throws Exception {
        ns.register("/carts");
        LeaseContext lease = ns.lease("/carts").prefix().owner("keeper").acquire();
        refused(ErrorCode.LOCKED, () -> ns.prunePolicy("/carts", Prune.never()));
        ns.prunePolicy("/carts", Prune.never().lease(lease));
        lease.close();
        refused(
                ErrorCode.STALE_TOKEN,
                () -> ns.prunePolicy("/carts", Prune.idleAfter(HOUR).lease(lease)));
    }

    @Test
    void whatMakesNoSenseIsRefusedBeforeAnythingIsSent() {
        assertThatThrownBy(() -> Prune.idleAfter(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Prune.never()");
        assertThatThrownBy(() -> ns.prunePolicy("/p", Prune.idleAfter(Duration.ofMillis(999))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("999");
        assertThatThrownBy(() -> ns.prunePolicy("/p", Prune.idleAfter(Duration.ofSeconds(Long.MAX_VALUE))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ns.prunePolicy("/p", Prune.idleAfter(Duration.ofDays(-1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ns.touch("p")).isInstanceOf(PathException.class);
        assertThatThrownBy(() -> ns.prunePolicy("/" + "p".repeat(5_000), Prune.never()))
                .isInstanceOf(PathException.class);
    }

    @Test
    void aClusterBelowTheLevelSaysWhatToDo() {
        Namespace old = new FakeCluster("c:1").at(6).client().namespace("shop");
        assertThatThrownBy(() -> old.prunePolicy("/p", Prune.never()))
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED))
                .hasMessageContaining("whatnot admin level 7");
        refused(ErrorCode.UNSUPPORTED, () -> old.touch("/p"));
    }
}
