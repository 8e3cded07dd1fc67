package io.whatnot.client;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Applied;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.StreamFailure;
import io.whatnot.core.wire.StreamFailure.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A node as its clients see it, which does what the test says, and remembers what it was sent. */
public final class FakeNode {
    /** What it does with those who want to talk to it. */
    private enum Door {
        OPEN,
        /** It can't be reached, and that is found out at once. */
        CLOSED,
        /** It can't be reached, and nothing is heard of it. */
        NOWHERE,
        /** It is of another cluster. */
        REFUSING,
        /** It is no endpoint at all. */
        NONSENSE
    }

    private record Rule(Predicate<FakeCall> calls, Consumer<FakeCall> script, boolean once) {}

    private final FakeCluster cluster;
    private final String endpoint;
    private final List<ControlLine> lines = new ArrayList<>();
    private final List<WatchLine> watchLines = new ArrayList<>();
    private final List<FakeCall> calls = new ArrayList<>();
    private final List<FakeWatch> watches = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private Door door = Door.OPEN;
    private boolean silent;
    private boolean startsWatches = true;
    private long behindBy;
    private Runnable onConnect = () -> {};
    private int connects;

    FakeNode(FakeCluster cluster, String endpoint) {
        this.cluster = cluster;
        this.endpoint = endpoint;
    }

    FakeCluster cluster() {
        return cluster;
    }

    // ---- the script: calls

    /** What becomes of the next such call. */
    public void next(Predicate<FakeCall> which, Consumer<FakeCall> script) {
        rules.add(new Rule(which, script, true));
    }

    /** What becomes of every such call from now on. */
    public void every(Predicate<FakeCall> which, Consumer<FakeCall> script) {
        rules.add(new Rule(which, script, false));
    }

    /** All that was said about calls is forgotten. */
    public void asUsual() {
        rules.clear();
    }

    // ---- the script: lines

    /** It says no more, whatever comes. */
    public FakeNode goSilent() {
        silent = true;
        return this;
    }

    /** It speaks again. */
    public FakeNode speak() {
        silent = false;
        return this;
    }

    /** Nobody gets a line to it, and is told so at once; those that are open break. */
    public FakeNode cannotBeReached() {
        door = Door.CLOSED;
        breakLines();
        return this;
    }

    /** Nobody gets a line to it, nor hears that there is none; those that are open go silent. */
    public FakeNode isNowhere() {
        door = Door.NOWHERE;
        silent = true;
        return this;
    }

    /** It turns out to be of another cluster. */
    public FakeNode refusesClients() {
        door = Door.REFUSING;
        return this;
    }

    /** Its endpoint makes no sense to the wire. */
    public FakeNode isNoEndpoint() {
        door = Door.NONSENSE;
        return this;
    }

    /** It is there again. */
    public FakeNode comesBack() {
        door = Door.OPEN;
        silent = false;
        return this;
    }

    /** Done whenever somebody gets a line, before anything goes over it. */
    public void onConnect(Runnable action) {
        onConnect = action;
    }

    /** All lines to it break. */
    public void breakLines() {
        StreamFailure why = new StreamFailure(Kind.UNREACHABLE, "the line broke");
        List.copyOf(lines).forEach(line -> line.end(why));
        List.copyOf(watchLines).forEach(line -> line.end(why));
    }

    /** Tells all its clients that the leader is there. */
    public void hint(String leader) {
        V1.Leader hint = V1.Leader.newBuilder()
                .setEndpoint(leader)
                .setHere(leader.equals(endpoint))
                .build();
        List.copyOf(lines)
                .forEach(line -> line.reply(V1.ControlReply.newBuilder().setLeader(hint)));
    }

    /** It has applied so much less than the others. */
    public void lagBehind(long revisions) {
        behindBy = revisions;
    }

    // ---- the script: what nobody asked for

    /** Tells whoever is attached to the session. */
    public void push(Applied.Push push) {
        push(push.id().session(), push.id().sequence(), push.result());
    }

    public void push(long session, long sequence, Result result) {
        push(session, sequence, ResultCodec.encode(result));
    }

