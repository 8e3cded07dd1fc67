package io.whatnot.core.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.ClusterCommand;
import io.whatnot.core.model.Command;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.LeaseCommand;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.NamespaceCommand;
import io.whatnot.core.model.PoolCommand;
import io.whatnot.core.model.PruneCommand;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.Token;
import io.whatnot.core.model.Transaction;
import io.whatnot.core.model.UnsupportedException;
import io.whatnot.core.protocol.v1.V1;

/** Requests, as clients send them and the log keeps them. */
public final class RequestCodec {
    private RequestCodec() {}

    /** The bytes of a request. */
    public static ByteString encode(Request request) {
        V1.Request.Builder message = V1.Request.newBuilder()
                .setSession(request.session())
                .setSequence(request.sequence())
                .setMark(request.mark())
                .addAllEnded(request.ended())
                .setOwner(request.owner());
        Command command = request.command();
        if (command instanceof LeaseCommand lease) {
            put(message, lease);
        } else if (command instanceof ElementCommand element) {
            put(message, element);
        } else if (command instanceof Transaction transaction) {
            message.setTransact(TransactionCodec.encode(transaction));
        } else if (command instanceof SessionCommand session) {
            put(message, session);
        } else if (command instanceof NamespaceCommand namespace) {
            put(message, namespace);
        } else if (command instanceof AdminCommand admin) {
            put(message, admin);
        } else if (command instanceof ClusterCommand cluster) {
            put(message, cluster);
        } else if (command instanceof PoolCommand pool) {
            put(message, pool);
        } else if (command instanceof PruneCommand prune) {
            put(message, prune);
        } else {
            throw new AssertionError(command);
        }
        return message.build().toByteString();
    }

    private static void put(V1.Request.Builder message, LeaseCommand command) {
        if (command instanceof LeaseCommand.Acquire acquire) {
            V1.Acquire.Builder body = V1.Acquire.newBuilder()
                    .setNamespace(acquire.namespace())
                    .setTtl(acquire.ttlMillis())
                    .setWait(acquire.waitMillis())
                    .setLabel(acquire.label());
            acquire.targets().forEach(target -> body.addTargets(CommonCodec.encode(target)));
            message.setAcquire(body);
        } else if (command instanceof LeaseCommand.Renew renew) {
            message.setRenew(V1.Renew.newBuilder().setLease(renew.lease()).setTtl(renew.ttlMillis()));
        } else if (command instanceof LeaseCommand.Release release) {
            message.setRelease(V1.Release.newBuilder().setLease(release.lease()));
        } else if (command instanceof LeaseCommand.Cancel cancel) {
            message.setCancel(V1.Cancel.newBuilder().setRequest(cancel.request()));
        } else {
            throw new AssertionError(command);
        }
    }

    private static void put(V1.Request.Builder message, ElementCommand command) {
        if (command instanceof ElementCommand.Register register) {
            message.setRegister(ElementCodec.encode(register));
        } else if (command instanceof ElementCommand.RegisterUnique unique) {
            message.setRegisterUnique(ElementCodec.encode(unique));
        } else if (command instanceof ElementCommand.Put put) {
            message.setPut(ElementCodec.encode(put));
        } else if (command instanceof ElementCommand.Delete delete) {
            message.setDelete(ElementCodec.encode(delete));
        } else {
            throw new AssertionError(command);
        }
    }

