package io.whatnot.core.protocol;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Token;
import io.whatnot.core.protocol.v1.V1;
import java.util.Optional;
import java.util.OptionalLong;

/** Results, as answers bear them. */
public final class ResultCodec {
    private static final ErrorCode[] CODES = codes();

    private ResultCodec() {}

    /** The message for a result. */
    public static V1.Result encode(Result result) {
        V1.Result.Builder message = V1.Result.newBuilder();
        if (result instanceof Result.Refused refused) {
            message.setRefused(encode(refused));
        } else if (result instanceof Result.Done done) {
            message.setDone(V1.Done.newBuilder().setRevision(done.revision().value()));
        } else if (result instanceof Result.Granted granted) {
            AbsolutePath pool = granted.pool();
            message.setGranted(V1.Granted.newBuilder()
                    .setSession(granted.id().session())
                    .setSequence(granted.id().sequence())
                    .setToken(granted.token().value())
                    .setDeadline(granted.deadlineMillis())
                    .setPool(pool == null ? "" : pool.toString()));
        } else if (result instanceof Result.Queued queued) {
            V1.Queued.Builder body = V1.Queued.newBuilder()
                    .setSession(queued.id().session())
                    .setSequence(queued.id().sequence())
                    .setPosition(queued.position());
            queued.blockers().forEach(blocker -> body.addBlockers(encode(blocker)));
            message.setQueued(body);
        } else if (result instanceof Result.Renewed renewed) {
            message.setRenewed(V1.Renewed.newBuilder().setDeadline(renewed.deadlineMillis()));
        } else if (result instanceof Result.Alive alive) {
            message.setAlive(V1.Alive.newBuilder()
                    .setDeadline(alive.deadlineMillis())
                    .setRevision(alive.revision().value()));
        } else if (result instanceof Result.Reclaimed reclaimed) {
            V1.Reclaimed.Builder body = V1.Reclaimed.newBuilder().setDeadline(reclaimed.deadlineMillis());
            reclaimed
                    .leases()
                    .forEach(lease -> body.addLeases(V1.ReclaimedLease.newBuilder()
                            .setSequence(lease.sequence())
                            .setHeld(lease.held())
                            .setDeadline(lease.deadlineMillis())));
            message.setReclaimed(body);
        } else if (result instanceof Result.Opened opened) {
            message.setOpened(
                    V1.Opened.newBuilder().setSession(opened.session()).setDeadline(opened.deadlineMillis()));
        } else if (result instanceof Result.Written written) {
            message.setWritten(V1.Written.newBuilder()
                    .setRevision(written.revision().value())
                    .setVersion(written.version()));
        } else if (result instanceof Result.Registered registered) {
            message.setRegistered(V1.Registered.newBuilder()
                    .setRevision(registered.revision().value())
                    .setPath(registered.path().toString()));
        } else if (result instanceof Result.Deleted deleted) {
            message.setDeleted(V1.Deleted.newBuilder()
                    .setRevision(deleted.revision().value())
                    .setCount(deleted.count()));
        } else if (result instanceof Result.Transacted transacted) {
            V1.Transacted.Builder body = V1.Transacted.newBuilder()
                    .setRevision(transacted.revision().value())
                    .setSucceeded(transacted.succeeded());
            transacted.results().forEach(each -> body.addResults(encode(each)));
            message.setTransacted(body);
        } else {
            putRead(message, result);
        }
        return message.build();
    }

