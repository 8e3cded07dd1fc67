package io.whatnot.core.state;

import io.whatnot.core.model.AdminCommand;
import io.whatnot.core.model.Cause;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Detail;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.model.Revision;
import io.whatnot.core.state.lock.Lease;
import io.whatnot.core.state.lock.WaitingRequest;
import io.whatnot.core.state.session.Session;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * What operators do about what belongs to others. Whether somebody is an operator was settled before the log. What could
 * not end by its deadline, because firing that threw, ends here like anything else.
 */
final class AdminExecutor {
    private AdminExecutor() {}

    static Result execute(Step step, Request request, AdminCommand command) {
        if (command instanceof AdminCommand.Revoke revoke) {
            return revoke(step, revoke);
        }
        if (command instanceof AdminCommand.EndSession end) {
            return endSession(step, end);
        }
        if (command instanceof AdminCommand.DropNamespace drop) {
            return NamespaceExecutor.dropByForce(step, request, drop.namespace());
        }
        if (command instanceof AdminCommand.ChangeSettings change) {
            return changeSettings(step, change);
        }
        if (command instanceof AdminCommand.SwitchDeadlockBreak change) {
            return NamespaceExecutor.switchDeadlockBreak(step, change);
        }
        if (command instanceof AdminCommand.RaiseLevel raise) {
            return raiseLevel(step, raise);
        }
        if (command instanceof AdminCommand.ChangeMembers change) {
            return new Refused(
                    ErrorCode.INVALID_ARGUMENT,
                    change + " is not for the log: the leader carries it out when it is asked by a connection");
        }
        throw new AssertionError(command);
    }

    private static Result revoke(Step step, AdminCommand.Revoke revoke) {
        State state = step.state;
        Lease lease = state.locks.lease(revoke.lease());
        WaitingRequest waiting = state.locks.waiting(revoke.lease());
        if (lease != null) {
            LockExecutor.endLeases(step, List.of(lease), Cause.ADMIN);
        } else if (waiting != null) {
            Refused revoked = new Refused(
                    ErrorCode.LEASE_LOST,
                    "request " + waiting.id() + " for " + waiting.targets() + " was taken out of line: " + Cause.ADMIN,
                    new Detail.Ended(Cause.ADMIN));
            LockExecutor.grantAll(step, state.locks.grantsAfter(LockExecutor.fail(step, waiting, revoked)));
        } else {
            return new Refused(
                    ErrorCode.LEASE_LOST, "no lease " + revoke.lease() + " is held, and no such request waits");
        }
        return new Result.Done(new Revision(state.revision));
    }

    private static Result endSession(Step step, AdminCommand.EndSession end) {
        Session session = step.state.sessions.get(end.session());
        if (session == null) {
            return noSuchSession(end.session());
        }
        SessionExecutor.end(step, session, Cause.ADMIN);
        return new Result.Done(new Revision(step.revision()));
    }

    static Refused noSuchSession(long session) {
        return new Refused(
                ErrorCode.INVALID_ARGUMENT, "there is no session " + session + ": it has ended, or never was");
    }

    /** That all nodes support it was made sure of before the log; a node that doesn't has stopped before this. */
    private static Result raiseLevel(Step step, AdminCommand.RaiseLevel raise) {
        State state = step.state;
        if (raise.level() < state.level()) {
            return new Refused(
                    ErrorCode.INVALID_ARGUMENT,
                    "the cluster is at feature level " + state.level() + ", which is never lowered to "
                            + raise.level());
        }
        if (raise.level() != state.foundedLevel) {
            step.revision();
            state.foundedLevel = raise.level();
            LockExecutor.cutDeadlocks(step);
        }
        return new Result.Done(new Revision(state.revision));
    }

    // ---- settings

    private static Result changeSettings(Step step, AdminCommand.ChangeSettings change) {
        int level = step.state.level();
        Map<Setting, Long> values = new EnumMap<>(Setting.class);
        for (AdminCommand.Setting wanted : change.settings()) {
            Setting setting = Setting.of(wanted.name(), level);
            if (setting == null) {
                return new Refused(
                        ErrorCode.INVALID_ARGUMENT,
                        "there is no setting \"" + wanted.name() + "\"; there are "
                                + Setting.at(level).stream().map(Setting::text).collect(Collectors.joining(", ")));
            }
            if (wanted.value() < setting.min() || wanted.value() > setting.max()) {
                return new Refused(
                        ErrorCode.INVALID_ARGUMENT,
                        "setting " + setting.text() + " can't be " + wanted.value() + ": it must be from "
                                + setting.min() + " to " + setting.max());
            }
            values.put(setting, wanted.value());
        }
        Settings changed = step.state.settings.with(values);
        if (!changed.equals(step.state.settings)) {
            step.revision();
            step.state.settings = changed;
        }
        return new Result.Done(new Revision(step.state.revision));
    }

    /** All settings that there are at this feature level, and how much of each limit is used where that is known without looking at everything. */
    static Result.Settings settings(State state) {
        List<Result.SettingView> views = new ArrayList<>();
        for (Setting setting : Setting.at(state.level())) {
            views.add(new Result.SettingView(
                    setting.text(), setting.in(state.settings), setting.min(), setting.max(), used(state, setting)));
        }
        return new Result.Settings(new Revision(state.revision), views);
    }

    private static OptionalLong used(State state, Setting setting) {
        return switch (setting) {
            case NAMESPACES_MAX -> OptionalLong.of(state.elements.namespaceCount());
            case ELEMENTS_MAX ->
                OptionalLong.of(state.elements.namespaces().stream()
                        .mapToLong(state.elements::count)
                        .max()
                        .orElse(0));
            case STATE_BYTES_MAX -> OptionalLong.of(state.bytes());
            case SESSIONS_MAX -> OptionalLong.of(state.sessions.count());
            case VALUE_BYTES_MAX,
                    OWNED_MAX,
                    WAITERS_MAX,
                    ANSWERS_MAX,
                    ANSWER_BYTES_MAX,
                    EVENTS_MAX,
                    EVENT_BYTES_MAX,
                    NAMESPACES_BY_USE,
                    IDENTITY_RATE,
                    IDENTITY_BURST,
                    SESSION_RATE,
                    SESSION_BURST,
                    PATH_RATE,
                    PATH_BURST,
                    SESSION_IN_FLIGHT_MAX -> OptionalLong.empty();
        };
    }
}
