package io.whatnot.cli;

import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Where to find the cluster, and what in it; the same options for all commands. */
final class Connection {
    @Option(
            names = {"-c", "--connect"},
            paramLabel = "HOST:PORT,...",
            defaultValue = "${env:WHATNOT_ENDPOINTS:-127.0.0.1:7400}",
            description = "Nodes of the cluster; default: $WHATNOT_ENDPOINTS, or 127.0.0.1:7400.")
    String endpoints = "";

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = "${env:WHATNOT_NAMESPACE:-default}",
            description = "The namespace; default: $WHATNOT_NAMESPACE, or \"default\".")
    String namespace = "";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long to wait for the cluster; default: 10.")
    int timeoutSeconds;

    NamespaceManager open() {
        return builder(0).connect(endpoints);
    }

    /** For administration, which is taken from the machine of a node alone: to that node, wherever the leader is. */
    NamespaceManager openHere() {
        return openHere(0);
    }

    /** The same, for what may well take so long. */
    NamespaceManager openHere(int secondsMin) {
        return builder(secondsMin).followLeader(false).connect(endpoints);
    }

    private NamespaceManager.Builder builder(int secondsMin) {
        if (timeoutSeconds < 1) {
            throw new IllegalArgumentException("--timeout is " + timeoutSeconds + ", but must be at least 1");
        }
        return NamespaceManager.builder()
                .name("whatnot-cli-" + ProcessHandle.current().pid())
                .requestTimeout(Duration.ofSeconds(Math.max(timeoutSeconds, secondsMin)));
    }

    Namespace namespace(NamespaceManager manager) {
        return manager.namespace(namespace);
    }
}
