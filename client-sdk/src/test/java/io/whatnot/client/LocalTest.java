package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.Change;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The main things a user does, in one process. */
final class LocalTest {
    private final NamespaceManager whatnot = NamespaceManager.local();
    private final Namespace ns = whatnot.namespace("shop");

    @AfterEach
    void close() {
        whatnot.close();
    }

    @Test
    void whatWasPutIsRead() throws Exception {
        ns.put("/config/rate", Value.of("0.19"));
        assertThat(ns.get("/config/rate").map(e -> e.value().text())).contains("0.19");
        assertThat(ns.children("/")).extracting(e -> e.path().toString()).containsExactly("/config");
        assertThat(ns.closest("/config/rate/x/y").path().toString()).isEqualTo("/config/rate");
    }

    @Test
    void aPrefixLeaseStopsOthersWritesAndPassesItsOwners() throws Exception {
        try (LeaseContext lease = ns.lease("/orders/eu").prefix().acquire()) {
            assertThat(lease.isHeld()).isTrue();
            assertThat(lease.remaining()).isGreaterThan(Duration.ofSeconds(5));
            ns.put("/orders/eu/42", Value.of("paid"));
            ns.put("/orders/eu/42", Value.of("sent"), Put.with().lease(lease));
            assertThatThrownBy(() ->
                            ns.put("/orders/eu/42", Value.of("lost"), Put.with().owner("somebody")))
                    .isInstanceOfSatisfying(
                            WhatnotException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOCKED));
        }
        ns.put("/orders/eu/42", Value.of("free"), Put.with().owner("somebody"));
    }

    @Test
    void ofTwoWhoWouldWaitForEachOtherTheSecondIsToldTheCycleAndTheFirstGoesOn() throws Exception {
        LeaseContext a = ns.lease("/a").owner("one").label("first").acquire();
        LeaseContext b = ns.lease("/b").owner("two").acquire();
        CompletableFuture<LeaseContext> waits = ns.lease("/b").owner("one").acquireAsync();

        assertThatThrownBy(() -> ns.lease("/a").owner("two").acquire())
                .isInstanceOfSatisfying(DeadlockException.class, e -> {
                    assertThat(e.length()).isEqualTo(2);
                    assertThat(e.cycle()).extracting(wait -> wait.held().id()).containsExactly(a.id(), b.id());
                    assertThat(e.cycle().get(0).held().label()).isEqualTo("first");
                })
                .hasMessageContaining("cycle of 2");

        assertThat(b.isHeld()).isTrue();
        b.close();
        assertThat(waits.get(10, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    @Test
    void aSessionLivesTenSecondsWithoutAHeartbeatUnlessItsClientSaysOtherwise() throws Exception {
        assertThat(ns.lease("/a").acquire().remaining()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(10));
        try (NamespaceManager patient =
                NamespaceManager.builder().sessionTtl(Duration.ofMinutes(1)).local()) {
            assertThat(patient.namespace("shop").lease("/a").acquire().remaining())
                    .isBetween(Duration.ofSeconds(50), Duration.ofMinutes(1));
        }
    }

    @Test
    void theNextInLineIsGrantedWhenALeaseIsReleased() throws Exception {
        LeaseContext first = ns.lease("/a").acquire();
        CompletableFuture<QueuePosition> queued = new CompletableFuture<>();
        CompletableFuture<LeaseContext> second =
                ns.lease("/a").onQueued(queued::complete).acquireAsync();
        assertThat(queued.get(5, TimeUnit.SECONDS).position()).isEqualTo(1);
        assertThat(second).isNotDone();
        first.close();
        LeaseContext lease = second.get(5, TimeUnit.SECONDS);
        assertThat(lease.token().value()).isGreaterThan(first.token().value());
        lease.close();
    }

    @Test
    void aWatchShowsTheStateAndThenEveryChange() throws Exception {
        ns.put("/routes/a", Value.of("1"));
        LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (WatchSubscription watch = ns.watch("/routes")
                .recursive()
                .initialState()
                .changes(Change.ADDED, Change.EDITED, Change.DELETED)
                .start(new WatchListener() {
                    @Override
                    public void initialState(Revision at, List<ElementView> elements) {
                        elements.forEach(e -> seen.add("state " + e.path()));
                    }

                    @Override
                    public void events(Revision at, List<WatchEvent> events) {
                        events.forEach(e -> seen.add(e.change() + " " + e.path()));
                    }
                })) {
            watch.started().get(5, TimeUnit.SECONDS);
            ns.put("/routes/b", Value.of("2"));
            ns.delete("/routes/a");
            assertThat(List.of(take(seen), take(seen), take(seen), take(seen)))
                    .containsExactly("state /routes", "state /routes/a", "ADDED /routes/b", "DELETED /routes/a");
        }
    }

    @Test
    void aLeaseWithATtlIsLostWhenItIsNotRenewed() throws Exception {
        LeaseContext lease = ns.lease("/a").ttl(Duration.ofMillis(300)).acquire();
        lease.renew();
        assertThat(lease.lost().get(5, TimeUnit.SECONDS)).isEqualTo(LossReason.EXPIRED);
        assertThat(lease.isHeld()).isFalse();
        assertThatThrownBy(lease::renew).isInstanceOf(LeaseLostException.class);
    }

    @Test
    void theBodyOfALostLeaseIsInterrupted() throws Exception {
        assertThatThrownBy(() -> ns.lease("/a").ttl(Duration.ofMillis(200)).call(lease -> {
                    Thread.sleep(10_000);
                    return "never";
                }))
                .isInstanceOf(LeaseLostException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    private static String take(LinkedBlockingQueue<String> seen) throws InterruptedException {
        String next = seen.poll(5, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }
}
