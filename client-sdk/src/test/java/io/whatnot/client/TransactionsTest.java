package io.whatnot.client;

import static io.whatnot.client.FakeCall.aCommand;
import static io.whatnot.client.FakeCall.answerLost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.model.PathException;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Transactions as a user describes them. */
final class TransactionsTest {
    private final FakeCluster cluster = new FakeCluster("a:1", "b:2").at(FeatureLevel.NEWEST);
    private final FakeNode a = cluster.node("a:1");
    private final Namespace ns = cluster.client().namespace("shop");

    private static void refused(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void whatIsToBeDoneIfAllComparesHoldIsDoneInOneRevision() throws Exception {
        Revision put = ns.put("/jobs/7", Value.of("new")).revision();
        Result.Transacted moved = ns.transact()
                .when(Compare.version("/jobs/7", 1), Compare.absent("/done/7"))
                .when(Compare.value("/jobs/7", Value.of("new")), Compare.modRevision("/jobs/7", put))
                .when(Compare.exists("/jobs"))
                .then(Op.delete("/jobs/7"), Op.put("/done/7", Value.of("ok")))
                .then(Op.register("/log"), Op.registerUnique("/log", Value.of("moved")), Op.get("/done/7"))
                .otherwise(Op.get("/jobs/7"))
                .commit();
        assertThat(moved.succeeded()).isTrue();
        assertThat(moved.revision().value()).isEqualTo(put.value() + 1);
        assertThat(moved.result(0, Result.Deleted.class).count()).isEqualTo(1);
        assertThat(moved.result(1, Result.Written.class).version()).isEqualTo(1);
        assertThat(moved.result(4, Result.Found.class).element().orElseThrow().value())
                .isEqualTo(Value.of("ok"));
        assertThat(ns.children("/log"))
                .extracting(child -> child.path())
                .containsExactly(moved.result(3, Result.Registered.class).path());
        assertThat(ns.exists("/jobs/7")).isFalse();
    }

    @Test
    void whatIsToBeDoneOtherwiseIsDoneIfACompareDoesNotHold() throws Exception {
        ns.put("/jobs/7", Value.of("new"));
        Result.Transacted read = ns.transact()
                .when(Compare.version("/jobs/7", 2))
                .then(Op.deleteRecursive("/jobs"))
                .otherwise(Op.get("/jobs/7"))
                .commit();
        assertThat(read.succeeded()).isFalse();
        assertThat(read.result(0, Result.Found.class).element().orElseThrow().version())
                .isEqualTo(1);
        assertThat(ns.exists("/jobs/7")).isTrue();
    }

    @Test
    void aRefusedOperationIsToldWithItsCodeAndNothingIsDone() throws Exception {
        ns.put("/a", Value.of("1"));
        assertThatThrownBy(() -> ns.transact()
                        .then(
                                Op.put("/b", Value.of("1")),
                                Op.put("/a", Value.of("2"), Put.with().ifAbsent()))
                        .commit())
                .isInstanceOfSatisfying(WhatnotException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.ELEMENT_EXISTS);
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                    assertThat(e).hasMessageContaining("operation 2 of the transaction, put /a");
                });
        assertThat(ns.exists("/b")).isFalse();
    }

    @Test
    void locksOfOthersStopItAndItsOwnersPass() throws Exception {
        ns.lease("/a").prefix().acquire(); // by this thread
        ns.transact().then(Op.put("/a/x", Value.of("1"))).commit();
        refused(
                ErrorCode.LOCKED,
                () -> ns.transact()
                        .owner("other")
                        .then(Op.put("/a/x", Value.of("2")))
                        .commit());
        ns.lease("/b").owner("other").acquire();
        refused(
                ErrorCode.LOCKED,
                () -> ns.transact()
                        .then(Op.put("/c", Value.of("1")), Op.put("/b", Value.of("1")))
                        .commit());
        ns.transact().owner("other").then(Op.put("/b", Value.of("1"))).commit();
    }

    @Test
    void anOperationNamesALeaseAndACompareAsksWhetherItIsHeld() throws Exception {
        LeaseContext lease = ns.lease("/a").prefix().owner("holder").acquire();
        Result.Transacted done = ns.transact()
                .when(Compare.held(lease))
                .then(Op.put("/a/x", Value.of("1"), Put.with().lease(lease)), Op.put("/free", Value.of("1")))
                .commit();
        assertThat(done.succeeded()).isTrue();
        lease.close();
        assertThat(ns.transact().when(Compare.held(lease.id())).commit().succeeded())
                .isFalse();
        assertThatThrownBy(() -> ns.transact()
                        .then(Op.put("/a/x", Value.of("2"), Put.with().lease(lease)))
                        .commit())
                .isInstanceOf(LeaseLostException.class);
        refused(
                ErrorCode.STALE_TOKEN,
                () -> ns.transact()
                        .then(Op.put("/a/x", Value.of("2"), Put.with().lease(lease.id())))
                        .commit());
    }

    @Test
    void leasesOfSeveralSessionsAreNotNamedInOneTransaction() throws Exception {
        LeaseContext mine = ns.lease("/a").acquire();
        LeaseContext anothers = cluster.client().namespace("shop").lease("/b").acquire();
        refused(
                ErrorCode.STALE_TOKEN,
                () -> ns.transact()
                        .then(Op.put("/a", Value.of("1"), Put.with().lease(mine.id())))
                        .otherwise(Op.put("/b", Value.of("1"), Put.with().lease(anothers.id())))
                        .commit());
        assertThat(a.calls(FakeCall.of(Transaction.class))).isEmpty();
    }

    @Test
    void itTakesEffectOnceWhenItsAnswerIsLost() {
        a.next(aCommand(), answerLost());
        CompletableFuture<Result.Transacted> first =
                ns.transact().then(Op.put("/x", Value.of("1")), Op.get("/x")).commitAsync();
        a.cannotBeReached();
        cluster.clock.passMillis(100);
        assertThat(first.join().result(0, Result.Written.class).version()).isEqualTo(1);
        assertThat(ns.transact()
                        .then(Op.put("/x", Value.of("2")))
                        .commitAsync()
                        .join()
                        .result(0, Result.Written.class)
                        .version())
                .isEqualTo(2);
    }

    @Test
    void whatIsInConflictOrOutOfRangeIsToldBeforeAnythingIsSent() {
        assertThatThrownBy(() -> ns.transact()
                        .then(Op.put("/a", Value.of("1")), Op.delete("/a"))
                        .commit())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("operations 1 (put /a) and 2 (delete /a) of \"then\"");
        assertThatThrownBy(() -> ns.transact()
                        .then(Op.put("/a", Value.of("1"), Put.with().ttl(Duration.ofNanos(1))))
                        .commitAsync())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ttl");
        assertThatThrownBy(() -> Op.put("/a", Value.of("1"), Put.with().owner("me")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give the transaction one");
        assertThatThrownBy(() -> Op.get("a")).isInstanceOf(PathException.class);
        assertThatThrownBy(() -> Compare.exists("/a/")).isInstanceOf(PathException.class);
        assertThat(a.calls(FakeCall.of(Transaction.class))).isEmpty();
    }

    @Test
    void aClusterOfALowerFeatureLevelRefusesIt() {
        FakeCluster old = new FakeCluster("a:1").at(FeatureLevel.FIRST);
        refused(
                ErrorCode.UNSUPPORTED,
                () -> old.client()
                        .namespace("shop")
                        .transact()
                        .then(Op.get("/a"))
                        .commit());
    }
}
