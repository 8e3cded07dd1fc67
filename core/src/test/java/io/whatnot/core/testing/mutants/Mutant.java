package io.whatnot.core.testing.mutants;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A bug to be planted.
 *
 * @param name its name, that of its file
 * @param invariant what it breaks: I1 to I18
 * @param bug what it is, in a sentence
 * @param source where it is planted, from the root of the checkout
 * @param snippet what is there
 * @param replacement what is put in its place
 * @param finder what finds it
 */
record Mutant(
        String name, String invariant, String bug, String source, String snippet, String replacement, Finder finder) {
    private static final String FOLDER = "core/src/test/resources/mutants";
    private static final String SUFFIX = ".mutant";
    private static final String LINE = "----\n";

    /** All of them, by name. */
    static List<Mutant> all(Path root) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(FOLDER))) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .map(Mutant::read)
                    .toList();
        }
    }

    /**
     * Reads lines {@code name: value} and behind them, each after a line of four dashes, the snippet and what takes its
     * place, which may be nothing.
     */
    private static Mutant read(Path file) {
        try {
            String[] parts = Files.readString(file).split("(?m)^" + LINE, -1);
            if (parts.length != 3) {
                throw new IllegalArgumentException(file + " has " + parts.length + " parts instead of 3");
            }
            Map<String, String> head = new LinkedHashMap<>();
            for (String line : parts[0].lines().toList()) {
                int colon = line.indexOf(": ");
                if (colon < 0 || head.put(line.substring(0, colon), line.substring(colon + 2)) != null) {
                    throw new IllegalArgumentException(file + " has a strange line: " + line);
                }
            }
            String name = String.valueOf(file.getFileName());
            return new Mutant(
                    name.substring(0, name.length() - SUFFIX.length()),
                    value(head, "invariant", file),
                    value(head, "bug", file),
                    value(head, "source", file),
                    parts[1],
                    parts[2],
                    Finder.parse(value(head, "finder", file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String value(Map<String, String> head, String name, Path file) {
        String value = head.get(name);
        if (value == null) {
            throw new IllegalArgumentException(file + " does not tell its " + name);
        }
        return value;
    }

    /** The module in whose sources it is planted. */
    String module() {
        return source.substring(0, source.indexOf("/src/main/java/"));
    }

    /** The source with the bug in it. */
    String planted(Path root) throws IOException {
        String text = Files.readString(root.resolve(source));
        int at = text.indexOf(snippet);
        if (at < 0 || text.indexOf(snippet, at + 1) >= 0) {
            throw new IllegalArgumentException(source + (at < 0 ? " has not" : " has more than once") + " what " + name
                    + " replaces:\n" + snippet);
        }
        return text.substring(0, at) + replacement + text.substring(at + snippet.length());
    }
}
