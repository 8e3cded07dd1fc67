package io.whatnot.node.containers;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Network.Ipam;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.protocol.v1.V1;
import io.whatnot.core.wire.GrpcWire;
import io.whatnot.node.rpc.PeerChannels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.utility.DockerImageName;

/**
 * A cluster of containers on a network of its own, to be killed, paused and cut off. Its clients are outside and reach the
 * containers by their addresses, which they keep when they come back to the network.
 */
final class ContainerCluster implements AutoCloseable {
    private static final int CLIENT_PORT = 7400;
    private static final int RAFT_PORT = 7401;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DockerClient docker = DockerClientFactory.instance().client();
    private final GrpcWire wire = new GrpcWire(PeerChannels::open);
    private final Network network;
    private final List<String> addresses;
    private final List<GenericContainer<?>> nodes = new ArrayList<>();

    ContainerCluster(int size) throws IOException {
        String subnet = freeSubnet(docker);
        String prefix = subnet.substring(0, subnet.lastIndexOf('.') + 1);
        network = Network.builder()
                .createNetworkCmdModifier(
                        create -> create.withIpam(new Ipam().withConfig(new Ipam.Config().withSubnet(subnet))))
                .build();
        addresses = IntStream.range(0, size).mapToObj(i -> prefix + (10 + i)).toList();
        String members = IntStream.range(0, size)
                .mapToObj(i -> id(i) + "=" + endpoint(i) + "/" + addresses.get(i) + ":" + RAFT_PORT)
                .collect(Collectors.joining(","));
        String image = image();
        for (int i = 0; i < size; i++) {
            nodes.add(node(image, i, members));
        }
        nodes.parallelStream().forEach(GenericContainer::start);
    }

    /** One that the engine itself would give to a network now: addresses of one's own choice need a subnet of one's own. */
    private static String freeSubnet(DockerClient docker) {
        String id = docker.createNetworkCmd()
                .withName("whatnot-probe-" + System.nanoTime())
                .exec()
                .getId();
        try {
            return docker.inspectNetworkCmd()
                    .withNetworkId(id)
                    .exec()
                    .getIpam()
                    .getConfig()
                    .get(0)
                    .getSubnet();
        } finally {
            docker.removeNetworkCmd(id).exec();
        }
    }

    /** As conf/container/Dockerfile says, of what the build has packaged. */
    private static String image() throws IOException {
        Path target = Path.of("target").toAbsolutePath();
        ImageFromDockerfile image = new ImageFromDockerfile("whatnot-test", false)
                .withFileFromPath("Dockerfile", Path.of("..", "conf", "container", "Dockerfile"))
                .withFileFromPath("raft-node/target/lib", target.resolve("lib"));
        try (Stream<Path> built = Files.list(target)) {
            built.filter(path -> path.getFileName().toString().matches("whatnot-raft-node-.*\\.jar"))
                    .forEach(jar -> image.withFileFromPath("raft-node/target/" + jar.getFileName(), jar));
        }
        String base = System.getenv("WHATNOT_BASE_IMAGE");
        if (base != null) {
            image.withBuildArg("BASE", base);
        }
        return image.get();
    }

    private GenericContainer<?> node(String image, int node, String members) {
        return new GenericContainer<>(DockerImageName.parse(image))
                .withNetwork(network)
                .withEnv(Map.of(
                        "WHATNOT_CLUSTER",
                        "test",
                        "WHATNOT_NODE",
                        id(node),
                        "WHATNOT_NODES",
                        members,
                        "JDK_JAVA_OPTIONS",
                        "-Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"))
                .withCreateContainerCmdModifier(create -> create.withIpv4Address(addresses.get(node)));
    }

    private static String id(int node) {
        return "n" + (node + 1);
    }

    private String endpoint(int node) {
        return addresses.get(node) + ":" + CLIENT_PORT;
    }

    int size() {
        return nodes.size();
    }

    NamespaceManager connect(String name) {
        return NamespaceManager.builder()
                .name(name)
                .cluster("test")
                .connect(IntStream.range(0, size()).mapToObj(this::endpoint).collect(Collectors.joining(",")));
    }

    NamespaceManager connect(String name, int node) {
        return NamespaceManager.builder().name(name).cluster("test").connect(endpoint(node));
    }

    // ---- what befalls them

    void pause(int node) {
        docker.pauseContainerCmd(container(node)).exec();
    }

    void resume(int node) {
        docker.unpauseContainerCmd(container(node)).exec();
    }

    /** SIGKILL. What is in the container's files stays. */
    void kill(int node) {
        docker.killContainerCmd(container(node)).exec();
    }

    void start(int node) {
        docker.startContainerCmd(container(node)).exec();
    }

    void cutOff(int node) {
        docker.disconnectFromNetworkCmd()
                .withNetworkId(network.getId())
                .withContainerId(container(node))
                .exec();
    }

    void reconnect(int node) {
        docker.connectToNetworkCmd()
                .withNetworkId(network.getId())
                .withContainerId(container(node))
                .withContainerNetwork(new com.github.dockerjava.api.model.ContainerNetwork()
                        .withIpamConfig(new com.github.dockerjava.api.model.ContainerNetwork.Ipam()
                                .withIpv4Address(addresses.get(node))))
                .exec();
    }

    private String container(int node) {
        return nodes.get(node).getContainerId();
    }

    // ---- what they say

    /** What a node says of itself; nothing if it does not answer. */
    private Optional<V1.StatusReply> status(int node) {
        try {
            return Optional.of(wire.status(endpoint(node)).get(2, TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** The node that leads, once one of these does and takes requests, and all others of them follow. */
    int awaitLeader(List<Integer> among) {
        int[] leader = {-1};
        try {
            await().atMost(PATIENCE).until(() -> {
                leader[0] = -1;
                for (int node : among) {
                    Optional<V1.StatusReply> status = status(node);
                    String role = status.map(V1.StatusReply::getRole).orElse("silent");
                    if (role.equals("leader") && status.get().getLeader().getHere() && leader[0] < 0) {
                        leader[0] = node;
                    } else if (!role.equals("follower")) {
                        return false;
                    }
                }
                return leader[0] >= 0;
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("nobody leads all the others; " + outputs(), e);
        }
        return leader[0];
    }

    int awaitLeader() {
        return awaitLeader(IntStream.range(0, size()).boxed().toList());
    }

    /** Waits until all have applied the same, while nobody writes. */
    void awaitSame() {
        await().atMost(PATIENCE)
                .until(() -> IntStream.range(0, size())
                                .mapToObj(node -> status(node).map(V1.StatusReply::getAppliedIndex))
                                .distinct()
                                .filter(index -> index.isPresent() && index.get() > 0)
                                .count()
                        == 1);
    }

    private String outputs() {
        return IntStream.range(0, size())
                .mapToObj(node -> id(node) + " printed:\n" + nodes.get(node).getLogs())
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        wire.close();
        nodes.parallelStream().forEach(GenericContainer::stop);
        network.close();
    }
}
