package io.whatnot.cli;

import io.whatnot.node.WhatnotNode;
import io.whatnot.node.config.NodeConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Nodes in this JVM, on loopback. */
final class SmallCluster implements AutoCloseable {
    private final List<NodeConfig.Member> members = new ArrayList<>();
    private final List<WhatnotNode> nodes = new ArrayList<>();

    SmallCluster(Path folder, int size) throws IOException {
        List<String> endpoints = freeEndpoints(2 * size);
        for (int i = 0; i < size; i++) {
            members.add(new NodeConfig.Member("n" + (i + 1), endpoints.get(2 * i), endpoints.get(2 * i + 1)));
        }
        for (NodeConfig.Member self : members) {
            nodes.add(WhatnotNode.start(
                    new NodeConfig(
                            "test",
                            self.id(),
                            folder.resolve(self.id()),
                            self.client(),
                            self.raft(),
                            members,
                            10_000,
                            false,
                            500,
                            200,
                            100_000,
                            64 << 20,
                            256 << 20,
                            false,
                            10_000,
                            0,
                            false,
                            false),
                    why -> {}));
        }
    }

    String endpoints() {
        return members.stream().map(NodeConfig.Member::client).collect(Collectors.joining(","));
    }

    /** Endpoints that nobody listens at. */
    static List<String> freeEndpoints(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<String> endpoints = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                endpoints.add("127.0.0.1:" + socket.getLocalPort());
            }
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
        return endpoints;
    }

    @Override
    public void close() {
        nodes.forEach(WhatnotNode::close);
        nodes.clear();
    }
}
