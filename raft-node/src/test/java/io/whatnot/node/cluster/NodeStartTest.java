package io.whatnot.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.GrpcWire;
import io.whatnot.node.rpc.PeerChannels;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process that can't be a node says: which input, which rule, what to do about it; and how it ends. */
@Tag("cluster")
@Timeout(60)
final class NodeStartTest {
    private static final int COULD_NOT_START = 1;
    private static final int WRONG_CONFIGURATION = 2;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<NodeProcess> started = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private String client;

    @SuppressWarnings("NullAway.Init")
    private String raft;

    @BeforeEach
    void choosePorts() throws IOException {
        List<String> endpoints = FreePorts.endpoints(2);
        client = endpoints.get(0);
        raft = endpoints.get(1);
    }

    @AfterEach
    void stop() {
        started.forEach(NodeProcess::close);
    }

    @Test
    void aTakenPortForClientsIsNamedWithTheSettingToChange() throws Exception {
        try (ServerSocket taken = listen(client)) {
            assertThat(taken.isBound()).isTrue();
            NodeProcess node = start(data("data"));
            assertThat(node.awaitExit()).isEqualTo(COULD_NOT_START);
            assertThat(node.output())
                    .contains("the node can't start: can't listen for clients at " + client, "in use")
                    .contains("Is a node running there already? Set listen.client to a free address of this machine");
        }
    }

    @Test
    void aTakenPortForNodesIsNamedWithTheSettingToChange() throws Exception {
        try (ServerSocket taken = listen(raft)) {
            assertThat(taken.isBound()).isTrue();
            NodeProcess node = start(data("data"));
            assertThat(node.awaitExit()).isEqualTo(COULD_NOT_START);
            assertThat(node.output())
                    .contains("the node can't start: can't listen for other nodes at " + raft, "in use")
                    .contains("Is a node running there already? Set listen.raft to a free address of this machine");
        }
    }

