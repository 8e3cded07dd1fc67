package io.whatnot.samples.indexer;

import io.whatnot.client.WatchListener;
import io.whatnot.core.model.ElementView;
import io.whatnot.core.model.Revision;
import io.whatnot.core.model.Value;
import io.whatnot.core.model.WatchEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a worker has seen happen, also in a file, line by line: {@code start REVISION}, {@code event REVISION INDEX CHANGE
 * PATH}, {@code resynced LAST NOW}. Which directories are done is what a worker wants to know of it.
 */
final class EventLog implements WatchListener, AutoCloseable {
    static final String DONE = "done ";

    private final Writer out;
    private final Map<String, Boolean> directories = new ConcurrentHashMap<>();
    private final Map<String, Boolean> files = new ConcurrentHashMap<>();

    EventLog(Path file) throws IOException {
        this.out = Files.newBufferedWriter(file);
    }

    /** The directories by their elements' names; whether they are done. */
    Map<String, Boolean> directories() {
        return directories;
    }

    /** The files that have been indexed, by their elements' paths. */
    Set<String> files() {
        return files.keySet();
    }

    @Override
    public void initialState(Revision at, List<ElementView> elements) {
        line("start " + at);
        elements.forEach(element -> note(element.path().toString(), element.value()));
    }

    @Override
    public void events(Revision at, List<WatchEvent> events) {
        for (WatchEvent event : events) {
            line("event " + at + " " + event.index() + " " + event.change() + " " + event.path());
            if (event.value() != null) {
                note(event.path().toString(), event.value());
            }
        }
    }

    @Override
    public void resynced(Revision last, Revision now) {
        line("resynced " + last + " " + now);
    }

    private void note(String path, Value value) {
        String[] sections = path.split("/", -1);
        if (sections.length == 3) {
            directories.put(sections[2], value.text().startsWith(DONE));
        } else if (sections.length == 4) {
            files.put(path, true);
        }
    }

    /** At once, for this process may be killed at any moment. */
    private synchronized void line(String text) {
        try {
            out.write(text + "\n");
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
