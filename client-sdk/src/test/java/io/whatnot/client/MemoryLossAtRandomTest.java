package io.whatnot.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.client.internal.Simulated;
import io.whatnot.core.state.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Clients take and give back locks, while messages get lost and are late, and the cluster loses its memory, wholly or but
 * for an older state, again and again: what they believe excludes, tokens grow, and in the end nothing is left.
 */
final class MemoryLossAtRandomTest {
    private static final int SEEDS = 150;
    private static final int STEPS = 250;
    private static final List<String> PATHS = List.of("/a", "/a/b", "/c");

    /** One client, and what it was granted. */
    private static final class Actor {
        final NamespaceManager client;
        final Namespace ns;
        final List<LeaseContext> leases = new ArrayList<>();
        final List<CompletableFuture<LeaseContext>> asked = new ArrayList<>();

        Actor(NamespaceManager client) {
            this.client = client;
            this.ns = client.namespace("shop");
        }
    }

    private static final class Run {
        final SplittableRandom random;
        final FakeCluster cluster = new FakeCluster("a:1", "b:2");
        final List<Actor> actors = new ArrayList<>();
        final Map<String, Long> tokens = new TreeMap<>();
        State survivor = cluster.state();
        long longestTtlMillis;
        long term;
        int kept;
        int lost;
        int losses;
        long setBackMillis;

        Run(long seed) {
            random = new SplittableRandom(seed);
            for (int i = 0; i < 3; i++) {
                ClientOptions options = new ClientOptions(
                        cluster.options().endpoints(),
                        "c" + i,
                        "",
                        1_000 + random.nextInt(4_000),
                        1_000 + random.nextInt(4_000),
                        0.01,
                        true,
                        recovered -> {
                            kept += recovered.kept().size();
                            lost += recovered.lost().size();
                        });
                actors.add(new Actor(cluster.client(options)));
            }
        }

        void step() {
            Actor actor = actors.get(random.nextInt(actors.size()));
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> acquire(actor);
                case 4, 5 -> {
                    if (!actor.leases.isEmpty()) {
                        actor.leases.remove(random.nextInt(actor.leases.size())).releaseAsync();
                    }
                }
                case 6 -> {
                    if (!actor.leases.isEmpty()) {
                        actor.leases.get(random.nextInt(actor.leases.size())).renewAsync();
                    }
                }
                case 7 -> {
                    if (!actor.asked.isEmpty()) {
                        actor.asked.get(random.nextInt(actor.asked.size())).cancel(false);
                    }
                }
                case 8 -> survivor = cluster.state();
                case 9 -> disturb(cluster.nodes().get(random.nextInt(2)));
                case 10 -> {
                    if (random.nextInt(4) == 0) {
                        lose();
                    }
                }
                default -> pass(random.nextInt(40));
            }
            pass(random.nextInt(8));
        }

        private void acquire(Actor actor) {
            LeaseRequest request = actor.ns
                    .lease(PATHS.get(random.nextInt(PATHS.size())))
                    .waitTimeout(Duration.ofMillis(random.nextInt(3) == 0 ? 0 : random.nextInt(20_000)));
            if (random.nextBoolean()) {
                request = request.ttl(Duration.ofMillis(100 + random.nextInt(6_000)));
            }
            if (random.nextInt(3) == 0) {
                request = request.prefix();
            }
            CompletableFuture<LeaseContext> future = request.acquireAsync();
            actor.asked.add(future);
            future.thenAccept(lease -> granted(actor, lease));
        }

        private void granted(Actor actor, LeaseContext lease) {
            actor.leases.add(lease);
            String path = lease.targets().get(0).path().toString();
            Long before = tokens.put(path, lease.token().value());
            assertThat(before == null || before < lease.token().value())
                    .as("token of %s after %s", lease, before)
                    .isTrue();
        }

        private void disturb(FakeNode node) {
            Predicate<FakeCall> commands = FakeCall.anAttachment().negate();
            switch (random.nextInt(4)) {
                case 0 -> node.next(commands, FakeCall.answerLost());
                case 1 -> node.next(commands, FakeCall.requestLost());
                case 2 -> {
                    long late = random.nextInt(400);
                    node.next(commands, call -> cluster.clock.schedule(late, call::carryOutAndAnswer));
                }
                default -> node.breakLines();
            }
        }

        /** Everything since the survivor's state is gone, or everything. What was on its way is on its way yet. */
        private void lose() {
            losses++;
            longestTtlMillis = Math.max(longestTtlMillis, cluster.state().longestTtlMillis());
            if (random.nextBoolean()) {
                cluster.forget();
                long back = Math.min(random.nextInt(10_000), 45_000 - setBackMillis);
                setBackMillis += back;
                cluster.timeStoodStill(back);
            } else {
                cluster.fallBackTo(survivor);
            }
            term = Math.max(term, cluster.state().epoch()) + 1 + random.nextInt(3);
            cluster.reform(term, longestTtlMillis);
            survivor = cluster.state();
            if (random.nextBoolean()) {
                cluster.nodes().forEach(FakeNode::breakLines);
            }
        }

        void pass(int tens) {
            for (int i = 0; i <= tens; i++) {
                cluster.clock.passMillis(10);
                exclusive();
            }
        }

        private void exclusive() {
            List<LeaseContext> held = new ArrayList<>();
            for (Actor actor : actors) {
                // Whoever finds that it holds no more gives it back, and somebody else may get it at once.
                List<LeaseContext> over = new ArrayList<>(actor.leases);
                over.removeIf(LeaseContext::isHeld);
                actor.leases.removeAll(over);
                held.addAll(actor.leases);
            }
            for (int i = 0; i < held.size(); i++) {
                for (LeaseContext other : held.subList(0, i)) {
                    assertThat(held.get(i)
                                    .targets()
                                    .get(0)
                                    .conflictsWith(other.targets().get(0)))
                            .as("%s and %s are both held", held.get(i), other)
                            .isFalse();
                }
            }
        }

        void conclude() {
            cluster.nodes().forEach(FakeNode::asUsual);
            pass(3_000);
            for (Actor actor : actors) {
                assertThat(actor.asked).allMatch(CompletableFuture::isDone);
                Simulated.closeAsync(actor.client);
            }
            pass(1_000);
            assertThat(cluster.leases()).isEmpty();
            assertThat(cluster.state().sessions().count()).isZero();
        }
    }

    @Test
    void whatIsBelievedExcludesWhateverTheClusterForgets() {
        int kept = 0;
        int lost = 0;
        int losses = 0;
        for (long seed = 1; seed <= Long.getLong("memory.seeds", SEEDS); seed++) {
            Run run = new Run(seed);
            try {
                for (int i = 0; i < STEPS; i++) {
                    run.step();
                }
                run.conclude();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            kept += run.kept;
            lost += run.lost;
            losses += run.losses;
        }
        System.out.println(losses + " losses of memory, " + kept + " leases kept, " + lost + " lost");
        assertThat(kept).isGreaterThan(losses / 2);
    }
}
