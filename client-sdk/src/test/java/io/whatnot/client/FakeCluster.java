package io.whatnot.client;

import io.whatnot.client.internal.ClientOptions;
import io.whatnot.client.internal.Simulated;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Entry;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.wire.FrameListener;
import io.whatnot.core.wire.FrameStream;
import io.whatnot.core.wire.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Several {@link FakeNode}s that share one state machine, and the wire to them. What they do with a call is the test's
 * to say; by default it is carried out at once and answered in the same breath, by whichever node it came to. Nothing
 * here has a thread: it all happens on the test's own.
 */
public final class FakeCluster implements Wire {
    private static final long MILLIS_AT_THE_BEGINNING = 50_000;

    public final VirtualClock clock = new VirtualClock();
    private final NamespaceStateMachine machine = new NamespaceStateMachine();
    /** All chance there is in its clients; always the same. */
    private final Random random = new Random(7);

    private final Map<String, FakeNode> nodes = new LinkedHashMap<>();
    private @Nullable String leader;
    private long stoodStillMillis;
    private double rate = 1;
    private boolean pushesHeldBack;
    private final List<Applied.Push> heldBack = new ArrayList<>();

    /** A cluster with a node at each endpoint; the first leads. */
    public FakeCluster(String... endpoints) {
        for (String endpoint : endpoints) {
            nodes.put(endpoint, new FakeNode(this, endpoint));
        }
        leader = endpoints[0];
        clock.onEachMove(this::tick);
    }

    /** The same, founded at that feature level. */
    public FakeCluster at(int level) {
        machine.apply(new Entry(timeMillis(), List.of(), level));
        return this;
    }

    // ---- clients

    /** How clients are unless the test says otherwise: a session of 10 s, an answer within 5 s, clocks within 1 %. */
    public ClientOptions options() {
        return new ClientOptions(List.copyOf(nodes.keySet()), "ann", "", 10_000, 5_000, 0.01);
    }

    /** A client that calls back at once, on whatever thread it is told something. */
    public NamespaceManager client() {
        return client(options());
    }

    public NamespaceManager client(ClientOptions options) {
        return client(options, Runnable::run, Runnable::run);
    }

    public NamespaceManager client(ClientOptions options, Executor callbacks, Executor listeners) {
        return Simulated.client(options, this, clock, clock.wallClock(), callbacks, listeners, random);
    }

    // ---- what there is

    public FakeNode node(String endpoint) {
        FakeNode node = nodes.get(endpoint);
        if (node == null) {
            throw new IllegalArgumentException("no node at " + endpoint);
        }
        return node;
    }

    public List<FakeNode> nodes() {
        return List.copyOf(nodes.values());
    }

    public State state() {
        return machine.state();
    }

    /** Cluster time now. */
    public long timeMillis() {
        return MILLIS_AT_THE_BEGINNING + (long) (clock.elapsedMillis() * rate) - stoodStillMillis;
    }

    /** The leases that are held, whoever holds them. */
    public List<LeaseId> leases() {
        List<LeaseId> ids = new ArrayList<>();
        for (var entry : state().locks().leases()) {
            ids.add(entry.key());
        }
        return ids;
    }

    public @Nullable Lease lease(LeaseId id) {
        return state().locks().lease(id);
    }

    /** Lets time pass until the future is done, for a minute at most, and gives what it came to. */
    public <T> T await(CompletableFuture<T> future) {
        for (int i = 0; i < 6_000 && !future.isDone(); i++) {
            clock.passMillis(10);
        }
        if (!future.isDone()) {
            throw new AssertionError("nothing came of it within a minute");
        }
        return future.join();
    }

    // ---- what happens to it

    /** Some node leads, or none; all tell their clients. */
    public void lead(@Nullable String endpoint) {
        leader = endpoint;
        nodes.values().forEach(node -> node.hint(endpoint == null ? "" : endpoint));
    }

    V1.Leader leader(String asToldBy) {
        return V1.Leader.newBuilder()
                .setEndpoint(leader == null ? "" : leader)
                .setHere(asToldBy.equals(leader))
                .build();
    }

    /** From the beginning its clock ran so much faster than the clients', or slower. */
    public void clockRunsAt(double rate) {
        this.rate = rate;
    }

    /** So much of the time that has passed did not count as cluster time. */
    public void timeStoodStill(long millis) {
        stoodStillMillis += millis;
    }

    /** Carries requests out, in one entry. Whom it concerns is for the caller to tell. */
    public Applied apply(Request... requests) {
        return machine.apply(new Entry(timeMillis(), Arrays.asList(requests)));
    }

    /** Lets all nodes tell what is to be told unasked. */
    void push(List<Applied.Push> pushes) {
        if (pushesHeldBack) {
            heldBack.addAll(pushes);
        } else {
            pushes.forEach(push -> nodes.values().forEach(node -> node.push(push)));
        }
    }

    /** A session ends, by no wish of its client. */
    public void endSession(long session) {
        push(apply(new Request(session, Long.MAX_VALUE, 1, List.of(), "", new SessionCommand.Close()))
                .pushes());
    }

    /** From now on nobody is told anything unasked. */
    public void holdPushesBack() {
        pushesHeldBack = true;
    }

    /** What nobody was told. */
    public List<Applied.Push> heldBack() {
        return heldBack;
    }

    /** Now they are. */
    public void letPushesGo() {
        pushesHeldBack = false;
        List<Applied.Push> all = List.copyOf(heldBack);
        heldBack.clear();
        push(all);
    }

    /** Its nodes lose all that has happened since then; nobody is told. */
    public void fallBackTo(State once) {
        machine.restore(once);
    }

    /** Its nodes lose everything. */
    public void forget() {
        fallBackTo(new NamespaceStateMachine().state());
    }

    /** It re-forms, and waits so long for what it may have forgotten. */
    public void reform(long term, long longestTtlMillis) {
        push(apply(new Request(0, 0, 0, List.of(), "", new ClusterCommand.Epoch(term, longestTtlMillis)))
                .pushes());
    }

    private void tick() {
        if (leader != null && state().nextDeadlineMillis() <= timeMillis()) {
            push(apply().pushes());
        }
    }

    // ---- the wire

    @Override
    public FrameStream<V1.ControlFrame> control(String endpoint, FrameListener<V1.ControlReply> listener) {
        return at(endpoint).control(listener);
    }

    @Override
    public FrameStream<V1.WatchFrame> watch(String endpoint, FrameListener<V1.WatchReply> listener) {
        return at(endpoint).watch(listener);
    }

    @Override
    public CompletableFuture<V1.StatusReply> status(String endpoint) {
        return at(endpoint).status();
    }

    @Override
    public void close() {
        nodes.values().forEach(FakeNode::breakLines);
    }

    /** The node at an endpoint; where there is none nobody answers. */
    private FakeNode at(String endpoint) {
        return nodes.computeIfAbsent(endpoint, nowhere -> new FakeNode(this, nowhere).cannotBeReached());
    }
}