    public void push(long session, long sequence, V1.Result result) {
        for (ControlLine line : List.copyOf(lines)) {
            if (line.attached.contains(session)) {
                line.reply(V1.ControlReply.newBuilder()
                        .addPushes(V1.Push.newBuilder()
                                .setSession(session)
                                .setSequence(sequence)
                                .setResult(result)));
            }
        }
    }

    /** Watches are taken in, but not said to have started. */
    public void saysNothingOfWatches() {
        startsWatches = false;
    }

    /** How far it is, to all its watchers but those of these watches. */
    public void progress(long revision, FakeWatch... behind) {
        V1.Progress.Builder progress = V1.Progress.newBuilder().setRevision(revision);
        for (FakeWatch watch : behind) {
            progress.addBehind(watch.id());
        }
        List.copyOf(watchLines)
                .forEach(line -> line.reply(
                        V1.WatchReply.newBuilder().setProgress(progress).build()));
    }

    // ---- what it has seen

    public String endpoint() {
        return endpoint;
    }

    /** How often somebody tried to get a line to it, of either kind. */
    public int connects() {
        return connects;
    }

    /** How many lines are open, of either kind. */
    public int openLines() {
        return lines.size() + watchLines.size();
    }

    /** Every call that came, in order. */
    public List<FakeCall> calls() {
        return List.copyOf(calls);
    }

    public List<FakeCall> calls(Predicate<FakeCall> which) {
        return calls.stream().filter(which).toList();
    }

    /** The only such call that came. */
    public FakeCall call(Predicate<FakeCall> which) {
        List<FakeCall> found = calls(which);
        if (found.size() != 1) {
            throw new AssertionError("there were " + found.size() + " such calls at " + endpoint + ": " + calls);
        }
        return found.get(0);
    }

    /** Every watch that was started here, in order. */
    public List<FakeWatch> watches() {
        return List.copyOf(watches);
    }

    /** The watch that was started here last. */
    public FakeWatch watch() {
        if (watches.isEmpty()) {
            throw new AssertionError("no watch was started at " + endpoint);
        }
        return watches.get(watches.size() - 1);
    }

    // ---- lines

    FrameStream<V1.ControlFrame> control(FrameListener<V1.ControlReply> listener) {
        ControlLine line = new ControlLine(listener);
        return connected(line, lines);
    }

    FrameStream<V1.WatchFrame> watch(FrameListener<V1.WatchReply> listener) {
        WatchLine line = new WatchLine(listener);
        return connected(line, watchLines);
    }

    private <L extends Line<?, ?>> L connected(L line, List<L> open) {
        connects++;
        onConnect.run();
        switch (door) {
            case OPEN -> open.add(line);
            case CLOSED -> line.end(new StreamFailure(Kind.UNREACHABLE, "nobody is there"));
            case NOWHERE, REFUSING -> {
                // it is found out later, or never
            }
            case NONSENSE -> throw new IllegalArgumentException(endpoint + " does not resolve");
        }
        return line;
    }

    CompletableFuture<V1.StatusReply> status() {
        return switch (door) {
            case OPEN ->
                CompletableFuture.completedFuture(V1.StatusReply.newBuilder()
                        .setNode(endpoint)
                        .setRole(cluster.leader(endpoint).getHere() ? "leader" : "follower")
                        .setRevision(cluster.state().revision())
                        .build());
            case NONSENSE -> throw new IllegalArgumentException(endpoint + " does not resolve");
            case NOWHERE -> new CompletableFuture<>();
            case CLOSED, REFUSING -> CompletableFuture.failedFuture(new IllegalStateException("nobody is there"));
        };
    }

    private void take(FakeCall call) {
        calls.add(call);
        if (silent) {
            return;
        }
        for (Rule rule : List.copyOf(rules)) {
            if (rule.calls.test(call)) {
                if (rule.once) {
                    rules.remove(rule);
                }
                rule.script.accept(call);
                return;
            }
        }
        call.carryOutAndAnswer();
    }

    /** The node's end of a stream. */
    private abstract static class Line<Q, P> implements FrameStream<Q> {
        private final FrameListener<P> listener;
        private boolean over;

