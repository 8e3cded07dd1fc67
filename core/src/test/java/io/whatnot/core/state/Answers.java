package io.whatnot.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Result.Refused;
import java.util.Optional;

/** Takes answers for what a story says they are, and fails if they are not. */
public final class Answers {
    private Answers() {}

    public static Result.Opened opened(Result answer) {
        return answer instanceof Result.Opened opened ? opened : fail("not opened: " + answer);
    }

    public static Result.Granted granted(Result answer) {
        return answer instanceof Result.Granted granted ? granted : fail("not granted: " + answer);
    }

    public static Result.Queued queued(Result answer) {
        return answer instanceof Result.Queued queued ? queued : fail("not queued: " + answer);
    }

    public static Result.Written written(Result answer) {
        return answer instanceof Result.Written written ? written : fail("not written: " + answer);
    }

    public static Result.Registered registered(Result answer) {
        return answer instanceof Result.Registered registered ? registered : fail("not registered: " + answer);
    }

    public static Result.Deleted deleted(Result answer) {
        return answer instanceof Result.Deleted deleted ? deleted : fail("not deleted: " + answer);
    }

    public static Result.Transacted transacted(Result answer) {
        return answer instanceof Result.Transacted transacted ? transacted : fail("not transacted: " + answer);
    }

    public static Result.Done done(Result answer) {
        return answer instanceof Result.Done done ? done : fail("not done: " + answer);
    }

    public static Result.Renewed renewed(Result answer) {
        return answer instanceof Result.Renewed renewed ? renewed : fail("not renewed: " + answer);
    }

    public static Optional<ElementView> found(Result answer) {
        return answer instanceof Result.Found found ? found.element() : fail("not found: " + answer);
    }

    /** A refusal with that code. */
    public static Refused refused(ErrorCode code, Result answer) {
        Refused refused = answer instanceof Refused r ? r : fail("not refused: " + answer);
        assertThat(refused.code()).as(refused.message()).isEqualTo(code);
        return refused;
    }

    /** What a refusal says is in the way. */
    public static Result.Detail.Blocked blocked(ErrorCode code, Result answer) {
        return refused(code, answer).detail() instanceof Result.Detail.Blocked blocked
                ? blocked
                : fail("does not say what is in the way: " + answer);
    }
}
