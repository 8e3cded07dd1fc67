package io.whatnot.node.raft;

import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import io.whatnot.node.raft.v1.RaftMessages.ForceRequest;
import io.whatnot.node.raft.v1.RaftMessages.ForceResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An operator's way out where voters are dead for good, and so many of the others have lost their memory that those that are
 * left may not elect a leader without the dead. All that are left have to be up and answer; the dead must not.
 */
public final class ForcedReformingTool {
    private static final Logger LOG = LoggerFactory.getLogger(ForcedReformingTool.class);

    private static final long ANSWER_MILLIS = 5_000;

    /** What the operator has to have read. */
    public static final String WARNING =
            "Going on without voters that are dead may lose what was acknowledged: everything that only they remembered is"
                    + " gone for good, and they must never come back; wipe their disks. A new epoch begins, and until the"
                    + " longest ttl that there can be has passed, 24 hours, nothing is granted or written but to clients"
                    + " that hold on to what they held. If you can bring one of them back with its raft-metadata, do that"
                    + " instead; if there is nothing to keep, start all nodes with --fresh.";

    private ForcedReformingTool() {}

    /**
     * Has the voters that are left go on without those.
     *
     * @param through one that is left: where nodes reach it
     * @param without the names of those that are dead
     * @return the names of the voters from now on
     * @throws IOException if it is not possible, or not needed, with what to do
     */
    public static List<String> run(String cluster, String through, List<String> without) throws IOException {
        RaftRpcClient client = new RaftRpcClient();
        client.configure(new RaftNodeOptions(cluster, "an operator", null));
        try {
            return run(client, through, without);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            client.shutdown();
        }
    }

    private static List<String> run(RaftRpcClient client, String through, List<String> without)
            throws IOException, InterruptedException {
        ForceResponse first;
        try {
            first = send(client, through, ForceRequest.getDefaultInstance());
        } catch (RemotingException e) {
            throw new IOException("the node at " + through + " does not answer: " + e.getMessage()
                    + ". Start it, or give the configuration of one that runs");
        }
        Map<String, String> names = new LinkedHashMap<>(voters(first));
        for (String voter : List.copyOf(names.keySet())) {
            try {
                // If this was said before, not all of them may have been told: they know more voters.
                voters(send(client, voter, ForceRequest.getDefaultInstance())).forEach(names::putIfAbsent);
            } catch (RemotingException e) {
                LOG.debug("{} does not answer; whether it should have is seen below: {}", voter, e.getMessage());
            }
        }
        for (String dead : without) {
            if (!names.containsValue(dead)) {
                throw new IOException("\"" + dead + "\" is no voter; there are " + names.values());
            }
        }
        Map<String, ForceResponse> left = new LinkedHashMap<>();
        for (Map.Entry<String, String> voter : names.entrySet()) {
            boolean dead = without.contains(voter.getValue());
            try {
                ForceResponse answer = send(client, voter.getKey(), ForceRequest.getDefaultInstance());
                if (dead) {
                    throw new IOException(voter.getValue() + " answers, so it is not dead; go on with it");
                }
                left.put(voter.getKey(), answer);
            } catch (RemotingException e) {
                if (!dead) {
                    throw new IOException(voter.getValue() + " does not answer: " + e.getMessage()
                            + ". All that are left have to run; start it, or name it as dead as well");
                }
            }
        }
        if (left.isEmpty()) {
            throw new IOException("nobody would be left; to found a new cluster start all nodes with --fresh");
        }
        for (ForceResponse answer : left.values()) {
            if (answer.getLed()) {
                throw new IOException(
                        answer.getName() + " knows a leader, so nothing has to be forced; use whatnot member");
            }
        }
        return tell(client, left, names);
    }

    /** Where nodes reach them, and their names. */
    private static Map<String, String> voters(ForceResponse answer) {
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; i < answer.getConfigurationCount() && i < answer.getNamesCount(); i++) {
            names.put(answer.getConfiguration(i), answer.getNames(i));
        }
        return names;
    }

    private static List<String> tell(RaftRpcClient client, Map<String, ForceResponse> left, Map<String, String> names)
            throws IOException, InterruptedException {
        // Newer than any configuration that they know, older than any that a leader will append.
        long term =
                left.values().stream().mapToLong(ForceResponse::getTerm).max().orElseThrow();
        long index = left.values().stream()
                .mapToLong(ForceResponse::getConfigurationIndex)
                .max()
                .orElseThrow();
        ForceRequest request = ForceRequest.newBuilder()
                .addAllVoters(left.keySet())
                .setConfigurationTerm(term)
                .setConfigurationIndex(index + 1)
                .build();
        List<String> problems = new ArrayList<>();
        for (String voter : left.keySet()) {
            try {
                String problem = send(client, voter, request).getProblem();
                if (!problem.isEmpty()) {
                    problems.add(names.get(voter) + ": " + problem);
                }
            } catch (RemotingException e) {
                problems.add(names.get(voter) + ": " + e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            throw new IOException("not all that are left could be told; mend this and say it again: " + problems);
        }
        return left.keySet().stream()
                .map(names::get)
                .sorted(Comparator.nullsLast(Comparator.naturalOrder()))
                .toList();
    }

    private static ForceResponse send(RaftRpcClient client, String to, ForceRequest request)
            throws RemotingException, InterruptedException {
        Object answer = client.invokeSync(RaftLog.peer(to).getEndpoint(), request, new InvokeContext(), ANSWER_MILLIS);
        if (answer instanceof ForceResponse response) {
            return response;
        }
        throw new RemotingException("it answers something else");
    }
}
