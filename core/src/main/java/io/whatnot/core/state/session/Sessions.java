package io.whatnot.core.state.session;

import io.whatnot.core.model.AbsolutePath;
import io.whatnot.core.model.ErrorCode;
import io.whatnot.core.model.Request;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Secret;
import io.whatnot.core.state.map.Edit;
import io.whatnot.core.state.map.OrderedMap;
import io.whatnot.core.state.session.Session.End;
import io.whatnot.core.state.session.Session.Ephemeral;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** All sessions, and the answers they were given. */
public final class Sessions {
    private final Edit edit;
    private OrderedMap<Long, Session> sessions;
    private OrderedMap<Secret, Long> bySecret;
    private long bytes;

    /** No session. */
    public Sessions(Edit edit) {
        this.edit = edit;
        this.sessions = OrderedMap.empty();
        this.bySecret = OrderedMap.empty();
    }

    /** The same sessions, to be changed under another edit. */
    public Sessions(Sessions from, Edit edit) {
        this.edit = edit;
        this.sessions = from.sessions;
        this.bySecret = from.bySecret;
        this.bytes = from.bytes;
    }

    /** The session of that id, or null. */
    public @Nullable Session get(long id) {
        return sessions.get(id);
    }

    /** The session that was opened with that secret, or null. */
    public @Nullable Session get(Secret secret) {
        Long id = bySecret.get(secret);
        return id == null ? null : sessions.get(id);
    }

    /** All sessions, by id. */
    public Iterable<OrderedMap.Entry<Long, Session>> all() {
        return sessions;
    }

    /** How many there are. */
    public int count() {
        return sessions.size();
    }

    /** About how much memory they take, without what they hold and wait for. */
    public long bytes() {
        return bytes;
    }

    /** Adds a session, or replaces what is known of it. */
    public void put(Session session) {
        Session before = sessions.get(session.id());
        if (before == null) {
            bySecret = bySecret.put(edit, session.secret(), session.id());
        }
        bytes += session.bytes() - (before == null ? 0 : before.bytes());
        sessions = sessions.put(edit, session.id(), session);
    }

    /** Takes a session away. */
    public void remove(Session session) {
        Session gone = sessions.get(session.id());
        bytes -= gone == null ? 0 : gone.bytes();
        sessions = sessions.remove(edit, session.id());
        bySecret = bySecret.remove(edit, session.secret());
    }

    // ---- exactly once

    /** Forgets what the client says it knows: answers below its mark, and the ends it names. */
    public void acknowledge(Request request) {
        Session session = require(request.session());
        long mark = Math.max(session.mark(), request.mark());
        OrderedMap<Long, Result> answers = session.answers();
        long bytes = session.answerBytes();
        for (OrderedMap.Entry<Long, Result> first = answers.first();
                first != null && first.key() < mark;
                first = answers.first()) {
            answers = answers.remove(edit, first.key());
            bytes -= ResultSize.of(first.value());
        }
        if (mark != session.mark()) {
            put(withoutPassedTombstones(session, mark).withAnswers(mark, answers, bytes));
        }
        for (long sequence : request.ended()) {
            if (require(session.id()).ends().containsKey(sequence)) {
                bury(session.id(), sequence);
            }
        }
    }

    /** A tombstone's sequence was at or above the old mark when it was made, and no later mark can have passed it. */
    private Session withoutPassedTombstones(Session session, long mark) {
        Session left = session;
        OrderedMap.Entry<Long, End> end = session.ends().higher(session.mark() - 1);
        while (end != null && end.key() < mark) {
            if (end.value().tombstone()) {
                left = withoutEnd(left, end.key());
            }
            end = left.ends().higher(end.key());
        }
        return left;
    }

    private Session withEnd(Session session, long sequence, End end) {
        Session without = withoutEnd(session, sequence);
        return without.withEnds(
                without.ends().put(edit, sequence, end), without.endBytes() + ResultSize.of(end.result()));
    }

    private Session withoutEnd(Session session, long sequence) {
        End end = session.ends().get(sequence);
        return end == null
                ? session
                : session.withEnds(
                        session.ends().remove(edit, sequence), session.endBytes() - ResultSize.of(end.result()));
    }

