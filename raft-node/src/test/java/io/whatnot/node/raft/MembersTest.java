package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import io.whatnot.core.time.SystemScheduler;
import io.whatnot.node.raft.RaftMetadata.Voters;
import io.whatnot.node.raft.v1.RaftMessages.WhoRequest;
import io.whatnot.node.raft.v1.RaftMessages.WhoResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who the members are, as they say themselves; who says what can't be is not believed. */
final class MembersTest {
    private static final RaftMember SELF = new RaftMember("n1", "127.0.0.1:1", "127.0.0.1:2");
    private static final RaftMember OTHER = new RaftMember("n2", "127.0.0.1:3", "127.0.0.1:4");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final SystemScheduler scheduler = new SystemScheduler("test");
    private final RaftRpcClient client = new RaftRpcClient();
    private final List<String> fatal = new CopyOnWriteArrayList<>();
    private final List<List<String>> told = new CopyOnWriteArrayList<>();
    private volatile WhoResponse answer = WhoResponse.getDefaultInstance();
    private volatile boolean knowsLeader = true;

    @SuppressWarnings("NullAway.Init")
    private MetadataStorage metadata;

    @SuppressWarnings("NullAway.Init")
    private RaftRpcServer peer;

    @SuppressWarnings("NullAway.Init")
    private String endpoint;

    @SuppressWarnings("NullAway.Init")
    private Members members;

    @BeforeEach
    void open() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            endpoint = "127.0.0.1:" + free.getLocalPort();
        }
        metadata = new MetadataStorage(new MetadataFile(folder), RaftMetadata.blank("c", "n1", 1), fatal::add);
        peer = new RaftRpcServer(
                "c",
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(),
                        RaftLog.peer(endpoint).getEndpoint().getPort()),
                Runnable::run);
        peer.registerProcessor(new RpcProcessor<WhoRequest>() {
            @Override
            public void handleRequest(RpcContext context, WhoRequest request) {
                context.sendResponse(answer);
            }

            @Override
            public String interest() {
                return WhoRequest.class.getName();
            }
        });
        peer.listen();
        client.configure(new RaftNodeOptions("c", "n1", null));
        members = new Members(SELF, List.of(SELF, OTHER), metadata, client, scheduler, fatal::add, new Members.Here() {
            @Override
            public boolean leads() {
                return false;
            }

            @Override
            public boolean knowsLeader() {
                return knowsLeader;
            }

            @Override
            public boolean isAmnesiac() {
                return false;
            }

            @Override
            public long appliedIndex() {
                return 0;
            }

            @Override
            public boolean counts(String raft) {
                return true;
            }

            @Override
            public void members(List<String> clients) {
                told.add(clients);
            }
        });
        metadata.noteConfiguration(
                new Voters(1, 1, List.of(SELF.raft(), OTHER.raft(), endpoint), List.of()), SELF.raft());
    }

    @AfterEach
    void close() {
        members.close();
        scheduler.close();
        client.shutdown();
        peer.shutdown();
    }

    private WhoResponse.Builder who(String name) {
        return WhoResponse.newBuilder().setName(name).setRaft(endpoint).setClient("127.0.0.1:9");
    }

    @Test
    void whoTheSettingsDoNotNameIsAskedRememberedAndToldToClients() throws IOException {
        answer = who("n3").build();

        members.begin();

        RaftMember learned = new RaftMember("n3", "127.0.0.1:9", endpoint);
        await().atMost(Duration.ofSeconds(10)).until(() -> learned.equals(members.at(endpoint)));
        assertThat(members.find("n3")).isEqualTo(endpoint);
        assertThat(new MetadataFile(folder).read().orElseThrow().membership().known())
                .containsExactly(learned);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> told.stream().anyMatch(clients -> clients.contains("127.0.0.1:9")));
        assertThat(fatal).isEmpty();
    }

    private void notBelieved(WhoResponse claim, String why) {
        answer = claim;
        assertThatThrownBy(() -> members.ask(endpoint).join())
                .hasCauseInstanceOf(Members.NotWho.class)
                .hasMessageContaining(why);
        assertThat(members.at(endpoint)).isNull();
    }

    @Test
    void whoSaysWhatCannotBeIsNotBelieved() {
        notBelieved(who("n3").setRaft("127.0.0.1:5").build(), "says that others reach it at \"127.0.0.1:5\"");
        notBelieved(who("n2").build(), "the member at 127.0.0.1:4 is n2");
        notBelieved(who("n1").build(), "the member at 127.0.0.1:2 is n1");
        notBelieved(who("n3").setClient("127.0.0.1:3").build(), "no two may have the same name or endpoint");
        notBelieved(who("n3").setClient("nowhere").build(), "which are no name and no endpoint");
        notBelieved(who("n 3").build(), "which are no name and no endpoint");
    }

    @Test
    void whoFindsNoLeaderAndIsToldByOneThatItIsNoMemberStops() {
        knowsLeader = false;
        answer = who("n3").setLeads(true).setMember(false).setTerm(5).build();

        members.begin();

        await().atMost(Duration.ofSeconds(10)).until(() -> !fatal.isEmpty());
        assertThat(fatal.get(0)).startsWith("n1 was removed from the cluster").contains("--join");
    }

    @Test
    void whoIsNoLeaderOrLeadsInATermThatIsOverIsNotBelievedThatSomebodyWasRemoved() {
        knowsLeader = false;
        metadata.change(old -> old.withVote(7, ""));
        answer = who("n3").setLeads(true).setMember(false).setTerm(6).build();

        members.begin();
        await().atMost(Duration.ofSeconds(10)).until(() -> members.at(endpoint) != null);
        answer = who("n3").setLeads(false).setMember(false).setTerm(9).build();

        await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(10)).until(fatal::isEmpty);
    }
}