    private static void put(V1.Request.Builder message, SessionCommand command) {
        if (command instanceof SessionCommand.Open open) {
            message.setOpenSession(V1.OpenSession.newBuilder()
                    .setSecret(CommonCodec.encode(open.secret()))
                    .setTtl(open.ttlMillis())
                    .setName(open.name()));
        } else if (command instanceof SessionCommand.Reclaim reclaim) {
            V1.ReclaimSession.Builder body = V1.ReclaimSession.newBuilder()
                    .setSecret(CommonCodec.encode(reclaim.secret()))
                    .setSession(reclaim.session())
                    .setEpoch(reclaim.epoch())
                    .setTtl(reclaim.ttlMillis())
                    .setName(reclaim.name())
                    .setMark(reclaim.mark())
                    .addAllOutstanding(reclaim.outstanding())
                    .setMore(reclaim.more());
            reclaim.held().forEach(held -> body.addHeld(encode(held)));
            message.setReclaimSession(body);
        } else if (command instanceof SessionCommand.Heartbeat) {
            message.setHeartbeat(V1.Heartbeat.getDefaultInstance());
        } else if (command instanceof SessionCommand.Close) {
            message.setCloseSession(V1.CloseSession.getDefaultInstance());
        } else {
            throw new AssertionError(command);
        }
    }

    private static V1.HeldLease encode(SessionCommand.Held held) {
        V1.HeldLease.Builder body = V1.HeldLease.newBuilder()
                .setSequence(held.sequence())
                .setOwner(held.owner())
                .setNamespace(held.lease().namespace())
                .setTtl(held.lease().ttlMillis())
                .setLabel(held.lease().label())
                .setToken(held.token().value());
        held.lease().targets().forEach(target -> body.addTargets(CommonCodec.encode(target)));
        return body.build();
    }

    private static SessionCommand.Held decode(V1.HeldLease held) {
        return new SessionCommand.Held(
                held.getSequence(),
                held.getOwner(),
                new LeaseCommand.Acquire(
                        held.getNamespace(),
                        held.getTargetsList().stream()
                                .map(RequestCodec::known)
                                .map(CommonCodec::decode)
                                .toList(),
                        held.getTtl(),
                        0,
                        held.getLabel()),
                new Token(held.getToken()));
    }

    private static void put(V1.Request.Builder message, NamespaceCommand command) {
        if (command instanceof NamespaceCommand.Create create) {
            message.setCreateNamespace(V1.CreateNamespace.newBuilder().setNamespace(create.namespace()));
        } else if (command instanceof NamespaceCommand.Drop drop) {
            message.setDropNamespace(V1.DropNamespace.newBuilder().setNamespace(drop.namespace()));
        } else {
            throw new AssertionError(command);
        }
    }

    private static void put(V1.Request.Builder message, AdminCommand command) {
        if (command instanceof AdminCommand.Revoke revoke) {
            message.setAdminRevoke(V1.AdminRevoke.newBuilder()
                    .setSession(revoke.lease().session())
                    .setSequence(revoke.lease().sequence()));
        } else if (command instanceof AdminCommand.EndSession end) {
            message.setAdminEndSession(V1.AdminEndSession.newBuilder().setSession(end.session()));
        } else if (command instanceof AdminCommand.DropNamespace drop) {
            message.setAdminDropNamespace(V1.AdminDropNamespace.newBuilder().setNamespace(drop.namespace()));
        } else if (command instanceof AdminCommand.ChangeSettings change) {
            V1.AdminChangeSettings.Builder body = V1.AdminChangeSettings.newBuilder();
            change.settings()
                    .forEach(setting -> body.addSettings(
                            V1.Setting.newBuilder().setName(setting.name()).setValue(setting.value())));
            message.setAdminChangeSettings(body);
        } else if (command instanceof AdminCommand.SwitchDeadlockBreak change) {
            message.setAdminSwitchDeadlockBreak(V1.AdminSwitchDeadlockBreak.newBuilder()
                    .setNamespace(change.namespace())
                    .setOn(change.on()));
        } else if (command instanceof AdminCommand.RaiseLevel raise) {
            message.setAdminRaiseLevel(V1.AdminRaiseLevel.newBuilder().setLevel(raise.level()));
        } else if (command instanceof AdminCommand.ChangeMembers change) {
            message.setAdminChangeMembers(V1.AdminChangeMembers.newBuilder()
                    .setAction(encode(change.action()))
                    .setMember(change.member())
                    .setOther(change.other()));
        } else {
            throw new AssertionError(command);
        }
    }

