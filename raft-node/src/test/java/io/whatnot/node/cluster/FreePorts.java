package io.whatnot.node.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Ports that nobody listens at, chosen by the system. */
final class FreePorts {
    private FreePorts() {}

    static List<String> endpoints(int count) throws IOException {
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
}
