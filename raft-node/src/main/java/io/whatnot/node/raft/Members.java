package io.whatnot.node.raft;

import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import io.whatnot.core.time.Scheduler;
import io.whatnot.core.wire.Endpoints;
import io.whatnot.node.raft.RaftMetadata.Voters;
import io.whatnot.node.raft.v1.RaftMessages.WhoRequest;
import io.whatnot.node.raft.v1.RaftMessages.WhoResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who the members are, and where they are reached. Configurations name nodes by where nodes reach them; their names, and
 * where clients reach them, stand in the settings of the founders and of those that came later, but not in everybody's.
 * What the settings don't say each node asks of the member itself, and remembers on its disk.
 *
 * <p>A node that finds no leader asks in the same way whether it still is a member, and stops if the leader says that it
 * is none: one that was removed while it was away must not wait for ever, nor stand for election.
 */
final class Members implements RpcProcessor<WhoRequest>, Autopilot.Peers {
    private static final Logger LOG = LoggerFactory.getLogger(Members.class);

    private static final long PAUSE_MILLIS = 250;
    private static final long ANSWER_MILLIS = 1_000;
    private static final int TIMES = 3;

    /** After so many looks in a row without a leader a node asks whether it is a member still. */
    private static final int LEADERLESS = 4;

    /** So many members that the settings don't name are remembered, those first that are members now. */
    private static final int KNOWN_MAX = 64;

    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";

    /** Who answers can't be who it says it is. */
    static final class NotWho extends Exception {
        private static final long serialVersionUID = 1;

        NotWho(String why) {
            super(why);
        }
    }

    /** What this node is, as far as it is asked about that. */
    interface Here {
        /** Whether it leads, and serves. */
        boolean leads();

        /** Whether it knows who leads, or leads. */
        boolean knowsLeader();

        /** Whether it has lost its memory, and not come by it again. */
        boolean isAmnesiac();

        /** How far it has applied the log. */
        long appliedIndex();

        /** Whether a node is a member as far as it knows, or about to be. */
        boolean counts(String raft);

        /** Where clients reach the members is other than before; somebody's address has come to be known, perhaps. */
        void members(List<String> clients);
    }

    private final RaftMember self;
    private final Map<String, RaftMember> settings = new LinkedHashMap<>();
    private final MetadataStorage metadata;
    private final RaftRpcClient client;
    private final Scheduler scheduler;
    private final FatalError fatal;
    private final Here here;
    /** Whoever says of himself what can't be is told of in the log once. */
    private final Set<String> strange = ConcurrentHashMap.newKeySet();

    private int leaderless;
    private int joinRounds;
    /** Who has asked last who this node is: of one that joins, perhaps the only member it knows that is there still. */
    private volatile String asker = "";

    private List<String> told = List.of();
    private volatile boolean closed;

    Members(
            RaftMember self,
            List<RaftMember> settings,
            MetadataStorage metadata,
            RaftRpcClient client,
            Scheduler scheduler,
            FatalError fatal,
            Here here) {
        this.self = self;
        settings.forEach(member -> this.settings.put(member.raft(), member));
        this.settings.put(self.raft(), self);
        this.metadata = metadata;
        this.client = client;
        this.scheduler = scheduler;
        this.fatal = fatal;
        this.here = here;
    }

    /**
     * A node that joins with a blank disk goes on when a member says that no voter is known by its endpoint. If there is one,
     * it is that voter, and has lost its disk: it must not vote as if it had not.
     */
    void join(Runnable goOn) {
        if (closed) {
            return;
        }
        List<String> known = new ArrayList<>(others());
        if (Endpoints.isOne(asker) && !known.contains(asker)) {
            known.add(asker);
        }
        List<CompletableFuture<WhoResponse>> asked =
                known.stream().map(this::ask).toList();
        CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
                .whenComplete((all, failure) -> scheduler.schedule(0, () -> joining(asked, goOn)));
    }

