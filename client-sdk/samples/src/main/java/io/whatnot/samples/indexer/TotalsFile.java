package io.whatnot.samples.indexer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How much has been counted, in a file that anybody may overwrite: two who do so at once lose one another's work. Only the
 * lease on {@code /totals} keeps them apart. Beside each state stands the token of the lease it was written under.
 */
final class TotalsFile {
    private final Path file;
    private final Path tokens;

    TotalsFile(Path folder) {
        this.file = folder.resolve("totals");
        this.tokens = folder.resolve("tokens");
    }

    /**
     * What the file says.
     *
     * @param files how many files were counted
     * @param bytes how many bytes they have
     * @param token the token of the lease it was written under
     * @param counted the directories they are in
     */
    record Totals(long files, long bytes, long token, Set<String> counted) {
        Totals plus(String directory, long moreFiles, long moreBytes, long newToken) {
            Set<String> more = new LinkedHashSet<>(counted);
            more.add(directory);
            return new Totals(files + moreFiles, bytes + moreBytes, newToken, more);
        }
    }

    Totals read() throws IOException {
        if (!Files.exists(file)) {
            return new Totals(0, 0, 0, Set.of());
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        return new Totals(
                Long.parseLong(lines.get(0)),
                Long.parseLong(lines.get(1)),
                Long.parseLong(lines.get(2)),
                new LinkedHashSet<>(lines.subList(3, lines.size())));
    }

    /** Writes without looking: whoever comes last wins. A process that dies meanwhile leaves the old state. */
    void write(Totals totals) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append(totals.files).append('\n');
        text.append(totals.bytes).append('\n');
        text.append(totals.token).append('\n');
        totals.counted.forEach(directory -> text.append(directory).append('\n'));
        Path beside = file.resolveSibling("totals." + ProcessHandle.current().pid());
        Files.writeString(beside, text);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(tokens, totals.token + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The tokens of all writes, in the order of the writes. */
    List<Long> tokens() throws IOException {
        return Files.exists(tokens)
                ? Files.readAllLines(tokens).stream().map(Long::parseLong).toList()
                : List.of();
    }
}
