package io.whatnot.core.engine;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Those who wait for an answer, and what they were told. */
final class Sinks {
    final List<Answer> answers = new CopyOnWriteArrayList<>();

    /** One more who waits. */
    Answer.Sink sink() {
        return answers::add;
    }

    Answer only() {
        if (answers.size() != 1) {
            throw new AssertionError("one answer, not " + answers);
        }
        return answers.get(0);
    }

    static Result.Refused refused(Answer answer) {
        if (answer.result() instanceof Result.Refused refused) {
            return refused;
        }
        throw new AssertionError(answer + " is no refusal");
    }

    static ErrorCode code(Answer answer) {
        return refused(answer).code();
    }
}
