package io.whatnot.node.faults;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is done to a cluster and its clients; the letter and number are those of the list of faults in the design. */
enum Fault {
    /** F1, F6: the leader is killed and comes back without its memory. */
    KILL_LEADER("kill", 5, Faults::killLeader),
    /** F1: a follower likewise, away for long enough that it needs a snapshot (F8). */
    KILL_FOLLOWER("kill", 4, Faults::killFollower),
    /** F1: as many as can be spared, at once. */
    KILL_MINORITY("kill", 2, Faults::killMinority),
    /** F1, F14: all but one, at once or one after another: the one keeps the state. */
    KILL_ALL_BUT_ONE("kill", 2, Faults::killAllButOne),
    /** F1, F14: all; in memory nothing is left. */
    KILL_ALL("kill", 1, Faults::killAll),
    /** F15: the leader is asked to stop, and hands over first. */
    HAND_OVER("leader", 3, Faults::handOver),
    /** F15: the leader is paused for a little every two seconds, and each time another leads. */
    CHASE_LEADER("leader", 2, Faults::chaseLeader),
    /** F15: an operator moves leadership every two seconds. */
    MOVE_LEADER("leader", 3, Faults::moveLeader),
    /** F7: another node takes the place of one, which may come back though it was removed. */
    REPLACE_MEMBER("members", 3, Faults::replaceMember),
    /** F7: another node comes as a learner, is promoted, and then one goes. */
    PROMOTE_MEMBER("members", 2, Faults::promoteMember),
    /** F7: one goes, and then another comes. */
    REMOVE_AND_ADD_MEMBER("members", 2, Faults::removeAndAddMember),
    /** F2: SIGSTOP. */
    PAUSE_LEADER("pause", 5, Faults::pauseLeader),
    /** F2. */
    PAUSE_FOLLOWER("pause", 3, Faults::pauseFollower),
    /** F2: so many at once that nothing goes on. */
    PAUSE_MAJORITY("pause", 2, Faults::pauseMajority),
    /** F2. */
    PAUSE_CLIENT("client", 4, Faults::pauseClient),
    /** F13: while it waits, holds, renews. */
    KILL_CLIENT("client", 4, Faults::killClient),
    /** F3: a client reaches no node, or nothing reaches it. */
    CUT_OFF_CLIENT("client", 2, Faults::cutOffClient),
    /** F3: two halves. */
    HALVES("partition", 4, Faults::halves),
    /** F3: the leader alone. */
    LEADER_ALONE("partition", 4, Faults::leaderAlone),
    /** F3: the leader, or a follower, hears or is heard, but not both. */
    ONE_WAY("partition", 4, Faults::oneWay),
    /** F3: each reaches but its neighbours, both ways or one. */
    RING("partition", 2, Faults::ring),
    /** F3: two halves with one node in both. */
    BRIDGE("partition", 2, Faults::bridge),
    /** F4: up to half a second everywhere. */
    DELAY("delay", 3, Faults::delay),
    /** F4: as TCP makes of it, and connections that break. */
    LOSS("delay", 3, Faults::loss),
    /** F4. */
    BREAK_CONNECTIONS("delay", 2, Faults::breakConnections),
    /** F6: a node comes back with old metadata, refuses, and is put right. */
    OLD_METADATA("metadata", 1, Faults::oldMetadata),
    /** F11: a node can't write its metadata; it stops rather than vote without. */
    BLOCK_METADATA("metadata", 1, Faults::blockMetadata);

    private final String group;
    private final int weight;

    @SuppressWarnings("ImmutableEnumChecker") // a method of Faults each
    private final Action action;

    Fault(String group, int weight, Action action) {
        this.group = group;
        this.weight = weight;
        this.action = action;
    }

    /** How a fault is brought about. */
    interface Action {
        /** Does it, and undoes it; tells to whom in words. */
        String on(Faults faults) throws IOException, InterruptedException;
    }

    /** How often it is, compared to others. */
    int weight() {
        return weight;
    }

    String inflict(Faults on) throws IOException, InterruptedException {
        return action.on(on);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Those of these names and groups.
     *
     * @throws IllegalArgumentException if there is none of such a name
     */
    static List<Fault> parse(String names) {
        List<String> wanted = List.of(names.split(",", -1));
        for (String name : wanted) {
            if (Arrays.stream(values()).noneMatch(fault -> fault.toString().equals(name) || fault.group.equals(name))) {
                throw new IllegalArgumentException("there is no fault \"" + name + "\"; write some of "
                        + Arrays.stream(values())
                                .map(fault -> fault.group)
                                .distinct()
                                .toList() + " or "
                        + Arrays.toString(values()) + ", with commas between");
            }
        }
        return Arrays.stream(values())
                .filter(fault -> wanted.contains(fault.toString()) || wanted.contains(fault.group))
                .toList();
    }
}
