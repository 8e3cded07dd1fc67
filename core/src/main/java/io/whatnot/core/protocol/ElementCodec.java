package io.whatnot.core.protocol;

import static io.whatnot.core.protocol.RequestCodec.known;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.protocol.v1.V1;

/** Commands about elements, as requests bear them and transactions do. */
final class ElementCodec {
    private ElementCodec() {}

    static V1.Register.Builder encode(ElementCommand.Register register) {
        return V1.Register.newBuilder()
                .setNamespace(register.namespace())
                .setPath(register.path().toString())
                .setLease(register.lease());
    }

    static V1.RegisterUnique.Builder encode(ElementCommand.RegisterUnique unique) {
        return V1.RegisterUnique.newBuilder()
                .setNamespace(unique.namespace())
                .setParent(unique.path().toString())
                .setValue(CommonCodec.encode(unique.value()))
                .setLease(unique.lease());
    }

    static V1.Put.Builder encode(ElementCommand.Put put) {
        return V1.Put.newBuilder()
                .setNamespace(put.namespace())
                .setPath(put.path().toString())
                .setValue(CommonCodec.encode(put.value()))
                .setTtl(put.ttlMillis())
                .setEphemeral(put.ephemeral())
                .setCondition(encode(put.condition()))
                .setLease(put.lease());
    }

    static V1.Delete.Builder encode(ElementCommand.Delete delete) {
        return V1.Delete.newBuilder()
                .setNamespace(delete.namespace())
                .setPath(delete.path().toString())
                .setRecursive(delete.recursive())
                .setCondition(encode(delete.condition()))
                .setLease(delete.lease());
    }

    private static V1.Condition encode(ElementCommand.Condition condition) {
        return V1.Condition.newBuilder()
                .setIfAbsent(condition.ifAbsent())
                .setIfVersion(condition.ifVersion())
                .setIfModRevision(condition.ifModRevision())
                .setIfPresent(condition.ifPresent())
                .build();
    }

    static ElementCommand.Register decode(V1.Register message, String namespace) {
        V1.Register register = known(message);
        return new ElementCommand.Register(namespace, AbsolutePath.parse(register.getPath()), register.getLease());
    }

    static ElementCommand.RegisterUnique decode(V1.RegisterUnique message, String namespace) {
        V1.RegisterUnique unique = known(message);
        return new ElementCommand.RegisterUnique(
                namespace,
                AbsolutePath.parse(unique.getParent()),
                CommonCodec.decode(known(unique.getValue())),
                unique.getLease());
    }

    static ElementCommand.Put decode(V1.Put message, String namespace) {
        V1.Put put = known(message);
        return new ElementCommand.Put(
                namespace,
                AbsolutePath.parse(put.getPath()),
                CommonCodec.decode(known(put.getValue())),
                put.getTtl(),
                put.getEphemeral(),
                decode(put.getCondition()),
                put.getLease());
    }

    static ElementCommand.Delete decode(V1.Delete message, String namespace) {
        V1.Delete delete = known(message);
        return new ElementCommand.Delete(
                namespace,
                AbsolutePath.parse(delete.getPath()),
                delete.getRecursive(),
                decode(delete.getCondition()),
                delete.getLease());
    }

    private static ElementCommand.Condition decode(V1.Condition message) {
        V1.Condition condition = known(message);
        return condition.equals(V1.Condition.getDefaultInstance())
                ? ElementCommand.Condition.NONE
                : new ElementCommand.Condition(
                        condition.getIfAbsent(),
                        condition.getIfVersion(),
                        condition.getIfModRevision(),
                        condition.getIfPresent());
    }
}
