package io.whatnot.core.protocol;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Change;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Token;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.protocol.v1.V1;

/** Events, as the watch stream bears them: without namespace and revision, which their frame or watch tells. */
public final class EventCodec {
    private EventCodec() {}

    /** The message for an event, with the previous value or without. */
    public static V1.Event encode(WatchEvent event, boolean previousValue) {
        V1.Event.Builder message = V1.Event.newBuilder()
                .setIndex(event.index())
                .setPath(event.path().toString())
                .setChange(encode(event.change()))
                .setCause(CommonCodec.encode(event.cause()))
                .setActor(CommonCodec.encode(event.actor()))
                .setTime(event.timeMillis())
                .setVersion(event.version())
                .setNote(event.note());
        if (event.value() != null) {
            message.setValue(CommonCodec.encode(event.value()));
        }
        if (event.previous() != null && previousValue) {
            message.setPrevious(CommonCodec.encode(event.previous()));
        }
        if (event.token() != null) {
            message.setToken(event.token().value());
        }
        if (event.target() != null) {
            message.setTarget(CommonCodec.encode(event.target()));
        }
        return message.build();
    }

    /**
     * The event in a message.
     *
     * @throws IllegalArgumentException if it breaks a rule of the model
     */
    public static WatchEvent decode(String namespace, Revision revision, V1.Event message) {
        return new WatchEvent(
                namespace,
                revision,
                message.getIndex(),
                AbsolutePath.parse(message.getPath()),
                decode(message.getChange()),
                CommonCodec.decode(message.getCause()),
                CommonCodec.decode(message.getActor()),
                message.getTime(),
                message.hasValue() ? CommonCodec.decode(message.getValue()) : null,
                message.hasPrevious() ? CommonCodec.decode(message.getPrevious()) : null,
                message.getVersion(),
                message.getToken() == 0 ? null : new Token(message.getToken()),
                message.hasTarget() ? CommonCodec.decode(message.getTarget()) : null,
                message.getNote());
    }

    /** The message's name for a change. */
    public static V1.Change encode(Change change) {
        return switch (change) {
            case ADDED -> V1.Change.CHANGE_ADDED;
            case EDITED -> V1.Change.CHANGE_EDITED;
            case DELETED -> V1.Change.CHANGE_DELETED;
            case PRUNED -> V1.Change.CHANGE_PRUNED;
            case LOCKED -> V1.Change.CHANGE_LOCKED;
            case UNLOCKED -> V1.Change.CHANGE_UNLOCKED;
            case CLAIMED -> V1.Change.CHANGE_CLAIMED;
            case RELEASED -> V1.Change.CHANGE_RELEASED;
        };
    }

    /**
     * The change a message names.
     *
     * @throws IllegalArgumentException if this version knows none of that name
     */
    public static Change decode(V1.Change change) {
        return switch (change) {
            case CHANGE_ADDED -> Change.ADDED;
            case CHANGE_EDITED -> Change.EDITED;
            case CHANGE_DELETED -> Change.DELETED;
            case CHANGE_PRUNED -> Change.PRUNED;
            case CHANGE_LOCKED -> Change.LOCKED;
            case CHANGE_UNLOCKED -> Change.UNLOCKED;
            case CHANGE_CLAIMED -> Change.CLAIMED;
            case CHANGE_RELEASED -> Change.RELEASED;
            case CHANGE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("unknown change");
        };
    }
}