    private static void putRead(V1.Result.Builder message, Result result) {
        if (result instanceof Result.Found found) {
            V1.Found.Builder body =
                    V1.Found.newBuilder().setRevision(found.revision().value());
            found.element().ifPresent(element -> body.setElement(CommonCodec.encode(element)));
            message.setFound(body);
        } else if (result instanceof Result.Page page) {
            V1.Page.Builder body = V1.Page.newBuilder()
                    .setRevision(page.revision().value())
                    .setMore(page.more())
                    .setView(page.view());
            page.elements().forEach(element -> body.addElements(CommonCodec.encode(element)));
            message.setPage(body);
        } else if (result instanceof Result.Namespaces namespaces) {
            V1.Namespaces.Builder body =
                    V1.Namespaces.newBuilder().setRevision(namespaces.revision().value());
            namespaces
                    .namespaces()
                    .forEach(namespace -> body.addNamespaces(V1.NamespaceInfo.newBuilder()
                            .setName(namespace.name())
                            .setCreateRevision(namespace.createRevision().value())
                            .setElements(namespace.elements())
                            .setDeadlocksStay(!namespace.deadlockBreak())));
            message.setNamespaces(body);
        } else if (result instanceof Result.Settings settings) {
            V1.Settings.Builder body =
                    V1.Settings.newBuilder().setRevision(settings.revision().value());
            settings.settings().forEach(setting -> body.addSettings(encode(setting)));
            message.setSettings(body);
        } else if (result instanceof Result.Locks locks) {
            V1.Locks.Builder body =
                    V1.Locks.newBuilder().setRevision(locks.revision().value()).setMore(locks.more());
            locks.held().forEach(held -> body.addHeld(encode(held)));
            locks.waiting().forEach(waiting -> body.addWaiting(encode(waiting)));
            message.setLocks(body);
        } else if (result instanceof Result.Pool pool) {
            V1.Pool.Builder body =
                    V1.Pool.newBuilder().setRevision(pool.revision().value());
            pool.pool().ifPresent(view -> body.setPool(encode(view)));
            pool.held().forEach(held -> body.addHeld(encode(held)));
            pool.waiting().forEach(waiting -> body.addWaiting(encode(waiting)));
            message.setPool(body);
        } else if (result instanceof Result.SessionTrace trace) {
            V1.SessionTrace.Builder body = V1.SessionTrace.newBuilder()
                    .setRevision(trace.revision().value())
                    .setSession(CommonCodec.encode(trace.session()))
                    .setTtl(trace.ttlMillis())
                    .setRemaining(trace.remainingMillis())
                    .setMore(trace.more());
            trace.requests().forEach(request -> body.addRequests(encode(request)));
            message.setSessionTrace(body);
        } else if (result instanceof Result.PrunePolicies policies) {
            V1.PrunePolicies.Builder body = V1.PrunePolicies.newBuilder()
                    .setRevision(policies.revision().value())
                    .setMore(policies.more());
            policies.policies()
                    .forEach(policy -> body.addPolicies(V1.PolicyInfo.newBuilder()
                            .setPath(policy.path().toString())
                            .setIdleAfter(policy.idleAfterMillis())
                            .setRetainValues(policy.retainValues())));
            message.setPrunePolicies(body);
        } else {
            throw new AssertionError(result);
        }
    }

    /** The message for a refusal. */
    public static V1.Refused encode(Result.Refused refused) {
        V1.Refused.Builder message = V1.Refused.newBuilder()
                .setCode(V1.ErrorCode.forNumber(refused.code().number()))
                .setMessage(refused.message());
        Detail detail = refused.detail();
        if (detail instanceof Detail.Blocked blocked) {
            V1.Blocked.Builder body = V1.Blocked.newBuilder().setPosition(blocked.position());
            blocked.blockers().forEach(blocker -> body.addBlockers(encode(blocker)));
            message.setBlocked(body);
        } else if (detail instanceof Detail.Deadlock deadlock) {
            V1.Deadlock.Builder body = V1.Deadlock.newBuilder().setLength(deadlock.length());
            deadlock.cycle()
                    .forEach(wait -> body.addCycle(V1.Wait.newBuilder()
                            .setRequest(encode(wait.request()))
                            .setHeld(encode(wait.held()))));
            message.setDeadlock(body);
        } else if (detail instanceof Detail.Present present) {
            message.setPresent(V1.Present.newBuilder()
                    .setVersion(present.version())
                    .setModRevision(present.modRevision().value()));
        } else if (detail instanceof Detail.Ended ended) {
            message.setEnded(CommonCodec.encode(ended.cause()));
        } else if (detail instanceof Detail.Oldest oldest) {
            message.setOldestRevision(oldest.revision().value());
        } else if (detail instanceof Detail.RetryAfter retryAfter) {
            message.setRetryAfter(retryAfter.millis());
        } else if (!(detail instanceof Detail.Nothing)) {
            throw new AssertionError(detail);
        }
        return message.build();
    }

    private static V1.SettingInfo encode(Result.SettingView setting) {
        V1.SettingInfo.Builder info = V1.SettingInfo.newBuilder()
                .setName(setting.name())
                .setValue(setting.value())
                .setMin(setting.min())
                .setMax(setting.max());
        setting.used().ifPresent(info::setUsed);
        return info.build();
    }

    private static V1.PoolInfo encode(Result.PoolView pool) {
        return V1.PoolInfo.newBuilder()
                .setPath(pool.path().toString())
                .setSize(pool.size())
                .setPrefix(pool.prefix())
                .setUsed(pool.used())
                .setClaims(pool.claims())
                .setWaiting(pool.waiting())
                .build();
    }

    private static V1.Traced encode(Result.Traced traced) {
        V1.Traced.Builder message = V1.Traced.newBuilder()
                .setNamespace(traced.namespace())
                .setRequest(encode(traced.request()))
                .setPosition(traced.position());
        traced.targets().forEach(target -> message.addTargets(CommonCodec.encode(target)));
        traced.blockers().forEach(blocker -> message.addBlockers(encode(blocker)));
        return message.build();
    }

