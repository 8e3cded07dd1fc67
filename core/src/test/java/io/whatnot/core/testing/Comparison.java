package io.whatnot.core.testing;

import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import io.whatnot.core.state.Applied;
import io.whatnot.core.state.Settings;

/** What makes the state machine and the reference model comparable. */
public final class Comparison {
    private Comparison() {}

    /** The settings that say the same as the limits. The limit of bytes of kept answers is out of reach. */
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

    /** The same without the message of a refusal. */
    public static Result withoutMessage(Result result) {
        return result instanceof Refused refused ? new Refused(refused.code(), "", refused.detail()) : result;
    }
}
