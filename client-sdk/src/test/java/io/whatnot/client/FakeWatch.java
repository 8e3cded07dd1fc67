package io.whatnot.client;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.protocol.ResultCodec;
import io.whatnot.core.protocol.v1.V1;

/** One watch as a node knows it. */
public final class FakeWatch {
    private final FakeNode.WatchLine line;
    private final long id;
    private final V1.StartWatch start;
    long credit;
    boolean stopped;

    FakeWatch(FakeNode.WatchLine line, long id, V1.StartWatch start) {
        this.line = line;
        this.id = id;
        this.start = start;
        this.credit = start.getCredit();
    }

    public long id() {
        return id;
    }

    /** What the client wanted. */
    public V1.StartWatch start() {
        return start;
    }

    /** How many bytes the client has said may be sent, in all. */
    public long credit() {
        return credit;
    }

    /** Whether the client has stopped it, or broken its line off. */
    public boolean isOver() {
        return stopped || line.isOver();
    }

    public void started(long after) {
        line.say(V1.WatchReply.newBuilder()
                .setStarted(V1.Started.newBuilder().setWatch(id).setAfter(after)));
    }

    /** The last part of the initial state, or the only one. */
    public void state(long revision, String... paths) {
        state(revision, true, paths);
    }

    /** A part of the initial state with more to follow. */
    public void statePart(long revision, String... paths) {
        state(revision, false, paths);
    }

    private void state(long revision, boolean last, String... paths) {
        V1.State.Builder state =
                V1.State.newBuilder().setWatch(id).setRevision(revision).setLast(last);
        for (String path : paths) {
            state.addElements(
                    V1.Element.newBuilder().setPath(path).setVersion(1).setModRevision(revision));
        }
        line.say(V1.WatchReply.newBuilder().setState(state));
    }

    /** All that happened at a revision. */
    public void events(long revision, String... paths) {
        line.say(V1.WatchReply.newBuilder().setEvents(eventsMessage(revision, true, paths)));
    }

    /** Some of what happened at a revision. */
    public void eventsPart(long revision, String... paths) {
        line.say(V1.WatchReply.newBuilder().setEvents(eventsMessage(revision, false, paths)));
    }

    /** All that happened at a revision, in one frame for several watches of this line. */
    public void eventsForAll(long revision, String path, FakeWatch... others) {
        V1.Events.Builder events = eventsMessage(revision, true, path);
        for (FakeWatch other : others) {
            events.addWatches(other.id);
        }
        line.say(V1.WatchReply.newBuilder().setEvents(events));
    }

    /** An event with a value of so many bytes. */
    public void largeEvent(long revision, String path, int bytes) {
        V1.Events.Builder events = eventsMessage(revision, true, path);
        events.getEventsBuilder(0)
                .setValue(V1.Value.newBuilder()
                        .setBytes(ByteString.copyFrom(new byte[bytes]))
                        .setContentType("x"));
        line.say(V1.WatchReply.newBuilder().setEvents(events));
    }

    private V1.Events.Builder eventsMessage(long revision, boolean last, String... paths) {
        V1.Events.Builder events =
                V1.Events.newBuilder().addWatches(id).setRevision(revision).setLast(last);
        for (int i = 0; i < paths.length; i++) {
            events.addEvents(V1.Event.newBuilder().setIndex(i).setPath(paths[i]).setChange(V1.Change.CHANGE_EDITED));
        }
        return events;
    }

    public void say(V1.WatchReply.Builder reply) {
        line.say(reply);
    }

    /** The node ends it. */
    public void ended(ErrorCode code) {
        line.forget(this);
        line.say(V1.WatchReply.newBuilder()
                .setEnded(V1.Ended.newBuilder()
                        .setWatch(id)
                        .setRefused(ResultCodec.encode(new Refused(code, "ended by the script")))));
    }

    @Override
    public String toString() {
        return "watch " + id + " after " + start.getAfter();
    }
}
