package io.whatnot.cli;

import io.whatnot.client.Consistency;
import io.whatnot.client.Namespace;
import io.whatnot.client.NamespaceManager;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.PruneView;
import io.whatnot.core.model.Result;
import io.whatnot.core.model.Value;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Commands about elements. */
final class ElementCommands {
    private ElementCommands() {}

    /** What all of them have. */
    abstract static class OnElement implements Callable<Integer> {
        @Mixin
        private Connection connection = new Connection();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() throws Exception {
            try (NamespaceManager manager = connection.open()) {
                return run(connection.namespace(manager), spec.commandLine().getOut());
            }
        }

        PrintWriter err() {
            return spec.commandLine().getErr();
        }

        abstract int run(Namespace namespace, PrintWriter out) throws Exception;
    }

    /** Shows a value. */
    @Command(
            name = "get",
            mixinStandardHelpOptions = true,
            description = "Prints an element's value. Exit code 1 if nothing is registered there.")
    static final class Get extends OnElement {
        @Parameters(paramLabel = "PATH")
        private String path = "";

        @Option(
                names = {"-l", "--long"},
                description = "Everything about it.")
        private boolean everything;

        @Option(
                names = "--consistency",
                defaultValue = "LINEARIZABLE",
                description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
        private Consistency consistency = Consistency.LINEARIZABLE;

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            Optional<ElementView> found = namespace.get(path, consistency);
            if (found.isEmpty()) {
                err().println("nothing is registered at " + path);
                return 1;
            }
            ElementView element = found.get();
            if (everything) {
                out.println("path        " + element.path());
                out.println("version     " + element.version());
                out.println("created     " + element.createRevision());
                out.println("changed     " + element.modRevision() + " by " + element.actor());
                out.println("ttl         " + (element.ttlMillis() == 0 ? "none" : element.ttlMillis() + " ms"));
                out.println("ephemeral   "
                        + (element.ephemeralSession() == 0 ? "no" : "with session " + element.ephemeralSession()));
                PruneView prune = element.prune();
                out.println("pruned      " + (prune == null ? "never" : PruneCommands.words(prune)));
                out.println("type        " + element.value().contentType());
                out.println("bytes       " + element.value().size());
            }
            out.println(element.value().text());
            return 0;
        }
    }

    /** Writes a value. */
    @Command(name = "put", mixinStandardHelpOptions = true, description = "Gives an element a value.")
    static final class Put extends OnElement {
        @Parameters(index = "0", paramLabel = "PATH")
        private String path = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "TEXT", description = "The value; or use --file.")
        private Optional<String> text = Optional.empty();

        @Option(names = "--file", description = "The value is the bytes of this file; - for standard input.")
        private Optional<String> file = Optional.empty();

        @Option(names = "--ttl", paramLabel = "MILLIS", description = "Deleted unless put again within that time.")
        private Optional<Long> ttlMillis = Optional.empty();

        @ArgGroup
        private Condition condition = new Condition();

        /** At most one of them. */
        static final class Condition {
            @Option(names = "--if-absent", description = "Only if nothing is registered there.")
            private boolean ifAbsent;

            @Option(names = "--if-present", description = "Only if something is registered there.")
            private boolean ifPresent;

            @Option(names = "--if-version", description = "Only if it has that version.")
            private long ifVersion;
        }

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException, IOException {
            io.whatnot.client.Put how = io.whatnot.client.Put.with();
            if (ttlMillis.isPresent()) {
                how = how.ttl(Duration.ofMillis(ttlMillis.get()));
            }
            if (condition.ifAbsent) {
                how = how.ifAbsent();
            } else if (condition.ifPresent) {
                how = how.ifPresent();
            } else if (condition.ifVersion != 0) {
                how = how.ifVersion(condition.ifVersion);
            }
            Result.Written written = namespace.put(path, value(), how);
            out.println("version " + written.version() + " at revision " + written.revision());
            return 0;
        }

        private Value value() throws IOException {
            if (text.isPresent() == file.isPresent()) {
                throw new IllegalArgumentException("give either a text or --file");
            }
            if (text.isPresent()) {
                return Value.of(text.get());
            }
            byte[] bytes = file.get().equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file.get()));
            return Value.of(bytes, "");
        }
    }

    /** Registers. */
    @Command(
            name = "register",
            mixinStandardHelpOptions = true,
            description = "Registers an element; with --unique a child of it, whose path is printed.")
    static final class Register extends OnElement {
        @Parameters(paramLabel = "PATH")
        private String path = "";

        @Option(
                names = "--unique",
                description = "A child of PATH, under a name of its own that sorts behind earlier ones.")
        private boolean unique;

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            out.println(
                    unique
                            ? namespace.registerUnique(path).path().toString()
                            : "registered at revision " + namespace.register(path));
            return 0;
        }
    }

    /** Deletes. */
    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Deletes an element.")
    static final class Remove extends OnElement {
        @Parameters(paramLabel = "PATH")
        private String path = "";

        @Option(
                names = {"-r", "--recursive"},
                description = "With everything below it.")
        private boolean recursive;

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            if (recursive) {
                out.println(namespace.deleteTree(path) + " deleted");
            } else {
                out.println("deleted at revision " + namespace.delete(path));
            }
            return 0;
        }
    }

    /** Lists children. */
    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists the children of an element.")
    static final class List extends OnElement {
        @Parameters(paramLabel = "PATH", defaultValue = "/")
        private String path = "";

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            for (ElementView child : namespace.children(path)) {
                out.printf(
                        "%-40s v%-4d %6d bytes%n",
                        child.path().name(), child.version(), child.value().size());
            }
            return 0;
        }
    }

    /** Shows a subtree. */
    @Command(name = "tree", mixinStandardHelpOptions = true, description = "Shows everything below an element.")
    static final class Tree extends OnElement {
        @Parameters(paramLabel = "PATH", defaultValue = "/")
        private String path = "";

        @Override
        int run(Namespace namespace, PrintWriter out) throws InterruptedException {
            int top = namespace.element(path).path().depth();
            out.println(path);
            for (ElementView element : namespace.subtree(path)) {
                String value = element.value().size() == 0
                        ? ""
                        : "  " + shortened(element.value().text());
                out.println("  ".repeat(element.path().depth() - top)
                        + element.path().name()
                        + value);
            }
            return 0;
        }

        private static String shortened(String text) {
            String line = text.lines().findFirst().orElse("");
            return line.length() > 60 ? line.substring(0, 60) + "…" : line;
        }
    }
}
