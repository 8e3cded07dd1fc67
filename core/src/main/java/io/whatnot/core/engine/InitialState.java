package io.whatnot.core.engine;

import io.whatnot.core.protocol.CommonCodec;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.state.State;
import io.whatnot.core.state.tree.Elements;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * The elements that a watch begins with, as they were at one revision, on their way to its client in parts. What can't be
 * sent at once is held for a while under a name of {@link Views}, and lost after that: a client that doesn't read must not
 * keep old states in memory.
 */
final class InitialState {
    private static final int PART_BYTES = 128 << 10;

    private final State state;
    private final Views views;
    private final Iterator<Elements.Placed> left;
    /** What it is held under; 0 if it isn't. */
    private long view;

    /** What of the state a watch covers. */
    InitialState(State state, Watch watch, Views views) {
        this.state = state;
        this.views = views;
        this.left = covered(state, watch);
    }

    private static Iterator<Elements.Placed> covered(State state, Watch watch) {
        Elements elements = state.elements();
        if (!elements.hasNamespace(watch.namespace)) {
            return Collections.emptyIterator();
        }
        List<Elements.Placed> own = new ArrayList<>();
        Elements.Placed closest = elements.closest(watch.namespace, watch.path);
        if (closest.path().equals(watch.path)) {
            own.add(closest);
        }
        if (!watch.recursive) {
            return own.iterator();
        }
        Iterator<Elements.Placed> first = own.iterator();
        Iterator<Elements.Placed> below = elements.below(watch.namespace, watch.path, true, watch.path);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return first.hasNext() || below.hasNext();
            }

            @Override
            public Elements.Placed next() {
                return first.hasNext() ? first.next() : below.next();
            }
        };
    }

    /** Whether it was not read in time, or too many are being read. */
    boolean isLost() {
        return view != 0 && views.get(view) == null;
    }

    /** Keeps what is left for later. */
    void hold() {
        if (view == 0) {
            view = views.hold(state);
        }
    }

    /** It is not wanted any more. */
    void release() {
        if (view != 0) {
            views.release(view);
            view = 0;
        }
    }

    /** Sends one part; whether it was the last. */
    boolean sendPart(Watch watch) {
        V1.State.Builder part = V1.State.newBuilder().setWatch(watch.id).setRevision(watch.cursor);
        int bytes = 0;
        while (left.hasNext() && bytes < PART_BYTES) {
            Elements.Placed placed = left.next();
            V1.Element element = CommonCodec.encode(placed.element().view(placed.path()));
            part.addElements(element);
            bytes += element.getSerializedSize();
        }
        boolean last = !left.hasNext();
        watch.connection.send(
                V1.WatchReply.newBuilder().setState(part.setLast(last)).build());
        watch.credit -= bytes;
        return last;
    }
}
