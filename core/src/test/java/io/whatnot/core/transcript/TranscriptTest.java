package io.whatnot.core.transcript;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the transcripts and compares what the machine says with what they say it says. {@code -Dtranscripts.rewrite}
 * writes down what it says now; the difference is then to be read before it is committed.
 */
class TranscriptTest {
    private static final Path FOLDER = Path.of("src/test/resources/transcripts");
    private static final boolean REWRITE = System.getProperty("transcripts.rewrite") != null;

    @TestFactory
    Stream<DynamicTest> theMachineSaysWhatTheTranscriptSays() throws IOException {
        return files().stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), file.toUri(), () -> run(file)));
    }

    @Test
    void thereAreTranscripts() throws IOException {
        assertThat(files()).hasSizeGreaterThanOrEqualTo(19);
    }

    private static void run(Path file) throws IOException {
        String said = Files.readString(file);
        String says = new Transcript().run(said);
        if (REWRITE) {
            Files.writeString(file, says);
        } else {
            assertThat(says)
                    .as("%s; -Dtranscripts.rewrite writes down what the machine says now", file)
                    .isEqualTo(said);
        }
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
    }
}
