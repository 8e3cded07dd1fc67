package io.whatnot.node.faults;

import io.whatnot.client.Namespace;
import io.whatnot.client.WatchListener;
import io.whatnot.client.WatchSubscription;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Revision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** W7: a watch of all registers, which is now and then closed and begun again where it was. */
final class WatchLoad implements Load {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Client client;
    private final Namespace namespace;
    private final boolean resumes;
    private final Mirror mirror;
    private WatchSubscription subscription;

    WatchLoad(Client client, Namespace namespace, boolean resumes) {
        this.client = client;
        this.namespace = namespace;
        this.resumes = resumes;
        this.mirror = new Mirror(client.history(), client.history().begin("watch"));
        this.subscription =
                namespace.watch(RegisterLoad.ROOT).recursive().initialState().start(mirror.listener());
    }

    @Override
    public void step(Random random) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500 + random.nextInt(4_000)));
        Revision position = subscription.position();
        if (resumes && position.value() > 0) {
            subscription.close();
            WatchListener next = mirror.listener();
            // What was being told when it was closed may not be counted in its position.
            Revision from =
                    new Revision(Math.max(mirror.seen(), subscription.position().value()));
            subscription =
                    namespace.watch(RegisterLoad.ROOT).recursive().after(from).start(next);
        }
    }

    /** Requires that it gets there, and that its mirror is then what the cluster has. To be called when nobody writes. */
    void conclude(Revision last) throws InterruptedException {
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> subscription.position().compareTo(last) >= 0);
        } catch (ConditionTimeoutException e) {
            client.history()
                    .violation("I9 a watch comes to see everything: it is at " + subscription.position() + ", not at "
                            + last + ", " + PATIENCE.toSeconds() + " s after the last fault");
            return;
        }
        List<ElementView> listed = namespace.subtree(RegisterLoad.ROOT);
        Map<AbsolutePath, Mirror.Content> there = new TreeMap<>();
        listed.forEach(element -> there.put(
                element.path(),
                new Mirror.Content(element.version(), element.modRevision().value())));
        Map<AbsolutePath, Mirror.Content> mirrored = mirror.contents();
        mirrored.remove(AbsolutePath.parse(RegisterLoad.ROOT));
        if (!there.equals(mirrored)) {
            client.history().violation("I10 a mirror is what is there: " + difference(there, mirrored));
        }
        client.history().note('w', 0, "mirrored " + there.size() + " after " + mirror.resyncs() + " resyncs");
    }

    private static String difference(
            Map<AbsolutePath, Mirror.Content> there, Map<AbsolutePath, Mirror.Content> mirrored) {
        Map<AbsolutePath, Mirror.Content> missing = new TreeMap<>(there);
        missing.entrySet().removeAll(mirrored.entrySet());
        Map<AbsolutePath, Mirror.Content> wrong = new TreeMap<>(mirrored);
        wrong.entrySet().removeAll(there.entrySet());
        return "of " + there.size() + " it lacks "
                + missing.entrySet().stream().limit(3).toList() + " and has "
                + wrong.entrySet().stream().limit(3).toList() + " instead";
    }

    @Override
    public void close() {
        subscription.close();
    }
}
