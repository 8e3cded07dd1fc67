package io.whatnot.core.engine;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.FrameListener;
import java.util.ArrayList;
import java.util.List;

/** A client with one watch stream, which keeps all it is told. */
final class WatchClient {
    /** More than any story sends. */
    static final long PLENTY = 1L << 30;

    final FakeStream<V1.WatchReply> stream = new FakeStream<>();
    private final FrameListener<V1.WatchFrame> node;

    WatchClient(WatchHub hub) {
        node = hub.open(stream);
        stream.listener = node;
    }

    void hello(String cluster) {
        node.frame(V1.WatchFrame.newBuilder()
                .setHello(V1.Hello.newBuilder().setCluster(cluster))
                .build());
    }

    void send(V1.WatchCall... calls) {
        node.frame(V1.WatchFrame.newBuilder().addAllCalls(List.of(calls)).build());
    }

    // ---- what it asks for

    /** A watch of a path with all below it. */
    static V1.StartWatch.Builder watching(String path) {
        return V1.StartWatch.newBuilder()
                .setNamespace(HubNode.NAMESPACE)
                .setPath(path)
                .setRecursive(true)
                .setCredit(PLENTY);
    }

    void start(long id, V1.StartWatch.Builder watch) {
        send(V1.WatchCall.newBuilder().setWatch(id).setStart(watch).build());
    }

    /** Watches everything from now on. */
    void start(long id) {
        start(id, watching("/"));
    }

    void credit(long id, long bytes) {
        send(V1.WatchCall.newBuilder().setWatch(id).setCredit(bytes).build());
    }

    void stop(long id) {
        send(V1.WatchCall.newBuilder()
                .setWatch(id)
                .setStop(V1.StopWatch.getDefaultInstance())
                .build());
    }

    /** The client reads again. */
    void ready() {
        node.ready();
    }

    /** The client goes away. */
    void disconnect() {
        stream.close();
    }

    // ---- what it is told

    /** The events that a watch was told, each as {@code revision CHANGE path}; of changed elements with their value. */
    List<String> events(long id) {
        List<String> events = new ArrayList<>();
        for (V1.WatchReply reply : stream.frames) {
            if (reply.hasEvents() && reply.getEvents().getWatchesList().contains(id)) {
                for (V1.Event event : reply.getEvents().getEventsList()) {
                    events.add(reply.getEvents().getRevision() + " " + words(event));
                }
            }
        }
        return events;
    }

    private static String words(V1.Event event) {
        String change = event.getChange().name().substring("CHANGE_".length());
        String value = event.hasValue() ? "=" + event.getValue().getBytes().toStringUtf8() : "";
        return change + " " + event.getPath() + value;
    }

    /** The elements of a watch's initial state, each as {@code path=value}, once it is whole. */
    List<String> state(long id) {
        List<String> elements = new ArrayList<>();
        for (V1.WatchReply reply : stream.frames) {
            if (reply.hasState() && reply.getState().getWatch() == id) {
                for (V1.Element element : reply.getState().getElementsList()) {
                    elements.add(element.getPath() + "="
                            + element.getValue().getBytes().toStringUtf8());
                }
            }
        }
        return elements;
    }

    boolean isStateWhole(long id) {
        return stream.frames.stream()
                .anyMatch(reply -> reply.hasState()
                        && reply.getState().getWatch() == id
                        && reply.getState().getLast());
    }

    long startedAfter(long id) {
        return stream.frames.stream()
                .filter(reply -> reply.hasStarted() && reply.getStarted().getWatch() == id)
                .findFirst()
                .orElseThrow()
                .getStarted()
                .getAfter();
    }

    boolean isEnded(long id) {
        return stream.frames.stream()
                .anyMatch(reply -> reply.hasEnded() && reply.getEnded().getWatch() == id);
    }

    Result.Refused end(long id) {
        V1.Ended ended = stream.frames.stream()
                .filter(reply -> reply.hasEnded() && reply.getEnded().getWatch() == id)
                .findFirst()
                .orElseThrow()
                .getEnded();
        return (Result.Refused) ResultCodec.decode(
                V1.Result.newBuilder().setRefused(ended.getRefused()).build());
    }

    ErrorCode endCode(long id) {
        return end(id).code();
    }

    List<V1.Progress> progress() {
        return stream.frames.stream()
                .filter(V1.WatchReply::hasProgress)
                .map(V1.WatchReply::getProgress)
                .toList();
    }
}
