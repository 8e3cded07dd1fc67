package io.whatnot.core.testing;

import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A session of the reference model, and what it remembers so that a request takes effect once. */
final class ReferenceSession {
    final long id;
    final Secret secret;
    final String name;
    final long ttlMillis;
    long deadlineMillis;
    long mark;
    final List<Kept> answers = new ArrayList<>();
    final List<Kept> ends = new ArrayList<>();

    ReferenceSession(long id, Secret secret, String name, long ttlMillis, long deadlineMillis) {
        this.id = id;
        this.secret = secret;
        this.name = name;
        this.ttlMillis = ttlMillis;
        this.deadlineMillis = deadlineMillis;
    }

    /** An answer, or an end of a lease or wait, or a tombstone for what was cancelled and may still arrive. */
    record Kept(long sequence, Result result, boolean isTombstone) {}

    /** Forgets what the client says it knows. */
    void acknowledge(Request request) {
        mark = Math.max(mark, request.mark());
        answers.removeIf(answer -> answer.sequence < mark);
        ends.removeIf(end -> end.isTombstone && end.sequence < mark);
        for (long sequence : request.ended()) {
            if (find(ends, sequence) != null) {
                bury(sequence);
            }
        }
    }

    /** What is known of a sequence; null if it is new. */
    @Nullable
    Result answerTo(long sequence) {
        Kept kept = find(ends, sequence);
        if (kept == null) {
            kept = find(answers, sequence);
        }
        if (kept != null) {
            return kept.result;
        }
        return sequence < mark ? ReferenceModel.refused(ErrorCode.STALE_REQUEST) : null;
    }

    /** What is remembered of a sequence by itself; null if nothing is. */
    @Nullable
    Result known(long sequence) {
        Kept kept = find(answers, sequence);
        kept = kept == null ? find(ends, sequence) : kept;
        return kept == null ? null : kept.result;
    }

    void keep(long sequence, Result result) {
        answers.add(new Kept(sequence, result, false));
    }

    void noteEnd(long sequence, Result result) {
        ends.removeIf(end -> end.sequence == sequence);
        ends.add(new Kept(sequence, result, false));
    }

    /** What is noted of the end of a wait or lease, or null. */
    @Nullable
    Result endOf(long sequence) {
        Kept end = find(ends, sequence);
        return end == null || end.isTombstone ? null : end.result;
    }

    /**
     * Nothing more is to be told of a lease or wait; as long as a copy of the request may arrive, it is refused, unless it
     * has another answer.
     */
    void bury(long sequence) {
        ends.removeIf(end -> end.sequence == sequence);
        if (sequence >= mark && find(answers, sequence) == null) {
            ends.add(new Kept(sequence, ReferenceModel.refused(ErrorCode.STALE_REQUEST), true));
        }
    }

    private static @Nullable Kept find(List<Kept> kept, long sequence) {
        return kept.stream().filter(one -> one.sequence == sequence).findFirst().orElse(null);
    }
}