    private static V1.Waiting encode(Result.Waiting waiting) {
        V1.Waiting.Builder line =
                V1.Waiting.newBuilder().setRequest(encode(waiting.request())).setPosition(waiting.position());
        waiting.blockers().forEach(blocker -> line.addBlockers(encode(blocker)));
        return line.build();
    }

    private static V1.Blocker encode(Blocker blocker) {
        return V1.Blocker.newBuilder()
                .setSession(blocker.id().session())
                .setSequence(blocker.id().sequence())
                .setWaiting(blocker.waiting())
                .setTarget(CommonCodec.encode(blocker.target()))
                .setHolder(CommonCodec.encode(blocker.holder()))
                .setOwner(blocker.owner())
                .setLabel(blocker.label())
                .setSince(blocker.sinceMillis())
                .setRemaining(blocker.remainingMillis())
                .build();
    }

    /**
     * The result in a message.
     *
     * @throws IllegalArgumentException if there is none, or none that this version knows
     */
    public static Result decode(V1.Result message) {
        return switch (message.getKindCase()) {
            case REFUSED -> decode(message.getRefused());
            case DONE -> new Result.Done(new Revision(message.getDone().getRevision()));
            case WRITTEN ->
                new Result.Written(
                        new Revision(message.getWritten().getRevision()),
                        message.getWritten().getVersion());
            case REGISTERED ->
                new Result.Registered(
                        new Revision(message.getRegistered().getRevision()),
                        AbsolutePath.parse(message.getRegistered().getPath()));
            case DELETED ->
                new Result.Deleted(
                        new Revision(message.getDeleted().getRevision()),
                        message.getDeleted().getCount());
            case TRANSACTED ->
                new Result.Transacted(
                        new Revision(message.getTransacted().getRevision()),
                        message.getTransacted().getSucceeded(),
                        message.getTransacted().getResultsList().stream()
                                .map(ResultCodec::decode)
                                .toList());
            case OPENED ->
                new Result.Opened(
                        message.getOpened().getSession(), message.getOpened().getDeadline());
            case RECLAIMED ->
                new Result.Reclaimed(
                        message.getReclaimed().getDeadline(),
                        message.getReclaimed().getLeasesList().stream()
                                .map(lease -> new Result.ReclaimedLease(
                                        lease.getSequence(), lease.getHeld(), lease.getDeadline()))
                                .toList());
            case ALIVE ->
                new Result.Alive(
                        message.getAlive().getDeadline(),
                        new Revision(message.getAlive().getRevision()));
            case GRANTED -> {
                V1.Granted granted = message.getGranted();
                yield new Result.Granted(
                        new LeaseId(granted.getSession(), granted.getSequence()),
                        new Token(granted.getToken()),
                        granted.getDeadline(),
                        granted.getPool().isEmpty() ? null : AbsolutePath.parse(granted.getPool()));
            }
            case QUEUED -> {
                V1.Queued queued = message.getQueued();
                yield new Result.Queued(
                        new LeaseId(queued.getSession(), queued.getSequence()),
                        queued.getPosition(),
                        queued.getBlockersList().stream()
                                .map(ResultCodec::decode)
                                .toList());
            }
            case RENEWED -> new Result.Renewed(message.getRenewed().getDeadline());
            case FOUND -> {
                V1.Found found = message.getFound();
                yield new Result.Found(
                        new Revision(found.getRevision()),
                        found.hasElement() ? Optional.of(CommonCodec.decode(found.getElement())) : Optional.empty());
            }
            case PAGE -> {
                V1.Page page = message.getPage();
                yield new Result.Page(
                        new Revision(page.getRevision()),
                        page.getElementsList().stream().map(CommonCodec::decode).toList(),
                        page.getMore(),
                        page.getView());
            }
            case NAMESPACES -> {
                V1.Namespaces namespaces = message.getNamespaces();
                yield new Result.Namespaces(
                        new Revision(namespaces.getRevision()),
                        namespaces.getNamespacesList().stream()
                                .map(info -> new Result.NamespaceView(
                                        info.getName(),
                                        new Revision(info.getCreateRevision()),
                                        info.getElements(),
                                        !info.getDeadlocksStay()))
                                .toList());
            }
            case SETTINGS ->
                new Result.Settings(
                        new Revision(message.getSettings().getRevision()),
                        message.getSettings().getSettingsList().stream()
                                .map(info -> new Result.SettingView(
                                        info.getName(),
                                        info.getValue(),
                                        info.getMin(),
                                        info.getMax(),
                                        info.hasUsed() ? OptionalLong.of(info.getUsed()) : OptionalLong.empty()))
                                .toList());
            case LOCKS -> {
                V1.Locks locks = message.getLocks();
                yield new Result.Locks(
                        new Revision(locks.getRevision()),
                        locks.getHeldList().stream().map(ResultCodec::decode).toList(),
                        locks.getWaitingList().stream().map(ResultCodec::decode).toList(),
                        locks.getMore());
            }
            case POOL -> {
                V1.Pool pool = message.getPool();
                yield new Result.Pool(
                        new Revision(pool.getRevision()),
                        pool.hasPool() ? Optional.of(decode(pool.getPool())) : Optional.empty(),
                        pool.getHeldList().stream().map(ResultCodec::decode).toList(),
                        pool.getWaitingList().stream().map(ResultCodec::decode).toList());
            }
            case SESSION_TRACE -> {
                V1.SessionTrace trace = message.getSessionTrace();
                yield new Result.SessionTrace(
                        new Revision(trace.getRevision()),
                        CommonCodec.decode(trace.getSession()),
                        trace.getTtl(),
                        trace.getRemaining(),
                        trace.getRequestsList().stream()
                                .map(ResultCodec::decode)
                                .toList(),
                        trace.getMore());
            }
            case PRUNE_POLICIES -> {
                V1.PrunePolicies policies = message.getPrunePolicies();
                yield new Result.PrunePolicies(
                        new Revision(policies.getRevision()),
                        policies.getPoliciesList().stream()
                                .map(policy -> new Result.PolicyView(
                                        AbsolutePath.parse(policy.getPath()),
                                        policy.getIdleAfter(),
                                        policy.getRetainValues()))
                                .toList(),
                        policies.getMore());
            }
            case ATTACHED, KIND_NOT_SET ->
                throw new IllegalArgumentException("no result, or one that this version doesn't know: " + message);
        };
    }