    private static void put(V1.Request.Builder message, ClusterCommand command) {
        if (command instanceof ClusterCommand.Epoch epoch) {
            message.setClusterEpoch(
                    V1.ClusterEpoch.newBuilder().setTerm(epoch.term()).setLongestTtl(epoch.longestTtlMillis()));
        } else if (command instanceof ClusterCommand.Rejoined rejoined) {
            message.setClusterRejoined(V1.ClusterRejoined.newBuilder()
                    .setVoter(rejoined.voter())
                    .setIncarnation(rejoined.incarnation())
                    .setTerm(rejoined.term()));
        } else {
            throw new AssertionError(command);
        }
    }

    private static void put(V1.Request.Builder message, PoolCommand command) {
        if (command instanceof PoolCommand.Create create) {
            message.setCreatePool(V1.CreatePool.newBuilder()
                    .setNamespace(create.namespace())
                    .setPath(create.path().toString())
                    .setSize(create.size())
                    .setPrefix(create.prefix())
                    .setPurge(create.purge())
                    .setLease(create.lease()));
        } else if (command instanceof PoolCommand.Resize resize) {
            message.setResizePool(V1.ResizePool.newBuilder()
                    .setNamespace(resize.namespace())
                    .setPath(resize.path().toString())
                    .setSize(resize.size())
                    .setLease(resize.lease()));
        } else if (command instanceof PoolCommand.Remove remove) {
            message.setRemovePool(V1.RemovePool.newBuilder()
                    .setNamespace(remove.namespace())
                    .setPath(remove.path().toString())
                    .setLease(remove.lease()));
        } else {
            throw new AssertionError(command);
        }
    }

    private static void put(V1.Request.Builder message, PruneCommand command) {
        if (command instanceof PruneCommand.SetPolicy set) {
            message.setSetPrunePolicy(V1.SetPrunePolicy.newBuilder()
                    .setNamespace(set.namespace())
                    .setPath(set.path().toString())
                    .setIdleAfter(set.idleAfterMillis())
                    .setRetainValues(set.retainValues())
                    .setLease(set.lease()));
        } else if (command instanceof PruneCommand.RemovePolicy remove) {
            message.setRemovePrunePolicy(V1.RemovePrunePolicy.newBuilder()
                    .setNamespace(remove.namespace())
                    .setPath(remove.path().toString())
                    .setLease(remove.lease()));
        } else if (command instanceof PruneCommand.Touch touch) {
            message.setTouch(V1.Touch.newBuilder()
                    .setNamespace(touch.namespace())
                    .setPath(touch.path().toString()));
        } else {
            throw new AssertionError(command);
        }
    }

    /**
     * The request in these bytes.
     *
     * @throws InvalidProtocolBufferException if they are no message
     * @throws UnsupportedException if something in it is not known to this version: it is not ignored, for a node that
     *     knows it would do something else
     * @throws IllegalArgumentException if the message breaks a rule of the model
     */
    public static Request decode(ByteString bytes) throws InvalidProtocolBufferException {
        V1.Request message = known(V1.Request.parseFrom(bytes));
        return new Request(
                message.getSession(),
                message.getSequence(),
                message.getMark(),
                message.getEndedList(),
                message.getOwner(),
                command(message));
    }

