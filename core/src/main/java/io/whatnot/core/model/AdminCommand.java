package io.whatnot.core.model;

import java.util.List;

/**
 * Commands of operators, about what belongs to others. Nodes take them from connections of their own machine alone.
 * What they end, ends with cause ADMIN.
 */
public sealed interface AdminCommand extends Command {
    /** The most settings of one change. */
    int SETTINGS_MAX = 64;

    /**
     * Ends a lease whose holder is told LEASE_LOST, and grants to the next in line; or takes a waiting request out of
     * line. LEASE_LOST if there is neither.
     *
     * @param lease which, of whatever session
     */
    record Revoke(LeaseId lease) implements AdminCommand {
        public Revoke {
            Rules.between("session", lease.session(), 1, Long.MAX_VALUE);
            Rules.between("lease", lease.sequence(), 1, Long.MAX_VALUE);
        }
    }

    /**
     * Ends a session and everything it owns. INVALID_ARGUMENT if there is no such session.
     *
     * @param session which
     */
    record EndSession(long session) implements AdminCommand {
        public EndSession {
            Rules.between("session", session, 1, Long.MAX_VALUE);
        }
    }

    /**
     * Removes a namespace with everything in it, although others hold locks in it: they are told LEASE_LOST.
     *
     * @param namespace its name
     */
    record DropNamespace(String namespace) implements AdminCommand {
        public DropNamespace {
            Rules.namespace(namespace);
        }
    }

    /**
     * Changes settings, all of them or, if one can't be, none. What is there stays, even beyond a lowered limit.
     *
     * @param settings at least one, none twice
     */
    record ChangeSettings(List<Setting> settings) implements AdminCommand {
        public ChangeSettings {
            settings = List.copyOf(settings);
            Rules.between("number of settings", settings.size(), 1, SETTINGS_MAX);
            if (settings.stream().map(Setting::name).distinct().count() < settings.size()) {
                throw new IllegalArgumentException("settings " + settings + " name one twice");
            }
        }
    }

    /**
     * Has deadlocks in a namespace cut, as they are unless switched off; or leaves them to the requests' own deadlines. One
     * that goes over several namespaces is cut if it is so in any of them. Switching it on cuts those that stand, the
     * youngest request of each. It takes a revision if it changes anything. NO_SUCH_NAMESPACE if there is none of that name.
     *
     * @param namespace its name
     * @param on whether they are cut
     */
    record SwitchDeadlockBreak(String namespace, boolean on) implements AdminCommand {
        public SwitchDeadlockBreak {
            Rules.namespace(namespace);
        }
    }

    /**
     * Raises the feature level. It is never lowered: INVALID_ARGUMENT. The leader refuses it before the log, UNSUPPORTED,
     * unless all nodes say that they support the level; a node that doesn't, and meets it in the log, stops.
     *
     * @param level see {@link FeatureLevel}
     */
    record RaiseLevel(int level) implements AdminCommand {
        /** More than there will ever be. */
        public static final int LEVEL_MAX = 1_000_000;

        public RaiseLevel {
            Rules.between("feature level", level, FeatureLevel.FIRST, LEVEL_MAX);
        }
    }

    /** What becomes of a node as a member of the cluster. */
    enum MemberAction {
        /** It becomes a voter: first a learner, and when it has caught up, a voter. */
        ADD,
        /** It becomes a learner: it has everything and serves clients, and is not asked for its vote. */
        ADD_LEARNER,
        /** A learner becomes a voter, when it has caught up. */
        PROMOTE,
        /** It is none any more. */
        REMOVE,
        /** Another takes its place as a voter. */
        REPLACE,
        /** It leads. */
        TRANSFER
    }

    /**
     * Changes who the members are, or who of them leads. Never in the log: the leader has its consensus carry it out, and
     * answers when that is committed. What is so already is done. RATE_LIMITED while it can't be now, TIMEOUT if it may or
     * may not have been.
     *
     * @param action what
     * @param member whom: a member's name; of who is to be added, and always as well, the host:port where nodes reach it
     * @param other with what REPLACE puts in its place, named likewise; else empty
     */
    record ChangeMembers(MemberAction action, String member, String other) implements AdminCommand {
        /** Of what names a member, in characters. */
        public static final int MEMBER_MAX = 300;

        public ChangeMembers {
            Rules.text("member", member, MEMBER_MAX);
            Rules.text("other member", other, MEMBER_MAX);
            if (member.isEmpty()) {
                throw new IllegalArgumentException("member is empty; name one, or the host:port where nodes reach it");
            }
            if ((action == MemberAction.REPLACE) == other.isEmpty()) {
                throw new IllegalArgumentException(
                        action == MemberAction.REPLACE
                                ? "REPLACE names nobody to put in the place of " + member
                                : action + " is about one member, and names " + other + " besides");
            }
        }
    }

    /**
     * A setting and its new value.
     *
     * @param name its name
     * @param value its value; of those that are on or off 1 or 0
     */
    record Setting(String name, long value) {
        private static final int NAME_MAX = 64;

        public Setting {
            Rules.text("name of a setting", name, NAME_MAX);
        }

        /** {@code name=value}. */
        @Override
        public String toString() {
            return name + "=" + value;
        }
    }
}