    /** What the request was answered before, as far as the session knows: an answer kept, an end, or that it is stale. */
    public @Nullable Result answerTo(Request request) {
        Session session = require(request.session());
        End end = session.ends().get(request.sequence());
        if (end != null) {
            return end.result();
        }
        Result answer = session.answers().get(request.sequence());
        if (answer != null) {
            return answer;
        }
        if (request.sequence() < session.mark()) {
            return new Result.Refused(
                    ErrorCode.STALE_REQUEST,
                    "request " + request.sequence() + " is below the session's mark " + session.mark()
                            + ": its answer was acknowledged, and it is not carried out again");
        }
        return null;
    }

    /** Refuses a request when no more answers can be kept for its session. */
    public Result.@Nullable Refused refuseIfFull(Request request, int answersMax, long answerBytesMax) {
        Session session = require(request.session());
        if (session.answers().size() >= answersMax || session.answerBytes() >= answerBytesMax) {
            return new Result.Refused(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "session " + session.id() + " has " + session.answers().size() + " answers of "
                            + session.answerBytes()
                            + " bytes that its client has not acknowledged; it must move its mark before it sends more");
        }
        return null;
    }

    /** Keeps an answer until the client's mark has passed it. */
    public void keep(Request request, Result answer) {
        Session session = require(request.session());
        put(session.withAnswers(
                session.mark(),
                session.answers().put(edit, request.sequence(), answer),
                session.answerBytes() + ResultSize.of(answer)));
    }

    /** Notes what became of a wait or lease, until the client knows. */
    public void noteEnd(long session, long sequence, Result result) {
        Session noted = require(session);
        put(withEnd(noted, sequence, new End(result, false)));
    }

    /** What was noted of an end is no longer true. */
    public void forgetEnd(long session, long sequence) {
        Session noted = require(session);
        if (noted.ends().containsKey(sequence)) {
            put(withoutEnd(noted, sequence));
        }
    }

    /** What was noted of the end of a wait or lease, or null. */
    public @Nullable Result endOf(long session, long sequence) {
        End end = require(session).ends().get(sequence);
        return end == null || end.tombstone() ? null : end.result();
    }

    /**
     * The client is done with a request for a lease, so whatever was noted of its end is forgotten. But another copy of
     * the request may still be under way: until the mark has passed it, it is to be refused when it arrives. What has
     * arrived and was answered for good has its answer kept, and needs no refusal.
     */
    public void bury(long session, long sequence) {
        Session noted = require(session);
        if (sequence >= noted.mark() && !noted.answers().containsKey(sequence)) {
            Result refusal = new Result.Refused(
                    ErrorCode.STALE_REQUEST,
                    "request " + sequence + " was cancelled, or its lease has ended, and its client knows");
            put(withEnd(noted, sequence, new End(refusal, true)));
        } else if (noted.ends().containsKey(sequence)) {
            put(withoutEnd(noted, sequence));
        }
    }

    /** Adds a session as an image has it. */
    public void restore(Session session, long mark, NavigableMap<Long, Result> answers, NavigableMap<Long, End> ends) {
        OrderedMap<Long, Result> keptAnswers = session.answers();
        long bytes = 0;
        for (Map.Entry<Long, Result> answer : answers.entrySet()) {
            keptAnswers = keptAnswers.put(edit, answer.getKey(), answer.getValue());
            bytes += ResultSize.of(answer.getValue());
        }
        Session restored = session.withAnswers(mark, keptAnswers, bytes);
        for (Map.Entry<Long, End> end : ends.entrySet()) {
            restored = withEnd(restored, end.getKey(), end.getValue());
        }
        put(restored);
    }

    // ---- what it owns

    /** Counts what a session owns. */
    public void own(long session, int more) {
        put(require(session).owningMore(more));
    }

    /** Notes that an element ends with a session. */
    public void addEphemeral(long session, String namespace, AbsolutePath path) {
        Session owner = require(session);
        Ephemeral ephemeral = new Ephemeral(namespace, path);
        int more = owner.ephemerals().containsKey(ephemeral) ? 0 : 1;
        put(owner.withEphemerals(owner.ephemerals().put(edit, ephemeral, true), more));
    }

    /** Notes that an element ends with a session no more. */
    public void removeEphemeral(long session, String namespace, AbsolutePath path) {
        Session owner = require(session);
        put(owner.withEphemerals(owner.ephemerals().remove(edit, new Ephemeral(namespace, path)), -1));
    }

    private Session require(long id) {
        Session session = sessions.get(id);
        if (session == null) {
            throw new IllegalStateException("no session " + id);
        }
        return session;
    }
}
