package io.whatnot.core.testing.simulation;

import io.whatnot.core.model.Change;
import io.whatnot.core.model.ElementCommand;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.SessionCommand;
import io.whatnot.core.model.WatchEvent;
import io.whatnot.core.state.Poison;
import io.whatnot.core.state.session.Session;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Exactly once (I16): a value that a client puts once, and names by its content type, is put at most once, once if that
 * was acknowledged, and not at all if it was refused. And of a command that throws nothing is left (I17).
 */
public final class EffectChecker implements Commit.Checker {
    private final Violations violations;
    private final Map<String, Integer> effects = new HashMap<>();
    private final Map<String, Long> revisions = new HashMap<>();
    /** What became of a put as its client was told: the revision, or 0 for nothing. */
    private final Map<String, Long> told = new TreeMap<>();

    private long thrown;

    /** A checker that has seen nothing. */
    public EffectChecker(Violations violations) {
        this.violations = violations;
    }

    /** A client was told that its value was written. */
    public void written(String value, long revision) {
        told.put(value, revision);
    }

    /** A client was told that its value was not written. */
    public void notWritten(String value) {
        told.put(value, 0L);
    }

    /** When a value was written, or something was deleted by an owner of that name; null if neither was. */
    public @Nullable Long revisionOf(String name) {
        return revisions.get(name);
    }

    /** How many commands threw. */
    public long thrown() {
        return thrown;
    }

    @Override
    public void committed(Commit commit) {
        for (WatchEvent event : commit.applied().events()) {
            if ((event.change() == Change.ADDED || event.change() == Change.EDITED) && event.value() != null) {
                String value = event.value().contentType();
                if (value.isEmpty()) {
                    continue;
                }
                revisions.put(value, event.revision().value());
                violations.require(
                        effects.merge(value, 1, Integer::sum) == 1,
                        "I16 a request takes effect at most once",
                        () -> value + " was written again: " + event);
            }
        }
        for (int i = 0; i < commit.entry().requests().size(); i++) {
            Request request = commit.entry().requests().get(i);
            Result result = commit.applied().results().get(i);
            if (request != null
                    && request.command() instanceof ElementCommand.Delete
                    && result instanceof Result.Deleted deleted) {
                revisions.put(request.owner(), deleted.revision().value());
            }
            if (request != null
                    && commit.applied().results().get(i) instanceof Result.Refused refused
                    && refused.code() == ErrorCode.INTERNAL) {
                threw(commit, request);
            }
        }
        commit.before().sessions().all().forEach(each -> {
            if (Poison.isPoisoned(each.value())) {
                poisoned(commit, each.value());
            }
        });
    }

    private void threw(Commit commit, Request request) {
        thrown++;
        Session session = commit.before().sessions().get(request.session());
        violations.require(
                session != null && Poison.isPoisoned(session) && request.command() instanceof SessionCommand.Close,
                "I17 only what is broken throws",
                () -> request + " threw");
    }

    /** It can't end, so nothing of it may. */
    private void poisoned(Commit commit, Session session) {
        boolean left = commit.applied().events().stream()
                        .noneMatch(event -> event.actor().session() == session.id())
                && commit.applied().pushes().stream()
                        .noneMatch(push -> push.id().session() == session.id())
                && commit.after().sessions().get(session.id()) != null
                && commit.after().locks().leasesOf(session.id()).size() == 1;
        violations.require(
                left,
                "I17 a command that throws leaves nothing",
                () -> "entry " + commit.index() + " changed something of session " + session.id()
                        + ", which can't be changed: " + commit.applied());
    }

    /** Requires that what clients were told is what happened, once nothing more can. */
    public void conclude() {
        told.forEach((value, revision) -> {
            int times = effects.getOrDefault(value, 0);
            violations.require(
                    (revision == 0) == (times == 0),
                    "I16 what is acknowledged takes effect, what is refused does not",
                    () -> value + " was told to be " + (revision == 0 ? "refused" : "written at " + revision)
                            + ", and was written " + times + " times");
            violations.require(
                    revision == 0 || revision.equals(revisions.get(value)),
                    "I16 what is acknowledged takes effect, what is refused does not",
                    () -> value + " was told to be written at " + revision + ", but was at " + revisions.get(value));
        });
    }
}
