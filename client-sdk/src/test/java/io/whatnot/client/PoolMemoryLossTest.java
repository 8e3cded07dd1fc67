package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.client.internal.Simulated;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A cluster loses its memory; who holds slots goes on holding them. */
final class PoolMemoryLossTest {
    private static final long LONGEST = 10_000;
    private static final AbsolutePath QUOTA = AbsolutePath.parse("/quota");

    private final FakeCluster cluster = new FakeCluster("a:1", "b:2").found(4);
    private final List<Recovered> recoveries = new ArrayList<>();
    private final ClientOptions options =
            new ClientOptions(cluster.options().endpoints(), "ann", "", 10_000, 5_000, 0.01, true, recoveries::add);
    private final NamespaceManager client = cluster.client(options);
    private final Namespace ns = client.namespace("shop");

    private void createPool(long size) {
        cluster.await(Simulated.send(
                client, "", new PoolCommand.Create("shop", QUOTA, size, true, false, 0), Result.Done.class));
    }

    private void loseEverything() {
        cluster.forget();
        cluster.reform(7, LONGEST);
        cluster.node("a:1").hint("a:1");
    }

    @Test
    void aClaimIsReclaimedWithItsPoolAndItsTokenAndNeverFlickers() {
        createPool(3);
        SemaphoreClaim claim = ns.pool("/quota/pdf").claim(2).acquireAsync().join();
        loseEverything();
        cluster.clock.passMillis(300);
        assertThat(recoveries)
                .as("nobody knows yet whether all nodes have pools")
                .isEmpty();
        cluster.found(4);
        for (int i = 0; i < 1_500; i++) {
            cluster.clock.passMillis(10);
            assertThat(claim.isHeld()).isTrue();
        }
        assertThat(recoveries).hasSize(1);
        assertThat(recoveries.get(0).kept()).extracting(LeaseContext::id).containsExactly(claim.id());
        assertThat(claim.pool()).isEqualTo(QUOTA);

        createPool(3);
        Result.Pool pool = cluster.await(
                Simulated.read(client, new Query.Pool("shop", QUOTA, 10), Consistency.LINEARIZABLE, Result.Pool.class));
        assertThat(pool.pool().orElseThrow().used()).isEqualTo(2);
        assertThat(pool.held().get(0).id()).isEqualTo(claim.id());
    }

    @Test
    void whoWaitedForAPoolThatIsForgottenIsToldThatThereIsNone() {
        createPool(1);
        SemaphoreClaim claim = ns.pool("/quota").claim(1).acquireAsync().join();
        CompletableFuture<SemaphoreClaim> waits = ns.pool("/quota").claim(1).acquireAsync();
        assertThat(cluster.state().locks().waitingCount()).isEqualTo(1);
        loseEverything();
        cluster.found(4);
        cluster.clock.passMillis(25_000);
        assertThat(claim.isHeld()).isTrue();
        assertThat(waits).isCompletedExceptionally();
        assertThat(waits.handle((never, failure) -> ((WhatnotException) failure).code()))
                .isCompletedWithValue(ErrorCode.NO_SUCH_POOL);
    }
}
