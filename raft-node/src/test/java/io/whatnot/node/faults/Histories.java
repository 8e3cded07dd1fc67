package io.whatnot.node.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What several clients have written down, as one history, about in the order of time; read once, never held as a whole. */
final class Histories {
    private Histories() {}

    private static final class Source implements AutoCloseable {
        final String client;
        final BufferedReader reader;

        @Nullable
        Line next;

        Source(Path file) throws IOException {
            this.client = file.getFileName().toString().replace(".history", "");
            this.reader = Files.newBufferedReader(file);
            advance();
        }

        void advance() throws IOException {
            String text = reader.readLine();
            // A process that is killed while it writes may leave the beginning of a line, which then is the last.
            next = text == null || text.split(" ", 4).length < 4 ? null : Line.parse(client, text);
        }

        long nanos() {
            return next == null ? Long.MAX_VALUE : next.nanos();
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    /** Passes on all lines. Those of one client come in its order. */
    static void read(List<Path> files, Consumer<Line> reader) throws IOException {
        List<Source> sources = new ArrayList<>();
        try {
            PriorityQueue<Source> queue = new PriorityQueue<>(Comparator.comparingLong(Source::nanos));
            for (Path file : files) {
                if (Files.exists(file)) {
                    Source source = new Source(file);
                    sources.add(source);
                    queue.add(source);
                }
            }
            for (Source source = queue.poll(); source != null; source = queue.poll()) {
                if (source.next != null) {
                    reader.accept(source.next);
                    source.advance();
                    queue.add(source);
                }
            }
        } finally {
            for (Source source : sources) {
                source.close();
            }
        }
    }
}
