package io.whatnot.cli;

import io.whatnot.client.NamespaceManager;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Namespaces as files of JSON lines. */
final class TransferCommands {
    private TransferCommands() {}

    /** Writes a namespace down. */
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description =
                    "Writes a namespace's elements, as of one revision, as JSON lines. Ephemerals and locks stay.")
    static final class Export implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "NAMESPACE")
        private String name = "";

        @Option(names = "--file", description = "Where to; default: standard output.")
        private Optional<Path> file = Optional.empty();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            long count;
            try (NamespaceManager manager = connection.open()) {
                if (file.isPresent()) {
                    try (OutputStream out = Files.newOutputStream(file.get())) {
                        count = manager.namespace(name).exportTo(out);
                    }
                } else {
                    count = manager.namespace(name).exportTo(System.out);
                }
            }
            spec.commandLine().getErr().println(count + " elements exported");
            return 0;
        }
    }

    /** Reads it back. */
    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = "Puts the elements that export wrote. What is there already is written over.")
    static final class Import implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Parameters(paramLabel = "NAMESPACE")
        private String name = "";

        @Option(names = "--file", description = "Where from; default: standard input.")
        private Optional<Path> file = Optional.empty();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            long count;
            try (NamespaceManager manager = connection.open()) {
                if (file.isPresent()) {
                    try (InputStream in = Files.newInputStream(file.get())) {
                        count = manager.namespace(name).importFrom(in);
                    }
                } else {
                    count = manager.namespace(name).importFrom(System.in);
                }
            }
            spec.commandLine().getErr().println(count + " elements imported");
            return 0;
        }
    }
}