    private static Command command(V1.Request message) {
        return switch (message.getCommandCase()) {
            case OPEN_SESSION -> {
                V1.OpenSession open = known(message.getOpenSession());
                yield new SessionCommand.Open(
                        CommonCodec.decode(known(open.getSecret())), open.getTtl(), open.getName());
            }
            case HEARTBEAT -> {
                known(message.getHeartbeat());
                yield new SessionCommand.Heartbeat();
            }
            case CLOSE_SESSION -> {
                known(message.getCloseSession());
                yield new SessionCommand.Close();
            }
            case RECLAIM_SESSION -> {
                V1.ReclaimSession reclaim = known(message.getReclaimSession());
                yield new SessionCommand.Reclaim(
                        CommonCodec.decode(known(reclaim.getSecret())),
                        reclaim.getSession(),
                        reclaim.getEpoch(),
                        reclaim.getTtl(),
                        reclaim.getName(),
                        reclaim.getMark(),
                        reclaim.getHeldList().stream()
                                .map(RequestCodec::known)
                                .map(RequestCodec::decode)
                                .toList(),
                        reclaim.getOutstandingList(),
                        reclaim.getMore());
            }
            case CREATE_NAMESPACE ->
                new NamespaceCommand.Create(known(message.getCreateNamespace()).getNamespace());
            case DROP_NAMESPACE ->
                new NamespaceCommand.Drop(known(message.getDropNamespace()).getNamespace());
            case REGISTER ->
                ElementCodec.decode(message.getRegister(), message.getRegister().getNamespace());
            case REGISTER_UNIQUE ->
                ElementCodec.decode(
                        message.getRegisterUnique(), message.getRegisterUnique().getNamespace());
            case PUT -> ElementCodec.decode(message.getPut(), message.getPut().getNamespace());
            case DELETE ->
                ElementCodec.decode(message.getDelete(), message.getDelete().getNamespace());
            case TRANSACT -> TransactionCodec.decode(message.getTransact());
            case ACQUIRE -> {
                V1.Acquire acquire = known(message.getAcquire());
                yield new LeaseCommand.Acquire(
                        acquire.getNamespace(),
                        acquire.getTargetsList().stream()
                                .map(RequestCodec::known)
                                .map(CommonCodec::decode)
                                .toList(),
                        acquire.getTtl(),
                        acquire.getWait(),
                        acquire.getLabel());
            }
            case RENEW -> {
                V1.Renew renew = known(message.getRenew());
                yield new LeaseCommand.Renew(renew.getLease(), renew.getTtl());
            }
            case RELEASE -> new LeaseCommand.Release(known(message.getRelease()).getLease());
            case CANCEL -> new LeaseCommand.Cancel(known(message.getCancel()).getRequest());
            case CREATE_POOL -> {
                V1.CreatePool create = known(message.getCreatePool());
                yield new PoolCommand.Create(
                        create.getNamespace(),
                        AbsolutePath.parse(create.getPath()),
                        create.getSize(),
                        create.getPrefix(),
                        create.getPurge(),
                        create.getLease());
            }
            case RESIZE_POOL -> {
                V1.ResizePool resize = known(message.getResizePool());
                yield new PoolCommand.Resize(
                        resize.getNamespace(),
                        AbsolutePath.parse(resize.getPath()),
                        resize.getSize(),
                        resize.getLease());
            }
            case REMOVE_POOL -> {
                V1.RemovePool remove = known(message.getRemovePool());
                yield new PoolCommand.Remove(
                        remove.getNamespace(), AbsolutePath.parse(remove.getPath()), remove.getLease());
            }
            case SET_PRUNE_POLICY -> {
                V1.SetPrunePolicy set = known(message.getSetPrunePolicy());
                yield new PruneCommand.SetPolicy(
                        set.getNamespace(),
                        AbsolutePath.parse(set.getPath()),
                        set.getIdleAfter(),
                        set.getRetainValues(),
                        set.getLease());
            }
            case REMOVE_PRUNE_POLICY -> {
                V1.RemovePrunePolicy remove = known(message.getRemovePrunePolicy());
                yield new PruneCommand.RemovePolicy(
                        remove.getNamespace(), AbsolutePath.parse(remove.getPath()), remove.getLease());
            }
            case TOUCH -> {
                V1.Touch touch = known(message.getTouch());
                yield new PruneCommand.Touch(touch.getNamespace(), AbsolutePath.parse(touch.getPath()));
            }
            case ADMIN_REVOKE -> {
                V1.AdminRevoke revoke = known(message.getAdminRevoke());
                yield new AdminCommand.Revoke(new LeaseId(revoke.getSession(), revoke.getSequence()));
            }
            case ADMIN_END_SESSION ->
                new AdminCommand.EndSession(known(message.getAdminEndSession()).getSession());
            case ADMIN_DROP_NAMESPACE ->
                new AdminCommand.DropNamespace(
                        known(message.getAdminDropNamespace()).getNamespace());
            case ADMIN_CHANGE_SETTINGS ->
                new AdminCommand.ChangeSettings(known(message.getAdminChangeSettings()).getSettingsList().stream()
                        .map(RequestCodec::known)
                        .map(setting -> new AdminCommand.Setting(setting.getName(), setting.getValue()))
                        .toList());
            case ADMIN_SWITCH_DEADLOCK_BREAK -> {
                V1.AdminSwitchDeadlockBreak change = known(message.getAdminSwitchDeadlockBreak());
                yield new AdminCommand.SwitchDeadlockBreak(change.getNamespace(), change.getOn());
            }
            case ADMIN_RAISE_LEVEL ->
                new AdminCommand.RaiseLevel(known(message.getAdminRaiseLevel()).getLevel());
            case ADMIN_CHANGE_MEMBERS -> {
                V1.AdminChangeMembers change = known(message.getAdminChangeMembers());
                yield new AdminCommand.ChangeMembers(decode(change.getAction()), change.getMember(), change.getOther());
            }
            case CLUSTER_EPOCH -> {
                V1.ClusterEpoch epoch = known(message.getClusterEpoch());
                yield new ClusterCommand.Epoch(epoch.getTerm(), epoch.getLongestTtl());
            }
            case CLUSTER_REJOINED -> {
                V1.ClusterRejoined rejoined = known(message.getClusterRejoined());
                yield new ClusterCommand.Rejoined(rejoined.getVoter(), rejoined.getIncarnation(), rejoined.getTerm());
            }
            case COMMAND_NOT_SET -> throw new IllegalArgumentException("the request has no command");
        };
    }