    @Test
    void aFileWhereTheDataFolderShouldBeIsNamedWithTheSettingToChange() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "not a folder");
        NodeProcess node = start(data("file"));
        assertThat(node.awaitExit()).isEqualTo(COULD_NOT_START);
        assertThat(node.output())
                .contains("the node can't start: the data folder " + file + " can't be made")
                .contains("Set data to a folder this user may write");
        assertThat(file).hasContent("not a folder");
    }

    @Test
    void aDataFolderThatCannotBeWrittenToIsNamedWithTheSettingToChange() throws Exception {
        // Nobody may write there, not even the superuser.
        NodeProcess node = start("--data=/proc/self");
        assertThat(node.awaitExit()).isEqualTo(COULD_NOT_START);
        assertThat(node.output())
                .contains("the node can't start: the data folder /proc/self can't be written")
                .contains("Set data to ");
    }

    @Test
    void metadataThatIsNoFileIsNamedWithWhatToDo() throws Exception {
        Path metadata = Files.createDirectories(folder.resolve("data").resolve("raft-metadata"));
        NodeProcess node = start(data("data"));
        assertThat(node.awaitExit()).isEqualTo(COULD_NOT_START);
        assertThat(node.output())
                .contains("the node can't start: " + metadata + " can't be read: Is a directory")
                .contains("Make it readable for this user");
    }

    @Test
    void whatCannotBeRemovedForAFreshStartIsNamedWithWhatToDo() throws Exception {
        Path metadata = Files.createDirectories(folder.resolve("data").resolve("raft-metadata"));
        Files.writeString(metadata.resolve("file"), "so it is not empty");
        NodeProcess node = start(data("data"), "--fresh");
        assertThat(node.awaitExit()).isEqualTo(COULD_NOT_START);
        assertThat(node.output())
                .contains("the node can't start: the data folder " + folder.resolve("data") + " can't be emptied")
                .contains(metadata.toString(), "set data to another folder");
    }

    @Test
    void damagedMetadataAreNamedWithWhatToDo() throws Exception {
        NodeProcess node = start(data("data"));
        awaitServing();
        node.kill();
        Path metadata = folder.resolve("data").resolve("raft-metadata");
        Files.writeString(metadata, Files.readString(metadata).replace("term=", "term=9"));

        NodeProcess again = start(data("data"));
        assertThat(again.awaitExit()).isEqualTo(COULD_NOT_START);
        assertThat(again.output())
                .contains("the node can't start: " + metadata + " is damaged: its checksum is wrong or missing")
                .contains("add it again under a new name");
    }

    @Test
    void aDataFolderOfAnotherClusterIsNamedWithBothAndLeftAsItIs() throws Exception {
        NodeProcess node = start(data("data"));
        awaitServing();
        node.kill();
        Path metadata = folder.resolve("data").resolve("raft-metadata");
        String before = Files.readString(metadata);

        NodeProcess again = start(data("data"), "--cluster=another");
        assertThat(again.awaitExit()).isEqualTo(COULD_NOT_START);
        assertThat(again.output())
                .contains("belongs to node n1 of cluster test, and this is node n1 of cluster another")
                .contains("Set data to this node's own folder");
        assertThat(metadata).hasContent(before);
    }

    @Test
    void nodesOfAnotherClusterAreNotTalkedToAndTheRefusalIsInTheLog() throws Exception {
        List<String> endpoints = FreePorts.endpoints(2);
        String nodes = "--nodes=n1=" + client + "/" + raft + ",n2=" + endpoints.get(0) + "/" + endpoints.get(1);
        NodeProcess one = start(data("one"), nodes);
        NodeProcess two = start(data("two"), nodes, "--node=n2", "--cluster=another");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> (one.output() + two.output()).contains("another")
                        && (one.output() + two.output()).contains("WARN"));
        try (GrpcWire wire = new GrpcWire(PeerChannels::open)) {
            assertThat(wire.status(client).join().getRole()).isNotIn("leader", "follower");
            assertThat(wire.status(endpoints.get(0)).join().getRole()).isNotIn("leader", "follower");
        }
    }

    @Test
    void everythingThatIsWrongWithAConfigurationIsListedAtOnceWithWhereAndWhatToDo() throws Exception {
        Path file = folder.resolve("node.yaml");
        Files.writeString(file, """
                cluster: "my cluster"
                node: n9
                data: /nowhere
                raft:
                  electionTimeoutMilis: 500
                  snapshotEntries: many
                nodes:
                  - {id: n1, client: "127.0.0.1:7400", raft: "127.0.0.1:7400"}
                """);
        NodeProcess node = begin("--config=" + file, "--listen.client=nowhere");
        assertThat(node.awaitExit()).isEqualTo(WRONG_CONFIGURATION);
        assertThat(node.output())
                .contains("the configuration has 6 problems:")
                .contains(file + ":1: cluster is \"my cluster\"; a name is 1 to 63 of")
                .contains(file + ":2: node is \"n9\", but nodes has only [n1]; use one of these, or add it there")
                .contains(file + ":5: raft.electionTimeoutMilis is nothing that can be set; did you mean"
                        + " raft.electionTimeoutMillis?")
                .contains(file + ":6: raft.snapshotEntries is \"many\"; write a whole number of entries from 100 to")
                .contains(
                        file + ":8: node n1: 127.0.0.1:7400 is taken by an endpoint before it; give each its own port")
                .contains("flag --listen.client: listen.client: \"nowhere\" is no endpoint; write host:port");
    }

    @Test
    void withoutAnyConfigurationWhatIsMissingIsListed() throws Exception {
        NodeProcess node = begin();
        assertThat(node.awaitExit()).isEqualTo(WRONG_CONFIGURATION);
        assertThat(node.output())
                .contains("the configuration has 3 problems:")
                .contains("node is not set", "data is not set", "nodes is not set")
                .contains("Set it in the file, by --data=... or by WHATNOT_DATA");
    }

    @Test
    void aConfigurationFileThatIsNotThereIsNamed() throws Exception {
        NodeProcess node = begin("--config=" + folder.resolve("none.yaml"));
        assertThat(node.awaitExit()).isEqualTo(WRONG_CONFIGURATION);
        assertThat(node.output())
                .contains(folder.resolve("none.yaml") + " is not there", "name another file with --config=");
    }

    // ---- words of the stories above

    private String data(String name) {
        return "--data=" + folder.resolve(name);
    }

    /** With what is needed, unless it is said otherwise. */
    private NodeProcess start(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("--cluster=test", "--node=n1", "--nodes=n1=" + client + "/" + raft));
        all.addAll(Arrays.asList(arguments));
        return begin(all.toArray(String[]::new));
    }

    private NodeProcess begin(String... arguments) throws IOException {
        NodeProcess process = NodeProcess.start(folder.resolve("log" + started.size()), Arrays.asList(arguments));
        started.add(process);
        return process;
    }

    private void awaitServing() {
        try (GrpcWire wire = new GrpcWire(PeerChannels::open)) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> wire.status(client)
                            .handle((status, failure) -> failure == null ? status : V1.StatusReply.getDefaultInstance())
                            .join()
                            .getRole()
                            .equals("leader"));
        }
    }

    private static ServerSocket listen(String endpoint) throws IOException {
        ServerSocket socket = new ServerSocket();
        int colon = endpoint.lastIndexOf(':');
        socket.bind(
                new InetSocketAddress(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1))));
        return socket;
    }
}
