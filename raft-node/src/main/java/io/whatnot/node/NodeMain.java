package io.whatnot.node;

import io.whatnot.node.config.ConfigException;
import io.whatnot.node.config.ConfigReader;
import io.whatnot.node.config.NodeConfig;
import io.whatnot.node.raft.ForcedReformingTool;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * A node as a program. Exit codes: 0 stopped as asked, 1 it could not start or go on, 2 its configuration is wrong.
 */
public final class NodeMain {
    private static final String WITHOUT = "--go-on-without=";
    private static final String CONFIRMED = "--what-they-knew-may-be-lost";

    private NodeMain() {}

    /** Runs a node until it is asked to stop, by SIGTERM or SIGINT. */
    public static void main(String[] arguments) throws InterruptedException {
        setUpLogging();
        Logger log = LoggerFactory.getLogger(NodeMain.class);
        List<String> list = List.of(arguments);
        if (list.contains("--help")) {
            System.out.println("Runs a node of a Whatnot cluster.\n\n  --config=FILE\n  --check     only check the"
                    + " configuration\n  --fresh     forget what the data folder says and found a new cluster\n  --join      come to a cluster that is there, as a new node\n  "
                    + WITHOUT
                    + "NODE,...  starts nothing, but tells the voters that are left, through this node, which runs, to"
                    + " go on\n              without those that are dead for good; with " + CONFIRMED + "\n"
                    + ConfigReader.describe());
            return;
        }
        String without = list.stream()
                .filter(argument -> argument.startsWith(WITHOUT))
                .map(argument -> argument.substring(WITHOUT.length()))
                .findFirst()
                .orElse(null);
        NodeConfig config;
        try {
            config = ConfigReader.read(
                    list.stream()
                            .filter(argument -> !argument.equals("--check")
                                    && !argument.equals(CONFIRMED)
                                    && !argument.startsWith(WITHOUT))
                            .toList(),
                    System.getenv());
        } catch (ConfigException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        if (list.contains("--check")) {
            System.out.println("the configuration is fine");
            return;
        }
        if (without != null) {
            System.exit(goOnWithout(config, List.of(without.split(",", -1)), list.contains(CONFIRMED)));
            return;
        }
        run(config, log);
    }

    /** Tells the voters that are left, through this node, which runs, to go on without the others. */
    private static int goOnWithout(NodeConfig config, List<String> dead, boolean confirmed) {
        if (!confirmed) {
            System.err.println(ForcedReformingTool.WARNING + " To do it say so with " + CONFIRMED);
            return 2;
        }
        try {
            System.out.println("the voters are "
                    + ForcedReformingTool.run(config.cluster(), config.self().raft(), dead) + ", and elect a leader");
            return 0;
        } catch (IOException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }

    private static void run(NodeConfig config, Logger log) throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        AtomicReference<String> fatal = new AtomicReference<>();
        WhatnotNode node;
        try {
            node = WhatnotNode.start(config, why -> {
                fatal.compareAndSet(null, why);
                stop.countDown();
            });
        } catch (IOException e) {
            log.error("the node can't start: {}", e.getMessage());
            System.exit(1);
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop.countDown();
            try {
                stopped.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (fatal.get() == null) {
                // To be stopped is no failure; left alone, the JVM would tell the signal that ended it.
                System.out.flush();
                System.err.flush();
                Runtime.getRuntime().halt(0);
            }
        }));
        log.info(
                "node {} of cluster {} serves clients at {} and nodes at {}; its data is in {}",
                config.node(),
                config.cluster(),
                config.listenClient(),
                config.listenRaft(),
                config.data().toAbsolutePath());
        stop.await();
        String why = fatal.get();
        if (why != null) {
            log.error("the node stops: {}", why);
        } else {
            log.info("the node is stopping; leadership is handed over first if it is here");
        }
        node.close();
        log.info("the node has stopped");
        stopped.countDown();
        if (why != null) {
            System.exit(1);
        }
    }

    /** Readable lines, unless somebody has set it up otherwise. Before the first logger is made. */
    private static void setUpLogging() {
        set("showDateTime", "true");
        set("dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
        set("showThreadName", "false");
        set("showShortLogName", "true");
        set("levelInBrackets", "true");
        set("log.com.alipay", "error");
        set("log.io.grpc", "warn");
        set("log.io.netty", "warn");
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    private static void set(String name, String value) {
        String property = "org.slf4j.simpleLogger." + name;
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
