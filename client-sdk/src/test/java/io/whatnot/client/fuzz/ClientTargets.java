package io.whatnot.client.fuzz;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.whatnot.client.Consistency;
import io.whatnot.client.FakeCluster;
import io.whatnot.client.FakeNode;
import io.whatnot.client.LeaseContext;
import io.whatnot.client.LeaseRequest;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.Put;
import io.whatnot.client.WatchListener;
import io.whatnot.client.WhatnotException;
import io.whatnot.client.internal.Simulated;
import io.whatnot.core.fuzz.FuzzTarget;
import io.whatnot.core.fuzz.FuzzTargets;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the SDK decodes: the lines of an import, and the frames of nodes. Of those a node says any, and then breaks; every
 * caller must have been told something in its time, and at another node all must go on as ever.
 */
public final class ClientTargets implements FuzzTargets {
    private static final int FRAMES_MAX = 64;
    /** After so long whoever asked has been told something: the longest that a node may have it put off is a minute. */
    private static final Duration ALL_TOLD = Duration.ofSeconds(70);

    @Override
    public Map<String, FuzzTarget> targets() {
        Map<String, FuzzTarget> targets = new TreeMap<>();
        targets.put("import", ClientTargets::imports);
        targets.put("control-replies", ClientTargets::control);
        targets.put("watch-replies", ClientTargets::watch);
        targets.put("status-reply", ClientTargets::status);
        return targets;
    }

    // ---- imports

    /** What was read is written down in a form that is read as the same. */
    private static void imports(byte[] input) throws IOException, InterruptedException {
        NamespaceManager client = new FakeCluster("a:1").client();
        Namespace from = client.namespace("from");
        try {
            from.importFrom(new ByteArrayInputStream(input));
        } catch (IllegalArgumentException | WhatnotException refused) {
            require(String.valueOf(refused.getMessage()).contains("line "), "does not name the line: " + refused);
        }
        byte[] lines = exported(from);
        Namespace to = client.namespace("to");
        to.importFrom(new ByteArrayInputStream(lines));
        require(Arrays.equals(exported(to), lines), "came back otherwise");
    }

    private static byte[] exported(Namespace namespace) throws IOException, InterruptedException {
        namespace.register("/");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        namespace.exportTo(out);
        return out.toByteArray();
    }

    // ---- what nodes say

    /**
     * Replies on a control stream, each behind its length, to a client that waits for answers. With a first byte that is
     * odd it has a session, else it has just asked for one.
     */
    private static void control(byte[] input) throws IOException {
        Story story = new Story();
        if (input.length > 0 && input[0] % 2 != 0) {
            require(story.put().join().version() == 1, "the first put");
        }
        story.a.goSilent();
        List<CompletableFuture<?>> asked = new ArrayList<>(List.of(
                story.put(),
                story.namespace.getAsync("/x", Consistency.LINEARIZABLE),
                story.lease("/l").acquireAsync(),
                story.lease("/m").ttl(Duration.ofSeconds(1)).acquireAsync(),
                story.namespace.deleteAsync("/y", Put.with())));
        for (V1.ControlReply reply : frames(input, V1.ControlReply.parser())) {
            FrameListener<V1.ControlReply> line = story.wire.control;
            if (line != null) {
                // Which epoch it is, and what time, a client has to believe.
                line.frame(reply.toBuilder()
                        .setRevision(reply.getRevision() & 0xFFFF)
                        .build());
            }
            story.cluster.clock.passMillis(7);
        }
        story.goOnAtTheOther();
        for (CompletableFuture<?> future : asked) {
            require(future.isDone(), "somebody was told nothing");
        }
        story.requireServed();
    }

    /** Replies on a watch stream, each behind its length, to two watches, of which one began with the state. */
    private static void watch(byte[] input) throws IOException {
        Story story = new Story();
        require(story.put().join().version() == 1, "the first put");
        story.a.saysNothingOfWatches();
        List<Ordered> listeners = List.of(new Ordered(), new Ordered());
        story.namespace.watch("/a").start(listeners.get(0));
        story.namespace.watch("/").recursive().initialState().start(listeners.get(1));
        for (V1.WatchReply reply : frames(input, V1.WatchReply.parser())) {
            FrameListener<V1.WatchReply> line = story.wire.watch;
            if (line != null) {
                line.frame(reply);
            }
            story.cluster.clock.passMillis(7);
        }
        story.goOnAtTheOther();
        Ordered another = new Ordered();
        story.namespace.watch("/another").start(another);
        for (int i = 0; i < ALL_TOLD.toSeconds() && another.last < 0; i++) {
            story.cluster.clock.pass(Duration.ofSeconds(1));
            story.b.watches().stream()
                    .filter(watch -> watch.start().getPath().equals("/another") && !watch.isOver())
                    .forEach(watch -> watch.events(1L << 40, "/another"));
        }
        require(another.last == 1L << 40, "another watch is told nothing");
        story.requireServed();
    }

