package io.whatnot.node.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.google.protobuf.ByteString;
import io.whatnot.core.engine.ReplicatedLog;
import io.whatnot.core.model.FeatureLevel;
import io.whatnot.core.state.NamespaceStateMachine;
import io.whatnot.core.state.State;
import io.whatnot.node.raft.v1.RaftMessages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One node's log: its folder, its address, and that it leads itself. */
@Timeout(60)
final class RaftLogTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<RaftLog> logs = new ArrayList<>();
    private boolean onDisk;

    @AfterEach
    void close() {
        logs.forEach(RaftLog::close);
    }

    /** Is told what happens. */
    private static final class Told implements ReplicatedLog.Listener {
        final List<String> applied = new CopyOnWriteArrayList<>();
        volatile long term;
        volatile ReplicatedLog.@Nullable Reforming reforming;

        @Override
        public void applied(long index, ByteString entry, ReplicatedLog.@Nullable Context context) {
            applied.add(entry.toStringUtf8());
        }

        @Override
        public void leading(long term, ReplicatedLog.@Nullable Reforming reforming) {
            this.reforming = reforming;
            this.term = term;
        }

        @Override
        public boolean isServing() {
            return true;
        }

        @Override
        public void following(@Nullable String leader) {
            term = 0;
        }

        @Override
        public void members(List<String> endpoints) {}

        @Override
        public State image() {
            return new NamespaceStateMachine().state();
        }

        @Override
        public void restored(long index, State state) {}
    }

    private static String endpoint(String host) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            return host + ":" + socket.getLocalPort();
        }
    }

    private RaftLog open(String cluster, String node, String endpoint, String listen, boolean fresh)
            throws IOException {
        RaftLog log = new RaftLog(
                new RaftLogOptions(
                        cluster,
                        node,
                        endpoint,
                        listen,
                        List.of(new RaftMember(node, "client of " + endpoint, endpoint)),
                        folder,
                        200,
                        50,
                        100_000,
                        64 << 20,
                        256 << 20,
                        onDisk,
                        100_000,
                        FeatureLevel.NEWEST,
                        fresh,
                        false,
                        0),
                why -> {});
        logs.add(log);
        return log;
    }

    private RaftLog open(String cluster, String node) throws IOException {
        String endpoint = endpoint("127.0.0.1");
        return open(cluster, node, endpoint, endpoint, false);
    }

    private static Told start(RaftLog log) {
        Told told = new Told();
        log.start(told);
        return told;
    }

    private static void awaitLeading(Told told) {
        await().atMost(Duration.ofSeconds(20)).until(() -> told.term > 0);
    }

    @Test
    void aNodeAloneLeadsItselfAndAppliesWhatIsAppended() throws IOException {
        RaftLog log = open("shop", "n1");
        Told told = start(log);
        awaitLeading(told);

        log.append(told.term, "one".getBytes(StandardCharsets.UTF_8), () -> {});
        log.append(told.term, "two".getBytes(StandardCharsets.UTF_8), () -> {});

        await().until(() -> told.applied.equals(List.of("one", "two")));
        assertThat(log.role()).isEqualTo("leader");
        assertThat(log.term()).isEqualTo(told.term);
        assertThat(log.hasRoom()).isTrue();
    }

    @Test
    void oneVoterIsChangedByWayOfBothConfigurations() throws Exception {
        RaftLog founder = open("shop", "n1");
        awaitLeading(start(founder));
        String one = founder.voters().get(0);
        String two = endpoint("127.0.0.1");
        RaftLog joins = new RaftLog(
                new RaftLogOptions(
                        "shop",
                        "n2",
                        two,
                        two,
                        List.of(new RaftMember("n2", "127.0.0.1:1", two)),
                        folder.resolve("n2"),
                        200,
                        50,
                        100_000,
                        64 << 20,
                        256 << 20,
                        false,
                        100_000,
                        FeatureLevel.NEWEST,
                        false,
                        true,
                        0),
                why -> {});
        logs.add(joins);
        start(joins);
        assertThat(joins.role()).isEqualTo("joining");

        CompletableFuture<ReplicatedLog.MemberOutcome> done = new CompletableFuture<>();
        founder.changeMembers(
                new ReplicatedLog.MemberChange(ReplicatedLog.MemberChange.Action.ADD, two, ""), done::complete);

        assertThat(done.get(30, TimeUnit.SECONDS)).isEqualTo(ReplicatedLog.MemberOutcome.DONE);
        LogStorage entries = founder.entries();
        List<String> configurations = new ArrayList<>();
        for (long index = entries.getFirstLogIndex(); index <= entries.getLastLogIndex(); index++) {
            LogEntry entry = entries.getEntry(index);
            if (entry.getType() == EntryType.ENTRY_TYPE_CONFIGURATION) {
                RaftMetadata.Voters voters = SizedLogStorage.voters(entry);
                configurations.add("voters " + new TreeSet<>(voters.voters()) + ", before " + voters.old());
            }
        }
        assertThat(configurations)
                .endsWith(
                        "voters " + new TreeSet<>(List.of(one, two)) + ", before " + List.of(one),
                        "voters " + new TreeSet<>(List.of(one, two)) + ", before []");
        await().atMost(Duration.ofSeconds(20)).until(() -> joins.role().equals("follower"));
    }

    @Test
    void aRequestToRejoinAsWhatCanBeNoNodeIsAnsweredAtOnce() throws Exception {
        String endpoint = endpoint("127.0.0.1");
        open("shop", "n1", endpoint, endpoint, false);
        RaftRpcClient client = new RaftRpcClient();
        client.configure(new RaftNodeOptions("shop", "n2", null));
        try {
            for (String nowhere : List.of("", "nowhere", "127.0.0.1:", "127.0.0.1:7aft", ":7401")) {
                Object answer = client.invokeSync(
                        RaftLog.peer(endpoint).getEndpoint(),
                        RaftMessages.RejoinRequest.newBuilder().setNode(nowhere).build(),
                        new InvokeContext(),
                        20_000);

                assertThat(answer)
                        .isEqualTo(RaftMessages.RejoinResponse.newBuilder()
                                .setProblem("\"" + nowhere + "\" is no host:port of a node")
                                .build());
            }
        } finally {
            client.shutdown();
        }
    }

    @Test
    void aNodeMayListenElsewhereThanWhereTheOthersReachIt() throws IOException {
        RaftLog log = open("shop", "n1", endpoint("127.0.0.1"), endpoint("127.0.0.2"), false);

        awaitLeading(start(log));

        assertThat(log.role()).isEqualTo("leader");
    }

    @Test
    void aNodeAloneThatComesBackBeginsANewEpochThatKnowsTheLongestTtl() throws Exception {
        String endpoint = endpoint("127.0.0.1");
        RaftLog first = open("shop", "n1", endpoint, endpoint, false);
        Told before = start(first);
        awaitLeading(before);
        assertThat(before.reforming).isNull();
        CountDownLatch noted = new CountDownLatch(1);
        first.noteLongestTtl(4_096, noted::countDown);
        assertThat(noted.await(20, TimeUnit.SECONDS)).isTrue();
        first.close();

        RaftLog second = open("shop", "n1", endpoint, endpoint, false);
        Told after = start(second);

        awaitLeading(after);
        assertThat(after.term).isGreaterThan(before.term);
        assertThat(after.reforming).isEqualTo(new ReplicatedLog.Reforming(4_096));
    }

    @Test
    void aNodeAloneWhoseLogIsOnDiskComesBackWithAllOfItAndBeginsNoEpoch() throws Exception {
        onDisk = true;
        String endpoint = endpoint("127.0.0.1");
        RaftLog first = open("shop", "n1", endpoint, endpoint, false);
        Told before = start(first);
        awaitLeading(before);
        first.append(before.term, "one".getBytes(StandardCharsets.UTF_8), () -> {});
        first.append(before.term, "two".getBytes(StandardCharsets.UTF_8), () -> {});
        await().until(() -> before.applied.equals(List.of("one", "two")));
        first.close();

        Told after = start(open("shop", "n1", endpoint, endpoint, false));

        awaitLeading(after);
        assertThat(after.applied).containsExactly("one", "two");
        assertThat(after.term).isGreaterThan(before.term);
        assertThat(after.reforming).isNull();
    }

    @Test
    void aNodeThatIsToBeginAnewLeadsItself() throws IOException {
        RaftLog first = open("shop", "n1");
        awaitLeading(start(first));
        first.close();

        String endpoint = endpoint("127.0.0.1");
        awaitLeading(start(open("shop", "n1", endpoint, endpoint, true)));
    }

    @Test
    void aFolderOfAnotherNodeOrClusterIsRefused() throws IOException {
        open("shop", "n1").close();

        for (String[] other : new String[][] {{"shop", "n2"}, {"market", "n1"}}) {
            assertThatThrownBy(() -> open(other[0], other[1]))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the data folder " + folder + " belongs to node n1 of cluster shop, and this is node "
                            + other[1] + " of cluster " + other[0] + ". Set data to this node's own folder");
        }
        assertThat(new MetadataFile(folder).read())
                .hasValueSatisfying(it -> assertThat(it.node()).isEqualTo("n1"));
    }

    @Test
    void damagedMetadataIsRefusedAndLeftAsItIs() throws IOException {
        open("shop", "n1").close();
        Path file = new MetadataFile(folder).path();
        Files.writeString(file, Files.readString(file).replace("node=n1", "node=n7"));
        String damaged = Files.readString(file);

        assertThatThrownBy(() -> open("shop", "n1"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + " is damaged: its checksum is wrong or missing");
        assertThat(Files.readString(file)).isEqualTo(damaged);
    }

    @Test
    void aFolderThatCannotBeMadeIsRefused() throws IOException {
        Files.writeString(folder.resolve("file"), "");
        Path below = folder.resolve("file").resolve("data");
        String endpoint = endpoint("127.0.0.1");
        RaftLogOptions options = new RaftLogOptions(
                "shop",
                "n1",
                endpoint,
                endpoint,
                List.of(new RaftMember("n1", "", endpoint)),
                below,
                200,
                50,
                1_000,
                1 << 20,
                8 << 20,
                false,
                1_000,
                FeatureLevel.NEWEST,
                false,
                false,
                0);

        assertThatThrownBy(() -> new RaftLog(options, why -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("the data folder " + below + " can't be made: ")
                .hasMessageEndingWith("Set data to a folder this user may write");
    }

    @Test
    void anAddressThatIsTakenIsRefused() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String endpoint = "127.0.0.1:" + taken.getLocalPort();

            assertThatThrownBy(() -> open("shop", "n1", endpoint, endpoint, false))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("can't listen for other nodes at " + endpoint + ": ")
                    .hasMessageEndingWith("Set listen.raft to a free address of this machine");
        }
    }

    @Test
    void jraftDescribesItselfInANodesFolderAndNotWhereTheProcessWasStarted() throws Exception {
        awaitLeading(start(open("shop", "n1")));
        Path described = Path.of(System.getProperty("jraft.signal.node.describe.dir", ""));
        assertThat(described).isAbsolute().hasFileName("volatile");
        Files.createDirectories(described); // it is of the first node of this process, which may be gone

        long self = ProcessHandle.current().pid();
        assertThat(new ProcessBuilder("kill", "-USR2", Long.toString(self))
                        .start()
                        .waitFor())
                .isZero();

        await().until(() -> Files.isDirectory(described) && descriptions(described) > 0);
        assertThat(descriptions(Path.of(""))).isZero();
    }

    private static long descriptions(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(each -> each.getFileName().toString().matches("(node|thread_pool)_.*\\.log\\..*"))
                    .count();
        }
    }
}
