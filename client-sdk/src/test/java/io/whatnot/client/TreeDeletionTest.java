package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Value;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A subtree of any size is deleted, in as many steps as it takes. */
final class TreeDeletionTest {
    private final FakeCluster cluster = new FakeCluster("a:1");
    private final FakeNode a = cluster.node("a:1");
    private final Namespace ns = cluster.client().namespace("shop");

    @BeforeEach
    void plant() {
        for (String path : List.of("/a/1", "/a/2/x", "/b")) {
            ns.putAsync(path, Value.of("1"), Put.with()).join();
        }
    }

    private void tooMuch(int times) {
        for (int i = 0; i < times; i++) {
            a.next(FakeCall.of(ElementCommand.Delete.class), FakeCall.refused(ErrorCode.RESOURCE_EXHAUSTED));
        }
    }

    private List<String> deleted() {
        return a.calls(FakeCall.of(ElementCommand.Delete.class)).stream()
                .map(call -> ((ElementCommand.Delete) call.request().command())
                        .path()
                        .toString())
                .toList();
    }

    @Test
    void whatIsSmallEnoughGoesAtOnce() throws Exception {
        assertThat(ns.deleteTree("/a")).isEqualTo(4);
        assertThat(deleted()).containsExactly("/a");
        assertThat(ns.children("/")).hasSize(1);
    }

    @Test
    void whatIsTooMuchAtOnceGoesChildByChildAndThenItself() throws Exception {
        tooMuch(2);
        assertThat(ns.deleteTree("/")).isEqualTo(5);
        assertThat(deleted()).containsExactly("/", "/a", "/a/1", "/a/2", "/a", "/b", "/");
        assertThat(ns.subtree("/")).isEmpty();
    }

    @Test
    void whatIsNotThereIsNoneToDelete() throws Exception {
        assertThat(ns.deleteTree("/nothing")).isZero();
        assertThat(cluster.client().namespace("unknown").deleteTree("/")).isZero();
    }

    @Test
    void whatAnotherHasLockedStaysAndThatIsTold() throws Exception {
        cluster.client().namespace("shop").lease("/a/2").acquireAsync().join();
        tooMuch(2);
        assertThatThrownBy(() -> ns.deleteTree("/"))
                .isInstanceOfSatisfying(
                        WhatnotException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOCKED));
        assertThat(ns.exists("/a/2/x")).isTrue();
        assertThat(ns.exists("/a/1")).as("a step that was taken before").isFalse();
    }
}
