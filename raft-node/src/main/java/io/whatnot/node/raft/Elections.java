package io.whatnot.node.raft;

import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.whatnot.node.raft.RaftMetadata.Voters;
import io.whatnot.node.raft.v1.RaftMessages.VoteTerms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Elections among voters of which some have lost their memory. JRaft counts grants and knows no conditions, so this stands
 * between it and the others: votes granted by who remembers are handed to it at once; the conditional ones, and, for a
 * candidate that has lost its own memory, all, are held back until every voter of the configuration has granted its vote
 * in that very term. Then nobody is left who could have voted for a better one, and they are handed over together; whoever
 * leads by that begins a new epoch, for what was committed may be gone.
 *
 * <p>The rules are explored exhaustively in the model that docs/amnesia.md tells of.
 */
final class Elections {
    private static final Logger LOG = LoggerFactory.getLogger(Elections.class);

    /** The field of a vote's response that has its {@link VoteTerms}; JRaft does not know it and keeps it. */
    private static final int TERMS_FIELD = 1000;

    /**
     * An election that was won only because all voters granted their votes.
     *
     * @param term its term
     * @param longestTtlMillis the longest ttl that any voter's disk knows
     */
    record Unanimous(long term, long longestTtlMillis) {}

    private final String self;
    private final MetadataStorage metadata;
    private final Amnesia amnesia;
    private @Nullable Round round;
    private @Nullable Unanimous unanimous;

    Elections(String self, MetadataStorage metadata, Amnesia amnesia) {
        this.self = self;
        this.metadata = metadata;
        this.amnesia = amnesia;
    }

    // ---- the voter

    /** Whether this node knows a configuration; one that joins has none at first, and is not asked for its vote by it. */
    boolean knowsVoters() {
        return !metadata.metadata().configuration().voters().isEmpty();
    }

