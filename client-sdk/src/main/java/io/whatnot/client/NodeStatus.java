package io.whatnot.client;

import io.whatnot.core.model.Revision;
import java.util.Map;
import java.util.Optional;

/**
 * What a node says of itself.
 *
 * @param endpoint where it was asked
 * @param problem why it did not answer; empty if it did, and then everything else is told
 * @param cluster its cluster
 * @param node its name
 * @param role leader, follower, learner, electing; rejoining: back without its log and not a voter yet; joining: waits to be
 *     added
 * @param leader where clients reach the leader, as far as it knows
 * @param term Raft's
 * @param appliedIndex how many entries of the log it has applied, about
 * @param revision how new its state is
 * @param version of its software
 * @param level the cluster's feature level, as far as it knows; 0 if it is too old to say
 * @param levelMax the newest feature level that its software supports; likewise
 * @param counts how much there is of everything, and what it has counted since it started, by name
 */
public record NodeStatus(
        String endpoint,
        Optional<String> problem,
        String cluster,
        String node,
        String role,
        Optional<String> leader,
        long term,
        long appliedIndex,
        Revision revision,
        String version,
        int level,
        int levelMax,
        Map<String, Long> counts) {}
