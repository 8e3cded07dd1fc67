package io.whatnot.core.testing;

import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.Settings;
import java.util.Comparator;
import java.util.OptionalLong;

/** What makes the state machine and the reference model comparable. */
public final class Comparison {
    /** Out of reach of any workload. */
    static final long STATE_BYTES_MAX = 1L << 39;

    private Comparison() {}

    /** The settings that say the same as the limits. The limits of bytes of kept answers and of the whole state are out of reach. */
    public static Settings settings(Limits limits) {
        return new Settings(
                limits.namespacesMax(),
                limits.elementsMax(),
                limits.valueBytesMax(),
                limits.sessionsMax(),
                limits.ownedMax(),
                limits.waitersMax(),
                limits.answersMax(),
                Long.MAX_VALUE,
                limits.eventsMax(),
                limits.eventBytesMax(),
                STATE_BYTES_MAX,
                limits.namespacesByUse());
    }

    /** The same without the messages of refusals, which are for people. */
    public static Applied withoutMessages(Applied applied) {
        return new Applied(
                applied.timeMillis(),
                applied.revision(),
                applied.results().stream().map(Comparison::withoutMessage).toList(),
                applied.events(),
                applied.pushes().stream()
                        .map(push -> new Applied.Push(push.id(), withoutMessage(push.result())))
                        .toList(),
                applied.dropped());
    }

    /** The same without the message of a refusal, without which of several deadlocks it names, and without the bytes of the state, which the model does not count. */
    public static Result withoutMessage(Result result) {
        if (result instanceof Result.Settings settings) {
            return new Result.Settings(
                    settings.revision(),
                    settings.settings().stream()
                            .map(setting -> setting.name().equals("stateBytesMax") ? withoutUse(setting) : setting)
                            .sorted(Comparator.comparing(Result.SettingView::name))
                            .toList());
        }
        return result instanceof Refused refused
                ? new Refused(
                        refused.code(),
                        "",
                        refused.detail() instanceof Result.Detail.Deadlock ? Result.Detail.NONE : refused.detail())
                : result;
    }

    private static Result.SettingView withoutUse(Result.SettingView setting) {
        return new Result.SettingView(
                setting.name(), setting.value(), setting.min(), setting.max(), OptionalLong.empty());
    }
}
