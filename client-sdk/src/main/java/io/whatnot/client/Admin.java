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
}