    /** The refusal in a message; a code that this version doesn't know is taken as INTERNAL. */
    public static Result.Refused decode(V1.Refused message) {
        int number = message.getCodeValue();
        ErrorCode code = number > 0 && number < CODES.length ? CODES[number] : ErrorCode.INTERNAL;
        Detail detail = switch (message.getDetailCase()) {
            case BLOCKED ->
                new Detail.Blocked(
                        message.getBlocked().getPosition(),
                        message.getBlocked().getBlockersList().stream()
                                .map(ResultCodec::decode)
                                .toList());
            case DEADLOCK ->
                new Detail.Deadlock(
                        message.getDeadlock().getLength(),
                        message.getDeadlock().getCycleList().stream()
                                .map(wait -> new Detail.Wait(decode(wait.getRequest()), decode(wait.getHeld())))
                                .toList());
            case PRESENT ->
                new Detail.Present(
                        message.getPresent().getVersion(),
                        new Revision(message.getPresent().getModRevision()));
            case ENDED -> new Detail.Ended(CommonCodec.decode(message.getEnded()));
            case OLDEST_REVISION -> new Detail.Oldest(new Revision(message.getOldestRevision()));
            case RETRY_AFTER -> new Detail.RetryAfter(message.getRetryAfter());
            case DETAIL_NOT_SET -> Detail.NONE;
        };
        return new Result.Refused(code, message.getMessage(), detail);
    }

    private static Result.PoolView decode(V1.PoolInfo pool) {
        return new Result.PoolView(
                AbsolutePath.parse(pool.getPath()),
                pool.getSize(),
                pool.getPrefix(),
                pool.getUsed(),
                pool.getClaims(),
                pool.getWaiting());
    }

    private static Result.Traced decode(V1.Traced traced) {
        return new Result.Traced(
                traced.getNamespace(),
                traced.getTargetsList().stream().map(CommonCodec::decode).toList(),
                decode(traced.getRequest()),
                traced.getPosition(),
                traced.getBlockersList().stream().map(ResultCodec::decode).toList());
    }

    private static Result.Waiting decode(V1.Waiting waiting) {
        return new Result.Waiting(
                decode(waiting.getRequest()),
                waiting.getPosition(),
                waiting.getBlockersList().stream().map(ResultCodec::decode).toList());
    }

    private static Blocker decode(V1.Blocker blocker) {
        return new Blocker(
                new LeaseId(blocker.getSession(), blocker.getSequence()),
                blocker.getWaiting(),
                CommonCodec.decode(blocker.getTarget()),
                CommonCodec.decode(blocker.getHolder()),
                blocker.getOwner(),
                blocker.getLabel(),
                blocker.getSince(),
                blocker.getRemaining());
    }

    /** By number; they run from 1 without a gap, which a test holds. */
    private static ErrorCode[] codes() {
        ErrorCode[] codes = new ErrorCode[ErrorCode.values().length + 1];
        for (ErrorCode code : ErrorCode.values()) {
            codes[code.number()] = code;
        }
        return codes;
    }
}
