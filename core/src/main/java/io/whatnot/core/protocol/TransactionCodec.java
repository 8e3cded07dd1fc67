package io.whatnot.core.protocol;

import static io.whatnot.core.protocol.RequestCodec.known;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.Transaction.Compare;
import io.whatnot.core.model.Transaction.Operation;
import io.whatnot.core.protocol.v1.V1;

/** Transactions. The namespace is said once: operations leave theirs empty. */
final class TransactionCodec {
    private TransactionCodec() {}

    static V1.Transact encode(Transaction transaction) {
        V1.Transact.Builder message = V1.Transact.newBuilder().setNamespace(transaction.namespace());
        transaction.compares().forEach(compare -> message.addCompares(encode(compare)));
        transaction.then().forEach(operation -> message.addThen(encode(operation)));
        transaction.otherwise().forEach(operation -> message.addOtherwise(encode(operation)));
        return message.build();
    }

    private static V1.Compare.Builder encode(Compare compare) {
        V1.Compare.Builder message = V1.Compare.newBuilder();
        if (compare instanceof Compare.ValueIs is) {
            return message.setPath(is.path().toString()).setValue(CommonCodec.encode(is.value()));
        }
        if (compare instanceof Compare.VersionIs is) {
            return message.setPath(is.path().toString()).setVersion(is.version());
        }
        if (compare instanceof Compare.ModRevisionIs is) {
            return message.setPath(is.path().toString()).setModRevision(is.modRevision());
        }
        if (compare instanceof Compare.Registered is) {
            return message.setPath(is.path().toString()).setRegistered(is.registered());
        }
        if (compare instanceof Compare.Held held) {
            return message.setHeld(V1.LeaseName.newBuilder()
                    .setSession(held.lease().session())
                    .setSequence(held.lease().sequence()));
        }
        throw new AssertionError(compare);
    }

    private static V1.Operation.Builder encode(Operation operation) {
        V1.Operation.Builder message = V1.Operation.newBuilder();
        if (operation instanceof Operation.Get get) {
            return message.setGet(V1.Get.newBuilder().setPath(get.path().toString()));
        }
        ElementCommand command = ((Operation.Change) operation).command();
        if (command instanceof ElementCommand.Register register) {
            return message.setRegister(ElementCodec.encode(register).clearNamespace());
        }
        if (command instanceof ElementCommand.RegisterUnique unique) {
            return message.setRegisterUnique(ElementCodec.encode(unique).clearNamespace());
        }
        if (command instanceof ElementCommand.Put put) {
            return message.setPut(ElementCodec.encode(put).clearNamespace());
        }
        if (command instanceof ElementCommand.Delete delete) {
            return message.setDelete(ElementCodec.encode(delete).clearNamespace());
        }
        throw new AssertionError(command);
    }

    static Transaction decode(V1.Transact message) {
        V1.Transact transact = known(message);
        String namespace = transact.getNamespace();
        return new Transaction(
                namespace,
                transact.getComparesList().stream()
                        .map(compare -> decode(known(compare)))
                        .toList(),
                transact.getThenList().stream()
                        .map(operation -> decode(known(operation), namespace))
                        .toList(),
                transact.getOtherwiseList().stream()
                        .map(operation -> decode(known(operation), namespace))
                        .toList());
    }

    private static Compare decode(V1.Compare compare) {
        return switch (compare.getKindCase()) {
            case VALUE -> new Compare.ValueIs(path(compare), CommonCodec.decode(known(compare.getValue())));
            case VERSION -> new Compare.VersionIs(path(compare), compare.getVersion());
            case MOD_REVISION -> new Compare.ModRevisionIs(path(compare), compare.getModRevision());
            case REGISTERED -> new Compare.Registered(path(compare), compare.getRegistered());
            case HELD -> {
                if (!compare.getPath().isEmpty()) {
                    throw new IllegalArgumentException("a compare of a lease has no path: leave it empty");
                }
                V1.LeaseName held = known(compare.getHeld());
                yield new Compare.Held(new LeaseId(held.getSession(), held.getSequence()));
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("a compare says nothing that is to hold");
        };
    }

    private static AbsolutePath path(V1.Compare compare) {
        return AbsolutePath.parse(compare.getPath());
    }

    private static Operation decode(V1.Operation operation, String namespace) {
        return switch (operation.getKindCase()) {
            case GET -> {
                V1.Get get = known(operation.getGet());
                requireNone(get.getNamespace());
                yield new Operation.Get(AbsolutePath.parse(get.getPath()));
            }
            case REGISTER -> {
                requireNone(operation.getRegister().getNamespace());
                yield new Operation.Change(ElementCodec.decode(operation.getRegister(), namespace));
            }
            case REGISTER_UNIQUE -> {
                requireNone(operation.getRegisterUnique().getNamespace());
                yield new Operation.Change(ElementCodec.decode(operation.getRegisterUnique(), namespace));
            }
            case PUT -> {
                requireNone(operation.getPut().getNamespace());
                yield new Operation.Change(ElementCodec.decode(operation.getPut(), namespace));
            }
            case DELETE -> {
                requireNone(operation.getDelete().getNamespace());
                yield new Operation.Change(ElementCodec.decode(operation.getDelete(), namespace));
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("an operation of the transaction does nothing");
        };
    }

    private static void requireNone(String namespace) {
        if (!namespace.isEmpty()) {
            throw new IllegalArgumentException("an operation of a transaction names a namespace, \"" + namespace
                    + "\": leave it empty, it is the transaction's");
        }
    }
}
