package io.whatnot.node.faults;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A network on loopback whose links can be cut, slowed and broken, each direction by itself, without any privilege.
 *
 * <p>Every process has an address of its own in a block 127.a.b.0 that this run alone uses, and is told by a hosts file of
 * its own that each node is at another address: there a proxy listens at the node's ports and passes on what comes. What
 * a process sends goes over one {@link Link} for each it sends to, whoever opened the connection; a table of them is all
 * the state there is.
 */
final class FaultyNetwork implements AutoCloseable {
    private static final int PROCESSES_MAX = 20;
    private static final int BACKLOG = 128;

    private final int nodes;
    private final String block;
    private final int[] clientPorts;
    private final int[] raftPorts;
    private final Link[][] links;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Channel> listening = new ArrayList<>();

    private FaultyNetwork(int nodes, int processes, String block, long seed) throws IOException {
        this.nodes = nodes;
        this.block = block;
        this.clientPorts = freePorts();
        this.raftPorts = freePorts();
        this.links = new Link[processes][processes];
        Random random = new Random(seed);
        for (int from = 0; from < processes; from++) {
            for (int to = 0; to < processes; to++) {
                links[from][to] = new Link(new Random(random.nextLong()));
            }
        }
    }

    /**
     * A network of so many processes, the first of which are nodes; the others are clients, who talk to nodes alone.
     *
     * @throws IOException if there is no block of addresses that nobody uses
     */
    static FaultyNetwork of(int nodes, int processes, long seed) throws IOException {
        if (processes > PROCESSES_MAX) {
            throw new IllegalArgumentException(processes + " processes, but there may be at most " + PROCESSES_MAX);
        }
        Random random = new Random();
        for (int attempt = 0; attempt < 10; attempt++) {
            String block = "127." + (16 + random.nextInt(200)) + "." + random.nextInt(256) + ".";
            FaultyNetwork network = new FaultyNetwork(nodes, processes, block, seed);
            try {
                network.listen();
                return network;
            } catch (BindException e) {
                network.close();
            }
        }
        throw new IOException("in ten blocks of loopback addresses some port was taken; look who listens there");
    }

    private int[] freePorts() throws IOException {
        int[] ports = new int[nodes];
        for (int node = 0; node < nodes; node++) {
            ports[node] = freePort(node);
        }
        return ports;
    }

    private int freePort(int node) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address(node)))) {
            return socket.getLocalPort();
        }
    }

    private void listen() throws BindException {
        for (int to = 0; to < nodes; to++) {
            listen(to);
        }
    }

    private void listen(int to) throws BindException {
        for (int from = 0; from < links.length; from++) {
            if (from != to) {
                listen(from, to, clientPorts[to]);
                if (from < nodes) {
                    listen(from, to, raftPorts[to]);
                }
            }
        }
    }

    /**
     * From now on a node is at other ports of the same address, behind the same links; at the ports it had it can still be
     * reached.
     *
     * @throws IOException if the ports that are free there are taken at the proxies
     */
    void moveToOtherPorts(int node) throws IOException {
        for (int attempt = 0; attempt < 10; attempt++) {
            clientPorts[node] = freePort(node);
            raftPorts[node] = freePort(node);
            try {
                listen(node);
                return;
            } catch (BindException e) {
                // others are tried; who connects to those that were bound is turned away, for nobody listens there
            }
        }
        throw new IOException("ten times some port was taken at the proxies of " + name(node));
    }

    private void listen(int from, int to, int port) throws BindException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        connect(accepted, from, to, port);
                    }
                })
                .bind(proxyAddress(from, to), port)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new BindException(String.valueOf(bound.cause()));
        }
        listening.add(bound.channel());
    }

    private void connect(Channel accepted, int from, int to, int port) {
        new Bootstrap()
                .group(accepted.eventLoop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel connecting) {
                        // the handlers come with the other end
                    }
                })
                // Not from where nodes listen: an outgoing connection could take the port of one that is down.
                .connect(new InetSocketAddress(address(to), port), new InetSocketAddress(proxyAddress(from, to), 0))
                .addListener((ChannelFuture connected) -> {
                    if (!connected.isSuccess()) {
                        accepted.close();
                        return;
                    }
                    Channel node = connected.channel();
                    accepted.pipeline().addLast(new Pipe(links[from][to], accepted, node));
                    node.pipeline().addLast(new Pipe(links[to][from], node, accepted));
                    accepted.config().setAutoRead(true);
                    node.config().setAutoRead(true);
                });
    }

    private String address(int process) {
        return block + (process + 1);
    }

    private String proxyAddress(int from, int to) {
        return block + (50 + from * 10 + to);
    }

    // ---- who is where

    int nodes() {
        return nodes;
    }

    int processes() {
        return links.length;
    }

    static String name(int node) {
        return "n" + (node + 1);
    }

    /** What the nodes and clients are told of where a node's clients reach it. */
    String clientEndpoint(int node) {
        return name(node) + ":" + clientPorts[node];
    }

    String raftEndpoint(int node) {
        return name(node) + ":" + raftPorts[node];
    }

    /** Where a node listens: whoever goes there is not hindered. */
    String clientListener(int node) {
        return address(node) + ":" + clientPorts[node];
    }

    String raftListener(int node) {
        return address(node) + ":" + raftPorts[node];
    }

    /** An address that no node and no proxy has. */
    String spareAddress() {
        return block + "254";
    }

    /** Writes where the nodes are for that process. */
    Path writeHosts(int process, Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("127.0.0.1 localhost");
        for (int node = 0; node < nodes; node++) {
            lines.add((node == process ? address(node) : proxyAddress(process, node)) + " " + name(node));
        }
        return Files.write(file, lines);
    }

    // ---- faults

    /** Changes the link from one process to another; returns when it is changed. */
    void change(int from, int to, Consumer<Link> change) {
        loop.submit(() -> change.accept(links[from][to])).syncUninterruptibly();
    }

    /** Changes both links between two processes. */
    void changeBoth(int one, int other, Consumer<Link> change) {
        change(one, other, change);
        change(other, one, change);
    }

    /** All links are as they were. */
    void heal() {
        for (int from = 0; from < links.length; from++) {
            for (int to = 0; to < links.length; to++) {
                change(from, to, Link::heal);
            }
        }
    }

    @Override
    public void close() {
        listening.forEach(Channel::close);
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