        Line(FrameListener<P> listener) {
            this.listener = listener;
        }

        @Override
        public boolean isReady() {
            return !over;
        }

        final boolean isOver() {
            return over;
        }

        final void reply(P frame) {
            if (!over) {
                listener.frame(frame);
            }
        }

        /** It breaks, or the node ends it. */
        void end(StreamFailure why) {
            if (!over) {
                over = true;
                listener.closed(why);
            }
        }

        @Override
        public void close() {
            fail(StreamFailure.CLOSED);
        }

        @Override
        public void fail(StreamFailure why) {
            over = true;
        }
    }

    /** A control stream. */
    final class ControlLine extends Line<V1.ControlFrame, V1.ControlReply> {
        final Set<Long> attached = new HashSet<>();
        V1.@Nullable Hello hello;

        ControlLine(FrameListener<V1.ControlReply> listener) {
            super(listener);
        }

        @Override
        public void send(V1.ControlFrame frame) {
            if (isOver() || door == Door.NOWHERE) {
                return;
            }
            if (door == Door.REFUSING) {
                end(new StreamFailure(Kind.REFUSED, "this node is of cluster \"blue\""));
                return;
            }
            if (frame.hasHello()) {
                hello = frame.getHello();
                if (!silent) {
                    reply(V1.ControlReply.newBuilder().setLeader(cluster.leader(endpoint)));
                }
            }
            frame.getCallsList().forEach(call -> take(new FakeCall(FakeNode.this, this, call)));
        }

        void reply(V1.ControlReply.Builder frame) {
            if (!silent) {
                reply(frame.setRevision(Math.max(0, cluster.state().revision() - behindBy))
                        .build());
            }
        }

        @Override
        void end(StreamFailure why) {
            lines.remove(this);
            super.end(why);
        }

        @Override
        public void fail(StreamFailure why) {
            lines.remove(this);
            super.fail(why);
        }
    }

    /** A watch stream. */
    final class WatchLine extends Line<V1.WatchFrame, V1.WatchReply> {
        private final Map<Long, FakeWatch> open = new LinkedHashMap<>();

        WatchLine(FrameListener<V1.WatchReply> listener) {
            super(listener);
        }

        @Override
        public void send(V1.WatchFrame frame) {
            if (isOver() || door == Door.NOWHERE) {
                return;
            }
            if (door == Door.REFUSING) {
                end(new StreamFailure(Kind.REFUSED, "this node is of cluster \"blue\""));
                return;
            }
            frame.getCallsList().forEach(this::take);
        }

        private void take(V1.WatchCall call) {
            switch (call.getKindCase()) {
                case START -> {
                    FakeWatch watch = new FakeWatch(this, call.getWatch(), call.getStart());
                    watches.add(watch);
                    open.put(watch.id(), watch);
                    if (startsWatches && !silent) {
                        long after = call.getStart().getAfter();
                        watch.started(after == 0 ? cluster.state().revision() : after);
                    }
                }
                case CREDIT -> {
                    FakeWatch watch = open.get(call.getWatch());
                    if (watch != null) {
                        watch.credit += call.getCredit();
                    }
                }
                case STOP -> {
                    FakeWatch watch = open.remove(call.getWatch());
                    if (watch != null) {
                        watch.stopped = true;
                    }
                }
                case KIND_NOT_SET -> throw new AssertionError("a call of no kind");
            }
        }

        void forget(FakeWatch watch) {
            open.remove(watch.id());
        }

        void say(V1.WatchReply.Builder reply) {
            if (!silent) {
                reply(reply.build());
            }
        }

        @Override
        void end(StreamFailure why) {
            watchLines.remove(this);
            super.end(why);
        }

        @Override
        public void fail(StreamFailure why) {
            watchLines.remove(this);
            super.fail(why);
        }
    }

    @Override
    public String toString() {
        return endpoint;
    }

    /** A refusal that a node gives while it can't reach a leader. */
    public static Consumer<FakeCall> noLeader() {
        return call -> call.refuse(ErrorCode.UNAVAILABLE, "this node knows no leader; try another");
    }
}
