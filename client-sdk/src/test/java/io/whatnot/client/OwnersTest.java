package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.core.model.Value;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** For whom a client asks: whose locks are in whose way. */
@Timeout(60)
final class OwnersTest {
    private static final Duration NOT_AT_ALL = Duration.ZERO;

    private final NamespaceManager whatnot = NamespaceManager.local();
    private final Namespace ns = whatnot.namespace("shop");
    private final ExecutorService anotherThread = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        whatnot.close();
        anotherThread.shutdown();
    }

    @Test
    void whatAThreadAsksForByBlockingCallsIsForOneOwner() throws Exception {
        LeaseContext first = ns.lease("/a").acquire();
        assertThat(ns.lease("/a").tryAcquire()).isPresent();
        assertThat(ns.put("/a", Value.of("x")).version()).isEqualTo(1);
        assertThat(first.isHeld()).isTrue();
    }

    @Test
    void anotherThreadIsAnotherOwner() throws Exception {
        LeaseContext held = ns.lease("/a").acquire();
        assertThat(anotherThread.submit(() -> ns.lease("/a").tryAcquire()).get(30, TimeUnit.SECONDS))
                .isEmpty();
        held.close();
        assertThat(anotherThread.submit(() -> ns.lease("/a").tryAcquire()).get(30, TimeUnit.SECONDS))
                .isPresent();
    }

    @Test
    void eachAsynchronousCallIsForAnOwnerOfItsOwn() throws Exception {
        ns.lease("/a").acquireAsync().get(30, TimeUnit.SECONDS);
        CompletableFuture<LeaseContext> second =
                ns.lease("/a").waitTimeout(NOT_AT_ALL).acquireAsync();
        assertThat(second.handle((lease, failure) -> failure).get(30, TimeUnit.SECONDS))
                .isInstanceOf(LockTimeoutException.class);
        assertThat(ns.lease("/a").tryAcquire()).as("nor is it the thread's").isEmpty();
    }

    @Test
    void anOwnerThatIsNamedIsTheSameWhereverItIsNamed() throws Exception {
        ns.lease("/a").owner("job 7").acquireAsync().get(30, TimeUnit.SECONDS);
        assertThat(anotherThread
                        .submit(() -> ns.lease("/a").owner("job 7").tryAcquire())
                        .get(30, TimeUnit.SECONDS))
                .isPresent();
        assertThat(ns.lease("/a").owner("job 8").tryAcquire()).isEmpty();
    }

    @Test
    void anyThreadMayCheckRenewAndReleaseALease() throws Exception {
        LeaseContext lease = ns.lease("/a").ttl(Duration.ofMinutes(1)).acquire();
        anotherThread
                .submit(() -> {
                    assertThat(lease.isHeld()).isTrue();
                    lease.renew();
                    lease.close();
                    return null;
                })
                .get(30, TimeUnit.SECONDS);
        assertThat(lease.isHeld()).isFalse();
        assertThat(ns.lease("/a").owner("somebody").tryAcquire()).isPresent();
    }
}