    /** A granted vote, with what the candidate has to know of this voter. */
    RequestVoteResponse grant(RequestVoteResponse granted, boolean conditional) {
        RaftMetadata known = metadata.metadata();
        ByteString terms = VoteTerms.newBuilder()
                .setConditional(conditional)
                .setConfigurationTerm(known.configuration().term())
                .setConfigurationIndex(known.configuration().index())
                .addAllConfiguration(known.configuration().all())
                .setLongestTtlMillis(known.longestTtlMillis())
                .build()
                .toByteString();
        UnknownFieldSet.Field field =
                UnknownFieldSet.Field.newBuilder().addLengthDelimited(terms).build();
        return granted.toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(TERMS_FIELD, field)
                        .build())
                .build();
    }

    static @Nullable VoteTerms terms(RequestVoteResponse response) {
        List<ByteString> terms =
                response.getUnknownFields().getField(TERMS_FIELD).getLengthDelimitedList();
        if (terms.isEmpty()) {
            return null;
        }
        try {
            return VoteTerms.parseFrom(terms.get(0));
        } catch (InvalidProtocolBufferException e) {
            LOG.warn("the terms of a vote can't be read", e);
            return null;
        }
    }

    // ---- the candidate

    /** All grants of one term. */
    private static final class Round {
        final long term;
        /** Whether the candidate's own vote is conditional. */
        final boolean conditional;

        final Voters configuration;
        final long longestTtlMillis;
        final Map<String, VoteTerms> granted = new HashMap<>();
        final List<Runnable> held = new ArrayList<>();

        Round(long term, boolean conditional, RaftMetadata known) {
            this.term = term;
            this.conditional = conditional;
            this.configuration = known.configuration();
            this.longestTtlMillis = known.longestTtlMillis();
        }
    }

    /**
     * This node asks a voter for its vote.
     *
     * @param answer whom JRaft wants to be told
     * @return whom to tell instead
     * @throws RemotingException if the candidature can't be made sure of on disk; the vote must not be asked for then
     */
    RaftStream.Answer standing(String voter, long term, RaftStream.Answer answer) throws RemotingException {
        Round now;
        List<Runnable> stale = List.of();
        synchronized (this) {
            Round last = round;
            if (last == null || last.term < term) {
                if (!metadata.setTermAndVotedFor(term, RaftLog.peer(self))) {
                    throw new RemotingException("the candidature in term " + term + " is not on disk");
                }
                stale = last == null ? List.of() : List.copyOf(last.held);
                last = new Round(term, amnesia.isAmnesiac(), metadata.metadata());
                round = last;
            }
            now = last;
        }
        stale.forEach(Runnable::run);
        return (result, failure) -> answered(now, voter, result, failure, answer);
    }

    private void answered(
            Round in, String voter, @Nullable Object result, @Nullable Throwable failure, RaftStream.Answer answer) {
        if (!(result instanceof RequestVoteResponse response) || !response.getGranted() || failure != null) {
            answer.complete(result, failure);
            return;
        }
        VoteTerms terms = terms(response);
        if (terms == null) {
            LOG.warn("{} grants its vote without saying on what terms; it does not count", voter);
            answer.complete(response.toBuilder().setGranted(false).build(), null);
            return;
        }
        List<Runnable> now = new ArrayList<>();
        synchronized (this) {
            in.granted.put(voter, terms);
            Runnable handOver = () -> answer.complete(response, null);
            if (in.conditional || terms.getConditional()) {
                in.held.add(handOver);
            } else {
                now.add(handOver);
            }
            if (in == round && isUnanimous(in)) {
                LOG.warn(
                        "all voters grant their votes for term {}, some of them without memory: what was committed may be"
                                + " gone, and a new epoch begins",
                        in.term);
                long longest = in.granted.values().stream()
                        .mapToLong(VoteTerms::getLongestTtlMillis)
                        .reduce(in.longestTtlMillis, Math::max);
                unanimous = new Unanimous(in.term, longest);
                now.addAll(in.held);
                in.held.clear();
            }
        }
        now.forEach(Runnable::run);
    }

    /** Whether every voter has granted its vote, and not enough of them without condition to win by those alone. */
    private boolean isUnanimous(Round in) {
        Set<String> granted = new HashSet<>(in.granted.keySet());
        granted.add(self);
        if (!granted.containsAll(in.configuration.all())) {
            return false;
        }
        for (Map.Entry<String, VoteTerms> vote : in.granted.entrySet()) {
            VoteTerms terms = vote.getValue();
            boolean newer = !in.configuration.isAtLeast(terms.getConfigurationTerm(), terms.getConfigurationIndex());
            // One that is newer but of the same voters leaves nobody unasked.
            if (terms.getConditional()
                    && newer
                    && !Set.copyOf(terms.getConfigurationList()).equals(Set.copyOf(in.configuration.all()))) {
                LOG.warn(
                        "{} knows a newer configuration than this node, {}: there are voters that were not asked",
                        vote.getKey(),
                        terms.getConfigurationList());
                return false;
            }
        }
        return in.conditional || !(isQuorum(in, in.configuration.voters()) && isQuorum(in, in.configuration.old()));
    }

    private boolean isQuorum(Round in, List<String> voters) {
        long unconditional = voters.stream()
                .filter(voter -> {
                    VoteTerms terms = in.granted.get(voter);
                    return voter.equals(self) ? !in.conditional : terms != null && !terms.getConditional();
                })
                .count();
        return voters.isEmpty() || unconditional > voters.size() / 2;
    }

    /** How the election of a term was won, by this node: if by the votes of all, else null. */
    synchronized @Nullable Unanimous won(long term) {
        if (amnesia.isAmnesiac() && (unanimous == null || unanimous.term != term)) {
            // A single voter asks nobody. Any other without memory leads by the votes of all alone.
            unanimous = new Unanimous(term, metadata.metadata().longestTtlMillis());
        }
        Unanimous last = unanimous;
        return last != null && last.term == term ? last : null;
    }

    /** Whether the epoch that this node was to begin by the votes of all has begun. */
    synchronized boolean hasBegun(long epoch) {
        return unanimous != null && unanimous.term == epoch;
    }

    /** Whether this node, should it lead in a term, does so by the votes of all. */
    synchronized boolean wouldLeadByAll(long term) {
        Unanimous last = unanimous;
        return amnesia.isAmnesiac() || (last != null && last.term == term);
    }
}