    /** What a node says of itself. */
    private static void status(byte[] input) throws InterruptedException {
        V1.StatusReply reply;
        try {
            reply = V1.StatusReply.parseFrom(input);
        } catch (InvalidProtocolBufferException garbage) {
            return;
        }
        Story story = new Story();
        story.wire.status = CompletableFuture.completedFuture(reply);
        require(story.manager.nodes().size() >= 2, "a node is left out");
    }

    /** The frames that there are before the first that is none; gRPC lets nothing else through. */
    private static <T extends Message> List<T> frames(byte[] input, Parser<T> parser) throws IOException {
        List<T> frames = new ArrayList<>();
        ByteArrayInputStream in = new ByteArrayInputStream(input);
        in.skipNBytes(Math.min(1, input.length));
        while (frames.size() < FRAMES_MAX) {
            try {
                T frame = parser.parseDelimitedFrom(in);
                if (frame == null) {
                    return frames;
                }
                frames.add(frame);
            } catch (InvalidProtocolBufferException garbage) {
                return frames;
            }
        }
        return frames;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** A client of two nodes. What the first says is made up; the second does what a node does. */
    private static final class Story {
        final FakeCluster cluster = new FakeCluster("a:1", "b:2");
        final FakeNode a = cluster.node("a:1");
        final FakeNode b = cluster.node("b:2");
        final Tapped wire = new Tapped(cluster);
        final NamespaceManager manager = Simulated.client(
                cluster.options(),
                wire,
                cluster.clock,
                cluster.clock.wallClock(),
                Runnable::run,
                Runnable::run,
                new Random(7));
        final Namespace namespace = manager.namespace("n");

        CompletableFuture<Result.Written> put() {
            return namespace.putAsync("/x", Value.of("1"), Put.with());
        }

        LeaseRequest lease(String path) {
            return namespace.lease(path).waitTimeout(Duration.ofSeconds(10));
        }

        /** The first node is gone for good, and the second leads. */
        void goOnAtTheOther() {
            a.cannotBeReached();
            cluster.lead("b:2");
            cluster.clock.pass(ALL_TOLD);
        }

        void requireServed() {
            CompletableFuture<?> put = put();
            CompletableFuture<LeaseContext> lease = lease("/another").acquireAsync();
            cluster.clock.pass(ALL_TOLD);
            require(put.isDone() && !put.isCompletedExceptionally(), "a put at the other node fails: " + put);
            require(lease.isDone() && !lease.isCompletedExceptionally(), "a lease at the other node fails: " + lease);
            CompletableFuture<Void> closed = Simulated.closeAsync(manager);
            cluster.clock.pass(ALL_TOLD);
            require(closed.isDone(), "it is never closed");
            require(cluster.leases().isEmpty(), "a lease is left of a client that was closed");
        }
    }

    /** A watch that must be told whole revisions that grow. */
    private static final class Ordered implements WatchListener {
        long last = Long.MIN_VALUE;

        @Override
        public void initialState(Revision at, List<ElementView> elements) {
            last = at.value();
        }

        @Override
        public void events(Revision at, List<WatchEvent> events) {
            require(at.value() > last, at + " was told after " + last);
            last = at.value();
        }
    }

    /** The wire to the cluster, with the listeners of the lines to its first node at hand. */
    private static final class Tapped implements Wire {
        private final FakeCluster cluster;

        @Nullable
        FrameListener<V1.ControlReply> control;

        @Nullable
        FrameListener<V1.WatchReply> watch;

        @Nullable
        CompletableFuture<V1.StatusReply> status;

        Tapped(FakeCluster cluster) {
            this.cluster = cluster;
        }

        @Override
        public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener) {
            control = endpoint.equals("a:1") ? listener : control;
            return cluster.control(endpoint, listener);
        }

        @Override
        public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener) {
            watch = endpoint.equals("a:1") ? listener : watch;
            return cluster.watch(endpoint, listener);
        }

        @Override
        public CompletableFuture<V1.StatusReply> status(String endpoint) {
            CompletableFuture<V1.StatusReply> made = status;
            return made != null && endpoint.equals("a:1") ? made : cluster.status(endpoint);
        }

        @Override
        public void close() {
            cluster.close();
        }
    }
}
