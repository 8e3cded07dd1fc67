package io.whatnot.core.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A target's seeds, one a line of {@code fuzz/NAME.txt}: bytes in hexadecimal, or text behind a quotation mark, in which
 * {@code \n} is a new line, {@code \\} a backslash, and {@code \xFF} a byte. Lines that begin with # are remarks.
 */
public final class Corpus {
    private Corpus() {}

    /** The seeds of a target.
     *
     * @throws IllegalStateException if it has no file of them, or an empty one */
    public static List<byte[]> of(String target) {
        try (InputStream in = Corpus.class.getResourceAsStream("/fuzz/" + target + ".txt")) {
            if (in == null) {
                throw new IllegalStateException("there is no fuzz/" + target + ".txt among the resources");
            }
            List<byte[]> seeds = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (!line.startsWith("#")) {
                    seeds.add(parse(line));
                }
            }
            if (seeds.isEmpty()) {
                throw new IllegalStateException("fuzz/" + target + ".txt has no seeds");
            }
            return seeds;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] parse(String line) {
        if (!line.startsWith("\"")) {
            return HexFormat.of().parseHex(line);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 1; i < line.length(); ) {
            int c = line.codePointAt(i);
            i += Character.charCount(c);
            if (c != '\\') {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            char escaped = line.charAt(i++);
            switch (escaped) {
                case 'n' -> bytes.write('\n');
                case '\\' -> bytes.write('\\');
                case 'x' -> {
                    bytes.write(HexFormat.fromHexDigits(line, i, i + 2));
                    i += 2;
                }
                default -> throw new IllegalArgumentException("no escape: \\" + escaped + " in " + line);
            }
        }
        return bytes.toByteArray();
    }

    /** Writes the seeds of every target into a folder of its name, each a file: what Jazzer begins with. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        for (String target : FuzzTargets.all().keySet()) {
            Path own = Files.createDirectories(folder.resolve(target));
            int number = 0;
            for (byte[] seed : of(target)) {
                Files.write(own.resolve("seed-" + ++number), seed);
            }
            System.out.println(target);
        }
    }
}