    private static V1.MemberAction encode(AdminCommand.MemberAction action) {
        return switch (action) {
            case ADD -> V1.MemberAction.MEMBER_ACTION_ADD;
            case ADD_LEARNER -> V1.MemberAction.MEMBER_ACTION_ADD_LEARNER;
            case PROMOTE -> V1.MemberAction.MEMBER_ACTION_PROMOTE;
            case REMOVE -> V1.MemberAction.MEMBER_ACTION_REMOVE;
            case REPLACE -> V1.MemberAction.MEMBER_ACTION_REPLACE;
            case TRANSFER -> V1.MemberAction.MEMBER_ACTION_TRANSFER;
        };
    }

    private static AdminCommand.MemberAction decode(V1.MemberAction action) {
        return switch (action) {
            case MEMBER_ACTION_ADD -> AdminCommand.MemberAction.ADD;
            case MEMBER_ACTION_ADD_LEARNER -> AdminCommand.MemberAction.ADD_LEARNER;
            case MEMBER_ACTION_PROMOTE -> AdminCommand.MemberAction.PROMOTE;
            case MEMBER_ACTION_REMOVE -> AdminCommand.MemberAction.REMOVE;
            case MEMBER_ACTION_REPLACE -> AdminCommand.MemberAction.REPLACE;
            case MEMBER_ACTION_TRANSFER -> AdminCommand.MemberAction.TRANSFER;
            case MEMBER_ACTION_NONE, UNRECOGNIZED ->
                throw new UnsupportedException("the change of members is of no kind that is known here");
        };
    }

    static <M extends Message> M known(M message) {
        return KnownFields.require(message, "the request");
    }
}
