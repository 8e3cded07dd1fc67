package io.whatnot.core.model;

import java.util.List;

/**
 * A command as a client sends it, with what makes it take effect once however often it is sent.
 *
 * @param session the session; 0 with {@link SessionCommand.Open} and a {@link ClusterCommand} alone
 * @param sequence its number in the session, from 1 up, a new one for each command; 0 for one whose answer need not be
 *     kept because doing it twice does no harm (those without a
 *     session, and heartbeats)
 * @param mark the lowest sequence that the client still waits for an answer to; answers below it are forgotten
 * @param ended leases and waits of whose end the client knows; what is kept of them is forgotten
 * @param owner who, inside the session, this is for; the empty text for an owner of its own
 * @param command what to do
 */
public record Request(long session, long sequence, long mark, List<Long> ended, String owner, Command command) {
    /** The longest owner label, in characters. */
    public static final int OWNER_MAX = 128;
    /** The most ends that one request may acknowledge. */
    public static final int ENDED_MAX = 10_000;

    public Request {
        Rules.notNegative("session", session);
        Rules.notNegative("sequence", sequence);
        Rules.notNegative("mark", mark);
        Rules.text("owner", owner, OWNER_MAX);
        Rules.between("number of acknowledged ends", ended.size(), 0, ENDED_MAX);
        ended = List.copyOf(ended);
        boolean isOfNone = command.isOfNoSession();
        if (isOfNone != (session == 0)) {
            throw new IllegalArgumentException(
                    isOfNone
                            ? "the request names a session, but its command belongs to none"
                            : "every command but open needs a session");
        }
        boolean repeatable = isOfNone || command instanceof SessionCommand.Heartbeat;
        if (repeatable != (sequence == 0)) {
            throw new IllegalArgumentException(
                    repeatable ? "open and heartbeat have no sequence" : "the command needs a sequence, from 1 up");
        }
        if (command instanceof LeaseCommand.Acquire acquire
                && acquire.targets().get(0).pool() != null) {
            throw new IllegalArgumentException(
                    "the request for " + acquire.targets() + " names a pool; which one serves a claim is found out");
        }
        if (command instanceof LeaseCommand.Cancel cancel) {
            Rules.askedBefore("cancel", cancel.request(), sequence);
        } else if (command instanceof LeaseCommand.Release release) {
            Rules.askedBefore("release", release.lease(), sequence);
        }
    }
}