    private void joining(List<CompletableFuture<WhoResponse>> asked, Runnable goOn) {
        List<WhoResponse> answers = asked.stream()
                .filter(one -> !one.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .toList();
        if (answers.stream().anyMatch(WhoResponse::getVoter)) {
            fatal.stop(
                    "the cluster has a voter at " + self.raft() + " already, and this node's data folder knows nothing"
                            + " of it: it is new, or was emptied. As the voter it was this node would forget what it has promised."
                            + " Put its raft-metadata back; or have the voter removed, and start this node under a new name, with"
                            + " another endpoint for nodes");
        } else if (answers.isEmpty() && !asked.isEmpty()) {
            if (joinRounds++ % LEADERLESS == 0) {
                LOG.warn("no member answers yet; asked: {}", others());
            }
            scheduler.schedule(PAUSE_MILLIS, () -> join(goOn));
        } else {
            goOn.run();
        }
    }

    /** From now on it looks after who is not known, and whether this node is a member. */
    void begin() {
        scheduler.schedule(PAUSE_MILLIS, this::look);
    }

    void close() {
        closed = true;
    }

    // ---- who is known

    private Voters configuration() {
        return metadata.metadata().configuration();
    }

    /** All members but this one, by where nodes reach them; before there is a configuration those of the settings. */
    List<String> others() {
        List<String> all = configuration().members();
        return (all.isEmpty() ? List.copyOf(settings.keySet()) : all)
                .stream().filter(raft -> !raft.equals(self.raft())).toList();
    }

    /** All members, this one too, likewise. */
    List<String> all() {
        List<String> all = configuration().members();
        return all.isEmpty() ? List.copyOf(settings.keySet()) : all;
    }

    /** Whose endpoint that is; null if that is not known. */
    @Nullable
    RaftMember at(String raft) {
        RaftMember member = settings.get(raft);
        if (member != null) {
            return member;
        }
        return metadata.metadata().membership().known().stream()
                .filter(known -> known.raft().equals(raft))
                .findFirst()
                .orElse(null);
    }

    /** How people call it: by its name, or by its endpoint if that is not known. */
    @Override
    public String nameOf(String raft) {
        RaftMember member = at(raft);
        return member == null ? raft : member.name();
    }

    /** Where nodes reach whom people call so; null if there is, and was, no such member as far as is known. */
    @Nullable
    String find(String nameOrRaft) {
        if (all().contains(nameOrRaft)) {
            return nameOrRaft;
        }
        String former = null;
        for (RaftMember member : everybody()) {
            if (member.name().equals(nameOrRaft)) {
                if (all().contains(member.raft())) {
                    return member.raft();
                }
                former = member.raft();
            }
        }
        return former;
    }

    /** All that are known, be they members now or not. */
    List<RaftMember> everybody() {
        List<RaftMember> all = new ArrayList<>(settings.values());
        metadata.metadata().membership().known().stream()
                .filter(member -> !settings.containsKey(member.raft()))
                .forEach(all::add);
        return all;
    }

    // ---- asking

    /** What the node at that endpoint says of itself; fails if it does not answer, or can't be who it says. */
    @Override
    public CompletableFuture<WhoResponse> ask(String raft) {
        CompletableFuture<WhoResponse> asked = new CompletableFuture<>();
        ask(raft, 1, asked);
        return asked;
    }

    /** A node that has just come back may be out of reach once more, until the way to it is tried anew. */
    private void ask(String raft, int time, CompletableFuture<WhoResponse> asked) {
        WhoRequest request = WhoRequest.newBuilder().setNode(self.raft()).build();
        try {
            client.invokeAsync(
                    RaftLog.peer(raft).getEndpoint(),
                    request,
                    new InvokeContext(),
                    (response, failure) -> answered(raft, time, asked, response, failure),
                    ANSWER_MILLIS);
        } catch (RemotingException e) {
            answered(raft, time, asked, null, e);
        }
    }

    private void answered(
            String raft,
            int time,
            CompletableFuture<WhoResponse> asked,
            @Nullable Object response,
            @Nullable Throwable failure) {
        if (response instanceof WhoResponse who) {
            String wrong = wrong(raft, who);
            if (wrong == null) {
                asked.complete(who);
            } else {
                if (strange.size() < KNOWN_MAX && strange.add(wrong)) {
                    LOG.warn("{}; it is not believed", wrong);
                }
                asked.completeExceptionally(new NotWho(wrong));
            }
        } else if (time < TIMES && !closed) {
            scheduler.schedule(PAUSE_MILLIS, () -> ask(raft, time + 1, asked));
        } else {
            asked.completeExceptionally(
                    failure == null ? new IllegalStateException(raft + " answers something else") : failure);
        }
    }

    /** Why that can't be who it says it is; null if it can. */
    private @Nullable String wrong(String raft, WhoResponse who) {
        if (!who.getRaft().equals(raft)) {
            return "the node at " + raft + " says that others reach it at \"" + who.getRaft() + "\"";
        }
        if (!who.getName().matches(NAME) || !Endpoints.isOne(who.getClient())) {
            return "the node at " + raft + " says that it is \"" + who.getName() + "\" and clients reach it at \""
                    + who.getClient() + "\", which are no name and no endpoint";
        }
        RaftMember set = settings.get(raft);
        if (set != null && !set.name().equals(who.getName())) {
            return "the node at " + raft + " says that it is " + who.getName()
                    + ", and the settings of this node call it " + set.name();
        }
        for (RaftMember other : everybody()) {
            boolean taken = other.name().equals(who.getName()) || other.client().equals(who.getClient());
            if (taken && !other.raft().equals(raft) && all().contains(other.raft())) {
                return "the node at " + raft + " says that it is " + who.getName() + " and clients reach it at "
                        + who.getClient() + ", but the member at " + other.raft() + " is " + other.name() + " at "
                        + other.client() + ": no two may have the same name or endpoint";
            }
        }
        return null;
    }

    /** It said so itself, and is remembered. */
    void learn(WhoResponse who) {
        if (settings.containsKey(who.getRaft())) {
            return;
        }
        RaftMember member = new RaftMember(who.getName(), who.getClient(), who.getRaft());
        if (member.equals(at(member.raft()))) {
            return;
        }
        metadata.change(old -> old.withKnown(with(old.membership().known(), member)));
        LOG.info("{} is at {} for nodes and at {} for clients", member.name(), member.raft(), member.client());
    }

    private List<RaftMember> with(List<RaftMember> known, RaftMember member) {
        List<RaftMember> now = new ArrayList<>(known.stream()
                .filter(other ->
                        !other.raft().equals(member.raft()) && !other.name().equals(member.name()))
                .toList());
        List<String> members = all();
        for (int i = 0; now.size() >= KNOWN_MAX && i < now.size(); ) {
            if (members.contains(now.get(i).raft())) {
                i++;
            } else {
                now.remove(i);
            }
        }
        now.add(member);
        return now;
    }

    // ---- looking

    private void look() {
        if (closed) {
            return;
        }
        tellOfChanges();
        leaderless = here.knowsLeader() ? 0 : leaderless + 1;
        boolean doubts = leaderless >= LEADERLESS;
        for (String raft : others()) {
            if (doubts || at(raft) == null) {
                ask(raft).whenComplete((who, failure) -> scheduler.schedule(0, () -> heard(raft, who, failure)));
            }
        }
        if (doubts) {
            leaderless = 0;
        }
        scheduler.schedule(PAUSE_MILLIS, this::look);
    }

    private void tellOfChanges() {
        List<String> clients = all().stream()
                .map(this::at)
                .filter(Objects::nonNull)
                .map(RaftMember::client)
                .toList();
        if (!clients.equals(told)) {
            told = clients;
            here.members(clients);
        }
    }

    private void heard(String raft, @Nullable WhoResponse who, @Nullable Throwable failure) {
        if (who == null) {
            LOG.debug("{} does not say who it is: {}", raft, failure == null ? "" : failure.getMessage());
            return;
        }
        if (configuration().members().contains(raft)) {
            learn(who);
        }
        boolean out = who.getLeads()
                && !who.getMember()
                && who.getTerm() >= metadata.metadata().term();
        if (out && metadata.metadata().membership().counted() && !here.knowsLeader() && !closed) {
            fatal.stop(removed(self.name()));
        }
    }

    /** What a node is told that is no member any more. */
    static String removed(String name) {
        return name
                + " was removed from the cluster and is no member of it any more: the others go on without it. To let"
                + " this machine take part again add it as a new node, under a new name, with an empty data folder and"
                + " another endpoint for nodes, started with --join";
    }

    // ---- the node that is asked

    @Override
    public String interest() {
        return WhoRequest.class.getName();
    }

    @Override
    public void handleRequest(RpcContext context, WhoRequest request) {
        asker = request.getNode();
        RaftMetadata known = metadata.metadata();
        context.sendResponse(WhoResponse.newBuilder()
                .setName(self.name())
                .setRaft(self.raft())
                .setClient(self.client())
                .setJoined(known.membership().joined())
                .setCounted(known.membership().counted())
                .setAmnesiac(here.isAmnesiac())
                .setLeads(here.leads())
                .setMember(here.counts(request.getNode()))
                .setVoter(known.configuration().all().contains(request.getNode()))
                .setTerm(known.term())
                .setAppliedIndex(here.appliedIndex())
                .setLongestTtlMillis(known.longestTtlMillis())
                .build());
    }
}
