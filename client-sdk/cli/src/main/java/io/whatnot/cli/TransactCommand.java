package io.whatnot.cli;

import io.whatnot.client.Namespace;
import io.whatnot.client.TransactionRequest;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Result;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Several changes at once. */
@Command(
        name = "transact",
        mixinStandardHelpOptions = true,
        description = {
            "Compares, and then does several things in one revision, all or nothing. Exit code 0 if the compares held and the"
                    + " lines of \"then\" were done, 1 if those of \"else\" were, or it was refused.",
            "Each line is one of:",
            "  when version PATH N | modrevision PATH N | value PATH TEXT",
            "  when exists PATH | absent PATH | held SESSION.SEQUENCE",
            "  then OPERATION",
            "  else OPERATION",
            "An OPERATION is one of:",
            "  get PATH | register PATH | unique PATH [TEXT] | rm [-r] PATH",
            "  put [--ttl MILLIS] [--if-absent | --if-present | --if-version N] PATH TEXT",
            "What has blanks in it goes into double quotes; there, a backslash stands before a double quote or another"
                    + " backslash. Empty lines, and those that begin with #, count for nothing."
        })
final class TransactCommand extends ElementCommands.OnElement {
    private static final int FILE_BYTES_MAX = 4 << 20;

    @Parameters(paramLabel = "FILE", defaultValue = "-", description = "The lines; - or nothing for standard input.")
    private String file = "-";

    @Override
    int run(Namespace namespace, PrintWriter out) throws InterruptedException, IOException {
        TransactionRequest request = namespace.transact();
        List<String> lines = lines();
        for (int i = 0; i < lines.size(); i++) {
            try {
                TransactionLine.parse(lines.get(i)).addTo(request);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        Result.Transacted done = request.commit();
        out.println((done.succeeded() ? "then" : "else") + " at revision " + done.revision());
        done.results().forEach(result -> out.println(words(result)));
        return done.succeeded() ? 0 : 1;
    }

    private List<String> lines() throws IOException {
        byte[] bytes;
        if (file.equals("-")) {
            bytes = System.in.readNBytes(FILE_BYTES_MAX + 1);
        } else {
            try (InputStream in = Files.newInputStream(Path.of(file))) {
                bytes = in.readNBytes(FILE_BYTES_MAX + 1);
            }
        }
        if (bytes.length > FILE_BYTES_MAX) {
            throw new IllegalArgumentException("a transaction has at most 1 MiB, and this is more than 4");
        }
        return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    }

    private static String words(Result result) {
        if (result instanceof Result.Written written) {
            return "version " + written.version();
        }
        if (result instanceof Result.Registered registered) {
            return registered.path().toString();
        }
        if (result instanceof Result.Deleted deleted) {
            return deleted.count() + " deleted";
        }
        if (result instanceof Result.Found found) {
            return found.element().map(TransactCommand::words).orElse("nothing is registered there");
        }
        return "registered";
    }

    private static String words(ElementView element) {
        return "version " + element.version() + ": " + element.value().text();
    }
}
