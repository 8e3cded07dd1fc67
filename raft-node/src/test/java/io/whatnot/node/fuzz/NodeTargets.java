package io.whatnot.node.fuzz;

import io.whatnot.core.fuzz.FuzzTarget;
import io.whatnot.core.fuzz.FuzzTargets;
import io.whatnot.core.wire.Endpoints;
import io.whatnot.node.config.ConfigException;
import io.whatnot.node.config.ConfigReader;
import io.whatnot.node.config.NodeConfig;
import io.whatnot.node.raft.RaftTargets;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a node reads, and the endpoints that a client is given. */
public final class NodeTargets implements FuzzTargets {
    @Override
    public Map<String, FuzzTarget> targets() {
        Map<String, FuzzTarget> targets = new TreeMap<>();
        targets.put("configuration", NodeTargets::configuration);
        targets.put("endpoint", NodeTargets::endpoint);
        targets.put("raft-message", RaftTargets::message);
        targets.put("raft-stream", RaftTargets::stream);
        targets.put("raft-metadata", RaftTargets::metadata);
        return targets;
    }

    /** The bytes are a configuration file. Names of machines are not looked up: the network is said to be safe. */
    private static void configuration(byte[] input) throws IOException {
        Path file = Files.createTempFile("fuzz-configuration", ".yaml");
        try {
            Files.write(file, input);
            NodeConfig config;
            try {
                config = ConfigReader.read(List.of("--config=" + file, "--insecure=true"), Map.of());
            } catch (ConfigException refused) {
                require(!refused.problems().isEmpty(), "refused without a word");
                require(refused.problems().stream().noneMatch(String::isBlank), "a problem without a word");
                return;
            }
            require(again(config).equals(config), "read again from flags it is another: " + config);
        } catch (ConfigException refused) {
            throw new AssertionError("what the file said is refused as flags", refused);
        } finally {
            Files.delete(file);
        }
    }

    /** The same configuration, given by flags. */
    private static NodeConfig again(NodeConfig config) throws ConfigException {
        String nodes = config.nodes().stream()
                .map(node -> node.id() + "=" + node.client() + "/" + node.raft())
                .collect(Collectors.joining(","));
        return ConfigReader.read(
                List.of(
                        "--cluster=" + config.cluster(),
                        "--node=" + config.node(),
                        "--data=" + config.data(),
                        "--listen.client=" + config.listenClient(),
                        "--listen.raft=" + config.listenRaft(),
                        "--nodes=" + nodes,
                        "--insecure=true",
                        "--connectionsMax=" + config.connectionsMax(),
                        "--queueLog=" + config.queueLog(),
                        "--raft.electionTimeoutMillis=" + config.electionTimeoutMillis(),
                        "--raft.electionDelayMillisMax=" + config.electionDelayMillisMax(),
                        "--raft.snapshotEntries=" + config.snapshotEntries(),
                        "--raft.snapshotBytes=" + config.snapshotBytes(),
                        "--raft.logBytesMax=" + config.logBytesMax(),
                        "--raft.digestEntries=" + config.digestEntries()),
                Map.of());
    }

    /** What is taken for an endpoint is one for gRPC, too, which reads it as the authority of a URI. */
    private static void endpoint(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        try {
            require(Endpoints.checked(text).equals(text), "changed");
        } catch (IllegalArgumentException refused) {
            require(!String.valueOf(refused.getMessage()).isBlank(), "refused without a word");
            return;
        }
        URI uri = URI.create("//" + text);
        require(uri.getHost() != null, "no host for gRPC: " + text);
        require(uri.getPort() >= 1 && uri.getPort() <= 65_535, "no port for gRPC: " + text);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
