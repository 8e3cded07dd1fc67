package io.whatnot.core.protocol;

import com.google.protobuf.ByteString;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Actor;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Mode;
import io.whatnot.core.model.PruneView;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Scope;
import io.whatnot.core.model.Secret;
import io.whatnot.core.model.Target;
import io.whatnot.core.model.UnsupportedException;
import io.whatnot.core.model.Value;
import io.whatnot.core.protocol.v1.V1;

/** The small messages that requests, results and events share. */
public final class CommonCodec {
    private CommonCodec() {}

    /** The message for a target. */
    public static V1.Target encode(Target target) {
        AbsolutePath pool = target.pool();
        return V1.Target.newBuilder()
                .setPath(target.path().toString())
                .setScope(encode(target.scope()))
                .setMode(encode(target.mode()))
                .setSlots(target.slots())
                .setPool(pool == null ? "" : pool.toString())
                .build();
    }

    /** The target in a message. */
    public static Target decode(V1.Target target) {
        return new Target(
                AbsolutePath.parse(target.getPath()),
                decode(target.getScope()),
                decode(target.getMode()),
                target.getSlots(),
                target.getPool().isEmpty() ? null : AbsolutePath.parse(target.getPool()));
    }

    static V1.Scope encode(Scope scope) {
        return switch (scope) {
            case ELEMENT -> V1.Scope.SCOPE_ELEMENT;
            case PREFIX -> V1.Scope.SCOPE_PREFIX;
        };
    }

    static Scope decode(V1.Scope scope) {
        return switch (scope) {
            case SCOPE_ELEMENT -> Scope.ELEMENT;
            case SCOPE_PREFIX -> Scope.PREFIX;
            case UNRECOGNIZED -> throw new UnsupportedException("unknown scope; there are ELEMENT and PREFIX");
        };
    }

    static V1.Mode encode(Mode mode) {
        return switch (mode) {
            case EXCLUSIVE -> V1.Mode.MODE_EXCLUSIVE;
            case SHARED -> V1.Mode.MODE_SHARED;
        };
    }

    static Mode decode(V1.Mode mode) {
        return switch (mode) {
            case MODE_EXCLUSIVE -> Mode.EXCLUSIVE;
            case MODE_SHARED -> Mode.SHARED;
            case UNRECOGNIZED -> throw new UnsupportedException("unknown mode; there are EXCLUSIVE and SHARED");
        };
    }

    static V1.Cause encode(Cause cause) {
        return switch (cause) {
            case REQUEST -> V1.Cause.CAUSE_REQUEST;
            case EXPIRED -> V1.Cause.CAUSE_EXPIRED;
            case SESSION_ENDED -> V1.Cause.CAUSE_SESSION_ENDED;
            case ADMIN -> V1.Cause.CAUSE_ADMIN;
        };
    }

    static Cause decode(V1.Cause cause) {
        return switch (cause) {
            case CAUSE_REQUEST -> Cause.REQUEST;
            case CAUSE_EXPIRED -> Cause.EXPIRED;
            case CAUSE_SESSION_ENDED -> Cause.SESSION_ENDED;
            case CAUSE_ADMIN -> Cause.ADMIN;
            case UNRECOGNIZED -> throw new IllegalArgumentException("unknown cause");
        };
    }

    /** The message for a secret. */
    public static V1.Secret encode(Secret secret) {
        return V1.Secret.newBuilder()
                .setHigh(secret.high())
                .setLow(secret.low())
                .build();
    }

    /** The secret in a message. */
    public static Secret decode(V1.Secret secret) {
        return new Secret(secret.getHigh(), secret.getLow());
    }

    /** The message for a value. */
    public static V1.Value encode(Value value) {
        return value.equals(Value.NONE)
                ? V1.Value.getDefaultInstance()
                : V1.Value.newBuilder()
                        .setBytes(ByteString.copyFrom(value.bytes()))
                        .setContentType(value.contentType())
                        .build();
    }

    /** The value in a message. */
    public static Value decode(V1.Value value) {
        return Value.of(value.getBytes().toByteArray(), value.getContentType());
    }

    /** The message for an actor. */
    public static V1.Actor encode(Actor actor) {
        return V1.Actor.newBuilder()
                .setName(actor.name())
                .setSession(actor.session())
                .build();
    }

    /** The actor in a message. */
    public static Actor decode(V1.Actor actor) {
        return new Actor(actor.getName(), actor.getSession());
    }

    /** The message for an element. */
    public static V1.Element encode(ElementView element) {
        V1.Element.Builder message = V1.Element.newBuilder()
                .setPath(element.path().toString())
                .setValue(encode(element.value()))
                .setVersion(element.version())
                .setCreateRevision(element.createRevision().value())
                .setModRevision(element.modRevision().value())
                .setActor(encode(element.actor()))
                .setTtl(element.ttlMillis())
                .setEphemeralSession(element.ephemeralSession());
        PruneView prune = element.prune();
        if (prune != null) {
            message.setPrune(V1.PruneInfo.newBuilder()
                    .setPolicy(prune.policy().toString())
                    .setIdleAfter(prune.idleAfterMillis())
                    .setRetainValues(prune.retainValues())
                    .setIdle(prune.idleMillis()));
        }
        return message.build();
    }

    /** The element in a message. */
    public static ElementView decode(V1.Element element) {
        return new ElementView(
                AbsolutePath.parse(element.getPath()),
                decode(element.getValue()),
                element.getVersion(),
                new Revision(element.getCreateRevision()),
                new Revision(element.getModRevision()),
                decode(element.getActor()),
                element.getTtl(),
                element.getEphemeralSession(),
                element.hasPrune() ? decode(element.getPrune()) : null);
    }

    private static PruneView decode(V1.PruneInfo prune) {
        return new PruneView(
                AbsolutePath.parse(prune.getPolicy()), prune.getIdleAfter(), prune.getRetainValues(), prune.getIdle());
    }
}
