package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.Revision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a node says of the past, or says twice, while something new is on its way to it. */
final class RaceTest {
    private final FakeCluster cluster = new FakeCluster("a:1", "b:2");
    private final FakeNode a = cluster.node("a:1");
    private final FakeNode b = cluster.node("b:2");
    private final Namespace ns = cluster.client().namespace("shop");

    @Test
    void progressThatANodeTellsBeforeItHasTakenAWatchInDoesNotMoveThatWatchOn() {
        List<String> seen = new ArrayList<>();
        ns.watch("/other").after(new Revision(5)).start((at, events) -> {});
        a.watch().ended(ErrorCode.COMPACTED); // so that there is a line to b
        WatchSubscription watch = ns.watch("/a").after(new Revision(5)).start((at, events) -> seen.add(at.toString()));
        b.saysNothingOfWatches();
        a.watch().ended(ErrorCode.COMPACTED);
        assertThat(b.watch().start().getPath()).isEqualTo("/a");
        b.progress(9);
        assertThat(watch.position()).isEqualTo(new Revision(5));
        b.watch().started(5);
        b.watch().events(8, "/a");
        assertThat(seen).containsExactly("8");
    }

    @Test
    void aGrantThatIsPushedAndThenAnsweredAgainIsOneLeaseWhichARenewalKeeps() {
        LeaseContext inTheWay =
                cluster.client().namespace("shop").lease("/x").acquireAsync().join();
        CompletableFuture<LeaseContext> asked =
                ns.lease("/x").ttl(Duration.ofSeconds(1)).acquireAsync();
        List<FakeCall> again = new ArrayList<>();
        a.next(FakeCall.of(LeaseCommand.Acquire.class), again::add);
        b.next(FakeCall.of(LeaseCommand.Acquire.class), again::add);
        a.breakLines();
        cluster.clock.passMillis(200);
        assertThat(again).hasSize(1);
        inTheWay.releaseAsync().join();
        LeaseContext lease = asked.join();
        again.get(0).carryOutAndAnswer();
        cluster.clock.passMillis(600);
        lease.renewAsync().join();
        cluster.clock.passMillis(600);
        assertThat(cluster.lease(lease.id())).as("nobody has released it").isNotNull();
        assertThat(lease.isHeld()).isTrue();
    }
}
