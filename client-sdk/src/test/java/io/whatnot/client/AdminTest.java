package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Value;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Operators and unique names, in one process, which counts as the node's machine. */
@Timeout(60)
final class AdminTest {
    private final NamespaceManager whatnot = NamespaceManager.local();
    private final Namespace ns = whatnot.namespace("shop");
    private final Admin admin = whatnot.admin();

    @AfterEach
    void close() {
        whatnot.close();
    }

    @Test
    void uniqueChildrenAreOrderedAndHoldTheirValues() throws Exception {
        PathElement jobs = ns.element("/jobs");
        PathElement first = jobs.registerUnique(Value.of("1"), Put.with());
        PathElement second = jobs.registerUnique();
        PathElement third =
                ns.registerUniqueAsync("/jobs", Value.of("3"), Put.with()).get(10, TimeUnit.SECONDS);

        assertThat(jobs.children()).containsExactly(first, second, third);
        assertThat(first.get().orElseThrow().value()).isEqualTo(Value.of("1"));
        assertThat(third.get().orElseThrow().value()).isEqualTo(Value.of("3"));
    }

    @Test
    void theHolderOfARevokedLeaseIsToldThatAnOperatorDidIt() throws Exception {
        LeaseContext lease = ns.lease("/a").acquire();
        CompletableFuture<LeaseContext> next = ns.lease("/a").acquireAsync();

        admin.revoke(holderOf("/a"));

        assertThat(lease.lost().get(10, TimeUnit.SECONDS)).isEqualTo(LossReason.REVOKED);
        assertThat(lease.isHeld()).isFalse();
        assertThat(next.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    private LeaseId holderOf(String path) throws InterruptedException {
        return ns.locks(path, Scope.ELEMENT).held().stream()
                .map(Blocker::id)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whoseSessionWasEndedGoesOnInANewOne() throws Exception {
        LeaseContext lease = ns.lease("/a").acquire();

        admin.endSession(holderOf("/a").session());

        assertThat(lease.lost().get(10, TimeUnit.SECONDS)).isIn(LossReason.REVOKED, LossReason.SESSION_ENDED);
        ns.put("/b", Value.of("x"));
        assertThat(ns.exists("/b")).isTrue();
    }

    @Test
    void aNamespaceIsDroppedByForceInStepsWhenItIsTooLargeForOne() throws Exception {
        for (int i = 0; i < 5; i++) {
            ns.put("/a/" + i, Value.of("x"));
        }
        LeaseContext lease = ns.lease("/a").acquire();
        admin.changeSettings(Map.of("eventsMax", 3L));

        admin.dropNamespace("shop");

        assertThat(whatnot.namespaces()).isEmpty();
        assertThat(lease.lost().get(10, TimeUnit.SECONDS)).isEqualTo(LossReason.REVOKED);
    }

    @Test
    void aTreeIsDeletedInStepsWhenItIsTooLargeForOne() throws Exception {
        for (int i = 0; i < 5; i++) {
            ns.put("/a/" + i + "/below", Value.of("x"));
        }
        ns.put("/b", Value.of("x"));
        admin.changeSettings(Map.of("eventsMax", 3L));

        assertThat(ns.deleteTree("/a")).isEqualTo(11);

        assertThat(ns.subtree("/"))
                .extracting(element -> element.path().toString())
                .containsExactly("/b");
    }

    @Test
    void settingsAreShownAndChanged() throws Exception {
        admin.changeSettings(Map.of("valueBytesMax", 3L, "namespacesByUse", 0L));

        assertThat(admin.settings())
                .filteredOn(setting -> setting.name().equals("valueBytesMax"))
                .extracting(Result.SettingView::value)
                .containsExactly(3L);
        assertThatThrownBy(() -> ns.put("/a", Value.of("x")))
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_SUCH_NAMESPACE));
        assertThatThrownBy(() -> admin.changeSettings(Map.of("valueBytesMax", 0L)))
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageContaining("from 1 to");
    }

    @Test
    void aNewClusterIsAtTheNewestLevelAndNoFurther() throws Exception {
        NodeStatus status = whatnot.nodes().get(0);
        assertThat(status.level()).isEqualTo(FeatureLevel.NEWEST);
        assertThat(status.levelMax()).isEqualTo(FeatureLevel.NEWEST);
        admin.raiseLevel(FeatureLevel.NEWEST);

        assertThatThrownBy(() -> admin.raiseLevel(FeatureLevel.NEWEST + 1))
                .isInstanceOfSatisfying(WhatnotException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED);
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                })
                .hasMessageContaining("supports levels up to " + FeatureLevel.NEWEST);
    }

    @Test
    void aPutMayAskForTheElementToBePresent() throws Exception {
        assertThatThrownBy(() -> ns.put("/a", Value.of("x"), Put.with().ifPresent()))
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_SUCH_ELEMENT));
        ns.put("/a", Value.of("1"));
        ns.put("/a", Value.of("2"), Put.with().ifPresent());
        assertThat(ns.get("/a").map(e -> e.value().text())).contains("2");
    }

    @Test
    void theSizeOfTheStateIsInTheStatus() throws Exception {
        ns.put("/a", Value.of("x".repeat(10_000)));
        NodeStatus status = whatnot.nodes().get(0);
        assertThat(status.counts().get("stateBytes")).isGreaterThan(10_000);
        assertThat(status.counts().get("stateBytesMax")).isEqualTo(1L << 30);
    }
}
