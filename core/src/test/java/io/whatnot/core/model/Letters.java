package io.whatnot.core.model;

import io.whatnot.core.model.ElementCommand.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What short stories are made of: letters, of which each adds to what two sessions have asked for. */
final class Letters {
    static final String NAMESPACE = "n";
    static final AbsolutePath A = AbsolutePath.parse("/a");
    static final AbsolutePath B = AbsolutePath.parse("/a/b");
    static final AbsolutePath C = AbsolutePath.parse("/c");

    private Letters() {}

    /**
     * What has been asked for so far by each session.
     *
     * @param timeMillis when
     * @param next the next sequence of each session
     * @param acquired the sequence of each session's latest acquire; 0 if there is none
     * @param last the latest request, of any session
     */
    record Past(long timeMillis, Map<Long, Long> next, Map<Long, Long> acquired, List<Request> last) {
        static final Past NOTHING = new Past(1, Map.of(1L, 1L, 2L, 1L), Map.of(1L, 0L, 2L, 0L), List.of());

        Past later(long millis) {
            return new Past(timeMillis + millis, next, acquired, last);
        }

        Past after(Request request) {
            long session = request.session();
            return new Past(
                    timeMillis,
                    request.sequence() == 0 ? next : with(next, session, request.sequence() + 1),
                    request.command() instanceof LeaseCommand.Acquire
                            ? with(acquired, session, request.sequence())
                            : acquired,
                    List.of(request));
        }

        private static Map<Long, Long> with(Map<Long, Long> map, long key, long value) {
            return key == 1
                    ? Map.of(1L, value, 2L, map.getOrDefault(2L, 0L))
                    : Map.of(1L, map.getOrDefault(1L, 0L), 2L, value);
        }

        long acquired(long session) {
            return acquired.getOrDefault(session, 0L);
        }

        long next(long session) {
            return next.getOrDefault(session, 0L);
        }
    }

    /** One letter of an alphabet: what it adds to what has been asked for; null where it makes no sense. */
    record Letter(String name, Function<Past, @Nullable Move> move) {
        @Nullable
        Move after(Past past) {
            return move.apply(past);
        }
    }

    record Move(Past past, List<Request> requests) {
        Entry entry() {
            return new Entry(past.timeMillis, List.copyOf(requests));
        }
    }

    static Letter pass(long millis) {
        return new Letter(millis + " ms pass", past -> new Move(past.later(millis), List.of()));
    }

    static Letter ask(long session, String owner, Command command) {
        return ask(session, owner, command.toString(), past -> command);
    }

    interface Choice {
        Command choose(Past past);
    }

    static Letter ask(long session, String owner, String name, Choice choice) {
        return new Letter(session + "/" + owner + ": " + name, past -> {
            Command command = choice.choose(past);
            long sequence = command instanceof SessionCommand.Heartbeat ? 0 : past.next(session);
            Request request = new Request(session, sequence, 0, List.of(), owner, command);
            return new Move(past.after(request), List.of(request));
        });
    }

    /** About the latest acquire of the session; where there is none the letter does nothing. */
    static Letter about(long session, String name, BiFunction<Long, Past, Command> choice) {
        return new Letter(session + ": " + name, past -> {
            long acquired = past.acquired(session);
            if (acquired == 0) {
                return null;
            }
            Request request = new Request(session, past.next(session), 0, List.of(), "", choice.apply(acquired, past));
            return new Move(past.after(request), List.of(request));
        });
    }

    /** The latest request once more, to the letter. */
    static Letter again() {
        return new Letter("the latest request again", past -> past.last.isEmpty() ? null : new Move(past, past.last));
    }

    /** Says that everything so far was answered, and that the end of its latest lease is known. */
    static Letter acknowledge(long session) {
        return new Letter(session + ": acknowledges everything", past -> {
            long acquired = past.acquired(session);
            Request request = new Request(
                    session,
                    0,
                    past.next(session),
                    acquired == 0 ? List.of() : List.of(acquired),
                    "",
                    new SessionCommand.Heartbeat());
            return new Move(past.after(request), List.of(request));
        });
    }

    /** Asks under the number that comes after the next, so that the next arrives late. */
    static Letter cancelOfTheOneToCome(long session) {
        return new Letter(session + ": cancels what has not arrived yet", past -> {
            long next = past.next(session);
            Request cancel = new Request(session, next + 1, 0, List.of(), "", new LeaseCommand.Cancel(next));
            Request late = new Request(session, next, 0, List.of(), "", acquire(0, 5_000, element(A)));
            Past then = past.after(late).after(cancel);
            return new Move(then, List.of(cancel, late));
        });
    }
    /** Two letters as one: what both ask for, at once. */
    static Letter together(Letter first, Letter second) {
        return new Letter(first.name + " and " + second.name, past -> {
            Move one = first.after(past);
            Move other = one == null ? null : second.after(one.past);
            if (one == null || other == null) {
                return null;
            }
            List<Request> requests = new ArrayList<>(one.requests);
            requests.addAll(other.requests);
            return new Move(other.past, requests);
        });
    }

    // ---- words

    static Target element(AbsolutePath path) {
        return new Target(path, Scope.ELEMENT, Mode.EXCLUSIVE);
    }

    static Target prefix(AbsolutePath path) {
        return new Target(path, Scope.PREFIX, Mode.EXCLUSIVE);
    }

    static Target shared(AbsolutePath path) {
        return new Target(path, Scope.ELEMENT, Mode.SHARED);
    }

    static Command acquire(long ttl, long wait, Target... targets) {
        return new LeaseCommand.Acquire(NAMESPACE, List.of(targets), ttl, wait, "");
    }

    static Command put(AbsolutePath path, long ttl, boolean ephemeral) {
        return new ElementCommand.Put(NAMESPACE, path, Value.of("v"), ttl, ephemeral, Condition.NONE, 0);
    }

    static Command delete(AbsolutePath path, boolean recursive) {
        return new ElementCommand.Delete(NAMESPACE, path, recursive, Condition.NONE, 0);
    }

    static Letter release(long session) {
        return about(session, "releases its latest", (lease, past) -> new LeaseCommand.Release(lease));
    }

    static Letter cancel(long session) {
        return about(session, "cancels its latest", (lease, past) -> new LeaseCommand.Cancel(lease));
    }

    static Letter renew(long session, long ttl) {
        return about(session, "renews its latest", (lease, past) -> new LeaseCommand.Renew(lease, ttl));
    }

    static Letter putUnderLease(long session, AbsolutePath path) {
        return about(
                session,
                "puts " + path + " under its latest",
                (lease, past) ->
                        new ElementCommand.Put(NAMESPACE, path, Value.of("w"), 0, false, Condition.NONE, lease));
    }

    static Letter heartbeat(long session) {
        return ask(session, "", new SessionCommand.Heartbeat());
    }
}
