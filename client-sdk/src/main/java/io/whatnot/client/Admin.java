package io.whatnot.client;

import io.whatnot.core.model.LeaseId;
import io.whatnot.core.model.Result;
import java.util.List;
import java.util.Map;

/**
 * What operators do about what belongs to others. Taken only by nodes on the machine this runs on, else PERMISSION_DENIED:
 * connect to the node there, with {@link NamespaceManager.Builder#followLeader} off.
 */
public interface Admin {
    /** Ends a lease, or takes a waiting request out of line; its client is told. LEASE_LOST if there is neither. */
    void revoke(LeaseId lease) throws InterruptedException;

    /** Ends a session and everything it owns; its client is told. INVALID_ARGUMENT if there is no such session. */
    void endSession(long session) throws InterruptedException;

    /**
     * Removes a namespace with everything in it although others hold locks in it; they are told. In one revision if it is
     * small enough for that, else in as many steps as it takes.
     */
    void dropNamespace(String name) throws InterruptedException;

    /**
     * Has deadlocks in a namespace cut, as they are unless switched off, or leaves them to the requests' own time-outs. One that
     * goes over several namespaces is cut if it is so in any. Switching it on cuts those that stand: the youngest request of
     * each fails. NO_SUCH_NAMESPACE if there is none of that name; UNSUPPORTED below feature level 8. {@link
     * NamespaceManager#namespaces} tells how it is.
     */
    void deadlockBreak(String namespace, boolean on) throws InterruptedException;

    /**
     * All that a session holds and waits for, in all namespaces, by the order of its requests: since when, and of those that wait
     * their place in line and what is in their way. INVALID_ARGUMENT if there is no such session. A thousand at a time, or
     * fewer, so that what a session with more than that has is told of several revisions, of which the last is named. A
     * read like others, which every client may make.
     */
    Result.SessionTrace sessionTrace(long session, Consistency consistency) throws InterruptedException;

    /** All settings of the cluster, linearizably, and how much of the limits is used where that is known. */
    List<Result.SettingView> settings() throws InterruptedException;

    /** Changes settings, by name, all of them or none; of those that are on or off to 1 or 0. */
    void changeSettings(Map<String, Long> settings) throws InterruptedException;

    /**
     * Raises the feature level of the cluster, for good: from then on commands may do what needs that level, and nodes whose
     * software does not support it stop. UNSUPPORTED, naming them, if some node doesn't now or can't be asked;
     * INVALID_ARGUMENT if the cluster is at a higher one. {@link NodeStatus} tells at which it is, and what nodes support.
     */
    void raiseLevel(int level) throws InterruptedException;

    /** The members of the cluster, as the node that is asked knows them. Answers even without a leader. */
    List<Member> members() throws InterruptedException;

    /**
     * Adds a node as a voter: first as a learner, and when it has caught up, as a voter, so that a slow one is in nobody's
     * way. It has to run, started to join, with an empty data folder. All changes of members return when they are
     * committed, and take as long as catching up does: give {@link NamespaceManager.Builder#requestTimeout} a minute or more.
     * What is so already is done; one that was broken off may be asked for again. They are put off, and at last refused,
     * while another voter than the one concerned does not answer or has not caught up after losing its memory.
     *
     * @param raft where other nodes reach it, host:port
     */
    void addMember(String raft) throws InterruptedException;

    /** Adds a node as a learner: it has everything, serves clients, and is not asked for its vote. As {@link #addMember}. */
    void addLearner(String raft) throws InterruptedException;

    /** Makes a learner a voter, when it has caught up. Members are named by their name or their endpoint for nodes. */
    void promote(String member) throws InterruptedException;

    /** Removes a member, which then stops. Its name and its endpoint for nodes are not to be used for another one. */
    void removeMember(String member) throws InterruptedException;

    /** Puts another node in the place of a voter, dead or alive. The other is a learner, or as with {@link #addMember}. */
    void replaceMember(String member, String by) throws InterruptedException;

    /** Has that voter lead. Returns when it does. */
    void transferLeadership(String to) throws InterruptedException;

    /**
     * A member.
     *
     * @param name its name; its endpoint for nodes if that is not known yet
     * @param endpoint where clients reach it; empty if that is not known yet
     * @param raft where other nodes reach it
     * @param role voter, learner, or "not a member now" of a node that only the settings name
     */
    record Member(String name, String endpoint, String raft, String role) {}
}
