package io.whatnot.client.internal;

import io.whatnot.client.Admin;
import io.whatnot.client.Consistency;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.client.WhatnotException;
import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.AdminCommand.MemberAction;
import io.whatnot.core.model.Blocker;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Query;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Administration, by way of a client. */
final class ClientAdmin implements Admin {
    /** How often a large namespace is cleared whose clients go on using it meanwhile. */
    private static final int CLEARINGS_MAX = 20;

    private final NamespaceManager manager;
    private final Requests requests;
    private final MembersReader members;

    /** Who knows the members. */
    interface MembersReader {
        List<Member> get() throws InterruptedException;
    }

    ClientAdmin(NamespaceManager manager, Requests requests, MembersReader members) {
        this.manager = manager;
        this.requests = requests;
        this.members = members;
    }

    @Override
    public void revoke(LeaseId lease) throws InterruptedException {
        send(new AdminCommand.Revoke(lease));
    }

    @Override
    public void endSession(long session) throws InterruptedException {
        send(new AdminCommand.EndSession(session));
    }

    @Override
    public void dropNamespace(String name) throws InterruptedException {
        for (int clearings = 0; ; clearings++) {
            try {
                send(new AdminCommand.DropNamespace(name));
                return;
            } catch (WhatnotException e) {
                if (e.code() != ErrorCode.RESOURCE_EXHAUSTED || clearings == CLEARINGS_MAX) {
                    throw e;
                }
            }
            clear(manager.namespace(name));
        }
    }

    /** Ends what is held, and deletes what then can be. */
    private void clear(Namespace namespace) throws InterruptedException {
        for (Blocker held : namespace.locks("/", Scope.PREFIX).held()) {
            try {
                revoke(held.id());
            } catch (WhatnotException e) {
                if (e.code() != ErrorCode.LEASE_LOST) { // it has ended by itself meanwhile
                    throw e;
                }
            }
        }
        try {
            namespace.deleteTree("/");
        } catch (WhatnotException e) {
            if (e.code() != ErrorCode.LOCKED) { // by somebody new, or by one of more holders than a reading shows
                throw e;
            }
        }
    }

    @Override
    public void deadlockBreak(String namespace, boolean on) throws InterruptedException {
        send(new AdminCommand.SwitchDeadlockBreak(namespace, on));
    }

    @Override
    public Result.SessionTrace sessionTrace(long session, Consistency consistency) throws InterruptedException {
        List<Result.Traced> found = new ArrayList<>();
        while (true) {
            long after = found.isEmpty()
                    ? 0
                    : found.get(found.size() - 1).request().id().sequence();
            Result.SessionTrace page = Errors.await(readTrace(session, after, consistency));
            found.addAll(page.requests());
            if (!page.more()) {
                return new Result.SessionTrace(
                        page.revision(), page.session(), page.ttlMillis(), page.remainingMillis(), found, false);
            }
        }
    }

    private CompletableFuture<Result.SessionTrace> readTrace(long session, long after, Consistency consistency) {
        Query query = new Query.SessionTrace(session, after, Query.PAGE_MAX);
        return requests.read(query, consistency, Result.SessionTrace.class);
    }

    @Override
    public List<Result.SettingView> settings() throws InterruptedException {
        return Errors.await(requests.read(new Query.Settings(), Consistency.LINEARIZABLE, Result.Settings.class))
                .settings();
    }

    @Override
    public void changeSettings(Map<String, Long> settings) throws InterruptedException {
        send(new AdminCommand.ChangeSettings(new TreeMap<>(settings)
                .entrySet().stream()
                        .map(setting -> new AdminCommand.Setting(setting.getKey(), setting.getValue()))
                        .toList()));
    }

    @Override
    public void raiseLevel(int level) throws InterruptedException {
        send(new AdminCommand.RaiseLevel(level));
    }

    // ---- members

    @Override
    public List<Member> members() throws InterruptedException {
        return members.get();
    }

    @Override
    public void addMember(String raft) throws InterruptedException {
        change(MemberAction.ADD, raft, "");
    }

    @Override
    public void addLearner(String raft) throws InterruptedException {
        change(MemberAction.ADD_LEARNER, raft, "");
    }

    @Override
    public void promote(String member) throws InterruptedException {
        change(MemberAction.PROMOTE, member, "");
    }

    @Override
    public void removeMember(String member) throws InterruptedException {
        change(MemberAction.REMOVE, member, "");
    }

    @Override
    public void replaceMember(String member, String by) throws InterruptedException {
        change(MemberAction.REPLACE, member, by);
    }

    @Override
    public void transferLeadership(String to) throws InterruptedException {
        change(MemberAction.TRANSFER, to, "");
    }

    private void change(MemberAction action, String member, String other) throws InterruptedException {
        send(new AdminCommand.ChangeMembers(action, member, other));
    }

    private void send(AdminCommand command) throws InterruptedException {
        Errors.await(requests.command(Owners.ofThread(), command, Result.Done.class));
    }
}
